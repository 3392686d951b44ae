/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tally_own.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct tally *tally_new(void)
{
	struct tally *t = mem_new(sizeof *t);

	t->here = -1;
	return t;
}

static int contradiction(const struct record *r, struct err *e, const char *what)
{
	return err_set(e, ERR_CORRUPT, "record %llu of %s: %s", (unsigned long long)r->seq, r->run,
		       what);
}

/* Collecting. */

static int add_start(struct tally *t, const struct record *r, struct err *e)
{
	struct span points, key, value;
	size_t at = 0;

	if (t->start.len)
		return contradiction(r, e, "a second start");
	if (record_get(r, "points", &points) != 1)
		return contradiction(r, e, "the start record has no points");
	buf_add(&t->start, r->header.p, r->header.n);
	while (json_next(points, &at, &key, &value) == 1)
		t->n_points++;
	t->points = mem_array(t->n_points, sizeof *t->points);
	return 0;
}

static int add_channel(struct tally *t, const struct record *r, struct err *e)
{
	struct channel_tally *c;
	struct span flag;

	t->channels = mem_grow(t->channels, t->n_channels, sizeof *t->channels);
	c = &t->channels[t->n_channels++];
	*c = (struct channel_tally){ 0 };
	memcpy(c->name, r->channel, sizeof c->name);
	buf_add(&c->header, r->header.p, r->header.n);
	if (record_get(r, "environment", &flag) == 1)
		json_get_bool(flag, &c->environment);
	if (record_get_string(r, "unit", c->unit, sizeof c->unit) != 1)
		return contradiction(r, e, "the channel record has no unit");
	return 0;
}

/* Index of the point a record names: -1 for the baseline or none; -2 and an error if wrong. */
static int64_t point_of(const struct tally *t, const struct record *r, struct err *e)
{
	int64_t point;

	if (record_get_int(r, "point", &point) != 1 || point < 0)
		return -1;
	if ((uint64_t)point < t->n_points)
		return point;
	contradiction(r, e, "it names a point that the start record does not have");
	return -2;
}

static void keep(struct tally *t, struct kept k)
{
	t->readings = mem_grow(t->readings, t->n_readings, sizeof *t->readings);
	t->readings[t->n_readings++] = k;
}

/* What was read all along belongs to the point that goes on, from the last reading before it. */
static void keep_here(struct tally *t, struct channel_tally *c)
{
	c->last.point = t->here;
	c->last.attempt = t->attempt;
	c->last.channel = (size_t)(c - t->channels);
	c->last.step = -1;
	c->last.k++;
	keep(t, c->last);
}

static void begin_point(struct tally *t, int64_t point, int64_t attempt)
{
	t->here = point;
	t->attempt = attempt;
	for (size_t i = 0; i < t->n_channels; i++)
		if (t->channels[i].heard)
			keep_here(t, &t->channels[i]);
}

static int add_event(struct tally *t, const struct record *r, struct err *e)
{
	char event[32];
	int64_t point, attempt;
	bool begin;

	if (record_get_string(r, "event", event, sizeof event) != 1)
		return 0;
	begin = !strcmp(event, "point.begin");
	if (!begin && strcmp(event, "point.end"))
		return 0;
	point = point_of(t, r, e);
	if (point < 0)
		return point == -1 ? 0 : -1;
	if (record_get_int(r, "attempt", &attempt) != 1 || attempt < t->points[point].attempt)
		return contradiction(r, e, "its attempt is missing or older than one before it");
	t->points[point] = (struct point_tally){ .attempt = attempt, .ended = !begin };
	if (begin)
		begin_point(t, point, attempt);
	else
		t->here = -1;
	return 0;
}

struct channel_tally *tally_channel_named(const struct tally *t, const char *name)
{
	for (size_t i = 0; i < t->n_channels; i++)
		if (!strcmp(t->channels[i].name, name))
			return &t->channels[i];
	return NULL;
}

static int add_environment(struct tally *t, struct channel_tally *c, const struct record *r, struct err *e)
{
	struct span status;

	if (record_get(r, "status", &status) != 1)
		return contradiction(r, e, "a reading without status");
	c->last.ok = json_equals(status, reading_status_name(READING_OK));
	if (c->last.ok && record_get_number(r, "value", &c->last.value) != 1)
		return contradiction(r, e, "a reading whose status is ok has no value");
	c->last.mono_ns = r->mono_ns;
	c->heard = true;
	if (t->here >= 0)
		keep_here(t, c);
	return 0;
}

static int add_reading(struct tally *t, const struct record *r, struct err *e)
{
	struct channel_tally *c = tally_channel_named(t, r->channel);
	struct kept kept = { .value = NAN };
	struct span use, status;

	if (c && c->environment && record_get(r, "dtype", &use) != 1)
		return add_environment(t, c, r, e);
	if (record_get(r, "use", &use) != 1 || !json_equals(use, "measure") || record_get(r, "dtype", &use) == 1)
		return 0;                       /* arrays give no mean */
	kept.point = point_of(t, r, e);
	if (kept.point < 0)
		return kept.point == -1 ? 0 : -1;
	if (!c)
		return contradiction(r, e, "a reading of a channel that was not announced");
	if (record_get_int(r, "attempt", &kept.attempt) != 1 ||
	    record_get_int(r, "step", &kept.step) != 1 || record_get_int(r, "k", &kept.k) != 1 ||
	    record_get(r, "status", &status) != 1)
		return contradiction(r, e, "a reading without attempt, step, k or status");
	kept.ok = json_equals(status, reading_status_name(READING_OK));
	kept.out_of_range = json_equals(status, reading_status_name(READING_OUT_OF_RANGE));
	if (kept.ok && record_get_number(r, "value", &kept.value) != 1)
		return contradiction(r, e, "a reading whose status is ok has no value");
	kept.channel = (size_t)(c - t->channels);
	kept.mono_ns = r->mono_ns;
	record_get_int(r, "span_ns", &kept.span_ns);
	c->wanted = true;
	keep(t, kept);
	return 0;
}

static struct buf *text_of(struct tally *t, const char *what, const char *name)
{
	struct tally_text *one;

	for (size_t i = 0; i < t->n_texts; i++)
		if (!strcmp(t->texts[i].what, what) && !strcmp(t->texts[i].name, name))
			return &t->texts[i].text;
	t->texts = mem_grow(t->texts, t->n_texts, sizeof *t->texts);
	one = &t->texts[t->n_texts++];
	*one = (struct tally_text){ .name = mem_string(name) };
	snprintf(one->what, sizeof one->what, "%s", what);
	return &one->text;
}

/* Only the texts that an evaluation rests on.  Those in several parts come one after the other. */
static int add_file(struct tally *t, const struct record *r, struct err *e)
{
	static const char *const wanted[] = { "procedure", "quantities", "standard" };
	char what[sizeof t->texts->what], name[128];

	if (record_get_string(r, "what", what, sizeof what) != 1 || record_get_string(r, "name", name, sizeof name) != 1)
		return contradiction(r, e, "a file that does not say what it is");
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (!strcmp(what, wanted[i]))
			buf_add(text_of(t, what, name), r->body, r->body_len);
	return 0;
}

int tally_add(struct tally *t, const struct record *r, struct err *e)
{
	if (r->kind == RECORD_FILE)
		return add_file(t, r, e);
	if (r->kind == RECORD_START)
		return add_start(t, r, e);
	if (r->kind == RECORD_CHANNEL)
		return add_channel(t, r, e);
	if (r->kind == RECORD_EVENT)
		return add_event(t, r, e);
	if (r->kind == RECORD_READING)
		return add_reading(t, r, e);
	return 0;
}

/* Results. */

static int text_member(struct span object, const char *key, char *out, size_t size)
{
	struct buf text = { 0 };
	struct span value;
	int bad = json_member(object, key, &value) != 1 || json_get_string(value, &text) < 0 ||
		text.len == 0 || text.len >= size;

	if (!bad)
		memcpy(out, text.data, text.len + 1);
	buf_release(&text);
	return bad ? -1 : 0;
}

static int spec_channel(struct tally *t, struct span spec, const char *key, size_t *index,
			struct err *e)
{
	char name[CHANNEL_NAME];
	struct channel_tally *c;

	if (text_member(spec, key, name, sizeof name) < 0)
		return err_set(e, ERR_CORRUPT, "a result in the start record has no %s", key);
	c = tally_channel_named(t, name);
	if (!c)
		return err_set(e, ERR_CORRUPT,
			       "a result's %s, %s, was never announced as a channel", key, name);
	c->wanted = true;
	*index = (size_t)(c - t->channels);
	return 0;
}

/* Reads the start record's list of results; the caller frees it. */
static int load_specs(struct tally *t, struct spec **specs, size_t *n, struct err *e)
{
	struct span list, key, value;
	size_t at = 0;

	if (json_member(tally_start(t), "results", &list) != 1)
		return 0;
	while (json_next(list, &at, &key, &value) == 1) {
		struct spec s;
		struct span model;

		if (json_member(value, "model", &model) == 1)
			continue;               /* lib/uncertainty evaluates it */
		if (text_member(value, "name", s.name, sizeof s.name) < 0)
			return err_set(e, ERR_CORRUPT, "a result in the start record has no name");
		if (spec_channel(t, value, "indication", &s.indication, e) < 0 ||
		    spec_channel(t, value, "reference", &s.reference, e) < 0)
			return -1;
		if (strcmp(t->channels[s.indication].unit, t->channels[s.reference].unit))
			return err_set(e, ERR_CORRUPT,
				       "%s: the indication is in %s, the reference in %s", s.name,
				       t->channels[s.indication].unit,
				       t->channels[s.reference].unit);
		*specs = mem_grow(*specs, *n, sizeof **specs);
		(*specs)[(*n)++] = s;
	}
	return 0;
}

static bool any_ended(const struct tally *t)
{
	for (size_t p = 0; p < t->n_points; p++)
		if (t->points[p].ended)
			return true;
	return false;
}

int tally_results(struct tally *t, const struct result **list, size_t *n, struct err *e)
{
	struct spec *specs = NULL;
	size_t n_specs = 0;
	int bad = any_ended(t) ? load_specs(t, &specs, &n_specs, e) : 0;

	t->n_results = 0;
	for (size_t p = 0; !bad && p < t->n_points; p++) {
		if (!t->points[p].ended)
			continue;
		for (size_t c = 0; c < t->n_channels; c++)
			if (t->channels[c].wanted)
				tally_add_mean(t, p, c);
		for (size_t s = 0; s < n_specs; s++)
			tally_add_error(t, p, &specs[s]);
	}
	free(specs);
	*list = t->results;
	*n = t->n_results;
	return bad;
}

void tally_free(struct tally **t)
{
	if (!*t)
		return;
	for (size_t i = 0; i < (*t)->n_channels; i++)
		buf_release(&(*t)->channels[i].header);
	for (size_t i = 0; i < (*t)->n_texts; i++) {
		buf_release(&(*t)->texts[i].text);
		free((*t)->texts[i].name);
	}
	buf_release(&(*t)->start);
	free((*t)->texts);
	free((*t)->points);
	free((*t)->channels);
	free((*t)->readings);
	free((*t)->results);
	free(*t);
	*t = NULL;
}
