/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_journal - the journal beside write + fdatasync of the same bytes, batch by batch, and
 * beside SQLite (rollback journal, synchronous=FULL, one blob a record): records a second.  A
 * block has so many samples. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aid.h"
#include "journal.h"

#define ROUNDS 9

#define DRAFTS 1024

/* Blocks of this many samples of 8 bytes; 0 for scalar readings. */
static size_t samples;
static double block[10000];

/* What instruments say is there already: the journal alone is timed. */
static struct draft drafts[DRAFTS];

static void make_draft(uint64_t i, struct draft *d)
{
	struct buf keys = { 0 };

	json_key(&keys, "value");
	json_number(&keys, 10.0 + (double)(i % 1000) * 1e-6);
	json_key(&keys, "unit");
	json_text(&keys, "V");
	json_key(&keys, "status");
	json_text(&keys, "ok");
	json_key(&keys, "raw");
	json_bytes(&keys, "+1.000000123E+01", 16);
	json_key(&keys, "span_ns");
	json_int(&keys, 1234567);
	json_key(&keys, "at_ns");
	json_int(&keys, 1795492762000000000 + (int64_t)i);
	*d = (struct draft){
		.kind = RECORD_READING, .channel = "meter.voltage.dc",
		.utc_ns = 1795492762000000000 + (int64_t)i, .mono_ns = (int64_t)i * 1000,
		.keys = keys.data, .keys_len = keys.len,
		.body = block, .body_len = samples * sizeof *block,
	};
}

static void make_drafts(void)
{
	for (unsigned i = 0; i < DRAFTS; i++) {
		free((void *)(uintptr_t)drafts[i].keys);
		make_draft(i, &drafts[i]);
	}
}

/* The three sides: each does `batches` batches of `n` records and says how long it took. */

struct sides {
	struct journal *journal;
	int plain;
	sqlite3 *db;
	sqlite3_stmt *insert;
	char *bytes;               /* of a batch */
	size_t record_bytes;
};

static double ours(struct sides *s, unsigned batches, unsigned n)
{
	instant start = instant_now();

	for (unsigned b = 0; b < batches; b++) {
		for (unsigned i = 0; i < n; i++)
			must(journal_append(s->journal, &drafts[i % DRAFTS], JOURNAL_ORDINARY, NULL, &aid_err) == 0,
			     "append");
		must(journal_commit(s->journal, &aid_err) == 0, "commit");
	}
	return aid_seconds(start);
}

static double plain(struct sides *s, unsigned batches, unsigned n)
{
	instant start = instant_now();
	size_t bytes = s->record_bytes * n + 40;

	for (unsigned b = 0; b < batches; b++) {
		must(write(s->plain, s->bytes, bytes) == (ssize_t)bytes, "write");
		must(fdatasync(s->plain) == 0, "fdatasync");
	}
	return aid_seconds(start);
}

static double sqlite(struct sides *s, unsigned batches, unsigned n)
{
	instant start = instant_now();

	for (unsigned b = 0; b < batches; b++) {
		must(sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK, "BEGIN");
		for (unsigned i = 0; i < n; i++) {
			sqlite3_bind_blob(s->insert, 1, s->bytes + i * s->record_bytes, (int)s->record_bytes,
					  SQLITE_STATIC);
			must(sqlite3_step(s->insert) == SQLITE_DONE, "INSERT");
			sqlite3_reset(s->insert);
		}
		must(sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "COMMIT");
	}
	return aid_seconds(start);
}

static void open_sides(struct sides *s, unsigned n)
{
	char *journal = aid_path("journal"), *db = aid_path("db");

	must(journal_create(&s->journal, journal, "BENCH-20261124-0001", NULL, &aid_err) == 0, "create");
	must(journal_append(s->journal, &drafts[0], JOURNAL_ORDINARY, NULL, &aid_err) == 0, "append");
	s->record_bytes = journal_pending(s->journal) - 40;
	must(journal_commit(s->journal, &aid_err) == 0, "commit");
	s->bytes = mem_new(s->record_bytes * n + 40);
	for (size_t i = 0; i < s->record_bytes * n + 40; i++)
		s->bytes[i] = (char)(i * 31);
	s->plain = aid_create("plain");
	must(fsync(s->plain) == 0, "fsync");
	must(sqlite3_open(db, &s->db) == SQLITE_OK &&
	     sqlite3_exec(s->db, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;"
			  "CREATE TABLE record(seq INTEGER PRIMARY KEY, body BLOB)", NULL, NULL, NULL) == SQLITE_OK &&
	     sqlite3_prepare_v2(s->db, "INSERT INTO record(body) VALUES(?)", -1, &s->insert, NULL) == SQLITE_OK, db);
	free(journal);
	free(db);
}

static void close_sides(struct sides *s)
{
	journal_close(&s->journal);
	close(s->plain);
	sqlite3_finalize(s->insert);
	sqlite3_close(s->db);
	free(s->bytes);
}

/* One row of the table: a batch of so many records, each a block of so many samples or none. */
struct row { const char *name; size_t samples; unsigned batch; double of_plain, of_sqlite; };

static unsigned batches_of(const struct row *r)
{
	return r->batch >= 4096 || r->samples > 1000 ? 4 : r->batch >= 256 ? 20 : 100;
}

static void print(const struct row *r, const char *beside, const double *our, const double *theirs,
		  double target)
{
	char name[96];

	snprintf(name, sizeof name, "%s_beside_%s", r->name, beside);
	aid_paired(name, our, theirs, ROUNDS, target > 0 ? at_least(target) : stated(), "1/s");
}

/* The median of how many times SQLite's speed ours is. */
static double compare(const struct row *r)
{
	unsigned batches = batches_of(r), n = r->batch;
	double our[ROUNDS], write_sync[ROUNDS], db[ROUNDS], times[ROUNDS], records = (double)n * batches;
	struct sides s = { 0 };

	samples = r->samples;
	make_drafts();
	open_sides(&s, n);
	ours(&s, batches, n);                 /* warm */
	plain(&s, batches, n);
	sqlite(&s, batches, n);
	for (int i = 0; i < ROUNDS; i++) {
		our[i] = records / ours(&s, batches, n);
		write_sync[i] = records / plain(&s, batches, n);
		db[i] = records / sqlite(&s, batches, n);
		times[i] = our[i] / db[i];
	}
	close_sides(&s);
	print(r, "write_fdatasync", our, write_sync, r->of_plain);
	print(r, "sqlite_full", our, db, r->of_sqlite);
	return aid_median(times, ROUNDS);
}

/* What small batches write into is zeroed ahead, so more is asked of them. */
static const struct row scalars[] = {
	{ "journal_batch_1", 0, 1, 1.2, 1 },
	{ "journal_batch_16", 0, 16, 1.2, 1 },
	{ "journal_batch_256", 0, 256, 1.2, 1 },
	{ "journal_batch_4096", 0, 4096, 0.9, 1 },
};

static const struct row blocks[] = {
	{ "journal_blocks_100_batch_16", 100, 16, 0, 0 },
	{ "journal_blocks_100_batch_256", 100, 256, 0, 0 },
	{ "journal_blocks_10000_batch_1", 10000, 1, 0, 0 },
	{ "journal_blocks_10000_batch_16", 10000, 16, 0, 0 },
};

#define N(array) (sizeof(array) / sizeof *(array))

/* Those of the rows that are wanted; the median of their medians beside SQLite. */
static void table(const struct row *rows, size_t n, const char *median)
{
	double times[N(scalars)];
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		if (!aid_wanted(rows[i].name))
			continue;
		aid_folder_make();
		times[done++] = compare(&rows[i]);
		aid_folder_remove();
	}
	if (median && done == n)
		aid_row(median, aid_median(times, n), 1, at_least(1.3), "times");
}

int main(void)
{
	table(scalars, N(scalars), "journal_beside_sqlite_full_median");
	table(blocks, N(blocks), NULL);
	return 0;
}
