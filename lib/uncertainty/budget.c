/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "budget.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "difference.h"
#include "mem.h"
#include "student.h"

#define ROUNDING 1e-12          /* of the sum of squares: a variance below 0 by less is 0 */
#define THIRD    1e-3           /* standard uncertainties: the step of third derivatives */

/* A function of arguments, seen as one of lines: arguments that are one input are one line. */
struct view {
	const struct measurement_function *f;
	const struct input_table *t;
	const struct budget_line *lines;
	size_t n;                       /* lines */
	size_t *line;                   /* of each argument */
	double *x, *u, *first, *second; /* of arguments; second: where asked for */
};

static const struct input *input_of(const struct view *v, size_t line)
{
	return &v->t->list[v->lines[line].place];
}

static size_t line_of(struct budget *b, size_t place)
{
	size_t i = 0;

	while (i < b->n && b->lines[i].place != place)
		i++;
	if (i == b->n)
		b->lines[b->n++].place = place;
	return i;
}

static void view_make(struct view *v, struct budget *b, const struct measurement_function *f, const size_t *places,
		      const struct input_table *t, bool to_second_order)
{
	size_t n = f->n + 1;            /* none is some, for the allocator */

	b->lines = mem_array(n, sizeof *b->lines);
	*v = (struct view){ .f = f, .t = t, .lines = b->lines, .line = mem_array(n, sizeof *v->line) };
	for (size_t i = 0; i < f->n; i++)
		v->line[i] = line_of(b, places[i]);
	v->n = b->n;
	v->x = mem_array(n * (to_second_order ? n + 3 : 3), sizeof *v->x);
	v->u = v->x + n;
	v->first = v->u + n;
	v->second = v->first + n;
	for (size_t i = 0; i < f->n; i++)
		v->u[i] = t->list[places[i]].uncertainty;
}

static void view_release(struct view *v)
{
	free(v->line);
	free(v->x);
}

/* At one place, a number per line: the value, n derivatives, and n x n second ones unless NULL. */
static void derive(const struct view *v, const double *at, double *y, double *first, double *second)
{
	size_t args = v->f->n, n = v->n;

	for (size_t i = 0; i < args; i++)
		v->x[i] = at[v->line[i]];
	if (v->f->derivatives)
		v->f->derivatives(v->f->self, v->x, y, v->first, second ? v->second : NULL);
	else
		difference_derivatives(v->f, v->x, v->u, y, v->first, second ? v->second : NULL);
	memset(first, 0, n * sizeof *first);
	for (size_t i = 0; i < args; i++)
		first[v->line[i]] += v->first[i];
	if (!second)
		return;
	memset(second, 0, n * n * sizeof *second);
	for (size_t i = 0; i < args; i++)
		for (size_t j = 0; j < args; j++)
			second[v->line[i] * n + v->line[j]] += v->second[i * args + j];
}

/* First order. */

static int check_derived(const struct view *v, double y, const double *first, struct err *e)
{
	if (!isfinite(y))
		return err_set(e, ERR_CONFIG, "the model has no value at the estimates of its inputs");
	for (size_t i = 0; i < v->n; i++)
		if (!isfinite(first[i]))
			return err_set(e, ERR_CONFIG, "the model has no sensitivity to %s at its estimate: "
				       "evaluate it by Monte Carlo", input_of(v, i)->id);
	return 0;
}

/* (16): what each line has of u_c^2. */
static double add_variances(struct budget *b, const struct input_table *t, const double *signed_contribution)
{
	double sum = 0;

	for (size_t i = 0; i < b->n; i++) {
		double with = signed_contribution[i];

		for (size_t j = 0; j < b->n && t->n_correlations; j++)
			if (j != i)
				with += input_correlation(t, b->lines[i].place, b->lines[j].place) * signed_contribution[j];
		b->lines[i].variance = signed_contribution[i] * with;
		sum += b->lines[i].variance;
	}
	return sum;
}

static int first_order(struct budget *b, const struct view *v, const double *first, struct err *e)
{
	double *c = mem_array(b->n + 1, sizeof *c), squares = 0, variance;

	for (size_t i = 0; i < b->n; i++) {
		c[i] = first[i] * input_of(v, i)->uncertainty;
		squares += c[i] * c[i];
		b->lines[i].sensitivity = first[i];
		b->lines[i].contribution = fabs(c[i]);
	}
	variance = add_variances(b, v->t, c);
	free(c);
	if (variance < -ROUNDING * squares)
		return err_set(e, ERR_CONFIG, "the correlations of its inputs contradict each other: the variance would be "
			       "negative");
	b->uncertainty = sqrt(fmax(variance, 0));
	return 0;
}

/* Second order. */

/* The sum over j of d2f/dx_j^2 u^2(x_j), at a place that is `steps` along: its slope there has the third derivatives. */
static double curvature(const struct view *v, const double *x, const double *along, double steps, double *room)
{
	double *at = room, *first = at + v->n, *second = first + v->n, y, sum = 0;

	for (size_t i = 0; i < v->n; i++)
		at[i] = x[i] + steps * along[i];
	derive(v, at, &y, first, second);
	for (size_t i = 0; i < v->n; i++)
		sum += second[i * v->n + i] * input_of(v, i)->uncertainty * input_of(v, i)->uncertainty;
	return sum;
}

/* sum_i df/dx_i u_i^2 d/dx_i of the curvature: its derivative in one direction, by a central difference. */
static double third_order(const struct view *v, const double *x, const double *first)
{
	double *along = mem_array(v->n * (v->n + 3) + 1, sizeof *along), *room = along + v->n, longest = 0, h, slope;

	for (size_t i = 0; i < v->n; i++) {
		along[i] = first[i] * input_of(v, i)->uncertainty * input_of(v, i)->uncertainty;
		longest = fmax(longest, fabs(first[i]) * input_of(v, i)->uncertainty);
	}
	h = THIRD / longest;
	slope = longest > 0 ? (curvature(v, x, along, h, room) - curvature(v, x, along, -h, room)) / (2 * h) : 0;
	free(along);
	return slope;
}

static double mixed_order(const struct view *v, const double *second)
{
	double sum = 0;

	for (size_t i = 0; i < v->n; i++)
		for (size_t j = 0; j < v->n; j++) {
			double s = second[i * v->n + j] * input_of(v, i)->uncertainty * input_of(v, j)->uncertainty;

			sum += 0.5 * s * s;
		}
	return sum;
}

static int check_independent(const struct view *v, struct err *e)
{
	for (size_t i = 0; i < v->n && v->t->n_correlations; i++)
		for (size_t j = 0; j < i; j++)
			if (input_correlation(v->t, v->lines[i].place, v->lines[j].place) != 0)
				return err_set(e, ERR_CONFIG, "second-order terms hold for independent inputs; %s and %s "
					       "correlate: evaluate it by Monte Carlo", input_of(v, j)->id, input_of(v, i)->id);
	return 0;
}

static int second_order(struct budget *b, const struct view *v, const double *x, const double *first,
			const double *second, struct err *e)
{
	double total;

	if (check_independent(v, e) < 0)
		return -1;
	b->second_order = mixed_order(v, second) + third_order(v, x, first);
	total = b->uncertainty * b->uncertainty + b->second_order;
	if (!(total >= 0) || !isfinite(total))
		return err_set(e, ERR_CONFIG, "second-order terms give no variance here: evaluate it by Monte Carlo");
	b->uncertainty = sqrt(total);
	return 0;
}

static int propagate(struct budget *b, const struct view *v, bool to_second_order, struct err *e)
{
	double *x = mem_array(v->n * (to_second_order ? v->n + 2 : 2) + 1, sizeof *x);
	double *first = x + v->n, *second = first + v->n;
	int status;

	for (size_t i = 0; i < v->n; i++)
		x[i] = input_of(v, i)->knowledge.location;
	derive(v, x, &b->value, first, to_second_order ? second : NULL);
	status = check_derived(v, b->value, first, e) < 0 || first_order(b, v, first, e) < 0 ? -1 : 0;
	if (status == 0 && to_second_order)
		status = second_order(b, v, x, first, second, e);
	free(x);
	return status;
}

/* Coverage. */

static bool contributes(const struct budget *b, size_t line)
{
	return b->lines[line].contribution > 0;
}

static bool correlate(const struct budget *b, const struct input_table *t, size_t i, size_t j)
{
	return t->n_correlations && contributes(b, i) && contributes(b, j) &&
		input_correlation(t, b->lines[i].place, b->lines[j].place) != 0;
}

/* Lines that correlate, be it through others, get one number: that of the first of them. */
static void group(const struct budget *b, const struct input_table *t, size_t *of)
{
	for (size_t i = 0; i < b->n; i++) {
		of[i] = i;
		for (size_t j = 0; j < i; j++) {
			size_t low = of[i] < of[j] ? of[i] : of[j], high = of[i] < of[j] ? of[j] : of[i];

			if (!correlate(b, t, i, j))
				continue;
			for (size_t k = 0; k <= i; k++)
				of[k] = of[k] == high ? low : of[k];
		}
	}
}

static int check_group(const struct input *a, const struct input *b, bool together, struct err *e)
{
	if (isinf(a->degrees_of_freedom) && isinf(b->degrees_of_freedom))
		return 0;
	if (a->degrees_of_freedom != b->degrees_of_freedom)
		return err_set(e, ERR_CONFIG, "%s and %s correlate and have %.3g and %.3g degrees of freedom: no formula for "
			       "those of the result holds.  State k, or evaluate it by Monte Carlo", a->id, b->id,
			       a->degrees_of_freedom, b->degrees_of_freedom);
	if (!together)
		return err_set(e, ERR_CONFIG, "%s and %s correlate: Welch and Satterthwaite's formula does not hold.  Where they "
			       "were observed together, say so; else state k, or evaluate it by Monte Carlo", a->id, b->id);
	return 0;
}

/* (G.2b): the sum over components of u^4 / nu. */
static int spread_of_variance(const struct budget *b, const struct input_table *t, bool together, const size_t *of,
			      double *sum, struct err *e)
{
	*sum = 0;
	for (size_t g = 0; g < b->n; g++) {
		const struct input *first = &t->list[b->lines[g].place];
		double variance = 0;

		for (size_t i = g; i < b->n && of[g] == g; i++) {
			if (of[i] != g || !contributes(b, i))
				continue;
			if (i != g && check_group(first, &t->list[b->lines[i].place], together, e) < 0)
				return -1;
			variance += b->lines[i].variance;
		}
		*sum += variance * variance / first->degrees_of_freedom;
	}
	return 0;
}

static int effective(struct budget *b, const struct input_table *t, bool together, struct err *e)
{
	size_t *of = mem_array(b->n + 1, sizeof *of);
	double sum, variance = 0;
	int status;

	group(b, t, of);
	status = spread_of_variance(b, t, together, of, &sum, e);
	free(of);
	for (size_t i = 0; i < b->n; i++)
		variance += b->lines[i].variance;
	b->degrees_of_freedom = sum > 0 ? variance * variance / sum : INFINITY;
	return status;
}

static int cover(struct budget *b, const struct input_table *t, const struct budget_rules *rules, struct err *e)
{
	double dof;

	b->probability = rules->probability;
	b->factor = rules->factor;
	b->degrees_of_freedom = NAN;
	if (b->factor == 0) {
		if (effective(b, t, rules->together, e) < 0)
			return -1;
		dof = rules->truncate ? floor(b->degrees_of_freedom) : b->degrees_of_freedom;
		if (!(dof > 0))
			return err_set(e, ERR_CONFIG, "%.2g effective degrees of freedom are cut to none: have t taken between "
				       "integers, or measure more often", b->degrees_of_freedom);
		b->factor = student_factor(rules->probability, dof);
	}
	b->expanded = b->factor * b->uncertainty;
	return 0;
}

int budget_make(struct budget *b, const struct measurement_function *f, const size_t *places,
		const struct input_table *t, const struct budget_rules *rules, struct err *e)
{
	struct view v;
	int status;

	*b = (struct budget){ 0 };
	view_make(&v, b, f, places, t, rules->second_order);
	status = propagate(b, &v, rules->second_order, e) < 0 || cover(b, t, rules, e) < 0 ? -1 : 0;
	view_release(&v);
	for (size_t i = 0; i < b->n && b->uncertainty > 0; i++)
		b->lines[i].percent = 100 * b->lines[i].variance / (b->uncertainty * b->uncertainty);
	if (status < 0)
		budget_release(b);
	return status;
}

void budget_release(struct budget *b)
{
	free(b->lines);
	*b = (struct budget){ 0 };
}
