/* SPDX-License-Identifier: GPL-3.0-or-later
 * standard_resolve.c - from what a certificate prints to inputs: one unit, one sense, each with its identity. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "standard_parts.h"

#define BEYOND_ROWS 0.05        /* of the table's span: so far may its range go beyond the outer rows */
#define PURE        "1"

struct resolving {
	struct schema_context *c;
	const struct standard *standard;
	const struct certificate *certificate;
	struct standard_statement *t;
};

static void complain(const struct resolving *r, const struct value *at, const struct err *e)
{
	schema_problem_at(r->c, (struct place){ at->line, at->column }, "%s", e->text);
}

static const char *unit_of(const struct resolving *r)
{
	return r->t->known->unit;
}

static struct standard_input *add_input(const struct resolving *r, const char *name, const char *unit)
{
	struct standard_statement *t = r->t;
	struct standard_input *in;
	char *prefix = mem_format("standard/%s/%s/%s/", r->standard->name, r->certificate->number, t->quantity);

	t->inputs = mem_grow(t->inputs, t->n, sizeof *t->inputs);
	in = &t->inputs[t->n++];
	*in = (struct standard_input){ .id = mem_format("%s%s", prefix, name), .unit = unit, .probability = t->probability / 100 };
	in->name = in->id + strlen(prefix);
	free(prefix);
	return in;
}

/* A difference in the quantity's unit; ppm, %, uV/V and their like are of the value, unless the quantity is such itself. */
static double magnitude(const struct resolving *r, const struct value *v, const char *per, bool *relative)
{
	char *whole = mem_format("%s%s", unit_of(r), per), *pure = mem_format("%s%s", PURE, per);
	struct err e, no;
	double d = NAN;

	*relative = false;
	if (difference_in(v, whole, &d, &e) < 0) {
		*relative = difference_in(v, pure, &d, &no) == 0;
		if (!*relative)
			complain(r, v, &e);
	}
	free(whole);
	free(pure);
	return d;
}

/* k and degrees of freedom: beside the uncertainty, or of the whole statement. */
static void state(const struct resolving *r, struct standard_input *in, bool expanded, double k, double dof, struct place at)
{
	in->degrees_of_freedom = dof > 0 ? dof : r->t->degrees_of_freedom;
	if (!expanded)
		return;
	in->k = k > 0 ? k : r->t->k;
	if (in->k > 0)
		in->uncertainty /= in->k;
	else
		schema_problem_at(r->c, at, "U is an expanded uncertainty, and its k is not stated: k beside it, or once for the "
				  "whole result");
}

static void uncertain(const struct resolving *r, struct standard_input *in, const struct stated_uncertainty *s)
{
	const struct value *v = s->expanded.unit ? &s->expanded : &s->standard;

	in->uncertainty = magnitude(r, v, "", &in->relative);
	state(r, in, s->expanded.unit, s->k, s->degrees_of_freedom, (struct place){ v->line, v->column });
}

/* The row's correction: what is added to the indication, or to the nominal value. */
static double row_correction(const struct resolving *r, const struct standard_row *row, double x)
{
	const struct value *v = row->error.unit ? &row->error : row->correction.unit ? &row->correction :
		row->deviation.unit ? &row->deviation : &row->value;
	struct err e;
	double d = NAN;

	if ((v == &row->value ? value_in(v, unit_of(r), &d, &e) : difference_in(v, unit_of(r), &d, &e)) < 0)
		complain(r, v, &e);
	return v == &row->error ? -d : v == &row->value ? d - x : d;
}

static void resolve_row(const struct resolving *r, const struct standard_row *row)
{
	const struct value *x = row_argument(row);
	char number[NUMBER_TEXT], *name;
	struct standard_input *in;
	struct err e;

	number_format(x->number, number);
	name = mem_format("%s%s%s", number, *x->unit ? " " : "", x->unit);
	in = add_input(r, name, unit_of(r));
	free(name);
	if (value_in(x, unit_of(r), &in->at, &e) < 0)
		complain(r, x, &e);
	in->estimate = row_correction(r, row, in->at);
	uncertain(r, in, &row->stated);
	if (in->relative)
		in->uncertainty *= fabs(in->at);
	in->relative = false;
}

static int by_argument(const void *a, const void *b)
{
	const struct standard_input *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* Where a table holds lies within its rows, or little beyond: no certificate speaks of what it did not look at. */
static void check_rows(const struct resolving *r)
{
	const struct standard_statement *t = r->t;
	const struct standard_input *first = t->inputs, *last = &t->inputs[t->n_main - 1];
	double beyond = BEYOND_ROWS * (last->at - first->at);

	for (size_t i = 1; i < t->n_main; i++)
		if (t->inputs[i].at == t->inputs[i - 1].at)
			schema_problem_at(r->c, t->place, "%s: two rows are at %s: state their mean, or two results",
					  t->quantity, t->inputs[i].name);
	if (t->interpolation == INTERPOLATION_LINEAR && (t->low < first->at - beyond || t->high > last->at + beyond))
		schema_problem_at(r->c, (struct place){ t->range.from.line, t->range.from.column },
				  "%s: the range goes on where the table has no row: it may exceed the outer rows, %s and %s, by %g %% "
				  "of what lies between them", t->quantity, first->name, last->name, 100 * BEYOND_ROWS);
}

static void resolve_table(const struct resolving *r)
{
	struct standard_statement *t = r->t;
	const struct standard_row *rows = t->table.items;
	size_t before = r->c->problems->total;

	for (size_t i = 0; i < t->table.n; i++)
		resolve_row(r, &rows[i]);
	t->n_main = t->n;
	qsort(t->inputs, t->n, sizeof *t->inputs, by_argument);
	if (t->interpolation == INTERPOLATION_NONE) {
		t->low = t->inputs[0].at;
		t->high = t->inputs[t->n - 1].at;
	}
	if (r->c->problems->total == before)
		check_rows(r);
}

static void resolve_coefficient(const struct resolving *r, const char *name, const char *unit,
				const struct standard_coefficient *f)
{
	struct standard_input *in = add_input(r, name, unit);

	in->estimate = f->value;
	in->uncertainty = f->has_expanded ? f->expanded : f->standard;
	state(r, in, f->has_expanded, f->k, f->degrees_of_freedom, f->place);
	r->t->n_main = r->t->n;
}

/* Of the curve as a whole: an input that is 0, and no better known than so. */
static void resolve_curve(const struct resolving *r, const struct stated_uncertainty *s)
{
	if (s->expanded.unit || s->standard.unit)
		uncertain(r, add_input(r, "curve", unit_of(r)), s);
}

static void resolve_polynomial(const struct resolving *r)
{
	const struct standard_polynomial *p = &r->t->polynomial;
	const struct standard_coefficient *f = p->coefficients.items;
	char name[24];
	struct err e;

	if (unit_convert(&r->t->from_argument_unit, p->argument_unit, unit_of(r), &e) < 0 ||
	    unit_convert(&r->t->from_unit, p->unit, unit_of(r), &e) < 0)
		schema_problem_at(r->c, r->t->place, "polynomial: %s", e.text);
	for (size_t i = 0; i < p->coefficients.n; i++) {
		snprintf(name, sizeof name, "c%zu", i);
		resolve_coefficient(r, name, PURE, &f[i]);
	}
	resolve_curve(r, &p->stated);
}

/* What a thermometer's function gives is a temperature. */
static void check_temperature(const struct resolving *r)
{
	if (strcmp(unit_of(r), "degC"))
		schema_problem_at(r->c, r->t->place, "%s: callendar_van_dusen and its90 give a temperature in degC; this quantity is "
				  "kept in %s", r->t->quantity, unit_of(r));
}

static void resolve_callendar_van_dusen(const struct resolving *r)
{
	const struct standard_thermometer *t = &r->t->callendar_van_dusen;

	check_temperature(r);
	resolve_coefficient(r, "R0", "Ohm", &t->r0);
	resolve_coefficient(r, "A", "1/degC", &t->a);
	resolve_coefficient(r, "B", "1/degC2", &t->b);
	if (t->has_c)
		resolve_coefficient(r, "C", "1/degC4", &t->c);
	else if (r->t->low < 0)
		schema_problem_at(r->c, r->t->place, "%s: below 0 degC the function needs C", r->t->quantity);
	resolve_curve(r, &t->stated);
}

/* The sub-ranges of the ITS-90 in kelvins: table 4 of its text. */
static const struct { double low, high; } its90_ranges[] = {
	{ 0, 0 }, { 13.8033, 273.16 }, { 24.5561, 273.16 }, { 54.3584, 273.16 }, { 83.8058, 273.16 }, { 234.3156, 302.9146 },
	{ 273.15, 1234.93 }, { 273.15, 933.473 }, { 273.15, 692.677 }, { 273.15, 505.078 }, { 273.15, 429.7485 },
	{ 273.15, 302.9146 },
};
#define ZERO_CELSIUS 273.15
#define ROUNDING     1e-9

static void resolve_its90(const struct resolving *r)
{
	const struct standard_thermometer *t = &r->t->its90;
	const struct standard_coefficient *f = t->coefficients.items;
	double low = its90_ranges[t->subrange].low - ZERO_CELSIUS, high = its90_ranges[t->subrange].high - ZERO_CELSIUS;

	check_temperature(r);
	if (r->t->low < low - ROUNDING || r->t->high > high + ROUNDING)
		schema_problem_at(r->c, r->t->place, "%s: sub-range %d of the ITS-90 goes from %.4f degC to %.4f degC",
				  r->t->quantity, (int)t->subrange, low, high);
	resolve_coefficient(r, "Rtpw", "Ohm", &t->r0);
	for (size_t i = 0; i < t->coefficients.n; i++)
		resolve_coefficient(r, f[i].name, PURE, &f[i]);
	resolve_curve(r, &t->stated);
}

static long find_coefficient(const struct resolving *r, const struct standard_correlation *k, size_t which)
{
	const struct standard_statement *t = r->t;

	for (size_t i = 0; which < k->between.n && i < t->n_main; i++)
		if (!strcmp(t->inputs[i].name, k->between.list[which]))
			return (long)i;
	return -1;
}

static void resolve_correlations(const struct resolving *r)
{
	struct standard_statement *t = r->t;
	const struct standard_correlation *k = t->correlations.items;

	if (t->correlations.n && t->form == STATEMENT_TABLE) {
		schema_problem_at(r->c, k->place, "correlations are those of coefficients; of rows see row_correlation");
		return;
	}
	if (t->correlations.n)
		t->coefficient_correlations = mem_array(t->n_main * t->n_main, sizeof(double));
	for (size_t i = 0; i < t->correlations.n; i++) {
		long a = find_coefficient(r, &k[i], 0), b = find_coefficient(r, &k[i], 1);

		if (k[i].between.n != 2 || a < 0 || b < 0 || a == b) {
			schema_problem_at(r->c, k[i].place, "between: expected two different coefficients of this result, such as "
					  "[%s, %s]", t->inputs[0].name, t->inputs[t->n_main - 1].name);
			continue;
		}
		t->coefficient_correlations[a * (long)t->n_main + b] = k[i].coefficient;
		t->coefficient_correlations[b * (long)t->n_main + a] = k[i].coefficient;
	}
}

/* 1 where what is stated is to be added, -1 where it is an error. */
static int sense(const struct standard_statement *t)
{
	const struct standard_row *row = t->table.items;

	if (t->form == STATEMENT_POLYNOMIAL)
		return t->polynomial.gives == GIVES_ERROR ? -1 : 1;
	return t->form == STATEMENT_TABLE && row->error.unit ? -1 : 1;
}

/* A rate that is 0, and known so well: by a half-width, or by a standard uncertainty. */
static struct standard_input *add_rate(const struct resolving *r, const char *name, const struct value *half_width,
				       const struct value *u, const char *per)
{
	struct standard_input *in = add_input(r, name, unit_of(r));
	const struct value *v = half_width->unit ? half_width : u;

	in->rectangular = half_width->unit;
	in->uncertainty = magnitude(r, v, per, &in->relative);
	if (in->rectangular)
		in->uncertainty /= sqrt(3);
	in->degrees_of_freedom = INFINITY;
	return in;
}

static void resolve_drift(const struct resolving *r)
{
	struct standard_statement *t = r->t;
	const struct standard_drift *d = &t->drift;

	if (d->per_year.unit)
		t->drift_per_year = sense(t) * magnitude(r, &d->per_year, "", &t->drift_relative);
	if (d->u_per_year.unit || d->half_width_per_year.unit)
		add_rate(r, "drift", &d->half_width_per_year, &d->u_per_year, "");
}

static const struct quantity *find_quantity(const struct resolving *r, const char *name, struct place at)
{
	const struct standard_loading *l = r->c->user;
	char *plain = mem_stringn(name, strcspn(name, "@"));
	const struct quantity *q = quantity_find(l->quantities, plain);
	const char *near = q ? NULL : quantity_nearest(l->quantities, plain);

	if (!q)
		schema_problem_at(r->c, at, near ? "unknown quantity '%s'; did you mean '%s'?" :
				  "unknown quantity '%s'; it would have to stand in quantities.yaml", plain, near);
	free(plain);
	return q;
}

static void resolve_influence(const struct resolving *r, struct standard_influence *f)
{
	const struct quantity *q = find_quantity(r, f->quantity, f->place);
	char *per, *name;
	struct err e;

	if (!q)
		return;
	f->unit = q->unit;
	if (value_in(&f->reference, q->unit, &f->at, &e) < 0)
		complain(r, &f->reference, &e);
	per = mem_format("/%s", q->unit);
	f->slope = sense(r->t) * magnitude(r, &f->coefficient, per, &f->relative);
	name = mem_format("influence of %s", f->quantity);
	if (f->u.unit || f->half_width.unit) {
		add_rate(r, name, &f->half_width, &f->u, per);
		f->input = r->t->n;      /* its place, from 1; 0: exactly known */
	}
	free(name);
	free(per);
}

static void resolve_range(const struct resolving *r)
{
	struct standard_statement *t = r->t;
	struct err e;

	if (!t->range.from.unit)
		return;
	if (value_in(&t->range.from, unit_of(r), &t->low, &e) < 0 || value_in(&t->range.to, unit_of(r), &t->high, &e) < 0)
		complain(r, &t->range.from, &e);
	else if (!(t->low < t->high))
		schema_problem_at(r->c, (struct place){ t->range.from.line, t->range.from.column },
				  "a range goes from the lesser value to the greater");
}

void standard_resolve(struct schema_context *c, const struct standard *s, const struct certificate *cert,
		      struct standard_statement *t)
{
	static void (*const resolvers[])(const struct resolving *) = {
		[STATEMENT_TABLE] = resolve_table, [STATEMENT_POLYNOMIAL] = resolve_polynomial,
		[STATEMENT_CALLENDAR_VAN_DUSEN] = resolve_callendar_van_dusen, [STATEMENT_ITS90] = resolve_its90,
	};
	const struct resolving r = { c, s, cert, t };
	struct standard_influence *f = t->influences.items;

	t->calibrated = cert->calibrated;
	t->known = find_quantity(&r, t->quantity, t->place);
	if (!t->known)
		return;
	resolve_range(&r);
	resolvers[t->form](&r);
	resolve_correlations(&r);
	if (t->has_drift)
		resolve_drift(&r);
	for (size_t i = 0; i < t->influences.n; i++)
		resolve_influence(&r, &f[i]);
}

void standard_forget(struct standard_statement *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->inputs[i].id);
	free(t->inputs);
	free(t->coefficient_correlations);
	t->inputs = NULL;
	t->coefficient_correlations = NULL;
	t->n = t->n_main = 0;
}
