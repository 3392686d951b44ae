/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validation.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MOST 4096           /* of a note */

static char *own_string(const struct record *r, const char *key)
{
	char text[TEXT_MOST];

	return record_get_string(r, key, text, sizeof text) == 1 ? mem_string(text) : NULL;
}

static void validated(struct validations *v, const struct record *r)
{
	struct validation *x;

	v->list = mem_grow(v->list, v->n, sizeof *v->list);
	x = &v->list[v->n++];
	*x = (struct validation){
		.utc_ns = r->utc_ns, .model = own_string(r, "model"), .serial = own_string(r, "serial_number"),
		.by = own_string(r, "by"), .note = own_string(r, "note"), .evidence = own_string(r, "evidence"),
	};
	record_get_string(r, "sha256", x->sha256, sizeof x->sha256);
	record_get_string(r, "evidence_sha256", x->evidence_sha256, sizeof x->evidence_sha256);
}

static bool is_of(const struct validation *x, const char *model)
{
	return x->model && !strcmp(x->model, model);
}

/* All of the model that stand. */
static void withdrawn(struct validations *v, const struct record *r)
{
	char *model = own_string(r, "model");

	for (size_t i = 0; model && i < v->n; i++) {
		struct validation *x = &v->list[i];

		if (!is_of(x, model) || x->withdrawn_ns)
			continue;
		x->withdrawn_ns = r->utc_ns;
		x->withdrawn_by = own_string(r, "by");
		x->withdrawn_note = own_string(r, "note");
	}
	free(model);
}

void validations_learn(struct validations *v, const struct record *r)
{
	char event[32] = "";

	record_get_string(r, "event", event, sizeof event);
	if (!strcmp(event, "model.validated"))
		validated(v, r);
	else if (!strcmp(event, "model.withdrawn"))
		withdrawn(v, r);
}

int validations_read(struct validations *v, const char *folder, uint64_t records, struct err *e)
{
	struct journal_reader *reader;
	struct record r;
	int more;

	if (journal_read_open(&reader, folder, e) < 0)
		return -1;
	if (records != VALIDATIONS_ALL)
		journal_read_limit(reader, records);
	while ((more = journal_read_next(reader, &r, e)) > 0)
		validations_learn(v, &r);
	journal_read_close(&reader);
	return more;
}

const struct validation *validation_of(const struct validations *v, const char *model, const char *sha256)
{
	for (size_t i = v->n; i-- > 0;)
		if (is_of(&v->list[i], model) && !v->list[i].withdrawn_ns && !strcmp(v->list[i].sha256, sha256))
			return &v->list[i];
	return NULL;
}

const struct validation *validation_last(const struct validations *v, const char *model)
{
	for (size_t i = v->n; i-- > 0;)
		if (is_of(&v->list[i], model))
			return &v->list[i];
	return NULL;
}

void validations_release(struct validations *v)
{
	for (size_t i = 0; i < v->n; i++) {
		struct validation *x = &v->list[i];

		free(x->model);
		free(x->serial);
		free(x->by);
		free(x->note);
		free(x->evidence);
		free(x->withdrawn_by);
		free(x->withdrawn_note);
	}
	free(v->list);
	*v = (struct validations){ 0 };
}
