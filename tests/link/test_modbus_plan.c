/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_modbus_plan.c - the requests that read several points: legal, complete, and as few as any way of grouping
 * them needs.  The least number is found by trying every grouping, from the rules alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "modbus_plan.h"

#define CASES  20000
#define MOST   7                 /* registers together: 877 groupings */
#define LENGTH 24                /* of the tables */

static unsigned seed = 1;

static int up_to(int n)
{
	seed = seed * 1103515245u + 12345u;
	return (int)(seed >> 16) % (n + 1);
}

struct world {                   /* a case: what is asked for, and what the device allows */
	struct point points[MOST];
	struct register_status status[MOST];
	const struct registers *all[2 * MOST];
	size_t n, n_all;
	struct modbus_model m;
	struct readable blocks[2];
};

static struct registers some(const struct world *w)
{
	static const int types[] = { TYPE_UINT16, TYPE_UINT16, TYPE_FLOAT32, TYPE_FLOAT64 };
	struct registers r = { .type = types[up_to(3)], .scale = 1 };
	int block = up_to(1);

	if (up_to(5) == 0) {
		r.table = TABLE_DISCRETE;
		r.type = TYPE_BIT;
	}
	while (registers_words(&r) > (size_t)w->m.span)
		r.type = TYPE_UINT16;
	r.address = up_to(LENGTH - (int)registers_words(&r));
	if (w->m.readable.n && r.table == TABLE_HOLDING)        /* it lies in a block, as the model file must say */
		r.address = w->blocks[block].from + up_to((int)w->blocks[block].count - (int)registers_words(&r));
	return r;
}

static void make(struct world *w)
{
	*w = (struct world){ .n = 1 + (size_t)up_to(MOST - 2) };
	w->m = (struct modbus_model){ .span = 1 + up_to(9), .bit_span = 1 + up_to(9), .gap = up_to(3) };
	if (up_to(2) == 0) {
		w->blocks[0] = (struct readable){ .from = 0, .count = 4 + up_to(6) };
		w->blocks[1] = (struct readable){ .from = w->blocks[0].count + up_to(2), .count = 4 + up_to(6) };
		w->m.readable = (struct list){ w->blocks, 2 };
	}
	for (size_t i = 0; i < w->n; i++) {
		w->points[i].registers = some(w);
		w->all[w->n_all++] = &w->points[i].registers;
		if (w->n_all + (w->n - i - 1) < MOST && up_to(3) == 0) {
			w->status[i].registers = some(w);
			w->points[i].modbus.status = (struct list){ &w->status[i], 1 };
			w->all[w->n_all++] = &w->status[i].registers;
		}
	}
}

static bool asked(const struct world *w, int table, int64_t address)
{
	for (size_t i = 0; i < w->n_all; i++)
		if (w->all[i]->table == table && address >= w->all[i]->address &&
		    address < w->all[i]->address + (int64_t)registers_words(w->all[i]))
			return true;
	return false;
}

/* The rules, register by register. */
static bool legal(const struct world *w, int table, int64_t from, int64_t count)
{
	int64_t run = 0;

	if (count > (table == TABLE_DISCRETE ? w->m.bit_span : w->m.span))
		return false;
	for (size_t i = 0; i < w->m.readable.n && table == TABLE_HOLDING; i++)
		if (from >= w->blocks[i].from && from + count <= w->blocks[i].from + w->blocks[i].count)
			return true;
	if (w->m.readable.n && table == TABLE_HOLDING)
		return false;
	for (int64_t a = from; a < from + count; a++) {
		run = asked(w, table, a) ? 0 : run + 1;
		if (run > w->m.gap)
			return false;
	}
	return true;
}

/* The least number of groups, each within one legal request: i of n_all are distributed already. */
static size_t fewest(const struct world *w, size_t i, int group[2 * MOST], int groups)
{
	size_t best = SIZE_MAX;

	if (i == w->n_all) {
		for (int g = 0; g < groups; g++) {
			int64_t from = INT64_MAX, end = 0;
			int table = -1;

			for (size_t k = 0; k < w->n_all; k++) {
				const struct registers *r = w->all[k];

				if (group[k] != g)
					continue;
				if (table >= 0 && table != r->table)
					return SIZE_MAX;
				table = r->table;
				from = r->address < from ? r->address : from;
				end = r->address + (int64_t)registers_words(r) > end ?
					r->address + (int64_t)registers_words(r) : end;
			}
			if (!legal(w, table, from, end - from))
				return SIZE_MAX;
		}
		return (size_t)groups;
	}
	for (int g = 0; g <= groups; g++) {
		size_t n;

		group[i] = g;
		n = fewest(w, i + 1, group, g == groups ? groups + 1 : groups);
		best = n < best ? n : best;
	}
	return best;
}

static void check_plan(const struct world *w, const struct plan *p)
{
	assert_int_equal(p->n_items, w->n_all);
	for (size_t k = 0; k < p->n_requests; k++)
		assert_true(legal(w, p->requests[k].table, p->requests[k].from, p->requests[k].count));
	for (size_t i = 0; i < p->n_items; i++) {
		const struct registers *r = p->items[i].registers;
		const struct plan_request *q = &p->requests[p->items[i].request];

		assert_true(q->table == r->table && r->address >= q->from &&
			    r->address + (int64_t)registers_words(r) <= q->from + q->count);
		assert_true(i >= q->first && i < q->first + q->n);
		assert_true(p->last[p->items[i].point] >= p->items[i].request);
	}
}

static void as_few_as_any_grouping(void **state)
{
	struct plan plan = { 0 };
	size_t joined = 0;

	(void)state;
	for (int i = 0; i < CASES; i++) {
		const struct point *points[MOST];
		int group[2 * MOST];
		struct world w;
		size_t least;

		make(&w);
		for (size_t k = 0; k < w.n; k++)
			points[k] = &w.points[k];
		least = fewest(&w, 0, group, 0);
		plan.n_points = 0;              /* another world at the same addresses */
		plan_make(&plan, &w.m, points, w.n);
		check_plan(&w, &plan);
		if (plan.n_requests != least)
			fail_msg("case %d: %zu requests, %zu would do", i, plan.n_requests, least);
		joined += w.n_all - least;
	}
	assert_true(joined > CASES);            /* the cases were not all trivial */
	plan_release(&plan);
}

static void same_points_same_plan(void **state)
{
	struct modbus_model m = { .span = 10, .bit_span = 10 };
	struct point a = { .registers = { .type = TYPE_UINT16, .scale = 1 } };
	struct point b = { .registers = { .type = TYPE_UINT16, .address = 1, .scale = 1 } };
	const struct point *both[] = { &b, &a }, *one[] = { &a };
	struct plan plan = { 0 };

	(void)state;
	plan_make(&plan, &m, both, 2);
	assert_int_equal(plan.n_requests, 1);
	assert_int_equal(plan.items[0].point, 1);
	m.span = 1;
	plan_make(&plan, &m, both, 2);
	assert_int_equal(plan.n_requests, 1);
	plan_make(&plan, &m, one, 1);
	plan_make(&plan, &m, both, 2);
	assert_int_equal(plan.n_requests, 2);
	plan_release(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_few_as_any_grouping),
		cmocka_unit_test(same_points_same_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
