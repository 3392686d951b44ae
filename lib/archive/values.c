/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "values.h"

#include "address.h"
#include "array.h"
#include "exchanges.h"
#include "model_unit.h"
#include "reply.h"

struct watched {                       /* a channel, and how its replies are to be read */
	char name[CHANNEL_NAME];
	const struct model *model;
	const struct point *point;
	struct array array;            /* of its readings, the one in hand */
};

struct values {
	struct archive_report *report;
	struct exchanges *exchanges;
	struct { char *what, *name, sha256[HASH_TEXT]; int64_t parts, seen; struct buf text; } file;
	struct quantities quantities;
	struct { char *path; struct buf text; } *texts;      /* of models, until all are parsed */
	size_t n_texts;
	bool parsed;
	struct { struct model *model; int unit; } *models;   /* those that say {unit} once for each */
	size_t n_models;
	struct { char *role, *model; int unit; } *roles;
	size_t n_roles;
	struct watched *channels;
	size_t n_channels;
};

struct values *values_new(struct archive_report *report)
{
	struct values *v = mem_new(sizeof *v);

	v->report = report;
	v->exchanges = exchanges_new(report);
	return v;
}

/* Texts. */

static void take_quantities(struct values *v, const struct buf *text)
{
	struct problems ps = { 0 };
	struct source s = { 0 };
	struct err e;

	if (source_text(&s, v->file.name, text->data ? text->data : "", text->len, &e) < 0 ||
	    (quantities_parse(&v->quantities, &s, &ps) < 0 && problems_err(&ps, &e) < 0))
		report_add(v->report, "the vocabulary of the run cannot be read: %s", e.text);
	source_release(&s);
	problems_release(&ps);
}

static void keep_model(struct values *v, const struct buf *text)
{
	v->texts = mem_grow(v->texts, v->n_texts, sizeof *v->texts);
	memset(&v->texts[v->n_texts], 0, sizeof *v->texts);
	v->texts[v->n_texts].path = mem_string(v->file.name);
	if (text->len)
		buf_add(&v->texts[v->n_texts].text, text->data, text->len);
	v->n_texts++;
}

static void end_file(struct values *v)
{
	uint8_t hash[HASH_SIZE];
	char digits[HASH_TEXT];
	const struct buf *text = &v->file.text;

	/* A run that was cut short may have begun a text that never ended. */
	if (v->file.what && v->file.seen == v->file.parts) {
		hash_of(hash, text->data ? text->data : "", text->len);
		if (strcmp(hash_text(hash, digits), v->file.sha256) != 0)
			report_add(v->report, "the text %s %s does not have the SHA-256 of its record",
				   v->file.what, v->file.name);
		if (!strcmp(v->file.what, "quantities"))
			take_quantities(v, text);
		if (!strcmp(v->file.what, "model"))
			keep_model(v, text);
	}
	free(v->file.what);
	free(v->file.name);
	v->file.what = v->file.name = NULL;
	buf_clear(&v->file.text);
}

static void add_file(struct values *v, const struct record *r, struct members *m)
{
	if (member_int(m, "part", 1) == 1) {
		end_file(v);
		v->file.what = mem_string(member_text(m, "what"));
		v->file.name = mem_string(member_text(m, "name"));
		snprintf(v->file.sha256, sizeof v->file.sha256, "%s", member_text(m, "sha256"));
		v->file.parts = member_int(m, "parts", 1);
		v->file.seen = 0;
	}
	v->file.seen++;
	if (r->body_len)
		buf_add(&v->file.text, r->body, r->body_len);
}

static struct model *parse_model(struct values *v, size_t i, int unit)
{
	struct problems ps = { 0 };
	struct model *m = NULL;
	struct err e = { 0 };

	if (model_parse_unit(&m, v->texts[i].path, v->texts[i].text.data, v->texts[i].text.len, unit, &v->quantities,
			     &ps) < 0) {
		problems_err(&ps, &e);
		report_add(v->report, "a model file of the run cannot be read: %s", e.text);
	} else {
		v->models = mem_grow(v->models, v->n_models, sizeof *v->models);
		v->models[v->n_models].unit = unit;
		v->models[v->n_models++].model = m;
	}
	problems_release(&ps);
	return m;
}

/* Models follow the vocabulary they use, whichever came first in the run. */
static void parse_models(struct values *v)
{
	end_file(v);
	for (size_t i = 0; !v->parsed && i < v->n_texts; i++) {
		struct model *m = parse_model(v, i, MODEL_UNIT_USUAL);

		for (size_t k = 0; m && model_unit_named(&m->source) && k < v->n_roles; k++)
			if (v->roles[k].unit != MODEL_UNIT_USUAL && !strcmp(v->roles[k].model, m->name))
				parse_model(v, i, v->roles[k].unit);
	}
	v->parsed = true;
}

/* Channels. */

static int unit_of(const char *address)
{
	struct address a;
	struct err e;

	return address_parse(&a, address, NULL, &e) < 0 ? MODEL_UNIT_USUAL : a.unit;
}

static void add_start(struct values *v, const struct members *m)
{
	struct span roles, key, value;
	struct members one = { 0 };
	struct buf role = { 0 };
	size_t at = 0;

	if (!member_find(m, "roles", &roles))
		return;
	while (json_next(roles, &at, &key, &value) > 0) {
		buf_clear(&role);
		if (json_get_string(key, &role) < 0 || members_read(&one, value) < 0)
			continue;
		v->roles = mem_grow(v->roles, v->n_roles, sizeof *v->roles);
		v->roles[v->n_roles].role = mem_string(role.len ? role.data : "");
		v->roles[v->n_roles].unit = unit_of(member_text(&one, "address"));
		v->roles[v->n_roles++].model = mem_string(member_text(&one, "model"));
	}
	members_release(&one);
	buf_release(&role);
}

static const struct model *model_of(const struct values *v, const char *role)
{
	const char *name = NULL;
	int unit = 0;

	for (size_t i = 0; i < v->n_roles; i++) {
		if (strcmp(v->roles[i].role, role) != 0)
			continue;
		name = v->roles[i].model;
		unit = v->roles[i].unit;
	}
	for (size_t i = 0; name && i < v->n_models; i++) {
		const struct model *m = v->models[i].model;

		if (!strcmp(m->name, name) && (v->models[i].unit == unit || !model_unit_named(&m->source)))
			return m;
	}
	return NULL;
}

static const struct point *point_of(const struct model *model, struct members *m)
{
	char *quantity = mem_string(member_text(m, "quantity"));
	const char *input = member_text(m, "input");
	char *name = mem_format("%s%s%s", quantity, *input ? "@" : "", input);
	const struct point *p = model_point(model, name);

	free(quantity);
	free(name);
	return p;
}

static void add_channel(struct values *v, const struct record *r, struct members *m)
{
	struct watched *w;

	parse_models(v);
	v->channels = mem_grow(v->channels, v->n_channels, sizeof *v->channels);
	w = &v->channels[v->n_channels++];
	*w = (struct watched){ .model = model_of(v, member_text(m, "role")) };
	memcpy(w->name, r->channel, sizeof w->name);
	if (w->model)
		w->point = point_of(w->model, m);
	if (!w->point)
		report_add(v->report, "%s: the model files of the run do not say how it is read",
			   w->name);
}

static struct watched *watched_of(const struct values *v, const char *channel)
{
	size_t i;

	for (i = 0; i < v->n_channels; i++)
		if (!strcmp(v->channels[i].name, channel))
			return &v->channels[i];
	return NULL;
}

/* Readings. */

static bool same(double a, double b)
{
	return !memcmp(&a, &b, sizeof a);
}

static void compare(struct values *v, const struct record *r, struct members *m, double value,
		    enum reading_status status)
{
	double recorded = member_number(m, "value");
	const char *word = member_text(m, "status");

	if (strcmp(word, reading_status_name(status)) != 0)
		report_add(v->report,
			   "%s, record %llu: the status is \"%s\", its raw reply says \"%s\"",
			   r->channel, (unsigned long long)r->seq, word, reading_status_name(status));
	else if (reading_has_value(status) && !same(recorded, value))
		report_add(v->report, "%s, record %llu: the value is %.17g, its raw reply says %.17g",
			   r->channel, (unsigned long long)r->seq, recorded, value);
}

static int parse(const struct watched *w, struct members *m, double *value, enum reading_status *status,
		 struct err *e)
{
	struct span raw = member_bytes(m, "raw");

	if (point_listed(w->point))
		return reply_parse_field(w->model, w->point, member_int(m, "field", 0), raw.p, raw.n, value,
					 status, e);
	return reply_parse(w->model, w->point, raw.p, raw.n, value, status, e);
}

static void add_reading(struct values *v, const struct record *r, struct members *m)
{
	struct watched *w = watched_of(v, r->channel);
	enum reading_status status;
	struct err e;
	double value;

	v->report->readings++;
	if (!w)
		report_add(v->report, "%s, record %llu: the channel was not announced", r->channel,
			   (unsigned long long)r->seq);
	if (!w || !w->point)
		return;
	v->report->parsed++;
	if (w->point->block.given) {
		array_check(&w->array, w->model, w->point, r, m, v->report);
		if (w->point->block.count_ask && member_int(m, "part", 1) == 1)
			exchanges_check_count(v->exchanges, w->model, w->point, r, m);
		return;
	}
	if (parse(w, m, &value, &status, &e) < 0)
		report_add(v->report,
			   "%s, record %llu: its raw reply is not what the model file says: %s",
			   r->channel, (unsigned long long)r->seq, e.text);
	else
		compare(v, r, m, value, status);
	exchanges_check(v->exchanges, w->model, w->point, r, m);
}

void values_add(struct values *v, const struct record *r, struct members *m)
{
	switch (r->kind) {
	case RECORD_FILE:     add_file(v, r, m); break;
	case RECORD_START:    add_start(v, m); break;
	case RECORD_CHANNEL:  add_channel(v, r, m); break;
	case RECORD_EXCHANGE: exchanges_add(v->exchanges, m); break;
	case RECORD_READING:  add_reading(v, r, m); break;
	default:              break;
	}
}

void values_end(struct values **vp)
{
	struct values *v = *vp;
	size_t i;

	end_file(v);
	for (i = 0; i < v->n_texts; i++) {
		free(v->texts[i].path);
		buf_release(&v->texts[i].text);
	}
	for (i = 0; i < v->n_models; i++)
		model_free(&v->models[i].model);
	for (i = 0; i < v->n_roles; i++) {
		free(v->roles[i].role);
		free(v->roles[i].model);
	}
	free(v->texts);
	free(v->models);
	free(v->roles);
	free(v->channels);
	exchanges_free(&v->exchanges);
	buf_release(&v->file.text);
	quantities_release(&v->quantities);
	free(v);
	*vp = NULL;
}
