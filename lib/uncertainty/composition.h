/* SPDX-License-Identifier: GPL-3.0-or-later
 * composition.h - a measurement function some of whose arguments are themselves sums of inputs.
 *
 *     argument = fixed + sum of factor * input
 *
 * A correction from a certificate is one word in a model, and at one value a row or two of a table, a drift and an
 * influence, each an input with its own identity: JCGM 100:2008, 4.1.2.  The function made here is one of those inputs,
 * so that the budget has a line for each, and results at other values that rest on the same rows correlate. */
#ifndef COMPOSITION_H
#define COMPOSITION_H

#include "measurement_function.h"

struct term { size_t place; double factor; };   /* place: in the input table */

struct summand {
	double fixed;
	struct term *terms;
	size_t n;
};

struct composition {
	struct measurement_function function;
	size_t *places;                 /* in the table, of its arguments: all terms in order */
	struct composition_own *own;
};

/* arguments: one for each of inner's, kept by reference, as is inner. */
struct composition *composition_new(const struct measurement_function *inner, const struct summand *const *arguments);
void composition_free(struct composition **c);

#endif
