/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "etalon/budget.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contribution.h"
#include "digits.h"
#include "grid.h"

static const char *factor(double k, char text[DIGITS_TEXT])
{
	if (!isfinite(k))
		return "-";
	snprintf(text, DIGITS_TEXT, "%.2f", k);
	return text;
}

static void put_point(const struct summary *p, struct grid *g, const struct result *r)
{
	char text[DIGITS_TEXT];

	summary_point(p, g, r);
	grid_cell(g, "%s", digits_short(r->nominal, text));
	grid_cell(g, "%s", digits_value(r->value, r->uncertainty, text));
	grid_cell(g, "%s", digits_spread(r->uncertainty, text));
	grid_cell(g, "%s", digits_freedom(r->degrees_of_freedom, text));
	grid_cell(g, "%s", factor(r->coverage_factor, text));
	grid_cell(g, "%s", digits_spread(r->expanded, text));
}

static void print_result(const struct summary *p, const struct result *first, FILE *out)
{
	static const char *const words[] = { "point", "nominal", "value", "u", "dof", "k", "U", NULL };
	struct grid *g = grid_new("ldddddd");

	fprintf(out, "%s = %s, in %s\n", first->name, first->model ? first->model : "?", first->unit);
	grid_heading(g, words);
	for (const struct result *r = first; r < p->results + p->n; r++)
		if (r->kind == RESULT_MEASUREMENT && !strcmp(r->name, first->name))
			put_point(p, g, r);
	grid_print(g, "  ", out);
	grid_free(&g);
	for (const struct result *r = first; r < p->results + p->n; r++)
		if (r->kind == RESULT_MEASUREMENT && !strcmp(r->name, first->name) && *r->reason)
			fprintf(out, "  point %lld has no value: %s\n", (long long)r->point + 1, r->reason);
	fprintf(out, "  u: combined standard uncertainty; U = k u, for a coverage probability of %.4g %%\n\n",
		100 * first->coverage_probability);
}

void budget_results(const struct summary *p, FILE *out)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->results[i].kind == RESULT_MEASUREMENT && summary_first_of_its_name(p, &p->results[i]))
			print_result(p, &p->results[i], out);
}

static void put_line(struct grid *g, const struct contribution *c)
{
	char text[DIGITS_TEXT];

	grid_cell(g, "%s", c->input);
	grid_cell(g, "%s", digits_value(c->estimate, c->uncertainty, text));
	grid_cell(g, "%s", digits_spread(c->uncertainty, text));
	grid_cell(g, "%s", c->unit);
	grid_cell(g, "%s", c->type);
	grid_cell(g, "%s", c->distribution);
	grid_cell(g, "%s", digits_freedom(c->degrees_of_freedom, text));
	grid_cell(g, "%.6g", c->sensitivity);
	grid_cell(g, "%s", digits_spread(fabs(c->amount), text));
	grid_cell(g, "%.1f", c->percent + 0.0);         /* no -0 */
	grid_cell(g, "%s", c->source);
}

static void print_lines(const struct result *r, FILE *out)
{
	static const char *const words[] = { "input", "estimate", "u", "unit", "type", "distribution", "dof", "c", "c u", "%",
					     "source", NULL };
	struct span budget = { r->budget, r->budget ? strlen(r->budget) : 0 };
	struct grid *g = grid_new("lddlllddddl");
	struct contribution c;
	struct err e;
	size_t at = 0;

	grid_heading(g, words);
	while (budget.n && contribution_next(budget, &at, &c, &e) == 1) {
		put_line(g, &c);
		contribution_release(&c);
	}
	grid_print(g, "  ", out);
	grid_free(&g);
}

static void print_budget(const struct summary *p, const struct result *r, FILE *out)
{
	char value[DIGITS_TEXT], u[DIGITS_TEXT], expanded[DIGITS_TEXT], freedom[DIGITS_TEXT], k[DIGITS_TEXT];
	char *point = summary_point_name(p, r->point);

	if (*r->reason) {
		fprintf(out, "%s at %s has no value: %s\n\n", r->name, point, r->reason);
		free(point);
		return;
	}
	fprintf(out, "%s at %s = %s %s, u = %s %s, dof %s, k = %s, U = %s %s\n", r->name, point,
		digits_value(r->value, r->uncertainty, value), r->unit, digits_spread(r->uncertainty, u), r->unit,
		digits_freedom(r->degrees_of_freedom, freedom), factor(r->coverage_factor, k),
		digits_spread(r->expanded, expanded), r->unit);
	free(point);
	print_lines(r, out);
	fputc('\n', out);
}

void budget_print(const struct summary *p, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++)
		if (p->results[i].kind == RESULT_MEASUREMENT) {
			print_budget(p, &p->results[i], out);
			any = true;
		}
	if (!any)
		fputs("no result of this run has a measurement model, so there is no budget\n", out);
}
