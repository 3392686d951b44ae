/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const char *const combinations[] = { "sum", "root-sum-of-squares", NULL };

#define AT(field) .offset = offsetof(struct cmc_condition, field)
static const struct schema_row condition_rows[] = {
	{ .key = "from", .type = S_VALUE, AT(from), .required = true, .help = "the lower end" },
	{ .key = "to", .type = S_VALUE, AT(to), .required = true, .help = "the upper end" },
	{ 0 }
};
#undef AT

/* A number of the file in the quantity's unit, by value_in or difference_in; 0 after a problem. */
typedef int conversion_of(const struct value *v, const char *unit, double *out, struct err *e);

static double converted(struct schema_context *c, const struct yaml *node, const char *key, const struct value *v,
			const char *unit, conversion_of *convert)
{
	double x = 0;
	struct err e;

	if (convert(v, unit, &x, &e) < 0)
		schema_problem_key(c, node, key, "%s: %s", key, e.text);
	return x;
}

static const struct quantity *known_quantity(struct schema_context *c, const struct yaml *node, const char *name)
{
	const struct quantity *q = quantity_find(c->user, name);
	const char *near = quantity_nearest(c->user, name);

	if (!q)
		schema_problem(c, node, "unknown quantity '%s'%s%s%s", name, near ? "; did you mean '" : "",
			       near ? near : "", near ? "'?" : "");
	return q;
}

static void check_order(struct schema_context *c, const struct yaml *node, double low, double high)
{
	if (!(low < high))
		schema_problem_key(c, node, "to", "the upper end is not above the lower one");
}

static void check_condition(struct schema_context *c, const struct yaml *node, void *out)
{
	struct cmc_condition *k = out;
	const struct quantity *q = known_quantity(c, node, k->quantity);

	if (!q)
		return;
	k->low = converted(c, node, "from", &k->from, q->unit, value_in);
	k->high = converted(c, node, "to", &k->to, q->unit, value_in);
	check_order(c, node, k->low, k->high);
}

/* A share of a temperature in degC would change with the choice of its origin. */
static void check_share(struct schema_context *c, const struct yaml *node, const struct cmc_piece *p)
{
	struct conversion k;
	struct err none;

	if (p->of_value.unit && unit_convert(&k, p->known->unit, "K", &none) == 0 && k.offset != 0)
		schema_problem_key(c, node, "of_value", "a share of a value in %s: the scale's zero is not nothing; state "
				   "it in 'floor'", p->known->unit);
	if (p->share < 0)
		schema_problem_key(c, node, "of_value", "a negative uncertainty");
}

static void check_uncertainty(struct schema_context *c, const struct yaml *node, struct cmc_piece *p)
{
	if (p->floor.unit)
		p->fixed = converted(c, node, "floor", &p->floor, p->known->unit, difference_in);
	if (p->of_value.unit)
		p->share = converted(c, node, "of_value", &p->of_value, "1", difference_in);
	check_share(c, node, p);
	if (p->fixed < 0)
		schema_problem_key(c, node, "floor", "a negative uncertainty");
	if (!p->floor.unit && !p->of_value.unit)
		schema_problem(c, node, "a piece needs an uncertainty: 'floor', 'of_value' or both");
}

static void check_piece(struct schema_context *c, const struct yaml *node, void *out)
{
	struct cmc_piece *p = out;

	p->known = known_quantity(c, yaml_find(node, "quantity"), p->quantity);
	if (!p->known)
		return;
	p->low = converted(c, node, "from", &p->from, p->known->unit, value_in);
	p->high = converted(c, node, "to", &p->to, p->known->unit, value_in);
	check_order(c, node, p->low, p->high);
	check_uncertainty(c, node, p);
}

static const struct cmc_condition *condition_on(const struct cmc_piece *p, const char *quantity)
{
	const struct cmc_condition *list = p->where.items;

	for (size_t i = 0; i < p->where.n; i++)
		if (!strcmp(list[i].quantity, quantity))
			return &list[i];
	return NULL;
}

/* What only one of them asks for keeps them apart nowhere. */
static bool conditions_overlap(const struct cmc_piece *a, const struct cmc_piece *b)
{
	const struct cmc_condition *list = a->where.items;

	for (size_t i = 0; i < a->where.n; i++) {
		const struct cmc_condition *other = condition_on(b, list[i].quantity);

		if (other && (list[i].high <= other->low || other->high <= list[i].low))
			return false;
	}
	return true;
}

static bool same_method(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool overlap(const struct cmc_piece *a, const struct cmc_piece *b)
{
	return !strcmp(a->quantity, b->quantity) && same_method(a->method, b->method) && a->low < b->high &&
		b->low < a->high && conditions_overlap(a, b);
}

static void check_overlaps(struct schema_context *c, const struct cmc *cmc)
{
	const struct cmc_piece *list = cmc->pieces.items;

	for (size_t i = 0; i < cmc->pieces.n; i++)
		for (size_t k = 0; k < i; k++)
			if (overlap(&list[i], &list[k]))
				schema_problem_at(c, list[i].place, "overlaps the piece of line %d: give them ends in common, or "
						  "different methods", list[k].place.line);
}

static void check_cmc(struct schema_context *c, const struct yaml *node, void *out)
{
	struct cmc *cmc = out;

	cmc->coverage = converted(c, node, "coverage_probability", &cmc->probability, "1", value_in);
	if (!(cmc->coverage > 0 && cmc->coverage < 1))
		schema_problem_key(c, node, "coverage_probability", "a probability lies between 0 %% and 100 %%");
	check_overlaps(c, cmc);
}

static const struct schema condition_schema = {
	.what = "a condition", .size = sizeof(struct cmc_condition), .rows = condition_rows, .check = check_condition,
};

#define AT(field) .offset = offsetof(struct cmc_piece, field)
static const struct schema_row piece_rows[] = {
	{ .key = "quantity", .type = S_STRING, AT(quantity), .required = true, .help = "of the vocabulary: voltage.dc" },
	{ .key = "method", .type = S_STRING, AT(method), .help = "which of several ways to measure it this piece is about" },
	{ .key = "from", .type = S_VALUE, AT(from), .required = true, .help = "the lower end of the range, with its sign" },
	{ .key = "to", .type = S_VALUE, AT(to), .required = true, .help = "the upper end of the range" },
	{ .key = "floor", .type = S_VALUE, AT(floor), .help = "the expanded uncertainty that does not depend on the value" },
	{ .key = "of_value", .type = S_VALUE, AT(of_value), .help = "the part that is a share of the value: 5 ppm, 5 uV/V" },
	{ .key = "combined", .type = S_ENUM, AT(combined), .words = combinations, .fallback = "sum",
	  .help = "how the two parts are put together" },
	{ .key = "where", .type = S_DICT, AT(where), .sub = &condition_schema,
	  .help = "other quantities that must lie in a range: frequency" },
	{ 0 }
};
#undef AT

static const struct schema piece_schema = {
	.what = "a capability", .size = sizeof(struct cmc_piece), .rows = piece_rows,
	.place = offsetof(struct cmc_piece, place), .check = check_piece,
};

#define AT(field) .offset = offsetof(struct cmc, field)
static const struct schema_row cmc_rows[] = {
	{ .key = "cmc", .type = S_STRING, AT(scope), .required = true, .help = "the number of the accreditation's scope" },
	{ .key = "coverage_factor", .type = S_NUMBER, AT(factor), .low = 1, .high = 10, .fallback = "2",
	  .help = "k of the expanded uncertainties" },
	{ .key = "coverage_probability", .type = S_VALUE, AT(probability), .fallback = "95 %",
	  .help = "the probability that belongs to them" },
	{ .key = "capabilities", .type = S_LIST, AT(pieces), .required = true, .sub = &piece_schema,
	  .help = "the pieces, each of one quantity in one range" },
	{ 0 }
};
#undef AT

const struct schema cmc_schema = {
	.what = "a scope", .size = sizeof(struct cmc), .rows = cmc_rows, .check = check_cmc,
};

int cmc_load(struct cmc **c, const char *path, const struct quantities *q, struct problems *ps)
{
	struct cmc *fresh = mem_new(sizeof *fresh);
	struct schema_context context = { .source = &fresh->source, .problems = ps, .user = (void *)q };

	if (source_read(&fresh->source, path, ps) || schema_read_source(&cmc_schema, &context, fresh))
		cmc_free(&fresh);
	*c = fresh;
	return fresh ? 0 : -1;
}

void cmc_free(struct cmc **c)
{
	if (!*c)
		return;
	schema_release(&cmc_schema, *c);
	source_release(&(*c)->source);
	free(*c);
	*c = NULL;
}

static bool within(double x, double low, double high)
{
	return x >= low && x <= high;
}

static bool met(const struct cmc_condition *k, const struct cmc_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->at[i].quantity, k->quantity))
			return within(r->at[i].value, k->low, k->high);
	return false;
}

static bool holds(const struct cmc_piece *p, const struct cmc_result *r)
{
	const struct cmc_condition *list = p->where.items;

	if (strcmp(p->quantity, r->quantity) || !same_method(p->method, r->method) || !within(r->value, p->low, p->high))
		return false;
	for (size_t i = 0; i < p->where.n; i++)
		if (!met(&list[i], r))
			return false;
	return true;
}

static double uncertainty(const struct cmc_piece *p, double x)
{
	return p->combined == CMC_ROOT ? hypot(p->fixed, p->share * x) : p->fixed + p->share * fabs(x);
}

int cmc_find(const struct cmc *c, const struct cmc_result *r, struct cmc_floor *out, struct err *e)
{
	const struct cmc_piece *list = c->pieces.items;

	*out = (struct cmc_floor){ .expanded = -1, .factor = c->factor, .probability = c->coverage };
	for (size_t i = 0; i < c->pieces.n; i++)
		if (holds(&list[i], r))
			out->expanded = fmax(out->expanded, uncertainty(&list[i], r->value));
	if (out->expanded < 0)
		return err_set(e, ERR_CONFIG, "%s of %.12g%s%s is not in the scope %s: it can stand on a certificate without the "
			       "accreditation's mark, or the scope has to be extended", r->quantity, r->value,
			       r->method ? " by " : "", r->method ? r->method : "", c->scope);
	return 0;
}

bool cmc_apply(const struct cmc_floor *f, double *expanded, double *factor)
{
	if (*expanded >= f->expanded)
		return false;
	*expanded = f->expanded;
	*factor = f->factor;
	return true;
}
