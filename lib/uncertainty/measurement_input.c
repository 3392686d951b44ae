/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurement_input.c - one input quantity at one point: its estimate, how well it is known, which quantity it is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "measurement_own.h"
#include "mem.h"
#include "series.h"

/* The unit of a channel, from its record.  What is only set has none: then that of its quantity, which is the same. */
static void channel_unit(const struct locality *at, const char *channel, struct buf *unit)
{
	const char *name = strchr(channel, '.') + 1;
	char *quantity = mem_stringn(name, strcspn(name, "@"));
	const struct quantity *known = quantity_find(at->quantities, quantity);
	struct span value;

	buf_puts(unit, "");
	if (json_member(tally_channel(at->tally, channel), "unit", &value) == 1)
		json_get_string(value, unit);
	else if (known)
		buf_puts(unit, known->unit);
	free(quantity);
}

static long add(struct input_table *table, const struct input_spec *in, struct input *x, char *id, const char *unit,
		struct err *e)
{
	long place;

	x->id = id;
	x->unit = (char *)unit;
	x->source = in->source ? in->source : (char *)"";
	place = input_add(table, x, e);
	free(id);
	return place;
}

/* Type A. */

/* Of the mean: from its own series (JCGM 100:2008, 4.2.3), or from a deviation that is known better (4.2.4). */
static int known_by(const struct input_spec *in, const struct sample *s, const char *unit, struct input *x, struct err *e)
{
	double deviation = s->deviation;

	if (in->pooled.unit && difference_in(&in->pooled, unit, &deviation, e) < 0)
		return -1;
	if (s->n < 2 && !in->pooled.unit)
		return err_set(e, ERR_STATE, "of %zu reading%s no type A uncertainty follows: measure at least 2, or state a "
			       "pooled_deviation", s->n, s->n == 1 ? "" : "s");
	x->type = TYPE_A;
	x->uncertainty = deviation / sqrt((double)s->n);
	x->degrees_of_freedom = in->pooled.unit ? in->degrees_of_freedom : (double)(s->n - 1);
	x->knowledge = (struct distribution){ DISTRIBUTION_T, s->mean, x->uncertainty, x->degrees_of_freedom };
	return 0;
}

static long add_mean(struct input_table *table, struct locality *at, const struct input_spec *in, const double *values,
		     const struct readings *r, char *id, struct err *e)
{
	struct sample s = evaluate_sample(values, r->n);
	struct buf unit = { 0 };
	struct input x = { 0 };
	long place = -1;

	at->excluded += (int64_t)r->excluded;
	channel_unit(at, in->channel.text, &unit);
	if (r->n == 0)
		err_set(e, ERR_STATE, "no reading that counts");
	else if (known_by(in, &s, unit.data, &x, e) == 0)
		place = add(table, in, &x, mem_string(id), unit.data, e);
	if (place < 0)
		err_wrap(e, "%s", in->channel.text);
	buf_release(&unit);
	free(id);
	return place;
}

static char *point_id(const struct locality *at, const char *rest)
{
	return mem_format("%s/point %zu/%s", at->run, at->point + 1, rest);
}

static long add_readings(struct input_table *table, struct locality *at, const struct input_spec *in, struct err *e)
{
	struct readings r = tally_readings(at->tally, at->point, in->channel.text);
	long place = add_mean(table, at, in, r.values, &r, point_id(at, in->channel.text), e);

	readings_release(&r);
	return place;
}

static long add_differences(struct input_table *table, struct locality *at, const struct input_spec *in, struct err *e)
{
	struct readings x, y;
	char *both, *id;
	long place;

	if (tally_pairs(at->tally, at->point, in->channel.text, in->subtracted.text, &x, &y) < 0)
		return err_set(e, ERR_STATE, "%s and %s were not read at the same moments: measure at a longer interval, or take "
			       "'readings' of each",
			       in->channel.text, in->subtracted.text);
	for (size_t i = 0; i < x.n; i++)
		x.values[i] -= y.values[i];
	both = mem_format("%s - %s", in->channel.text, in->subtracted.text);
	id = point_id(at, both);
	place = add_mean(table, at, in, x.values, &x, id, e);
	free(both);
	readings_release(&x);
	readings_release(&y);
	return place;
}

/* Type B. */

static struct input exact(double estimate)
{
	return (struct input){ .type = TYPE_B, .knowledge = { DISTRIBUTION_NORMAL, estimate, 0, 0 },
			       .degrees_of_freedom = INFINITY };
}

static long add_nominal(struct input_table *table, struct locality *at, const struct input_spec *in, struct err *e)
{
	double nominal = tally_nominal(at->tally, at->point, in->channel.text);
	struct input x = exact(nominal);
	struct buf unit = { 0 };
	char *what;
	long place;

	if (isnan(nominal))
		return err_set(e, ERR_STATE, "the point states no value for %s", in->channel.text);
	channel_unit(at, in->channel.text, &unit);
	what = mem_format("nominal %s", in->channel.text);
	place = add(table, in, &x, point_id(at, what), unit.data, e);
	free(what);
	buf_release(&unit);
	return place;
}

/* Of the finest range that holds the value, where the channel has ranges; else its own.  NAN: none is stated. */
static double resolution_at(struct span channel, double value)
{
	struct span ranges, key, one, v;
	double low, high, step;
	size_t at = 0;

	if (json_member(channel, "ranges", &ranges) == 1)
		while (json_next(ranges, &at, &key, &one) == 1)
			if (json_member(one, "low", &v) == 1 && json_get_number(v, &low) == 0 &&
			    json_member(one, "high", &v) == 1 && json_get_number(v, &high) == 0 &&
			    json_member(one, "resolution", &v) == 1 && json_get_number(v, &step) == 0 &&
			    value >= low && value <= high && step > 0)
				return step;
	return json_member(channel, "resolution", &v) == 1 && json_get_number(v, &step) == 0 ? step : NAN;
}

/* The indication may be anywhere within half a step: JCGM 100:2008, F.2.2.1. */
static long add_resolution(struct input_table *table, struct locality *at, const struct input_spec *in, struct err *e)
{
	struct readings r = tally_readings(at->tally, at->point, in->channel.text);
	double mean = evaluate_sample(r.values, r.n).mean;
	double half = resolution_at(tally_channel(at->tally, in->channel.text), mean) / 2;
	struct input x = exact(0);
	struct buf unit = { 0 };
	char *what;
	long place;

	readings_release(&r);
	if (isnan(half))
		return err_set(e, ERR_STATE, "the record of %s states no resolution", in->channel.text);
	x.knowledge = (struct distribution){ DISTRIBUTION_RECTANGULAR, 0, half, 0 };
	x.uncertainty = distribution_deviation(&x.knowledge);
	channel_unit(at, in->channel.text, &unit);
	what = mem_format("resolution of %s", in->channel.text);
	place = add(table, in, &x, point_id(at, what), unit.data, e);
	free(what);
	buf_release(&unit);
	return place;
}

/* Scale and shape in the unit of the estimate.  JCGM 100:2008, 4.3. */
static int state_knowledge(const struct input_spec *in, struct input *x, struct err *e)
{
	const char *unit = in->estimate.unit;
	const struct value *given = in->standard.unit ? &in->standard : in->expanded.unit ? &in->expanded : &in->half_width;
	struct distribution *d = &x->knowledge;

	*d = (struct distribution){ (enum distribution_kind)in->distribution, in->estimate.number, 0, in->top };
	if (difference_in(given, unit, &d->scale, e) < 0)
		return -1;
	if (in->expanded.unit)
		d->scale /= in->coverage_factor;
	if (in->limits_within.unit && difference_in(&in->limits_within, unit, &d->shape, e) < 0)
		return -1;
	if (d->kind == DISTRIBUTION_T)
		d->shape = in->degrees_of_freedom;
	x->uncertainty = d->kind <= DISTRIBUTION_T ? d->scale : distribution_deviation(d);
	x->degrees_of_freedom = in->degrees_of_freedom;
	return 0;
}

static char *stated_id(const struct locality *at, const struct input_spec *in)
{
	const char *name = in->identity ? in->identity : in->name;

	return in->common_to == COMMON_POINT ? point_id(at, name)
		: mem_format("%s/%s", in->common_to == COMMON_RUN ? at->run : at->laboratory, name);
}

static long add_stated(struct input_table *table, struct locality *at, const struct input_spec *in, struct err *e)
{
	struct input x = { .type = TYPE_B };

	if (state_knowledge(in, &x, e) < 0)
		return -1;
	return add(table, in, &x, stated_id(at, in), in->estimate.unit, e);
}

void measurement_term(struct summand *a, size_t place, double factor)
{
	a->terms = mem_grow(a->terms, a->n, sizeof *a->terms);
	a->terms[a->n++] = (struct term){ place, factor };
}

int measurement_input(struct input_table *table, struct locality *at, const struct input_spec *in, struct summand *a,
		      struct buf *unit, struct err *e)
{
	static long (*const add_kind[INPUT_KINDS])(struct input_table *, struct locality *, const struct input_spec *,
						   struct err *) = {
		[INPUT_READINGS] = add_readings, [INPUT_DIFFERENCES] = add_differences, [INPUT_NOMINAL] = add_nominal,
		[INPUT_RESOLUTION] = add_resolution, [INPUT_STATED] = add_stated,
	};
	long place;

	if (in->kind == INPUT_STATED)
		buf_puts(unit, in->estimate.unit);
	else
		channel_unit(at, in->channel.text, unit);
	if (in->kind == INPUT_STANDARD)
		return measurement_standard(table, at, in, a, e);
	place = add_kind[in->kind](table, at, in, e);
	if (place < 0)
		return -1;
	measurement_term(a, (size_t)place, 1);
	return 0;
}

int measurement_correlate(struct input_table *table, struct locality *at, const struct input_spec *a, size_t place_a,
			  const struct input_spec *b, size_t place_b, struct err *e)
{
	struct readings x, y;
	double r;
	int bad;

	if (tally_pairs(at->tally, at->point, a->channel.text, b->channel.text, &x, &y) < 0)
		return err_set(e, ERR_STATE, "%s and %s were not read at the same moments: no correlation follows from them",
			       a->channel.text, b->channel.text);
	r = series_correlation(x.values, y.values, x.n);
	bad = input_correlate(table, place_a, place_b, isnan(r) ? 0 : r, e);    /* 0: one of them did not move */
	readings_release(&x);
	readings_release(&y);
	return bad;
}
