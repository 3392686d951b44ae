/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_journal [FOLDER] - the journal beside write + fdatasync of the same bytes, batch by
 * batch, and beside SQLite (rollback journal, synchronous=FULL, one blob a record).
 *
 * One row a line: name, ours, the reference (records a second, medians; a block has so many samples),
 * median of the ratios, what it should be.
 * The sides take turns, round by round, on the same file system. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "instant.h"
#include "journal.h"

#define ROUNDS 9

static char *folder;
static struct err e;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_journal: %s: %s\n", what, e.text[0] ? e.text : strerror(errno));
	exit(1);
}

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
			must(journal_append(s->journal, &drafts[i % DRAFTS], JOURNAL_ORDINARY, NULL, &e) == 0,
			     "append");
		must(journal_commit(s->journal, &e) == 0, "commit");
	}
	return (double)(instant_now() - start) / 1e9;
}

static double plain(struct sides *s, unsigned batches, unsigned n)
{
	instant start = instant_now();
	size_t bytes = s->record_bytes * n + 40;

	for (unsigned b = 0; b < batches; b++) {
		must(write(s->plain, s->bytes, bytes) == (ssize_t)bytes, "write");
		must(fdatasync(s->plain) == 0, "fdatasync");
	}
	return (double)(instant_now() - start) / 1e9;
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
	return (double)(instant_now() - start) / 1e9;
}

static char *in_folder(const char *name)
{
	return mem_format("%s/%s", folder, name);
}

static void open_sides(struct sides *s, unsigned n)
{
	char *journal = in_folder("journal"), *file = in_folder("plain"), *db = in_folder("db");

	must(journal_create(&s->journal, journal, "BENCH-20261124-0001", NULL, &e) == 0, "create");
	must(journal_append(s->journal, &drafts[0], JOURNAL_ORDINARY, NULL, &e) == 0, "append");
	s->record_bytes = journal_pending(s->journal) - 40;
	must(journal_commit(s->journal, &e) == 0, "commit");
	s->bytes = mem_new(s->record_bytes * n + 40);
	for (size_t i = 0; i < s->record_bytes * n + 40; i++)
		s->bytes[i] = (char)(i * 31);
	s->plain = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(s->plain >= 0 && fsync(s->plain) == 0, file);
	must(sqlite3_open(db, &s->db) == SQLITE_OK &&
	     sqlite3_exec(s->db, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;"
			  "CREATE TABLE record(seq INTEGER PRIMARY KEY, body BLOB)", NULL, NULL, NULL) == SQLITE_OK &&
	     sqlite3_prepare_v2(s->db, "INSERT INTO record(body) VALUES(?)", -1, &s->insert, NULL) == SQLITE_OK, db);
	free(journal);
	free(file);
	free(db);
}

static void remove_in(const char *name)
{
	char *path = in_folder(name);

	remove(path);
	free(path);
}

static void close_sides(struct sides *s)
{
	char name[32];

	journal_close(&s->journal);
	close(s->plain);
	sqlite3_finalize(s->insert);
	sqlite3_close(s->db);
	free(s->bytes);
	for (unsigned i = 1; i < 1000; i++) {
		snprintf(name, sizeof name, "journal/%06u", i);
		remove_in(name);
	}
	remove_in("journal/lock");
	remove_in("journal");
	remove_in("plain");
	remove_in("db");
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *v)
{
	double sorted[ROUNDS];

	memcpy(sorted, v, sizeof sorted);
	qsort(sorted, ROUNDS, sizeof *sorted, by_value);
	return sorted[ROUNDS / 2];
}

static void row(const char *beside, unsigned n, const double *our, const double *theirs, double target)
{
	double ratio[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		ratio[i] = our[i] / theirs[i];
	if (samples)
		printf("journal_blocks_%zu", samples);
	else
		printf("journal");
	printf("_batch_%u_beside_%s %.0f %.0f %.3f %.2f 1/s\n", n, beside, median(our), median(theirs),
	       median(ratio), target);
	fflush(stdout);
}

static void compare(unsigned n)
{
	unsigned batches = n >= 4096 || samples > 1000 ? 4 : n >= 256 ? 20 : 100;
	double our[ROUNDS], write_sync[ROUNDS], db[ROUNDS], records = (double)n * batches;
	struct sides s = { 0 };

	open_sides(&s, n);
	ours(&s, batches, n);                 /* warm */
	plain(&s, batches, n);
	sqlite(&s, batches, n);
	for (int i = 0; i < ROUNDS; i++) {
		our[i] = records / ours(&s, batches, n);
		write_sync[i] = records / plain(&s, batches, n);
		db[i] = records / sqlite(&s, batches, n);
	}
	close_sides(&s);
	row("write_fdatasync", n, our, write_sync, samples ? 0.6 : 0.9);
	row("sqlite_full", n, our, db, 1.3);
}

int main(int argc, char **argv)
{
	static const struct {
		size_t samples;
		unsigned batch;
	} rows[] = {
		{ 0, 1 }, { 0, 16 }, { 0, 256 }, { 0, 4096 }, { 100, 16 }, { 100, 256 },
		{ 10000, 1 }, { 10000, 16 },
	};
	const char *where = argc > 1 ? argv[1] : "build";
	struct statfs fs;

	folder = mem_format("%s/bench-XXXXXX", where);
	must(mkdtemp(folder) != NULL && statfs(folder, &fs) == 0, folder);
	printf("# journal: records a second, file system type 0x%lx\n",
	       (unsigned long)fs.f_type);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		samples = rows[i].samples;
		make_drafts();
		compare(rows[i].batch);
	}
	rmdir(folder);
	free(folder);
	return 0;
}
