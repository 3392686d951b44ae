/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_standards.c - do the standards of a bench serve for a procedure: in force today, and at every point.
 *
 * What a standard will measure is known beforehand where the point sets it, or sets another channel of the same quantity
 * whose value a result compares with it.  What lies outside only then, by what was read, the evaluation refuses. */
#include <string.h>

#include "procedure_parts.h"

struct asking {
	const struct procedure *procedure;
	const struct bench *bench;
	int64_t day;
	struct problems *problems;
};

static void check_due(const struct asking *a, const char *name)
{
	const struct bench_role *r = bench_role(a->bench, name);
	struct err e;

	if (r && r->standard && standard_check_due(r->standard, a->day, &e) < 0)
		problem_add(a->problems, a->bench->source.path, r->place.line, r->place.column, "role '%s': %s", name, e.text);
}

static void check_value(const struct asking *a, const struct procedure_point *pt, const struct channel_ref *c, double value)
{
	const struct standard *s = c->bench_role->standard;
	struct err e;

	if (s && standard_check_value(s, a->day, c->quantity, value, &e) < 0)
		problem_add(a->problems, a->procedure->source.path, pt->place.line, pt->place.column,
			    "point '%s', %s: %s: leave the point out, or use a standard whose certificate covers it", pt->name,
			    c->text, e.text);
}

/* Of one quantity, whatever the inputs. */
static bool alike(const struct channel_ref *a, const struct channel_ref *b)
{
	return a->point->known == b->point->known;
}

/* What the point sets that is of the channel's quantity; NULL: nothing, or several, and it is not known which. */
static const struct assignment *nominal(const struct procedure_point *pt, const struct channel_ref *c)
{
	const struct assignment *a = pt->values.items, *found = NULL;

	for (size_t i = 0; i < pt->values.n; i++) {
		if (!alike(&a[i].channel, c))
			continue;
		if (found)
			return NULL;
		found = &a[i];
	}
	return found;
}

static bool compared_before(const struct result_spec *results, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(results[k].reference.text, results[i].reference.text))
			return true;
	return false;
}

static void check_point(const struct asking *a, const struct procedure_point *pt)
{
	const struct assignment *set = pt->values.items;
	const struct result_spec *r = a->procedure->results.items;

	for (size_t i = 0; i < pt->values.n; i++)
		check_value(a, pt, &set[i].channel, set[i].bound);
	for (size_t i = 0; i < a->procedure->results.n; i++) {
		const struct assignment *n = nominal(pt, &r[i].reference);

		if (n && !compared_before(r, i) && !point_value(pt, r[i].reference.text))
			check_value(a, pt, &r[i].reference, n->bound);
	}
}

int procedure_standards(const struct procedure *p, const struct bench *b, int64_t day, struct problems *ps)
{
	const struct asking a = { p, b, day, ps };
	const struct procedure_point *pt = p->points.items;
	size_t before = ps->total;

	for (size_t i = 0; i < p->roles.n; i++)
		check_due(&a, p->roles.list[i]);
	for (size_t i = 0; i < p->points.n; i++)
		check_point(&a, &pt[i]);
	return ps->total == before ? 0 : -1;
}
