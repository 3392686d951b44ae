/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_standing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "etalon.h"

static char *text_of(const json_t *o, const char *key)
{
	return mem_string(json_string_value(json_object_get(o, key)));
}

static void copy_hash(char to[HASH_TEXT], const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	snprintf(to, HASH_TEXT, "%.*s", HASH_TEXT - 1, text ? text : "");
}

/* docs/control.md, model.validations */
static void add(struct validations *v, const json_t *o)
{
	struct validation *x;

	v->list = mem_grow(v->list, v->n, sizeof *v->list);
	x = &v->list[v->n++];
	*x = (struct validation){
		.model = text_of(o, "model"), .serial = text_of(o, "serial_number"), .by = text_of(o, "by"),
		.note = text_of(o, "note"), .evidence = text_of(o, "evidence"),
		.utc_ns = json_integer_value(json_object_get(o, "utc_ns")),
		.withdrawn_ns = json_integer_value(json_object_get(o, "withdrawn_ns")),
		.withdrawn_by = text_of(o, "withdrawn_by"), .withdrawn_note = text_of(o, "withdrawn_note"),
	};
	copy_hash(x->sha256, o, "sha256");
	copy_hash(x->evidence_sha256, o, "evidence_sha256");
}

/* 0: the daemon has answered. */
static int ask_daemon(struct validations *v)
{
	struct client *c;
	struct err e;
	json_t *answer, *o;
	size_t i;

	if (client_open(&c, where_control(), &e) < 0)
		return -1;
	answer = client_ask(c, "model.validations", NULL, CLIENT_PATIENCE_MS, &e);
	json_array_foreach(json_object_get(answer, "validations"), i, o)
		add(v, o);
	client_close(&c);
	json_decref(answer);
	return answer ? 0 : -1;
}

static int read_folder(struct validations *v, struct err *e)
{
	char *folder = mem_format("%s/lab.journal", where_state());
	int bad = access(folder, R_OK) ? 0 : validations_read(v, folder, VALIDATIONS_ALL, e);

	free(folder);
	return bad;
}

int standing_read(struct validations *v, struct err *e)
{
	return ask_daemon(v) == 0 ? 0 : read_folder(v, e);
}

static void put_day(struct buf *out, const char *word, int64_t ns, const char *by)
{
	char text[UTC_TEXT];

	utc_format(ns, text);
	buf_printf(out, "%s %.10s by %s", word, text, by ? by : "?");
}

void standing_text(const struct validations *v, const struct model *m, struct buf *out)
{
	const struct validation *now = validation_of(v, m->name, m->source.sha256), *last = validation_last(v, m->name);

	if (now) {
		put_day(out, "validated", now->utc_ns, now->by);
		buf_printf(out, " on %s", now->serial);
	} else if (!last) {
		buf_puts(out, "-");
	} else if (last->withdrawn_ns) {
		put_day(out, "withdrawn", last->withdrawn_ns, last->withdrawn_by);
	} else {
		put_day(out, "changed since validated", last->utc_ns, last->by);
	}
}

bool standing_serves(const struct validations *v, const struct model *m)
{
	return model_seen(m) || validation_of(v, m->name, m->source.sha256);
}

static bool named_before(const struct bench_role *roles, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (roles[k].model == roles[i].model && !roles[k].simulated)
			return true;
	return false;
}

/* What is simulated serves none anyway, and says so itself. */
void standing_note(const struct bench *b, struct buf *out)
{
	const struct bench_role *r = b->roles.items;
	struct validations v = { 0 };
	struct err e;
	size_t n = 0;

	if (standing_read(&v, &e) < 0) {
		buf_printf(out, "note: validations are not known: %s", e.text);
		validations_release(&v);
		return;
	}
	for (size_t i = 0; i < b->roles.n; i++) {
		if (r[i].simulated || standing_serves(&v, r[i].model) || named_before(r, i))
			continue;
		buf_printf(out, "%s%s", n++ ? ", " : "note: ", r[i].model_name);
	}
	if (n)
		buf_printf(out, " %s seen on an instrument nor validated here, so no certificate can rest on %s readings "
			   "(etalon model validate)", n > 1 ? "were neither" : "was neither", n > 1 ? "their" : "its");
	validations_release(&v);
}
