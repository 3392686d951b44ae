/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct lab {
	struct journal *journal;
	char *laboratory;
	struct roll roll;
	struct validations validations;
	char day[9];                 /* of the last number given */
	unsigned number;
	struct buf keys;
};

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

/* Both when a record is read again and when it is written. */
static void learn(struct lab *l, const struct record *r)
{
	size_t before = l->roll.n;

	roll_learn(&l->roll, r);
	validations_learn(&l->validations, r);
	if (l->roll.n > before)
		note_number(l, l->roll.runs[before].name);
}

static int learn_all(struct lab *l, const char *folder, struct err *e)
{
	uint64_t records = journal_acknowledged(l->journal);

	if (roll_read(&l->roll, folder, records, e) < 0 || validations_read(&l->validations, folder, records, e) < 0)
		return -1;
	for (size_t i = 0; i < l->roll.n; i++)
		note_number(l, l->roll.runs[i].name);
	return 0;
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
	roll_release(&l->roll);
	validations_release(&l->validations);
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

static void begin_about(struct lab *l, const char *event, const char *key, const char *name)
{
	buf_clear(&l->keys);
	text(l, "event", event);
	text(l, key, name);
}

static void begin(struct lab *l, const char *event, const char *run)
{
	begin_about(l, event, "run_name", run);
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

int lab_validated(struct lab *l, const struct validating *v, struct err *e)
{
	begin_about(l, "model.validated", "model", v->model);
	text(l, "sha256", v->sha256);
	text(l, "serial_number", v->serial);
	text(l, "by", v->by);
	text(l, "note", v->note);
	if (v->evidence) {
		text(l, "evidence", v->evidence);
		text(l, "evidence_sha256", v->evidence_sha256);
	}
	return note(l, JOURNAL_ORDINARY, e);
}

static bool stands(const struct validations *v, const char *model)
{
	for (size_t i = 0; i < v->n; i++)
		if (!v->list[i].withdrawn_ns && !strcmp(v->list[i].model, model))
			return true;
	return false;
}

int lab_withdrawn(struct lab *l, const char *model, const char *by, const char *why, struct err *e)
{
	if (!stands(&l->validations, model))
		return err_set(e, ERR_STATE, "no validation of model %s stands", model);
	begin_about(l, "model.withdrawn", "model", model);
	text(l, "by", by);
	text(l, "note", why);
	return note(l, JOURNAL_ORDINARY, e);
}

const struct validations *lab_validations(const struct lab *l)
{
	return &l->validations;
}

size_t lab_count(const struct lab *l)
{
	return l->roll.n;
}

const struct roll_run *lab_run(const struct lab *l, size_t i)
{
	return &l->roll.runs[i];
}

const struct roll_run *lab_find(const struct lab *l, const char *run)
{
	return roll_find(&l->roll, run);
}
