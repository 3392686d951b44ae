/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_delays - how long a reading takes to be acknowledged, and to be in an observer's hand, at 100
 * and 10,000 readings a second, in one run and in four at once.
 *
 * Beside it, in turns and at the same pace: fdatasync of 4 KiB alone, and a message of the same
 * form from one plain ZeroMQ socket to another over TCP.  Delays begin at the centre of the
 * exchange, so half an exchange is held against us. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "observer.h"
#include "rig.h"

#define ROUNDS    4
#define MOST_RUNS 4
#define SYNC      4096
#define YARD      400            /* fdatasyncs, and messages, in all */

struct load { const char *name; unsigned runs, instruments, rate, readings; };  /* instruments a run */

static const struct load loads[] = {
	{ "at_100_in_1_run",    1, 1,  100,   240 },
	{ "at_100_in_4_runs",   4, 1,  100,   240 },
	{ "at_10000_in_1_run",  1, 10, 10000, 16000 },
	{ "at_10000_in_4_runs", 4, 3,  10000, 16800 },
};

/* The yardsticks: delays in s, `n` of each so far. */
struct yard { double sync[YARD], wire[YARD]; size_t n; int64_t interval_ns; };

static unsigned yard_of(const struct load *l)
{
	return l->readings < YARD ? l->readings : YARD;
}

static void measure_sync(struct yard *y, size_t n, int fd)
{
	static const char bytes[SYNC] = "not all zeros";
	instant start = instant_now();

	for (size_t i = 0; i < n; i++) {
		instant began;

		instant_sleep_until(start + (int64_t)i * y->interval_ns);
		began = instant_now();
		must(write(fd, bytes, sizeof bytes) == sizeof bytes && fdatasync(fd) == 0, "fdatasync");
		y->sync[y->n + i] = aid_seconds(began);
	}
}

/* A plain publisher whose messages look like a reading's record. */
static void publish(void *pub)
{
	static const char topic[] = "BENCH-20261124-0001/reading/r0.voltage.dc/";
	char header[512];
	int n = snprintf(header, sizeof header, "{\"kind\":\"reading\",\"mono_ns\":%lld,\"filling\":\"%0300d\"}",
			 (long long)instant_now(), 0);

	zmq_send(pub, topic, strlen(topic), ZMQ_SNDMORE);
	zmq_send(pub, header, (size_t)n, ZMQ_SNDMORE);
	zmq_send(pub, "", 0, 0);
}

static void measure_wire(struct yard *y, size_t n)
{
	char *endpoint = mem_format("tcp://127.0.0.1:%d", server_free_port());
	void *context = zmq_ctx_new(), *pub = zmq_socket(context, ZMQ_PUB);
	struct observer o;
	instant start;

	must(zmq_bind(pub, endpoint) == 0, endpoint);
	observer_start(&o, endpoint, ANY_CORE, n);
	start = instant_now();
	for (size_t i = 0; i < n; i++) {
		instant_sleep_until(start + (int64_t)i * y->interval_ns);
		publish(pub);
	}
	observer_stop(&o);
	must(o.readings == n, "a plain observer");
	memcpy(y->wire + y->n, o.delays, n * sizeof *o.delays);
	zmq_close(pub);
	zmq_ctx_term(context);
	free(o.delays);
	free(endpoint);
}

/* Ours. */

struct part { struct player *player; instant start; int64_t count, interval_ns; pthread_t thread; };

static void *play(void *arg)
{
	struct part *p = arg;

	instant_sleep_until(p->start);
	player_measure(p->player, p->count, p->interval_ns);
	return NULL;
}

/* All runs at once, each in a thread of its own as in the daemon, out of phase. */
static void measure_ours(struct rig *r, const struct load *l, unsigned readings)
{
	struct part parts[MOST_RUNS];
	unsigned all = l->runs * l->instruments;
	instant start = instant_after(5 * NS_PER_MS);

	for (unsigned i = 0; i < l->runs; i++) {
		parts[i] = (struct part){ .player = &r->players[i], .start = start + NS_PER_S / l->rate * i,
					  .count = readings / all, .interval_ns = NS_PER_S * all / l->rate };
		must(pthread_create(&parts[i].thread, NULL, play, &parts[i]) == 0, "pthread_create");
	}
	for (unsigned i = 0; i < l->runs; i++)
		pthread_join(parts[i].thread, NULL);
}

static double *acknowledged(const struct rig *r, size_t n)
{
	double *all = mem_array(n, sizeof *all);
	size_t at = 0;

	for (unsigned i = 0; i < r->n; i++) {
		const struct player *p = &r->players[i];

		must(at + p->kept <= n, "readings");
		memcpy(all + at, p->delays, p->kept * sizeof *all);
		at += p->kept;
	}
	must(at == n, "readings");
	return all;
}

static void quantile(const char *what, const struct load *l, double q, double ours, double beside,
		     struct target t)
{
	char row[96];

	snprintf(row, sizeof row, "%s_p%.0f_%s", what, 100 * q, l->name);
	aid_row(row, 1e3 * ours, 1e3 * beside, t, "ms");
}

static void rows(const struct load *l, double *acked, double *in_hand, size_t n, struct yard *y)
{
	static const double qs[] = { 0.5, 0.99 };

	for (int i = 0; i < 2; i++) {
		double q = qs[i], sync = aid_quantile(y->sync, y->n, q), wire = aid_quantile(y->wire, y->n, q);

		quantile("acknowledged_beside_fdatasync", l, q, aid_quantile(acked, n, q), sync,
			 at_most(i ? 5 : 1));
		quantile("in_hand_beside_fdatasync_and_2_zeromq", l, q, aid_quantile(in_hand, n, q),
			 sync + 2 * wire, i ? stated() : ratio_at_most(1));
		quantile("zeromq_one_way", l, q, wire, 0, stated());
	}
}

/* Rounds of all three. */
static void in_turns(const struct load *l, struct rig *r, struct yard *y)
{
	int fd = aid_create("sync");
	unsigned some = yard_of(l) / ROUNDS;

	for (unsigned i = 0; i < ROUNDS; i++) {
		measure_sync(y, some, fd);
		measure_wire(y, some);
		y->n += some;
		measure_ours(r, l, l->readings / ROUNDS);
	}
	close(fd);
}

static void delays(const struct load *l)
{
	struct server server = server_scpi(l->runs * l->instruments, ANY_CORE);
	struct yard y = { .interval_ns = NS_PER_S / l->rate };
	struct observer o;
	struct rig rig;
	double *acked;

	rig_open(&rig, l->runs, l->instruments, aid_meter, server.addresses, ANY_CORE, ANY_CORE);
	measure_ours(&rig, l, l->readings / ROUNDS);     /* warm */
	for (unsigned i = 0; i < l->runs; i++)
		player_keep(&rig.players[i], l->readings);
	observer_start(&o, rig.endpoint, ANY_CORE, l->readings);
	in_turns(l, &rig, &y);
	observer_stop(&o);
	must(o.readings == l->readings, "an observer");
	acked = acknowledged(&rig, l->readings);
	rows(l, acked, o.delays, l->readings, &y);
	free(acked);
	free(o.delays);
	rig_close(&rig);
	server_end(&server);
}

/* What the machine itself does to fdatasync while it works: a virtual one may be stopped for
 * milliseconds once its processors and its disk together use more than their share. */

static void *spin(void *stop)
{
	while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED))
		;
	return NULL;
}

static void busy_machine(void)
{
	struct yard y = { .interval_ns = NS_PER_MS };
	int fd = aid_create("busy"), stop = 0;
	pthread_t busy;

	must(pthread_create(&busy, NULL, spin, &stop) == 0, "pthread_create");
	measure_sync(&y, YARD, fd);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(busy, NULL);
	aid_row("fdatasync_p50_beside_a_busy_core", 1e3 * aid_quantile(y.sync, YARD, 0.5), 0, stated(), "ms");
	aid_row("fdatasync_p99_beside_a_busy_core", 1e3 * aid_quantile(y.sync, YARD, 0.99), 0, stated(), "ms");
	close(fd);
}

int main(void)
{
	aid_folder_make();
	if (aid_wanted("fdatasync_beside_a_busy_core"))
		busy_machine();
	for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
		if (aid_wanted(loads[i].name))
			delays(&loads[i]);
	aid_folder_remove();
	return 0;
}
