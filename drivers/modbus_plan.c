/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "modbus_plan.h"

#include <stdlib.h>
#include <string.h>

static int64_t end_of(const struct registers *r)
{
	return r->address + (int64_t)registers_words(r);
}

static bool before(const struct registers *a, const struct registers *b)
{
	return a->table != b->table ? a->table < b->table : a->address < b->address;
}

/* Into its place in the order. */
static void add(struct plan *p, struct plan_item item)
{
	size_t i = p->n_items++;

	p->items = mem_fit(p->items, i, &p->cap_items, sizeof *p->items);
	for (; i > 0 && before(item.registers, p->items[i - 1].registers); i--)
		p->items[i] = p->items[i - 1];
	p->items[i] = item;
}

static void add_point(struct plan *p, size_t i)
{
	const struct point *point = p->points[i];
	const struct register_status *s = point->modbus.status.items;
	size_t at = registers_bytes(&point->registers);

	add(p, (struct plan_item){ .registers = &point->registers, .point = i });
	for (size_t k = 0; k < point->modbus.status.n; k++) {
		add(p, (struct plan_item){ .registers = &s[k].registers, .point = i, .at = at });
		at += registers_bytes(&s[k].registers);
	}
}

static void add_watched(struct plan *p, const struct list *state)
{
	const struct register_proof *r = state->items;

	for (size_t i = 0; i < state->n; i++)
		if (r[i].watch)
			add(p, (struct plan_item){ .registers = &r[i].registers, .watched = &r[i] });
}

/* The block in which registers lie; NULL if their table has none. */
static const struct readable *block_of(const struct modbus_model *m, const struct registers *r)
{
	const struct readable *b = m->readable.items;

	for (size_t i = 0; i < m->readable.n; i++)
		if (b[i].table == r->table && r->address >= b[i].from && end_of(r) <= b[i].from + b[i].count)
			return &b[i];
	return NULL;
}

static int64_t span_of(const struct modbus_model *m, int table)
{
	return table_of_bits(table) ? m->bit_span : m->span;
}

/* May the item be read together with what the request holds?  `covered`: as far as anything asked for reaches. */
static bool joins(const struct modbus_model *m, const struct plan_request *q, const struct plan_item *first,
		  const struct registers *r, int64_t covered)
{
	const struct readable *block = block_of(m, r);

	if (r->table != q->table || end_of(r) - q->from > span_of(m, q->table))
		return false;
	return block ? block == block_of(m, first->registers) : r->address <= covered + m->gap;
}

/* The request that begins with item i, as far as it can go. */
static void gather(struct plan *p, const struct modbus_model *m, size_t i)
{
	const struct plan_item *first = &p->items[i];
	struct plan_request q = { .table = first->registers->table, .from = first->registers->address, .first = i };
	int64_t covered = q.from;

	for (; i < p->n_items && joins(m, &q, first, p->items[i].registers, covered); i++) {
		if (end_of(p->items[i].registers) > covered)
			covered = end_of(p->items[i].registers);
		p->items[i].request = p->n_requests;
		if (!p->items[i].watched)
			p->last[p->items[i].point] = p->n_requests;
		q.n++;
	}
	q.count = covered - q.from;
	p->requests = mem_fit(p->requests, p->n_requests, &p->cap_requests, sizeof *p->requests);
	p->requests[p->n_requests++] = q;
}

void plan_make(struct plan *p, const struct modbus_model *m, const struct point *const *points, size_t n)
{
	if (n == p->n_points && !memcmp(points, p->points, n * sizeof *points))
		return;
	p->n_points = p->n_items = p->n_requests = 0;
	for (size_t i = 0; i < n; i++) {
		p->points = mem_fit(p->points, i, &p->cap_points, sizeof *p->points);
		p->last = mem_fit(p->last, i, &p->cap_last, sizeof *p->last);
		p->points[i] = points[i];
		add_point(p, i);
	}
	p->n_points = n;
	add_watched(p, &m->state);
	for (size_t i = 0; i < p->n_items; i += p->requests[p->n_requests - 1].n)
		gather(p, m, i);
}

void plan_release(struct plan *p)
{
	free(p->points);
	free(p->items);
	free(p->requests);
	free(p->last);
	*p = (struct plan){ 0 };
}
