/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_talker - an instrument that speaks unasked 100 times a second, not recorded, beside a bare reader of
 * the same messages: how many of them are taken, how long after each was sent, at what cost.  Each message says
 * when it was sent and which it is; one that is left out, or taken twice, ends the benchmark. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aid.h"
#include "ours.h"
#include "server_parts.h"

#define PERIOD_NS (10 * NS_PER_MS)
#define MESSAGES  150            /* a round */
#define ROUNDS    5

static const char talker[] =
	"model: bench\ntitle: {en: one that speaks unasked}\nmanufacturer: etalon\nnumber: B3\n"
	"driver: text\nseen: manual\ntimeout: 2 s\nlatency: 1 ms\n"
	"points:\n  voltage.dc: {unit: V, heard: \"T=([0-9]+) N=[0-9]+\", every: 1 s}\n";

/* What one side has seen. */
struct tally {
	long last;               /* the number of the message before; -1: none yet */
	double delays[ROUNDS * MESSAGES];
	size_t n;
	double rate[ROUNDS], cpu[ROUNDS];
};

static void *speak(void *arg)
{
	int fd = (int)(intptr_t)arg;
	instant next = instant_now();
	char text[64];

	for (long n = 0;; n++) {
		int len = snprintf(text, sizeof text, "T=%" PRId64 " N=%ld\n", instant_now() / 1000, n);

		if (write(fd, text, (size_t)len) != len)
			return NULL;
		next += PERIOD_NS;
		instant_sleep_until(next);
	}
}

static struct server server_talker(int core)
{
	struct server s;

	server_listen(&s, 2, "tcp", "");
	if (server_child(&s, core))
		server_serve(&s, speak);
	server_leave(&s);
	return s;
}

static void take(struct tally *t, const char *text)
{
	double now = (double)instant_now() / 1000;
	int64_t sent;
	long n;

	must(sscanf(text, "T=%" SCNd64 " N=%ld", &sent, &n) == 2, text);
	must(t->last < 0 || n == t->last + 1, "a message was left out, or taken twice");
	t->last = n;
	t->delays[t->n++] = now - (double)sent;
}

static void round_ours(struct ours *o, struct tally *t, unsigned round)
{
	double cpu = aid_cpu();
	instant start = instant_now();
	char text[64];

	t->last = -1;
	instrument_fresh(o->instrument);
	for (int i = 0; i < MESSAGES; i++) {
		must(instrument_measure(o->instrument, o->points, 1, o->readings, instant_after_ms(5000), &aid_err) == 1,
		     "measure");
		snprintf(text, sizeof text, "%.*s", (int)o->readings[0].raw.n, o->readings[0].raw.p);
		take(t, text);
	}
	t->rate[round] = MESSAGES / aid_seconds(start);
	t->cpu[round] = 1e6 * (aid_cpu() - cpu) / MESSAGES;
}

/* What came while the other side had its turn does not count. */
static void skip_old(FILE *in)
{
	char text[64];
	int64_t sent;

	do
		must(fgets(text, sizeof text, in) != NULL, "read");
	while (sscanf(text, "T=%" SCNd64, &sent) == 1 && instant_now() / 1000 - sent > PERIOD_NS / 2000);
}

static void round_bare(FILE *in, struct tally *t, unsigned round)
{
	char text[64];
	instant start;
	double cpu;

	skip_old(in);
	cpu = aid_cpu();
	start = instant_now();
	t->last = -1;
	for (int i = 0; i < MESSAGES; i++) {
		must(fgets(text, sizeof text, in) != NULL, "read");
		take(t, text);
	}
	t->rate[round] = MESSAGES / aid_seconds(start);
	t->cpu[round] = 1e6 * (aid_cpu() - cpu) / MESSAGES;
}

static void rows(struct tally *ours, struct tally *bare)
{
	aid_paired("talker_100", ours->rate, bare->rate, ROUNDS, at_least(0.98), "1/s");
	aid_row("talker_100_delay", aid_median(ours->delays, ours->n), aid_median(bare->delays, bare->n), at_most(1000),
		"us");
	aid_row("talker_100_cpu", aid_median(ours->cpu, ROUNDS), aid_median(bare->cpu, ROUNDS), at_most(200), "us");
}

int main(void)
{
	static struct tally ours, bare;
	struct server server;
	struct ours o;
	FILE *in;

	if (!aid_wanted("talker_100"))
		return 0;
	aid_folder_make();
	aid_pin(0);
	server = server_talker(0);
	ours_connect(&o, talker, server.addresses[0]);
	in = fdopen(bare_connect(server.ports[1]), "r");
	must(in != NULL, "fdopen");
	for (unsigned round = 0; round < ROUNDS; round++) {
		round_bare(in, &bare, round);
		round_ours(&o, &ours, round);
	}
	rows(&ours, &bare);
	fclose(in);
	ours_release(&o);
	server_end(&server);
	aid_folder_remove();
	return 0;
}
