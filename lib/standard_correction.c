/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "standard_correction.h"

#include <math.h>
#include <string.h>

#define DAYS_PER_YEAR 365.25

/* An input that is exactly known joins what is fixed. */
static void add(struct standard_correction *out, const struct standard_input *in, double sensitivity)
{
	if (in->uncertainty == 0 && !isnan(sensitivity))
		out->fixed += sensitivity * in->estimate;
	else if (out->n < STANDARD_TERMS)
		out->terms[out->n++] = (struct standard_term){ in, sensitivity };
}

static void correct_by_rows(const struct standard_statement *t, double x, struct standard_correction *out)
{
	const struct standard_input *r = t->inputs;
	size_t above = 0;
	double share;

	while (above < t->n_main && r[above].at < x)
		above++;
	if (above == 0 || above == t->n_main || r[above].at == x) {
		add(out, &r[above == t->n_main ? above - 1 : above], 1);
		return;
	}
	share = (x - r[above - 1].at) / (r[above].at - r[above - 1].at);
	add(out, &r[above - 1], 1 - share);
	add(out, &r[above], share);
}

/* A value minus the argument is a correction; differences convert without the origin of a scale. */
static void correct_by_polynomial(const struct standard_statement *t, double x, struct standard_correction *out)
{
	double sense = t->polynomial.gives == GIVES_ERROR ? -1 : 1, power = 1;
	double argument = conversion_undo(&t->from_argument_unit, x), scale = sense * conversion_scale(&t->from_unit, 1);

	if (t->polynomial.gives == GIVES_VALUE)
		out->fixed += t->from_unit.offset - x;
	for (size_t i = 0; i < t->n_main; i++, power *= argument)
		add(out, &t->inputs[i], scale * power);
}

static void list_coefficients(const struct standard_statement *t, struct standard_correction *out)
{
	for (size_t i = 0; i < t->n_main; i++)
		add(out, &t->inputs[i], NAN);
}

static double years_since(const struct standard_statement *t, int64_t day)
{
	return (double)(day - t->calibrated) / DAYS_PER_YEAR;
}

static void add_drift(const struct standard_statement *t, double x, int64_t day, struct standard_correction *out)
{
	out->fixed += t->drift_per_year * years_since(t, day) * (t->drift_relative ? x : 1);
	for (size_t i = t->n_main; i < t->n; i++) {
		const struct standard_input *in = &t->inputs[i];

		if (!strcmp(in->name, "drift"))
			add(out, in, years_since(t, day) * (in->relative ? x : 1));
		else if (!strcmp(in->name, "curve"))
			add(out, in, in->relative ? x : 1);
	}
}

static const struct standard_condition *condition(const struct standard_use *use, const char *quantity)
{
	for (size_t i = 0; i < use->n; i++)
		if (!strcmp(use->conditions[i].quantity, quantity))
			return &use->conditions[i];
	return NULL;
}

static int add_influence(const struct standard_statement *t, const struct standard_influence *f, double x,
			 const struct standard_use *use, struct standard_correction *out, struct err *e)
{
	const struct standard_condition *now = condition(use, f->quantity);
	double away;

	if (!now)
		return err_set(e, ERR_CONFIG, "%s depends on %s, which is not known: it must be read all along, or stated",
			       t->quantity, f->quantity);
	away = now->value - f->at;
	out->fixed += f->slope * away * (f->relative ? x : 1);
	if (f->input)
		add(out, &t->inputs[f->input - 1], away * (t->inputs[f->input - 1].relative ? x : 1));
	return 0;
}

static void sum(const struct standard_statement *t, struct standard_correction *out)
{
	out->value = out->fixed;
	for (size_t i = 0; i < out->n; i++)
		out->value += out->terms[i].sensitivity * out->terms[i].input->estimate;
	if (t->form == STATEMENT_CALLENDAR_VAN_DUSEN || t->form == STATEMENT_ITS90)
		out->value = NAN;
}

int standard_correct(const struct standard_statement *t, double value, const struct standard_use *use,
		     struct standard_correction *out, struct err *e)
{
	static void (*const forms[])(const struct standard_statement *, double, struct standard_correction *) = {
		[STATEMENT_TABLE] = correct_by_rows, [STATEMENT_POLYNOMIAL] = correct_by_polynomial,
	};
	const struct standard_influence *f = t->influences.items;

	*out = (struct standard_correction){ 0 };
	if (t->form < STATEMENT_CALLENDAR_VAN_DUSEN)
		forms[t->form](t, value, out);
	else
		list_coefficients(t, out);
	add_drift(t, value, use->day, out);
	for (size_t i = 0; i < t->influences.n; i++)
		if (add_influence(t, &f[i], value, use, out, e) < 0)
			return -1;
	sum(t, out);
	return 0;
}

double standard_input_correlation(const struct standard_statement *t, const struct standard_input *a,
				  const struct standard_input *b)
{
	size_t i = (size_t)(a - t->inputs), k = (size_t)(b - t->inputs);

	if (a == b)
		return 1;
	if (i >= t->n_main || k >= t->n_main)
		return 0;
	if (t->form == STATEMENT_TABLE)
		return t->row_correlation;
	return t->coefficient_correlations ? t->coefficient_correlations[i * t->n_main + k] : 0;
}
