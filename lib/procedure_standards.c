/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_standards.c - do the standards of a bench serve for a procedure: in force today, at every point, and as it was copied.
 *
 * What a standard will measure is known beforehand where the point sets it, or sets another channel of the same quantity
 * whose value a result compares with it.  What lies outside only then, by what was read, the evaluation refuses. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
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

	if (r && r->standard)
		standard_check_documents(r->standard, a->problems);
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

/* The channels that results rest on, each once, whose roles have a standard. */
struct compared {
	const struct channel_ref **list;
	size_t n;
};

static void collect(void *who, struct channel_ref *r, enum use use)
{
	struct compared *c = who;

	if (use != USE_RESULT || !r->bench_role->standard)
		return;
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->list[i]->text, r->text))
			return;
	c->list = mem_grow(c->list, c->n, sizeof *c->list);
	c->list[c->n++] = r;
}

static struct compared compared_by(const struct procedure *p)
{
	struct result_spec *r = p->results.items;
	struct compared c = { 0 };

	for (size_t i = 0; i < p->results.n; i++)
		procedure_walk_result(&r[i], collect, &c);
	return c;
}

static void check_point(const struct asking *a, const struct compared *c, const struct procedure_point *pt)
{
	const struct assignment *set = pt->values.items;

	for (size_t i = 0; i < pt->values.n; i++)
		check_value(a, pt, &set[i].channel, set[i].bound);
	for (size_t i = 0; i < c->n; i++) {
		const struct assignment *n = nominal(pt, c->list[i]);

		if (n && !point_value(pt, c->list[i]->text))
			check_value(a, pt, c->list[i], n->bound);
	}
}

/* Has the evaluation what it needs of the certificate: a correction, and all that this one depends on? */

static bool conditioned(const struct input_spec *in, const char *quantity)
{
	const struct channel_ref *r = in->conditions.items;

	for (size_t i = 0; i < in->conditions.n; i++)
		if (!strcmp(r[i].quantity, quantity))
			return true;
	return false;
}

static void check_statement(const struct asking *a, const struct input_spec *in, const struct certificate *c,
			    const struct standard_statement *t)
{
	const struct standard_influence *f = t->influences.items;
	struct place at = in->channel.place;

	if (t->form == STATEMENT_CALLENDAR_VAN_DUSEN || t->form == STATEMENT_ITS90)
		problem_add(a->problems, a->procedure->source.path, at.line, at.column,
			    "certificate %s gives the coefficients of a thermometer, and no correction", c->number);
	for (size_t i = 0; i < t->influences.n; i++)
		if (!conditioned(in, f[i].quantity))
			problem_add(a->problems, a->procedure->source.path, at.line, at.column,
				    "certificate %s states an influence of %s: name the channel that reads it, such as "
				    "conditions: [room.%s]", c->number, f[i].quantity, f[i].quantity);
}

static void check_input(const struct asking *a, const struct input_spec *in)
{
	const struct standard *s = in->channel.bench_role->standard;
	const struct certificate *c = s ? standard_certificate(s, a->day) : NULL;
	const struct standard_statement *t = c ? c->results.items : NULL;

	for (size_t i = 0; c && i < c->results.n; i++)
		if (!strcmp(t[i].quantity, in->channel.quantity))
			check_statement(a, in, c, &t[i]);
}

static void check_inputs(const struct asking *a)
{
	const struct result_spec *r = a->procedure->results.items;

	for (size_t i = 0; i < a->procedure->results.n; i++) {
		const struct input_spec *in = r[i].inputs.items;

		for (size_t k = 0; k < r[i].inputs.n; k++)
			if (in[k].kind == INPUT_STANDARD)
				check_input(a, &in[k]);
	}
}

int procedure_standards(const struct procedure *p, const struct bench *b, int64_t day, struct problems *ps)
{
	const struct asking a = { p, b, day, ps };
	const struct procedure_point *pt = p->points.items;
	struct compared c = compared_by(p);
	size_t before = ps->total;

	for (size_t i = 0; i < p->roles.n; i++)
		check_due(&a, p->roles.list[i]);
	for (size_t i = 0; i < p->points.n; i++)
		check_point(&a, &c, &pt[i]);
	check_inputs(&a);
	free(c.list);
	return ps->total == before ? 0 : -1;
}
