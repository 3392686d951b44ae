/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_ingest - from a port to the journal: durable records a second beside write + fdatasync of
 * the same bytes in the same groups, and beside a Python process that takes the same records by
 * pyzmq and appends them with h5py, one by one or a group at a time, flushed and fsynced a group. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "writer.h"

#define GROUP 1000               /* records handed over at a time; at most two groups under way */

/* What station_record sends for a scalar reading, or for a block of samples. */
static void send_reading(struct scribe *s, int32_t k, const void *body, size_t n)
{
	struct entry e = { .what = ENTRY_RECORD, .kind = RECORD_READING, .utc_ns = utc_now(),
			   .mono_ns = instant_now(), .tag = 1, .k = k, .value = 10.00000123,
			   .channel = "meter.voltage.dc" };
	struct buf *b = &s->keys;

	json_key(b, "value");
	json_number(b, 10.0 + (double)(k % 1000) * 1e-6);
	json_key(b, "unit");
	json_text(b, "V");
	json_key(b, "status");
	json_text(b, "ok");
	json_key(b, "raw");
	json_bytes(b, "+1.000000123E+01", 16);
	json_key(b, "span_ns");
	json_int(b, 1234567);
	json_key(b, "k");
	json_int(b, k);
	scribe_send(s, &e, body, n);
}

struct ingest { struct player *player; void *body; size_t body_len; unsigned group; };

/* n groups. */
static double ours(void *with, unsigned n)
{
	struct ingest *g = with;
	instant start = instant_now();

	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < g->group; k++)
			send_reading(&g->player->scribe, (int32_t)k, g->body, g->body_len);
		scribe_mark(&g->player->scribe, ++g->player->requests, OUTCOME_DONE, NULL);
		while (g->player->marks + 1 < g->player->requests)
			player_listen_once(g->player);
	}
	player_listen(g->player);
	return aid_seconds(start);
}

struct plain { int fd; char *bytes; size_t n; };

static double plain(void *with, unsigned n)
{
	struct plain *p = with;
	instant start = instant_now();

	for (unsigned i = 0; i < n; i++)
		must(write(p->fd, p->bytes, p->n) == (ssize_t)p->n && fdatasync(p->fd) == 0, "fdatasync");
	return aid_seconds(start);
}

static struct plain plain_open(size_t n)
{
	struct plain p = { .fd = aid_create("plain"), .bytes = mem_new(n), .n = n };

	for (size_t i = 0; i < n; i++)
		p.bytes[i] = (char)(i * 31);
	return p;
}

/* Bytes of the journal for one group. */
static size_t group_bytes(struct player *p, const struct ingest *g)
{
	struct journal_summary before, after;
	struct ingest one = *g;

	must(journal_verify(p->journal, &before, &aid_err) == 0, "verify");
	ours(&one, 4);
	must(journal_verify(p->journal, &after, &aid_err) == 0, "verify");
	journal_summary_release(&before);
	journal_summary_release(&after);
	return (size_t)((after.bytes - before.bytes) / 4);
}

/* Groups of so many records, each a block of so many samples or, with 0, a scalar. */
struct load { const char *name; unsigned group; size_t samples; double of_plain, of_writer; };

static const struct load loads[] = {
	{ "ingest_scalars",         GROUP,      0,     0.30, 15 },
	{ "ingest_blocks_of_100",   GROUP,      100,   0.60, 0 },
	{ "ingest_blocks_of_10000", GROUP / 20, 10000, 0.60, 0 },
};

static void beside_plain(const struct load *l, struct ingest *g)
{
	const struct rounds rounds = { 9, 150 * NS_PER_MS, l->group };
	char *row = mem_format("%s_beside_write_fdatasync", l->name);
	struct plain p = plain_open(group_bytes(g->player, g));

	aid_compare_more(row, &rounds, (struct side){ ours, g }, (struct side){ plain, &p },
			 at_least(l->of_plain));
	close(p.fd);
	free(p.bytes);
	free(row);
}

/* Fifteen times a writer that takes groups would be above the plain write + fdatasync itself. */
static void beside_writer(const struct load *l, struct ingest *g, const char *beside, enum writer_manner how)
{
	const struct rounds rounds = { 5, 200 * NS_PER_MS, l->group };
	char *row = mem_format("%s_beside_%s", l->name, beside);
	struct writer w;

	writer_start(&w, g->player->journal, l->group, how);
	aid_compare_more(row, &rounds, (struct side){ ours, g }, (struct side){ writer_run, &w },
			 how == WRITER_EACH && l->of_writer > 0 ? at_least(l->of_writer) : stated());
	writer_stop(&w);
	free(row);
}

static void ingest(const struct load *l)
{
	struct ingest g = { .body = mem_new(8 * l->samples + 1), .body_len = 8 * l->samples, .group = l->group };
	struct rig rig;

	rig_open(&rig, 1, 0, NULL, NULL, ANY_CORE, ANY_CORE);
	g.player = rig.players;
	ours(&g, 1);
	beside_plain(l, &g);
	beside_writer(l, &g, "pyzmq_h5py_each", WRITER_EACH);
	beside_writer(l, &g, "pyzmq_h5py_group", WRITER_GROUP);
	rig_close(&rig);
	free(g.body);
}

int main(void)
{
	aid_folder_make();
	for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
		if (aid_wanted(loads[i].name))
			ingest(&loads[i]);
	aid_folder_remove();
	return 0;
}
