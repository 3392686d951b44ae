/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurement_check.c - before a run: the units are known, the numbers are not.  The daemon links this much. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measurement.h"
#include "mem.h"

static const char *unit_of(const struct input_spec *in)
{
	return in->kind == INPUT_STATED ? in->estimate.unit : in->channel.point ? in->channel.point->known->unit : NULL;
}

/* A place for each input, in their order; -1 where one has no unit, which has been told of. */
static int stand_ins(const struct result_spec *r, struct input_table *table, struct equation_input *names, struct err *e)
{
	const struct input_spec *in = r->inputs.items;

	for (size_t i = 0; i < r->inputs.n; i++) {
		struct input x = { .id = in[i].name, .unit = (char *)unit_of(&in[i]), .source = (char *)"",
				   .knowledge = { DISTRIBUTION_NORMAL, 1, 0, 0 }, .degrees_of_freedom = INFINITY };
		long place = x.unit ? input_add(table, &x, e) : -1;

		if (place < 0)
			return -1;
		names[i] = (struct equation_input){ in[i].name, (size_t)place };
	}
	return 0;
}

static void check_result(const struct procedure *p, const struct result_spec *r, struct problems *ps)
{
	struct equation_input *names = mem_array(r->inputs.n, sizeof *names);
	struct input_table table = { 0 };
	struct equation *q = NULL;
	struct err e = { 0 };

	if (stand_ins(r, &table, names, &e) == 0) {
		q = equation_new(r->model, r->unit, &table, names, r->inputs.n, &e);
		if (!q)
			problem_add(ps, p->source.path, r->model_place.line, r->model_place.column, "model of '%s': %s", r->name, e.text);
	}
	equation_free(&q);
	input_release(&table);
	free(names);
}

/* What is stated must convert to the unit of its estimate. */
static void check_stated(const struct procedure *p, const struct input_spec *in, struct problems *ps)
{
	const struct value *all[] = { &in->standard, &in->expanded, &in->half_width, &in->limits_within, &in->pooled };
	const char *unit = unit_of(in);
	struct err e;
	double out;

	for (size_t i = 0; i < sizeof all / sizeof *all && unit; i++)
		if (all[i]->unit && difference_in(all[i], unit, &out, &e) < 0)
			problem_add(ps, p->source.path, all[i]->line, all[i]->column, "%s", e.text);
}

int measurement_check(const struct procedure *p, struct problems *ps)
{
	const struct result_spec *r = p->results.items;
	size_t before = ps->total;

	for (size_t i = 0; i < p->results.n; i++) {
		const struct input_spec *in = r[i].inputs.items;

		for (size_t k = 0; k < r[i].inputs.n; k++)
			check_stated(p, &in[k], ps);
		if (r[i].model)
			check_result(p, &r[i], ps);
	}
	return ps->total == before ? 0 : -1;
}
