/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "published.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"
#include "published_own.h"

static const struct published_table *const tables[] = {
	&published_budgets, &published_montecarlo, &published_fits, &published_samples, &published_stability,
	&published_scale, &published_conformity,
};

const struct published_case *published_case(size_t i)
{
	for (size_t k = 0; k < COUNT(tables); k++) {
		if (i < tables[k]->n)
			return &tables[k]->cases[i];
		i -= tables[k]->n;
	}
	return NULL;
}

/* ---- figures --------------------------------------------------------------------------------------------------- */

/* The power of ten of the last digit printed: -2 of "0.01", -6 of "57e-6". */
static int last_place(const char *text)
{
	const char *point = strchr(text, '.'), *exponent = strpbrk(text, "eE");
	const char *end = exponent ? exponent : text + strlen(text);
	int place = exponent ? (int)strtol(exponent + 1, NULL, 10) : 0;

	return point ? place - (int)(end - point - 1) : place;
}

/* A figure of zero has the digits behind its point. */
static int first_place(double published, int last)
{
	return published == 0 ? (last < 0 ? -1 : 0) : (int)floor(log10(fabs(published)));
}

/* The hair above one half: what is printed is decimal and no double. */
static bool rounds_alike(double x, double published, int place)
{
	return fabs(x - published) <= 0.5000001 * pow(10, place);
}

struct comparison figure_compare(const struct figure *f, double computed)
{
	double published = strtod(f->published, NULL);
	int last = last_place(f->published), first = first_place(published, last);
	struct comparison c = { 0 };

	if (f->rule == FIGURE_VERDICT)
		return (struct comparison){ .agrees = computed == (strcmp(f->published, "yes") ? 0 : 1) };
	if (f->rule == FIGURE_DIGITS && first - last + 1 < f->bound)
		last = first - (int)f->bound + 1;
	c.known = first - last + 1;
	for (int place = last; place <= first && !c.agreed; place++)
		if (rounds_alike(computed, published, place))
			c.agreed = first - place + 1;
	if (f->rule == FIGURE_ROUNDED)
		c.agrees = c.agreed == c.known;
	else if (f->rule == FIGURE_DIGITS)
		c.agrees = c.agreed >= f->bound;
	else
		c.agrees = fabs(computed - published) <= f->bound;
	return c;
}

/* ---- models --------------------------------------------------------------------------------------------------- */

int published_inputs(struct input_table *t, const struct published_input *inputs, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct published_input *p = &inputs[i];
		const struct distribution *d = &p->knowledge;
		struct input in = {
			.id = (char *)p->name, .unit = (char *)p->unit, .source = (char *)"", .type = TYPE_B, .knowledge = *d,
			.uncertainty = d->kind == DISTRIBUTION_T ? d->scale : distribution_deviation(d),
			.degrees_of_freedom = p->degrees_of_freedom > 0 ? p->degrees_of_freedom : INFINITY,
		};

		if (input_add(t, &in, e) < 0)
			return -1;
	}
	return 0;
}

/* The table may hold inputs that this equation does not name. */
struct equation *published_equation(const char *equation, const char *unit, const struct input_table *t, struct err *e)
{
	struct expression *x = expression_parse(equation, e);
	struct equation_input named[PUBLISHED_MOST];
	struct equation *q = NULL;
	const char *const *names;
	size_t n = 0, all;

	if (!x)
		return NULL;
	all = expression_names(x, &names);
	for (size_t i = 0; i < all && n < PUBLISHED_MOST; i++)
		if (input_find(t, names[i]) >= 0)
			named[n++] = (struct equation_input){ names[i], (size_t)input_find(t, names[i]) };
	q = equation_new(equation, unit, t, named, n, e);
	expression_free(&x);
	return q;
}

int published_budget(struct budget *b, const char *equation, const char *unit, const struct input_table *t,
		     const struct budget_rules *rules, struct err *e)
{
	struct equation *q = published_equation(equation, unit, t, e);
	int done = q ? budget_make(b, &q->function, q->places, t, rules, e) : -1;

	equation_free(&q);
	return done;
}
