/* SPDX-License-Identifier: GPL-3.0-or-later
 * functions.h - the functions a measurement model can call by name, beyond those of a pocket calculator: density of
 * air, buoyancy, ITS-90, platinum thermometers, water vapour, hydrostatic head.  One table.
 *
 * Each is written once, in hyper-dual numbers (hyper.h), and gives value, first and second derivatives from that one
 * formula, exact to rounding.  Arguments and result are plain numbers in the units of the table, which are coherent
 * ones (unit_coherent): an expression hands on what it has.  Outside the range in which its source holds a function is
 * NAN, derivatives and all: it does not extrapolate.  Pure: equal arguments give equal bits, in any thread. */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include "hyper.h"

#define FUNCTION_ARGUMENTS 8             /* the most there are */

struct function_argument { const char *name, *unit; };

struct function {
	const char *name;                /* "air_density" */
	size_t arity;
	const struct function_argument *arguments;      /* so many */
	const char *unit;                /* of the result */
	/* The formula.  self: what tells apart functions that share one. */
	struct hyper (*of)(const void *self, const struct hyper *x);
	const void *self;
	const char *range;               /* where it holds, for messages; "everywhere" */
	const char *source;              /* who published it */
	const char *help;                /* one sentence for the manual */
};

const struct function *function_find(const char *name);        /* NULL: no such name */
const char *function_nearest(const char *name);                 /* for messages; NULL: none is near */
const struct function *functions(size_t *n);                    /* all of them */

double function_value(const struct function *f, const double *x);
/* The value, its arity first partial derivatives and, where second is not NULL, the arity x arity second ones, row by
 * row. */
void function_derivatives(const struct function *f, const double *x, double *y, double *first, double *second);

#endif
