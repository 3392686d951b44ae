/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_range.c - the values of a range: from 10 Hz to 1 MHz in 6 points, each in a unit a person would choose. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixed.h"
#include "procedure_points.h"
#include "unit.h"

/* The units between those of both ends, as powers of ten of the first's: Hz, kHz, MHz. */
struct ladder {
	struct rung { char *unit; int tens; } rungs[12];
	size_t n;
};

static void ladder_add(struct ladder *l, const char *unit, int tens)
{
	l->rungs[l->n++] = (struct rung){ mem_string(unit), tens };
}

static void ladder_release(struct ladder *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->rungs[i].unit);
}

/* What both end with: "Hz" of kHz and MHz. */
static const char *common_end(const char *a, const char *b)
{
	const char *p = a + strlen(a), *q = b + strlen(b);

	while (p > a && q > b && p[-1] == q[-1]) {
		p--;
		q--;
	}
	return p;
}

/* Two units of which the first is 10^-tens of the other. */
static void climb(struct ladder *l, const char *from, const char *to, int tens)
{
	static const char *const prefixes[] = { "p", "n", "u", "m", "", "k", "M", "G" };
	const char *base = common_end(from, to);

	ladder_add(l, from, 0);
	ladder_add(l, to, tens);
	for (size_t i = 0; *base && i < sizeof prefixes / sizeof *prefixes; i++) {
		char *unit = mem_format("%s%s", prefixes[i], base);
		struct conversion c;
		struct err e;

		if (!unit_check(unit, &e) && !unit_convert(&c, unit, from, &e) && c.tens && abs(c.tens) < abs(tens) &&
		    (c.tens > 0) == (tens > 0))
			ladder_add(l, unit, c.tens);
		free(unit);
	}
}

/* The greatest unit in which the number is not below 1; else the smallest. */
static const struct rung *rung_of(const struct ladder *l, struct fixed d)
{
	const struct rung *best = &l->rungs[0], *least = best;
	double v = fabs(fixed_value(d));

	for (size_t i = 0; i < l->n; i++) {
		const struct rung *r = &l->rungs[i];

		if (r->tens < least->tens)
			least = r;
		if (v >= pow(10, r->tens) && (v < pow(10, best->tens) || r->tens > best->tens))
			best = r;
	}
	return v >= pow(10, best->tens) ? best : least;
}

/* A value of the range as a number in the unit of `from`. */
static int in_unit(const struct value *v, const char *unit, struct fixed *d, int *tens, struct err *e)
{
	struct conversion c = { 0 };

	if (strcmp(v->unit, unit) && unit_convert(&c, v->unit, unit, e))
		return -1;
	if (strcmp(v->unit, unit) && !c.tens)
		return err_set(e, ERR_CONFIG, "no power of ten lies between '%s' and '%s': write the range in one unit", v->unit, unit);
	if (fixed_of(v->number, d, e))
		return -1;
	d->places -= c.tens;
	*tens = c.tens;
	return 0;
}

static int how_many(const struct sweep *s, struct fixed from, struct fixed to, size_t *n, struct err *e)
{
	struct fixed step;
	int tens;

	*n = (size_t)s->points;
	if (!s->has_step)
		return 0;
	if (in_unit(&s->step, s->from.unit, &step, &tens, e) || fixed_count(from, to, step, n, e))
		return -1;
	if (*n > SWEEP_VALUES_MOST)
		return err_set(e, ERR_CONFIG, "the range has %zu values, more than %d", *n, SWEEP_VALUES_MOST);
	return 0;
}

/* The ends stand as they were written: 0 mV, also where `to` is in V. */
static void put_end(struct value *v, const struct value *written)
{
	free(v->unit);
	*v = *written;
	v->unit = mem_string(written->unit);
}

static void put_values(struct sweep *s, const struct fixed *d, size_t n, const struct ladder *l)
{
	struct swept *v = mem_array(n, sizeof *v);

	s->values = (struct list){ v, n };
	for (size_t i = 0; i < n; i++) {
		const struct rung *r = rung_of(l, d[i]);
		const struct fixed number = { d[i].digits, d[i].places + r->tens };

		v[i].value = (struct value){ fixed_value(number), mem_string(r->unit), s->from.line, s->from.column };
	}
	put_end(&v[0].value, &s->from);
	put_end(&v[n - 1].value, &s->to);
}

static int compute(struct sweep *s, struct err *e)
{
	struct fixed from, to, *d;
	struct ladder l = { 0 };
	int tens, bad;
	size_t n;

	if (in_unit(&s->from, s->from.unit, &from, &tens, e) || in_unit(&s->to, s->from.unit, &to, &tens, e) ||
	    how_many(s, from, to, &n, e))
		return -1;
	d = mem_array(n, sizeof *d);
	bad = (s->spacing == SPACING_LOGARITHMIC ? fixed_logarithmic : fixed_linear)(from, to, n, (int)s->digits, d, e);
	if (!bad) {
		climb(&l, s->from.unit, s->to.unit, tens);
		put_values(s, d, n, &l);
		ladder_release(&l);
	}
	free(d);
	return bad;
}

int sweep_range(struct schema_context *c, const struct yaml *node, struct sweep *s)
{
	struct err e;

	if (!s->from.unit || !s->to.unit)
		schema_problem_at(c, s->place, "a channel of 'across' has 'values', or a range with 'from' and 'to'");
	else if (!*s->from.unit || !*s->to.unit || (s->has_step && !*s->step.unit))
		schema_problem_at(c, s->place, "both ends of a range, and its step, are numbers with a unit such as 10 mV");
	else if (s->has_step == s->has_points)
		schema_problem_at(c, s->place, "a range has either 'points', how many, or 'step', how far apart");
	else if (s->has_step && s->spacing == SPACING_LOGARITHMIC)
		schema_problem_key(c, node, "step", "a step divides a linear range; a logarithmic one has 'points'");
	else if (s->has_step && s->digits)
		schema_problem_key(c, node, "digits", "by its step a range is exact: nothing is rounded");
	else if (compute(s, &e))
		schema_problem_key(c, node, s->has_step ? "step" : "from", "%s", e.text);
	else
		return 0;
	return -1;
}
