/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_points.h - the points of a procedure: listed one by one, or planned.  For procedure*.c alone.
 *
 * A plan says which values of which channels there are, and in what order and how often they are measured:
 *     points:
 *       across:                                       # the first varies slowest
 *         - {channel: source.voltage.dc, values: [1 V, 10 V]}
 *         - {channel: source.frequency, from: 10 Hz, to: 1 MHz, points: 6, spacing: logarithmic}
 *       order: random                                 # as-written, up, down, up-down, random
 *       seed: 42
 *       cycles: 3
 *       repeats: 2
 *       except:
 *         - {at: {source.voltage.dc: 10 V, source.frequency: 1 MHz}, skip: yes}
 * It is carried out when the file is read (procedure_expand.c): everybody else knows only the list of points. */
#ifndef PROCEDURE_POINTS_H
#define PROCEDURE_POINTS_H

#include "fixed.h"
#include "procedure_parts.h"

#define SWEEP_VALUES_MOST 1000
#define PLAN_POINTS_MOST  1000                /* more than a start record holds of the shortest */

enum plan_order { ORDER_AS_WRITTEN, ORDER_UP, ORDER_DOWN, ORDER_UP_DOWN, ORDER_RANDOM };
enum spacing { SPACING_LINEAR, SPACING_LOGARITHMIC };

/* number: the same in the unit of the sweep's first value, to compare and to put in order. */
struct swept { struct value value; double number; };

/* One channel and the values it goes through. */
struct sweep {
	struct channel_ref channel;
	struct list values;              /* of struct swept; those of a range once it was computed */
	bool listed, has_step, has_points, has_spacing;
	struct value from, to, step;
	int64_t points, digits;          /* 0: not said */
	int spacing;
	struct place place;
};

/* Points that are left out, or have another value. */
struct exception {
	struct list at;                  /* of struct assignment, bound in the unit of the sweep's numbers: all hold at the point */
	struct list values;              /* of struct assignment */
	bool skip;
	struct place place;
};

struct point_plan {
	struct list across;              /* of struct sweep */
	int order;
	int64_t seed, cycles, repeats;
	bool seeded, hysteresis;
	struct list except;              /* of struct exception */
	struct place place;
};

extern const struct schema point_plan_schema;
extern const char procedure_points_form[];
void procedure_read_points(struct schema_context *c, const struct yaml *node, void *points);
void procedure_free_points(void *points);

/* The values of a sweep that is given as a range.  -1 after a problem. */
int sweep_range(struct schema_context *c, const struct yaml *node, struct sweep *s);
/* 300 mV and 0.3 V are the same, though not always to the last bit of their doubles. */
bool swept_same(double a, double b);
/* The points of a plan without a fault of its own, into the list.  Problems: an exception that meets no point, too many points. */
void point_plan_expand(const struct point_plan *plan, struct schema_context *c, struct list *points);

#endif
