/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "procedure_points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char procedure_points_form[] = "a list of points, or a mapping that plans them";
static const char *const order_words[] = { "as-written", "up", "down", "up-down", "random", NULL };
static const char *const spacing_words[] = { "linear", "logarithmic", NULL };
static const struct schema_row value_row = { .key = "value", .type = S_VALUE };

static void read_assignments(struct schema_context *c, const struct yaml *node, void *field)
{
	struct list *l = field;
	struct assignment *a;

	if (node->kind != YAML_MAP) {
		schema_problem(c, node, "%s: expected a mapping of channels to values, such as "
			       "{source.voltage.dc: 10 V}", node->key);
		return;
	}
	a = mem_array(node->n, sizeof *a);
	*l = (struct list){ a, node->n };
	for (const struct yaml *y = node->first; y; y = y->next, a++) {
		procedure_set_channel(c, y->key, (struct place){ y->key_line, y->key_column }, &a->channel);
		schema_read_value(&value_row, c, y, &a->value);
	}
}

static void free_assignments(void *field)
{
	struct list *l = field;
	struct assignment *a = l->items;

	for (size_t i = 0; i < l->n; i++) {
		procedure_free_channel(&a[i].channel);
		free(a[i].value.unit);
	}
	free(l->items);
	*l = (struct list){ 0 };
}

#define ASSIGNMENTS .type = S_CUSTOM, .custom = read_assignments, .release = free_assignments, \
		    .form = "a mapping of channels to values"

static const struct schema_row point_rows[] = {
	{ .key = "name", .type = S_STRING, .offset = offsetof(struct procedure_point, name),
	  .required = true, .help = "what a person calls it, such as +10 V" },
	{ .key = "values", ASSIGNMENTS, .offset = offsetof(struct procedure_point, values),
	  .help = "what the set steps set at this point" },
	{ 0 }
};

static const struct schema point_schema = {
	.what = "a point", .size = sizeof(struct procedure_point), .rows = point_rows,
	.place = offsetof(struct procedure_point, place),
};

static void read_swept(struct schema_context *c, const struct yaml *node, void *field)
{
	struct list *list = field;
	struct swept *l;

	if (node->kind != YAML_LIST || !node->n || node->n > SWEEP_VALUES_MOST) {
		schema_problem(c, node, "values: expected a list of 1 to %d values, such as [0 V, 1 V, 10 V]", SWEEP_VALUES_MOST);
		return;
	}
	l = mem_array(node->n, sizeof *l);
	*list = (struct list){ l, node->n };
	for (const struct yaml *y = node->first; y; y = y->next)
		schema_read_value(&value_row, c, y, &l++->value);
}

static void free_swept(void *field)
{
	struct list *list = field;
	struct swept *l = list->items;

	for (size_t i = 0; i < list->n; i++)
		free(l[i].value.unit);
	free(list->items);
	*list = (struct list){ 0 };
}

bool swept_same(double a, double b)
{
	return fabs(a - b) <= 1e-12 * fabs(a);
}

static void stands_twice(struct schema_context *c, const struct sweep *s, const struct value *v)
{
	char text[NUMBER_TEXT];

	number_format(v->number, text);
	schema_problem_at(c, (struct place){ v->line, v->column }, "%s %s stands twice among the values of %s: %s", text, v->unit,
			  s->channel.text, s->listed ? "write it once, and repeats, cycles or order: up-down for how often"
			  : "give the range more digits or fewer points");
}

static void check_swept_values(struct schema_context *c, const struct sweep *s)
{
	struct swept *l = s->values.items;
	struct err e;

	for (size_t i = 0; i < s->values.n; i++) {
		const struct value *v = &l[i].value;

		if (!*v->unit || value_in(v, l[0].value.unit, &l[i].number, &e)) {
			schema_problem_at(c, (struct place){ v->line, v->column }, "%s",
					  *v->unit ? e.text : "expected a number and a unit such as 10 mV");
			return;
		}
		for (size_t k = 0; k < i; k++) {
			if (!swept_same(l[k].number, l[i].number))
				continue;
			stands_twice(c, s, v);
			return;
		}
	}
}

static void check_sweep(struct schema_context *c, const struct yaml *node, void *sweep)
{
	static const char *const of_range[] = { "from", "to", "step", "points", "spacing", "digits" };
	struct sweep *s = sweep;

	for (size_t i = 0; s->listed && i < sizeof of_range / sizeof *of_range; i++) {
		if (yaml_find(node, of_range[i])) {
			schema_problem_key(c, node, of_range[i], "a channel has either values or a range: '%s' has no place beside 'values'",
					   of_range[i]);
			return;
		}
	}
	if (s->listed || sweep_range(c, node, s) == 0)
		check_swept_values(c, s);
}

#define AT(field) .offset = offsetof(struct sweep, field)
#define GIVEN(field) .given = offsetof(struct sweep, field)
static const struct schema_row sweep_rows[] = {
	{ .key = "channel", CHANNEL, AT(channel), .required = true, .help = "what the points set" },
	{ .key = "values", .type = S_CUSTOM, AT(values), GIVEN(listed), .custom = read_swept, .release = free_swept,
	  .form = "a list of values", .help = "to which values, one by one; or a range:" },
	{ .key = "from", .type = S_VALUE, AT(from), .help = "its first value" },
	{ .key = "to", .type = S_VALUE, AT(to), .help = "its last value" },
	{ .key = "step", .type = S_VALUE, AT(step), GIVEN(has_step), .help = "from one value to the next, in a linear range" },
	{ .key = "points", .type = S_INT, AT(points), GIVEN(has_points), .low = 2, .high = SWEEP_VALUES_MOST,
	  .help = "how many values, both ends among them, where no step is given" },
	{ .key = "spacing", .type = S_ENUM, AT(spacing), GIVEN(has_spacing), .words = spacing_words, .fallback = "linear",
	  .help = "equal differences, or equal ratios" },
	{ .key = "digits", .type = S_INT, AT(digits), .low = 1, .high = FIXED_DIGITS_MOST,
	  .help = "to how many significant digits values are rounded that do not come out even (of the step, in a linear range); "
	  "3 without it" },
	{ 0 }
};
#undef AT
#undef GIVEN

static const struct schema sweep_schema = {
	.what = "a channel of 'across'", .size = sizeof(struct sweep), .rows = sweep_rows,
	.place = offsetof(struct sweep, place), .check = check_sweep,
};

static void check_exception(struct schema_context *c, const struct yaml *node, void *exception)
{
	const struct exception *x = exception;

	if (!x->at.n)
		schema_problem_key(c, node, "at", "an exception says of which points: at: {CHANNEL: VALUE}");
	if (x->skip == (x->values.n > 0))
		schema_problem_at(c, x->place, "an exception has either 'skip: yes' or other 'values'");
}

static const struct schema_row exception_rows[] = {
	{ .key = "at", ASSIGNMENTS, .offset = offsetof(struct exception, at), .required = true,
	  .help = "which points: all that are to have these values" },
	{ .key = "skip", .type = S_BOOL, .offset = offsetof(struct exception, skip), .fallback = "no", .help = "they are left out" },
	{ .key = "values", ASSIGNMENTS, .offset = offsetof(struct exception, values), .help = "what is set there instead" },
	{ 0 }
};

static const struct schema exception_schema = {
	.what = "an exception", .size = sizeof(struct exception), .rows = exception_rows,
	.place = offsetof(struct exception, place), .check = check_exception,
};

static const struct sweep *sweep_of(const struct point_plan *plan, const char *channel)
{
	const struct sweep *s = plan->across.items;

	for (size_t i = 0; i < plan->across.n; i++)
		if (!strcmp(s[i].channel.text, channel))
			return &s[i];
	return NULL;
}

static void check_across(struct schema_context *c, const struct yaml *node, const struct point_plan *plan)
{
	const struct sweep *s = plan->across.items;

	if (!plan->across.n)
		schema_problem_key(c, node, "across", "points go across at least one channel");
	for (size_t i = 0; i < plan->across.n; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(s[i].channel.text, s[k].channel.text))
				schema_problem_at(c, s[i].channel.place, "'%s' stands here twice", s[i].channel.text);
}

static void check_order(struct schema_context *c, const struct yaml *node, const struct point_plan *plan)
{
	if (plan->hysteresis && plan->order != ORDER_UP_DOWN)
		schema_problem_key(c, node, yaml_find(node, "order") ? "order" : "hysteresis",
				   "hysteresis is the difference between rising and falling values: it needs order: up-down");
	if (plan->order == ORDER_RANDOM && !plan->seeded)
		schema_problem_key(c, node, "order", "a random order needs a 'seed', so that it can be told and repeated: seed: 1");
	if (plan->order != ORDER_RANDOM && plan->seeded)
		schema_problem_key(c, node, "seed", "a seed belongs to order: random");
}

static void check_assigned(struct schema_context *c, const struct point_plan *plan, const struct list *assignments)
{
	struct assignment *a = assignments->items;
	struct err e;

	for (size_t i = 0; i < assignments->n; i++) {
		const struct sweep *s = sweep_of(plan, a[i].channel.text);
		const struct swept *first = s ? s->values.items : NULL;

		if (!s)
			schema_problem_at(c, a[i].channel.place, "'%s' is not among the channels of 'across'", a[i].channel.text);
		else if (value_in(&a[i].value, first->value.unit, &a[i].bound, &e))
			schema_problem_at(c, (struct place){ a[i].value.line, a[i].value.column }, "%s", e.text);
	}
}

static void check_plan(struct schema_context *c, const struct yaml *node, void *out)
{
	const struct point_plan *plan = out;
	const struct exception *x = plan->except.items;

	check_across(c, node, plan);
	check_order(c, node, plan);
	for (size_t i = 0; i < plan->except.n; i++) {
		check_assigned(c, plan, &x[i].at);
		check_assigned(c, plan, &x[i].values);
	}
}

#define AT(field) .offset = offsetof(struct point_plan, field)
static const struct schema_row plan_rows[] = {
	{ .key = "across", .type = S_LIST, AT(across), .sub = &sweep_schema, .required = true,
	  .help = "the channels and their values: every value of one with every value of the others, the first varying slowest" },
	{ .key = "order", .type = S_ENUM, AT(order), .words = order_words, .fallback = "as-written",
	  .help = "up, down and up-down: of the last channel's values, at each value of the others; random: of all points, anew in each cycle" },
	{ .key = "seed", .type = S_INT, AT(seed), .given = offsetof(struct point_plan, seeded), .low = 0, .high = 999999999999,
	  .help = "of a random order: the same seed gives the same order everywhere" },
	{ .key = "hysteresis", .type = S_BOOL, AT(hysteresis), .fallback = "no",
	  .help = "the results depend on whether a value was reached rising or falling: any order but up-down is refused" },
	{ .key = "cycles", .type = S_INT, AT(cycles), .low = 1, .high = PLAN_POINTS_MOST, .fallback = "1",
	  .help = "how often the whole is gone through" },
	{ .key = "repeats", .type = S_INT, AT(repeats), .low = 1, .high = PLAN_POINTS_MOST, .fallback = "1",
	  .help = "how often in a row each point is measured" },
	{ .key = "except", .type = S_LIST, AT(except), .sub = &exception_schema, .help = "points that are left out, or differ" },
	{ 0 }
};
#undef AT

const struct schema point_plan_schema = {
	.what = "a plan of points", .size = sizeof(struct point_plan), .rows = plan_rows,
	.place = offsetof(struct point_plan, place), .check = check_plan,
};

static void read_plan(struct schema_context *c, const struct yaml *node, struct list *points)
{
	struct point_plan plan = { 0 };

	if (schema_read(&point_plan_schema, c, node, &plan) == 0)
		point_plan_expand(&plan, c, points);
	schema_release(&point_plan_schema, &plan);
}

static void read_listed(struct schema_context *c, const struct yaml *node, struct list *points)
{
	struct procedure_point *p = mem_array(node->n, sizeof *p);

	*points = (struct list){ p, node->n };
	for (const struct yaml *y = node->first; y; y = y->next)
		schema_read(&point_schema, c, y, p++);
}

void procedure_read_points(struct schema_context *c, const struct yaml *node, void *points)
{
	if (node->kind == YAML_LIST)
		read_listed(c, node, points);
	else if (node->kind == YAML_MAP)
		read_plan(c, node, points);
	else
		schema_problem(c, node, "points: expected %s", procedure_points_form);
}

void procedure_free_points(void *points)
{
	struct list *l = points;
	struct procedure_point *p = l->items;

	for (size_t i = 0; i < l->n; i++)
		schema_release(&point_schema, &p[i]);
	free(l->items);
	*l = (struct list){ 0 };
}
