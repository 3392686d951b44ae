/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_expand.c - a plan of points carried out: one point after the other, each with a name a person understands. */
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "procedure_points.h"
#include "random.h"

enum direction { NO_DIRECTION, RISING, FALLING };

/* One stop on the way: which combination of the values, the last channel's varying fastest. */
struct stop { size_t combination; enum direction direction; };

struct way {
	const struct point_plan *plan;
	struct stop *stops;
	size_t n;
};

static const struct sweep *sweep_at(const struct point_plan *plan, size_t i)
{
	return (const struct sweep *)plan->across.items + i;
}

/* Every value of one with every value of the others; 0: more than there may be points. */
static size_t combinations(const struct point_plan *plan)
{
	size_t n = 1;

	for (size_t i = 0; i < plan->across.n; i++) {
		n *= sweep_at(plan, i)->values.n;
		if (n > PLAN_POINTS_MOST)
			return 0;
	}
	return n;
}

static const struct swept *swept_at(const struct point_plan *plan, size_t sweep, size_t combination)
{
	for (size_t i = plan->across.n - 1; i > sweep; i--)
		combination /= sweep_at(plan, i)->values.n;
	return (const struct swept *)sweep_at(plan, sweep)->values.items +
	       combination % sweep_at(plan, sweep)->values.n;
}

/* The places of the values in rising order. */
static void rank(const struct sweep *s, size_t *order)
{
	const struct swept *l = s->values.items;

	for (size_t i = 0; i < s->values.n; i++) {
		size_t k = i;

		for (; k > 0 && l[order[k - 1]].number > l[i].number; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
}

static void go(struct way *w, size_t combination, enum direction d)
{
	w->stops[w->n++] = (struct stop){ combination, d };
}

/* The last channel's values at one combination of the others, which begins at `first`. */
static void go_along(struct way *w, size_t first, const size_t *rising, size_t n)
{
	bool both = w->plan->order == ORDER_UP_DOWN;

	if (w->plan->order == ORDER_UP || both)
		for (size_t i = 0; i < n; i++)
			go(w, first + rising[i], both && i + 1 < n ? RISING : NO_DIRECTION);
	if (w->plan->order == ORDER_DOWN || both)
		for (size_t i = n - both; i-- > 0;)
			go(w, first + rising[i], both ? FALLING : NO_DIRECTION);
	if (w->plan->order == ORDER_AS_WRITTEN || w->plan->order == ORDER_RANDOM)
		for (size_t i = 0; i < n; i++)
			go(w, first + i, NO_DIRECTION);
}

static void plan_way(struct way *w, size_t n_combinations)
{
	const struct sweep *last = sweep_at(w->plan, w->plan->across.n - 1);
	size_t n = last->values.n, *rising = mem_array(n, sizeof *rising);

	w->stops = mem_array(2 * n_combinations, sizeof *w->stops);
	rank(last, rising);
	for (size_t first = 0; first < n_combinations; first += n)
		go_along(w, first, rising, n);
	free(rising);
}

/* Fisher and Yates. */
static void shuffle(struct way *w, struct random *r)
{
	for (size_t i = w->n; i > 1; i--) {
		size_t k = (size_t)(random_uniform(r) * (double)i);
		struct stop s = w->stops[k];

		w->stops[k] = w->stops[i - 1];
		w->stops[i - 1] = s;
	}
}

static void assign(struct assignment *a, const struct channel_ref *channel, const struct value *v)
{
	free(a->value.unit);
	a->value = *v;
	a->value.unit = mem_string(v->unit);
	if (a->channel.text)
		return;
	a->channel.place = channel->place;
	a->channel.text = mem_string(channel->text);
	a->channel.role = mem_string(channel->role);
	a->channel.quantity = a->channel.text + (channel->quantity - channel->text);
}

/* Does the exception hold at this combination, as the plan has it? */
static bool holds(const struct exception *x, const struct point_plan *plan, size_t combination)
{
	const struct assignment *at = x->at.items;

	for (size_t i = 0; i < x->at.n; i++)
		for (size_t k = 0; k < plan->across.n; k++)
			if (!strcmp(sweep_at(plan, k)->channel.text, at[i].channel.text) &&
			    !swept_same(swept_at(plan, k, combination)->number, at[i].bound))
				return false;
	return true;
}

static bool skipped(const struct point_plan *plan, size_t combination)
{
	const struct exception *x = plan->except.items;

	for (size_t i = 0; i < plan->except.n; i++)
		if (x[i].skip && holds(&x[i], plan, combination))
			return true;
	return false;
}

static void override(struct procedure_point *p, const struct exception *x)
{
	const struct assignment *other = x->values.items;

	for (size_t i = 0; i < x->values.n; i++)
		assign(point_value(p, other[i].channel.text), &other[i].channel, &other[i].value);
	p->place = x->place;
}

static void set_values(struct procedure_point *p, const struct point_plan *plan, size_t combination)
{
	struct assignment *a = mem_array(plan->across.n, sizeof *a);
	const struct exception *x = plan->except.items;

	p->values = (struct list){ a, plan->across.n };
	p->place = plan->place;
	for (size_t i = 0; i < plan->across.n; i++)
		assign(&a[i], &sweep_at(plan, i)->channel, &swept_at(plan, i, combination)->value);
	for (size_t i = 0; i < plan->except.n; i++)
		if (!x[i].skip && holds(&x[i], plan, combination))
			override(p, &x[i]);
}

/* "10 V, 1 kHz": a channel that never changes says nothing, unless it is the only one. */
static void put_values(struct buf *name, const struct point_plan *plan, const struct procedure_point *p)
{
	const struct assignment *a = p->values.items;
	char text[NUMBER_TEXT];
	size_t before = name->len;

	for (size_t i = 0; i < p->values.n; i++) {
		if (sweep_at(plan, i)->values.n == 1 && (i + 1 < p->values.n || name->len > before))
			continue;
		number_format(a[i].value.number, text);
		buf_printf(name, "%s%s%s%s", name->len > before ? ", " : "", text, *a[i].value.unit ? " " : "", a[i].value.unit);
	}
}

/* "cycle 2, 10 V, 1 kHz down, repeat 1" */
static char *name_of(const struct point_plan *plan, const struct procedure_point *p, enum direction d, int64_t cycle,
		     int64_t repeat)
{
	static const char *const directions[] = { [NO_DIRECTION] = "", [RISING] = " up", [FALLING] = " down" };
	struct buf name = { 0 };

	if (plan->cycles > 1)
		buf_printf(&name, "cycle %lld, ", (long long)cycle);
	put_values(&name, plan, p);
	buf_puts(&name, directions[d]);
	if (plan->repeats > 1)
		buf_printf(&name, ", repeat %lld", (long long)repeat);
	return name.data;
}

static void add_points(struct list *points, const struct way *w, const struct stop *s, int64_t cycle)
{
	for (int64_t repeat = 1; repeat <= w->plan->repeats; repeat++) {
		struct procedure_point p = { 0 }, *list;

		set_values(&p, w->plan, s->combination);
		p.name = name_of(w->plan, &p, s->direction, cycle, repeat);
		list = mem_grow(points->items, points->n, sizeof *list);
		list[points->n++] = p;
		points->items = list;
	}
}

static void go_all(struct way *w, struct list *points)
{
	struct random r;

	random_seed(&r, (uint64_t)w->plan->seed, "points");
	for (int64_t cycle = 1; cycle <= w->plan->cycles; cycle++) {
		if (w->plan->order == ORDER_RANDOM)
			shuffle(w, &r);
		for (size_t i = 0; i < w->n; i++)
			if (!skipped(w->plan, w->stops[i].combination))
				add_points(points, w, &w->stops[i], cycle);
	}
}

static void check_exceptions(struct schema_context *c, const struct point_plan *plan, size_t n)
{
	const struct exception *x = plan->except.items;

	for (size_t i = 0; i < plan->except.n; i++) {
		bool met = false;

		for (size_t k = 0; k < n && !met; k++)
			met = holds(&x[i], plan, k);
		if (!met)
			schema_problem_at(c, x[i].place, "this exception meets none of the points: 'at' names values that 'across' has");
	}
}

void point_plan_expand(const struct point_plan *plan, struct schema_context *c, struct list *points)
{
	struct way w = { .plan = plan };
	size_t n = combinations(plan);

	if (n) {
		check_exceptions(c, plan, n);
		plan_way(&w, n);
	}
	if (!n || w.n > PLAN_POINTS_MOST / (size_t)(plan->cycles * plan->repeats))
		schema_problem_at(c, plan->place, "these are more than %d points, and more than one run's start record can hold: "
				  "divide the procedure", PLAN_POINTS_MOST);
	else
		go_all(&w, points);
	free(w.stops);
}
