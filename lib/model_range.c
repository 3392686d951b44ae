/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_range.c - the ranges of a point of a model file: what each holds, and how it is chosen. */
#include <math.h>

#include "model_parts.h"

#define AT(field) .offset = offsetof(struct range, field)
static const struct schema_row range_rows[] = {
	{ .key = "low", .type = S_VALUE, AT(low), .required = true, .help = "lower end of the range" },
	{ .key = "high", .type = S_VALUE, AT(high), .required = true, .help = "upper end of the range" },
	{ .key = "resolution", .type = S_NUMBER, AT(resolution), .low = 0, .high = INFINITY, .fallback = "0",
	  .help = "least step in this range, in the unit of the point; 0 where it is not known" },
	{ .key = "select", .type = S_STRING, AT(select),
	  .help = "the command that chooses it, sent before a value that needs another range than the last" },
	{ 0 }
};
#undef AT

const struct schema range_schema = {
	.what = "a range", .size = sizeof(struct range), .rows = range_rows,
	.place = offsetof(struct range, place),
};

static bool convert(struct schema_context *c, const struct point *p, const struct value *v, double *out)
{
	struct err e;

	if (value_in(v, p->unit, out, &e) == 0)
		return true;
	schema_problem_at(c, (struct place){ v->line, v->column }, "%s", e.text);
	return false;
}

static void check_range(struct schema_context *c, const struct point *p, struct range *r)
{
	if (!convert(c, p, &r->low, &r->from) || !convert(c, p, &r->high, &r->to))
		return;
	if (r->from >= r->to)
		schema_problem_at(c, r->place, "low is not below high");
	if (r->from < p->set_low || r->to > p->set_high)
		schema_problem_at(c, r->place, "the range goes beyond low and high of the point");
	if (r->select && !p->set)
		schema_problem_at(c, r->place, "'select' means nothing for a point that cannot be set");
}

/* Without low and high the point reaches as far as its ranges. */
void model_check_ranges(struct schema_context *c, const struct yaml *node, struct point *p)
{
	struct range *r = p->ranges.items;
	size_t before = c->problems->total;
	double low = INFINITY, high = -INFINITY;

	(void)node;
	for (size_t i = 0; i < p->ranges.n; i++) {
		check_range(c, p, &r[i]);
		low = fmin(low, r[i].from);
		high = fmax(high, r[i].to);
	}
	if (!p->ranges.n || c->problems->total != before)
		return;
	p->set_low = fmax(p->set_low, low);
	p->set_high = fmin(p->set_high, high);
}
