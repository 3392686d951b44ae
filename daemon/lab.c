/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct lab {
	struct journal *journal;
	char *laboratory;
	struct lab_run *runs;
	size_t n;
	char day[9];                 /* of the last number given */
	unsigned number;
	struct buf keys;
};

static struct lab_run *find(const struct lab *l, const char *run)
{
	for (size_t i = l->n; i-- > 0; )
		if (!strcmp(l->runs[i].name, run))
			return &l->runs[i];
	return NULL;
}

/* Remembers the number in LAB-YYYYMMDD-NNNN if it is the latest. */
static void note_number(struct lab *l, const char *run)
{
	const char *rest = run + strlen(l->laboratory);
	char day[9];
	unsigned number;

	if (sscanf(rest, "-%8[0-9]-%u", day, &number) != 2 || strcmp(day, l->day) < 0)
		return;
	if (strcmp(day, l->day) > 0 || number > l->number)
		l->number = number;
	memcpy(l->day, day, sizeof l->day);
}

static char *own_string(const struct record *r, const char *key)
{
	char text[512] = "";

	record_get_string(r, key, text, sizeof text);
	return mem_string(text);
}

static void read_started(struct lab *l, const struct record *r, const char *run)
{
	struct lab_run *known;

	l->runs = mem_grow(l->runs, l->n, sizeof *l->runs);
	known = &l->runs[l->n++];
	*known = (struct lab_run){ .started_ns = r->utc_ns, .procedure = own_string(r, "procedure"),
				   .bench = own_string(r, "bench"), .operator = own_string(r, "operator") };
	snprintf(known->name, sizeof known->name, "%s", run);
	note_number(l, run);
}

/* What a record of the laboratory's journal says of a run; both when written and when read again. */
static void learn(struct lab *l, const struct record *r)
{
	char event[32] = "", run[RUN_NAME] = "";
	struct lab_run *known;
	int64_t records = 0;

	record_get_string(r, "event", event, sizeof event);
	record_get_string(r, "run_name", run, sizeof run);
	known = find(l, run);
	if (!strcmp(event, "run.started")) {
		read_started(l, r, run);
	} else if (known && !strcmp(event, "run.ended")) {
		record_get_string(r, "status", known->status, sizeof known->status);
		record_get_int(r, "records", &records);
		known->records = (uint64_t)records;
	} else if (known && !strcmp(event, "run.sealed")) {
		free(known->archive);
		free(known->digest);
		known->archive = own_string(r, "archive");
		known->digest = own_string(r, "digest");
	}
}

static int learn_all(struct lab *l, const char *folder, struct err *e)
{
	struct journal_reader *reader;
	struct record r;
	int more;

	if (journal_read_open(&reader, folder, e) < 0)
		return -1;
	journal_read_limit(reader, journal_acknowledged(l->journal));
	while ((more = journal_read_next(reader, &r, e)) > 0)
		learn(l, &r);
	journal_read_close(&reader);
	return more;
}

int lab_open(struct lab **out, const char *folder, const char *laboratory, struct err *e)
{
	struct lab *l = mem_new(sizeof *l);
	struct journal_recovery found;
	struct stat st;
	int failed;

	l->laboratory = mem_string(laboratory);
	if (stat(folder, &st) == 0)
		failed = journal_open(&l->journal, folder, NULL, &found, e) < 0 || learn_all(l, folder, e) < 0;
	else
		failed = journal_create(&l->journal, folder, laboratory, NULL, e) < 0;
	if (!failed && strcmp(journal_run(l->journal), laboratory))
		failed = err_set(e, ERR_CONFIG, "%s is the journal of laboratory %s, not %s", folder,
				 journal_run(l->journal), laboratory);
	if (failed) {
		lab_close(&l);
		return -1;
	}
	*out = l;
	return 0;
}

void lab_close(struct lab **out)
{
	struct lab *l = *out;

	if (!l)
		return;
	journal_close(&l->journal);
	for (size_t i = 0; i < l->n; i++) {
		free(l->runs[i].procedure);
		free(l->runs[i].bench);
		free(l->runs[i].operator);
		free(l->runs[i].archive);
		free(l->runs[i].digest);
	}
	free(l->runs);
	free(l->laboratory);
	buf_release(&l->keys);
	free(l);
	*out = NULL;
}

static void text(struct lab *l, const char *key, const char *value)
{
	json_key(&l->keys, key);
	json_text(&l->keys, value);
}

static void begin(struct lab *l, const char *event, const char *run)
{
	buf_clear(&l->keys);
	text(l, "event", event);
	text(l, "run_name", run);
}

/* Appends the event in l->keys and makes it durable. */
static int note(struct lab *l, enum journal_class class, struct err *e)
{
	struct draft d = { .kind = RECORD_EVENT, .channel = "", .utc_ns = utc_now(), .mono_ns = instant_now(),
			   .keys = l->keys.data, .keys_len = l->keys.len };
	struct record r;

	if (journal_append(l->journal, &d, class, &r, e) < 0)
		return -1;
	learn(l, &r);
	return journal_commit(l->journal, e);
}

int lab_started(struct lab *l, const char *procedure, const char *bench, const char *operator,
		char name[RUN_NAME], struct err *e)
{
	time_t seconds = (time_t)(utc_now() / NS_PER_S);
	struct tm tm;
	char day[9];

	gmtime_r(&seconds, &tm);
	strftime(day, sizeof day, "%Y%m%d", &tm);
	/* A clock set back goes on counting under the later day: a number is never given twice. */
	snprintf(name, RUN_NAME, "%s-%s-%04u", l->laboratory, strcmp(day, l->day) > 0 ? day : l->day,
		 strcmp(day, l->day) > 0 ? 1 : l->number + 1);
	begin(l, "run.started", name);
	text(l, "procedure", procedure);
	text(l, "bench", bench);
	text(l, "operator", operator);
	return note(l, JOURNAL_ORDINARY, e);
}

int lab_ended(struct lab *l, const char *run, const char *status, const char *reason,
	      uint64_t records, struct err *e)
{
	begin(l, "run.ended", run);
	text(l, "status", status);
	text(l, "reason", reason);
	json_key(&l->keys, "records");
	json_int(&l->keys, (int64_t)records);
	return note(l, JOURNAL_RESERVED, e);
}

int lab_sealed(struct lab *l, const char *run, const char *archive, const char *digest,
	       const char *head, struct err *e)
{
	begin(l, "run.sealed", run);
	text(l, "archive", archive);
	text(l, "digest", digest);
	text(l, "head", head);
	return note(l, JOURNAL_RESERVED, e);
}

size_t lab_count(const struct lab *l)
{
	return l->n;
}

const struct lab_run *lab_run(const struct lab *l, size_t i)
{
	return &l->runs[i];
}

const struct lab_run *lab_find(const struct lab *l, const char *run)
{
	return find(l, run);
}
