/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"

struct kept {                           /* a reading that may count */
	int64_t point, attempt, step, k;
	instant mono_ns;             /* centre of the exchange */
	int64_t span_ns;             /* its length */
	size_t channel;
	double value;
	bool ok;
};

struct point_tally {
	int64_t attempt;                /* the last one begun; 0: none */
	bool ended;
};

struct channel_tally {
	char name[CHANNEL_NAME];
	char unit[64];
	bool wanted;                    /* it was measured at a point, or a result rests on it */
};

struct tally {
	struct buf start;               /* header of the start record, "" before it came */
	struct point_tally *points;
	size_t n_points;
	struct channel_tally *channels;
	size_t n_channels;
	struct kept *readings;
	size_t n_readings;
	struct result *results;
	size_t n_results;
};

/* The readings of one channel at one point's last attempt, in order of step and k. */
struct slice {
	const struct kept *list;
	size_t n;
};

struct tally *tally_new(void)
{
	return mem_new(sizeof(struct tally));
}

static struct span start_text(const struct tally *t)
{
	return (struct span){ t->start.data, t->start.len };
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

	t->channels = mem_grow(t->channels, t->n_channels, sizeof *t->channels);
	c = &t->channels[t->n_channels++];
	*c = (struct channel_tally){ 0 };
	memcpy(c->name, r->channel, sizeof c->name);
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
	return 0;
}

static struct channel_tally *channel_named(const struct tally *t, const char *name)
{
	for (size_t i = 0; i < t->n_channels; i++)
		if (!strcmp(t->channels[i].name, name))
			return &t->channels[i];
	return NULL;
}

static int add_reading(struct tally *t, const struct record *r, struct err *e)
{
	struct channel_tally *c = channel_named(t, r->channel);
	struct kept kept = { .value = NAN };
	struct span use, status;

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
	if (kept.ok && record_get_number(r, "value", &kept.value) != 1)
		return contradiction(r, e, "a reading whose status is ok has no value");
	kept.channel = (size_t)(c - t->channels);
	kept.mono_ns = r->mono_ns;
	record_get_int(r, "span_ns", &kept.span_ns);
	c->wanted = true;
	t->readings = mem_grow(t->readings, t->n_readings, sizeof *t->readings);
	t->readings[t->n_readings++] = kept;
	return 0;
}

int tally_add(struct tally *t, const struct record *r, struct err *e)
{
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

/* Looking up. */

static int compare(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	const int64_t keys[][2] = {
		{ x->point, y->point }, { x->attempt, y->attempt },
		{ (int64_t)x->channel, (int64_t)y->channel },
		{ x->step, y->step }, { x->k, y->k },
	};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

static size_t first_not_before(const struct tally *t, const struct kept *key)
{
	size_t low = 0, high = t->n_readings;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&t->readings[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct slice slice_of(const struct tally *t, size_t point, size_t channel)
{
	struct kept key = { .point = (int64_t)point, .attempt = t->points[point].attempt,
			    .channel = channel, .step = INT64_MIN, .k = INT64_MIN };
	size_t from = first_not_before(t, &key);

	key.channel++;
	return (struct slice){ t->readings + from, first_not_before(t, &key) - from };
}

static struct span nth(struct span list, size_t n)
{
	struct span key, value = { "null", 4 };
	size_t at = 0;

	for (size_t i = 0; i <= n; i++)
		if (json_next(list, &at, &key, &value) != 1)
			return (struct span){ "null", 4 };
	return value;
}

/* The value of a channel at a point, if the point states one. */
static bool stated(struct span values, const char *channel, double *value)
{
	struct span v;

	return json_member(values, channel, &v) == 1 && json_get_number(v, value) == 0;
}

/* channel: a member's name as it stands in JSON; quantity with its leading dot.  Inputs of one
 * quantity are compared with each other. */
static bool same_quantity(struct span channel, const char *quantity)
{
	struct buf name = { 0 };
	const char *dot =
		json_get_string(channel, &name) == 0 && name.len ? strchr(name.data, '.') : NULL;
	size_t n = strcspn(quantity, "@");
	bool same = dot && strcspn(dot, "@") == n && !memcmp(dot, quantity, n);

	buf_release(&name);
	return same;
}

/* The nominal value: what the point states for the indication itself, else for the reference,
 * else for the channels of its quantity, if they agree.  NAN: nothing, or they do not agree. */
static double nominal(const struct tally *t, const struct result *r)
{
	const char *quantity = strchr(r->channel, '.');
	struct span points, values, key, v;
	double found = NAN, value;
	size_t at = 0;

	if (json_member(start_text(t), "points", &points) != 1 ||
	    json_member(nth(points, (size_t)r->point), "values", &values) != 1)
		return NAN;
	if (stated(values, r->channel, &value) || stated(values, r->reference, &value))
		return value;
	while (quantity && json_next(values, &at, &key, &v) == 1) {
		if (!same_quantity(key, quantity) || json_get_number(v, &value) < 0)
			continue;
		if (!isnan(found) && found != value)
			return NAN;
		found = value;
	}
	return found;
}

/* Results. */

/* The values that count; the caller frees them. */
static double *ok_values(struct slice s, size_t *n)
{
	double *x = mem_array(s.n, sizeof *x);

	*n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.list[i].ok)
			x[(*n)++] = s.list[i].value;
	return x;
}

static struct sample sample_of(struct slice s)
{
	size_t n;
	double *x = ok_values(s, &n);
	struct sample sample = evaluate_sample(x, n);

	free(x);
	return sample;
}

static struct result *new_result(struct tally *t, enum result_kind kind, size_t point, size_t channel)
{
	struct result *r;

	t->results = mem_grow(t->results, t->n_results, sizeof *t->results);
	r = &t->results[t->n_results++];
	*r = (struct result){ .kind = kind,
			      .point = (int64_t)point,
			      .attempt = t->points[point].attempt };
	memcpy(r->channel, t->channels[channel].name, sizeof r->channel);
	memcpy(r->unit, t->channels[channel].unit, sizeof r->unit);
	return r;
}

static void add_mean(struct tally *t, size_t point, size_t channel)
{
	struct slice s = slice_of(t, point, channel);
	struct sample sample = sample_of(s);
	struct result *r = new_result(t, RESULT_MEAN, point, channel);

	r->n = (int64_t)sample.n;
	r->excluded = (int64_t)(s.n - sample.n);
	r->value = sample.mean;
	r->deviation = sample.deviation;
	r->deviation_of_mean = sample.deviation_of_mean;
}

/* The mean time from one reading of a step to the next; 0 if there are none to compare. */
static int64_t mean_gap(struct slice s)
{
	int64_t sum = 0, n = 0;

	for (size_t i = 1; i < s.n; i++) {
		if (s.list[i].step != s.list[i - 1].step)
			continue;
		sum += s.list[i].mono_ns - s.list[i - 1].mono_ns;
		n++;
	}
	return n ? sum / n : 0;
}

/* Partners are simultaneous if their exchanges overlap, or if neither has a nearer neighbour by
 * and large: a reading that came late, because its link was away, is no partner. */
static bool simultaneous(const struct kept *a, const struct kept *b, int64_t gap)
{
	int64_t apart = llabs(a->mono_ns - b->mono_ns);

	return apart <= (a->span_ns + b->span_ns) / 2 || apart <= gap / 2;
}

/* Has every reading its simultaneous partner? */
static bool all_paired(struct slice x, struct slice y)
{
	int64_t gap_x = mean_gap(x), gap_y = mean_gap(y), gap = gap_x < gap_y ? gap_x : gap_y;

	if (x.n != y.n || x.n == 0)
		return false;
	for (size_t i = 0; i < x.n; i++) {
		if (x.list[i].step != y.list[i].step || x.list[i].k != y.list[i].k)
			return false;
		if (i > 0 && x.list[i].step == x.list[i - 1].step && x.list[i].k == x.list[i - 1].k)
			return false;
		if (!simultaneous(&x.list[i], &y.list[i], gap))
			return false;
	}
	return true;
}

/* A pair counts if both of its readings do. */
static struct difference paired(struct result *r, struct slice x, struct slice y)
{
	double *a = mem_array(x.n, sizeof *a), *b = mem_array(x.n, sizeof *b);
	struct difference d;
	size_t n = 0;

	for (size_t i = 0; i < x.n; i++) {
		if (!x.list[i].ok || !y.list[i].ok)
			continue;
		a[n] = x.list[i].value;
		b[n++] = y.list[i].value;
	}
	d = evaluate_paired(a, b, n);
	free(a);
	free(b);
	r->n = r->n_reference = (int64_t)n;
	r->excluded = (int64_t)(x.n - n);
	r->method = METHOD_PAIRED_DIFFERENCES;
	return d;
}

static struct difference unpaired(struct result *r, struct slice x, struct slice y)
{
	struct sample a = sample_of(x), b = sample_of(y);

	r->n = (int64_t)a.n;
	r->n_reference = (int64_t)b.n;
	r->excluded = (int64_t)(x.n + y.n - a.n - b.n);
	r->method = METHOD_DIFFERENCE_OF_MEANS;
	return evaluate_unpaired(&a, &b);
}

struct spec {                           /* an element of the start record's results */
	char name[CHANNEL_NAME];
	size_t indication, reference;
};

static void add_error(struct tally *t, size_t point, const struct spec *spec)
{
	struct slice x = slice_of(t, point, spec->indication);
	struct slice y = slice_of(t, point, spec->reference);
	struct result *r = new_result(t, RESULT_ERROR_OF_INDICATION, point, spec->indication);
	struct difference d = all_paired(x, y) ? paired(r, x, y) : unpaired(r, x, y);

	memcpy(r->name, spec->name, sizeof r->name);
	memcpy(r->reference, t->channels[spec->reference].name, sizeof r->reference);
	r->nominal = nominal(t, r);
	r->value = d.value;
	r->uncertainty = d.uncertainty;
	r->degrees_of_freedom = d.degrees_of_freedom;
}

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
	c = channel_named(t, name);
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

	if (json_member(start_text(t), "results", &list) != 1)
		return 0;
	while (json_next(list, &at, &key, &value) == 1) {
		struct spec s;

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
	if (t->n_readings)
		qsort(t->readings, t->n_readings, sizeof *t->readings, compare);
	for (size_t p = 0; !bad && p < t->n_points; p++) {
		if (!t->points[p].ended)
			continue;
		for (size_t c = 0; c < t->n_channels; c++)
			if (t->channels[c].wanted)
				add_mean(t, p, c);
		for (size_t s = 0; s < n_specs; s++)
			add_error(t, p, &specs[s]);
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
	buf_release(&(*t)->start);
	free((*t)->points);
	free((*t)->channels);
	free((*t)->readings);
	free((*t)->results);
	free(*t);
	*t = NULL;
}
