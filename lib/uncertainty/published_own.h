/* SPDX-License-Identifier: GPL-3.0-or-later
 * published_own.h - what the files of published cases share: a table each, and models written down in a few lines. */
#ifndef PUBLISHED_OWN_H
#define PUBLISHED_OWN_H

#include "budget.h"
#include "equation.h"
#include "published.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define FIGURES(a) .figures = a, .n = COUNT(a)

struct published_table { const struct published_case *cases; size_t n; };

extern const struct published_table published_budgets, published_montecarlo, published_fits, published_samples,
	published_stability, published_scale, published_conformity;

/* ---- models --------------------------------------------------------------------------------------------------- */

struct published_input {
	const char *name, *unit;
	struct distribution knowledge;
	double degrees_of_freedom;              /* 0: the uncertainty is exactly known */
};

struct published_model {
	const char *equation, *unit;
	const struct published_input *inputs;
	size_t n;
};

#define PUBLISHED_MOST 9                        /* inputs of a model */

/* Fills a zeroed table; the caller releases it, whatever comes back. */
int published_inputs(struct input_table *t, const struct published_input *inputs, size_t n, struct err *e);
struct equation *published_equation(const char *equation, const char *unit, const struct input_table *t, struct err *e);

/* The equation of some or all of the table's inputs, and its budget. */
int published_budget(struct budget *b, const char *equation, const char *unit, const struct input_table *t,
		     const struct budget_rules *rules, struct err *e);

#endif
