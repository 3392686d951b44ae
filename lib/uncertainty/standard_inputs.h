/* SPDX-License-Identifier: GPL-3.0-or-later
 * standard_inputs.h - the correction of a standard (standard_correction.h) as input quantities of an evaluation.
 *
 * An input that is already in the table, from another point or another result, is that very one; rows and
 * coefficients of one statement correlate as it says, also with those that came earlier.
 *
 * Where a certificate states k and no degrees of freedom they are found through t, with its coverage probability (JCGM
 * 100:2008, G.6.4), and the input's source says so.  k of at most 2 is taken for a normal distribution, whatever rounding has
 * made of its probability. */
#ifndef STANDARD_INPUTS_H
#define STANDARD_INPUTS_H

#include "input.h"
#include "standard_correction.h"

/* places: of its terms in the table, in their order.  ERR_CONFIG as input_add and input_correlate. */
int standard_inputs_add(struct input_table *table, const struct standard_statement *s, const struct standard_correction *c,
			size_t places[STANDARD_TERMS], struct err *e);

/* Degrees of freedom of what a certificate states: as printed, or through t; INFINITY: normal. */
double standard_input_dof(const struct standard_input *in);

#endif
