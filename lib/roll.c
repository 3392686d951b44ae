/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "roll.h"

#include <stdlib.h>
#include <string.h>

struct roll_run *roll_find(const struct roll *l, const char *run)
{
	for (size_t i = l->n; i-- > 0; )
		if (!strcmp(l->runs[i].name, run))
			return &l->runs[i];
	return NULL;
}

static char *own_string(const struct record *r, const char *key)
{
	char text[512] = "";

	record_get_string(r, key, text, sizeof text);
	return mem_string(text);
}

static void started(struct roll *l, const struct record *r, const char *run)
{
	struct roll_run *known;

	l->runs = mem_grow(l->runs, l->n, sizeof *l->runs);
	known = &l->runs[l->n++];
	*known = (struct roll_run){ .started_ns = r->utc_ns, .procedure = own_string(r, "procedure"),
				    .bench = own_string(r, "bench"), .operator = own_string(r, "operator") };
	snprintf(known->name, sizeof known->name, "%s", run);
}

static void ended(struct roll_run *known, const struct record *r)
{
	int64_t records = 0;

	record_get_string(r, "status", known->status, sizeof known->status);
	record_get_int(r, "records", &records);
	known->records = (uint64_t)records;
}

static void sealed(struct roll_run *known, const struct record *r)
{
	free(known->archive);
	free(known->digest);
	known->archive = own_string(r, "archive");
	known->digest = own_string(r, "digest");
}

void roll_learn(struct roll *l, const struct record *r)
{
	char event[32] = "", run[RUN_NAME] = "";
	struct roll_run *known;

	record_get_string(r, "event", event, sizeof event);
	record_get_string(r, "run_name", run, sizeof run);
	if (!strcmp(event, "run.started")) {
		started(l, r, run);
		return;
	}
	known = roll_find(l, run);
	if (known && !strcmp(event, "run.ended"))
		ended(known, r);
	else if (known && !strcmp(event, "run.sealed"))
		sealed(known, r);
}

int roll_read(struct roll *l, const char *folder, uint64_t records, struct err *e)
{
	struct journal_reader *reader;
	struct record r;
	int more;

	if (journal_read_open(&reader, folder, e) < 0)
		return -1;
	if (records != ROLL_ALL)
		journal_read_limit(reader, records);
	while ((more = journal_read_next(reader, &r, e)) > 0)
		roll_learn(l, &r);
	journal_read_close(&reader);
	return more;
}

void roll_release(struct roll *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->runs[i].procedure);
		free(l->runs[i].bench);
		free(l->runs[i].operator);
		free(l->runs[i].archive);
		free(l->runs[i].digest);
	}
	free(l->runs);
	*l = (struct roll){ 0 };
}
