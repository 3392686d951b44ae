/* SPDX-License-Identifier: GPL-3.0-or-later
 * equation.h - a measurement model (VIM 2.48) with its units: an expression whose names are inputs of a table and whose
 * result has a stated unit.
 *
 *     result [V] = indication - (reference + certificate) * (1 + drift)       indication [mV], drift [ppm] ...
 *
 * The inputs keep the units of their certificates, the result has the one it is reported in; between them everything is
 * computed in coherent SI units.  Sensitivity coefficients are therefore in the result's unit per the input's.
 *
 * What cannot be right is refused when it is bound, before anything is measured: a name that is no input, an input that
 * is in no name's place, dimensions that do not fit (expression.h), a result of another dimension than its unit's.
 *
 * An equation is constant once bound; its function may be called by any number of threads.  Binding asks udunits2: in
 * one thread (unit.h).  The function points into the equation and lives as long as it. */
#ifndef EQUATION_H
#define EQUATION_H

#include "input.h"
#include "measurement_function.h"

struct equation_input { const char *name; size_t place; };     /* in the model; in the table */

struct equation {
	struct measurement_function function;
	size_t *places;                 /* in the table, of the function's arguments; two may be one input */
	struct equation_own *own;
};

/* NULL, ERR_CONFIG.  The table is asked for units alone and not kept. */
struct equation *equation_new(const char *model, const char *unit, const struct input_table *t,
			      const struct equation_input *inputs, size_t n, struct err *e);
void equation_free(struct equation **q);

#endif
