/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "archive_verify.h"

#include <errno.h>
#include <unistd.h>

#include "compare.h"
#include "journal.h"
#include "projection.h"
#include "seal.h"
#include "stored.h"
#include "values.h"

/* Everything a walk over the stored records keeps in view. */
struct verify {
	struct archive_report *report;
	struct hdf file;                   /* the archive */
	struct hdf made;                   /* what its records give, in memory */
	struct projection *projection;
	struct values *values;
	struct members members;
	struct hash *hash;
	uint8_t head[HASH_SIZE];           /* of the records so far */
	struct record_counts counts;
	struct journal_reader *journal;    /* NULL: none to compare with, or already found to differ */
	const char *journal_name;
	uint64_t records;
	bool stopped;
};

#define LLU(n) ((unsigned long long)(n))

static void check_chain(struct verify *v, const struct record *r)
{
	char run[RUN_NAME];

	memcpy(run, v->report->seal.run, sizeof run);
	if (r->seq != v->records)
		report_add(v->report, "record %llu of the archive has the number %llu",
			   LLU(v->records), LLU(r->seq));
	if (strcmp(r->run, run) != 0)
		report_add(v->report, "record %llu belongs to run %s, the archive to %s",
			   LLU(v->records), r->run, run);
	if (memcmp(r->prev, v->head, HASH_SIZE))
		report_add(v->report,
			   "the chain is broken at record %llu: it or the one before was changed",
			   LLU(v->records));
	record_chain(v->hash, v->head, r->prev, r->header, r->body, r->body_len);
}

static void check_stop(struct verify *v)
{
	struct record_counts stated = { 0 };
	struct span object;
	struct err e;
	unsigned k;

	v->stopped = true;
	snprintf(v->report->status, sizeof v->report->status, "%s", member_text(&v->members, "status"));
	if (!member_find(&v->members, "counts", &object) ||
	    record_counts_get(&stated, object, &e) < 0) {
		report_add(v->report, "the stop record does not count the records");
	} else if (!record_counts_equal(&stated, &v->counts)) {
		report_add(v->report,
			   "the archive does not hold the records that the stop record counts");
		for (k = 0; k < RECORD_KINDS; k++)
			if (stated.kinds[k] != v->counts.kinds[k])
				report_add(v->report,
					   "of kind %s it counts %llu, the archive holds %llu",
					   record_kind_name(k), LLU(stated.kinds[k]), LLU(v->counts.kinds[k]));
	}
	record_counts_release(&stated);
}

static bool same_record(const struct record *a, const struct record *b)
{
	return a->header.n == b->header.n && !memcmp(a->header.p, b->header.p, a->header.n) &&
	       a->body_len == b->body_len && (!a->body_len || !memcmp(a->body, b->body, a->body_len));
}

/* After the first difference there is nothing to say about the rest. */
static void check_journal(struct verify *v, const struct record *stored)
{
	struct record r;
	struct err e;
	int more;

	if (!v->journal)
		return;
	more = journal_read_next(v->journal, &r, &e);
	if (more > 0 && stored && same_record(&r, stored))
		return;
	if (more < 0)
		report_add(v->report, "the journal %s: %s", v->journal_name, e.text);
	else if (more == 0 && stored)
		report_add(v->report, "the journal %s ends before record %llu", v->journal_name,
			   LLU(v->records));
	else if (!stored && more > 0)
		report_add(v->report, "the journal %s goes on with record %llu", v->journal_name,
			   LLU(r.seq));
	else if (stored)
		report_add(v->report, "record %llu is another one in the journal %s",
			   LLU(v->records), v->journal_name);
	journal_read_close(&v->journal);
}

static void check_record(struct verify *v, const struct record *r)
{
	struct err e;

	check_chain(v, r);
	check_journal(v, r);
	if (members_read_own(&v->members, r) < 0)
		return;
	v->report->simulated |= r->kind == RECORD_START && member_flag(&v->members, "simulated");
	if (r->kind == RECORD_STOP)
		check_stop(v);
	record_counts_add(&v->counts, r->kind, r->channel);
	values_add(v->values, r, &v->members);
	if (v->projection && projection_add(v->projection, r, &e) < 0) {
		report_add(v->report, "the records cannot be compared with the rest: %s", e.text);
		projection_free(&v->projection);
	}
	v->records++;
}

static void check_end(struct verify *v)
{
	struct archive_report *r = v->report;

	check_journal(v, NULL);
	if (!v->stopped)
		report_add(r, "there is no stop record: the run is not whole");
	if (v->records != r->seal.records)
		report_add(r, "the archive holds %llu records, the seal says %llu", LLU(v->records),
			   LLU(r->seal.records));
	if (memcmp(v->head, r->seal.head, HASH_SIZE))
		report_add(r, "the records do not chain up to the head of the seal");
}

static void walk_records(struct verify *v)
{
	struct stored *stored = NULL;
	struct record r;
	struct err e;
	int more = stored_open(&stored, &v->file, &e);

	while (more >= 0 && (more = stored_next(stored, &r, &e)) > 0)
		check_record(v, &r);
	if (more < 0)
		report_add(v->report, "%s", e.text);
	stored_close(&stored);
	check_end(v);
}

/* What the records give is made in memory and compared with what the file holds. */
static void check_content(struct verify *v, const struct digest *found)
{
	struct archive_result made;
	struct digest parts = { 0 };
	struct err e;
	int bad;

	bad = projection_end(v->projection, &made, &e);
	projection_free(&v->projection);
	if (!bad)
		bad = hdf_flush(&v->made, &e);
	if (!bad)
		bad = digest_take(&parts, v->made.file, v->made.chunks, &e);
	if (bad)
		report_add(v->report, "the records cannot be compared with the rest: %s", e.text);
	else
		compare_parts(&v->file, found, &v->made, &parts, v->report);
	digest_release(&parts);
}

static void verify_file(struct verify *v)
{
	struct archive_report *r = v->report;
	struct digest found = { 0 };
	struct err e;
	bool readable;

	if (seal_read(&v->file, &r->seal, &e) < 0)
		report_add(r, "%s", e.text);
	readable = digest_take(&found, v->file.file, v->file.chunks, &e) == 0;
	if (!readable)
		report_add(r, "%s", e.text);
	else if (memcmp(found.whole, r->seal.digest, HASH_SIZE))
		report_add(r, "the content does not have the digest of the seal");
	if (hdf_open(&v->made, "archive.in.memory", HDF_MEMORY, &e) == 0)
		v->projection = projection_new(&v->made);
	walk_records(v);
	if (readable && v->projection)
		check_content(v, &found);
	projection_free(&v->projection);
	hdf_close(&v->made, &e);
	digest_release(&found);
}

static int open_both(struct verify *v, const char *path, const char *journal, struct err *e)
{
	if (access(path, R_OK) < 0)
		return err_set(e, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
	if (journal && journal_read_open(&v->journal, journal, e) < 0)
		return -1;
	v->journal_name = journal;
	return 0;
}

int archive_verify(const char *path, const char *journal, struct archive_report *r, struct err *e)
{
	struct verify v = { .report = r };
	struct err why;

	*r = (struct archive_report){ 0 };
	if (open_both(&v, path, journal, e) < 0)
		return -1;
	if (hdf_open(&v.file, path, HDF_READ, &why) < 0) {
		report_add(r, "%s", why.text);
		journal_read_close(&v.journal);
		return 0;
	}
	v.hash = hash_new();
	v.values = values_new(r);
	verify_file(&v);
	values_end(&v.values);
	hash_free(&v.hash);
	members_release(&v.members);
	record_counts_release(&v.counts);
	journal_read_close(&v.journal);
	hdf_close(&v.file, &why);
	return 0;
}
