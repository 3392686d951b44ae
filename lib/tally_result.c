/* SPDX-License-Identifier: GPL-3.0-or-later
 * tally_result.c - one result of a point: the readings it rests on, which of them are partners, what was nominal. */
#include "tally_own.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"

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

static bool together(const struct kept *a, const struct kept *b)
{
	return a->point == b->point && a->attempt == b->attempt && a->channel == b->channel;
}

/* Of readings that scatter about the end of a range those inside have another mean than all: none counts. */
static void strike_out_of_range(struct kept *list, size_t n)
{
	bool out = false;

	for (size_t i = 0; i < n; i++)
		out |= list[i].out_of_range;
	for (size_t i = 0; i < n; i++)
		list[i].ok &= !out;
}

/* Once all readings are there, before the first result. */
static void sort(struct tally *t)
{
	size_t n;

	if (t->sorted)
		return;
	t->sorted = true;
	if (t->n_readings)
		qsort(t->readings, t->n_readings, sizeof *t->readings, compare);
	for (size_t i = 0; i < t->n_readings; i += n) {
		for (n = 1; i + n < t->n_readings && together(&t->readings[i], &t->readings[i + n]); n++)
			;
		strike_out_of_range(t->readings + i, n);
	}
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

struct slice tally_slice(struct tally *t, size_t point, size_t channel)
{
	struct kept key = { .point = (int64_t)point, .attempt = t->points[point].attempt,
			    .channel = channel, .step = INT64_MIN, .k = INT64_MIN };
	size_t from;

	sort(t);
	from = first_not_before(t, &key);
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
static double nominal(const struct tally *t, size_t point, const char *channel, const char *reference)
{
	const char *quantity = strchr(channel, '.');
	struct span points, values, key, v;
	double found = NAN, value;
	size_t at = 0;

	if (json_member(tally_start(t), "points", &points) != 1 ||
	    json_member(nth(points, point), "values", &values) != 1)
		return NAN;
	if (stated(values, channel, &value) || stated(values, reference, &value))
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

double tally_nominal(const struct tally *t, size_t point, const char *channel)
{
	return nominal(t, point, channel, channel);
}

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

void tally_add_mean(struct tally *t, size_t point, size_t channel)
{
	struct slice s = tally_slice(t, point, channel);
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

bool tally_all_paired(struct slice x, struct slice y)
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

void tally_add_error(struct tally *t, size_t point, const struct spec *spec)
{
	struct slice x = tally_slice(t, point, spec->indication);
	struct slice y = tally_slice(t, point, spec->reference);
	struct result *r = new_result(t, RESULT_ERROR_OF_INDICATION, point, spec->indication);
	struct difference d = tally_all_paired(x, y) ? paired(r, x, y) : unpaired(r, x, y);

	memcpy(r->name, spec->name, sizeof r->name);
	memcpy(r->reference, t->channels[spec->reference].name, sizeof r->reference);
	r->nominal = nominal(t, point, r->channel, r->reference);
	r->value = d.value;
	r->uncertainty = d.uncertainty;
	r->degrees_of_freedom = d.degrees_of_freedom;
}
