/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_plan.h - which requests read the registers of several points: the fewest that are legal.
 *
 * A request reads one table, at most the model's span, never half a number.  Where the model file lists
 * `readable` blocks it stays within one; elsewhere it reads over no run of more than `gap` registers that nobody
 * asks for.  Registers that may not be read together lie in different regions: what the line of a table falls
 * into where a gap is too wide or a block ends.  Within a region, whatever holds the first register must begin
 * there or before it, and the request that begins there takes in all that any other could: so going from left to
 * right, each request as far as the span lets it, needs the fewest (tests/link/test_modbus_plan.c tries them all).
 *
 * A plan is made when the set of points changes, not for each measurement, and keeps its memory. */
#ifndef MODBUS_PLAN_H
#define MODBUS_PLAN_H

#include "model.h"

struct plan_item {                       /* registers that are asked for */
	const struct registers *registers;
	const struct register_proof *watched;    /* of the state; NULL: of a point */
	size_t point;                    /* index of the point they belong to */
	size_t at;                       /* where their bytes go in the point's raw reading */
	size_t request;
};

struct plan_request {
	int table;
	int64_t from, count;
	size_t first, n;                 /* items it reads */
};

struct plan {
	const struct point **points;     /* what it is a plan for */
	size_t *last;                    /* by point: the request after which all of it has been read */
	struct plan_item *items;         /* in order of table and address */
	struct plan_request *requests;
	size_t n_points, n_items, n_requests;
	size_t cap_points, cap_last, cap_items, cap_requests;
};

/* Registers of points, of their `status` and of the state that is watched; nothing is done if it is the same set as before. */
void plan_make(struct plan *p, const struct modbus_model *m, const struct point *const *points, size_t n);
void plan_release(struct plan *p);

#endif
