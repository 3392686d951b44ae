/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurement_own.h - measurement.c (models and budgets), measurement_input.c (what their inputs are) and
 * measurement_propagate.c (Monte Carlo).  For these alone. */
#ifndef MEASUREMENT_OWN_H
#define MEASUREMENT_OWN_H

#include "measurement.h"

struct locality {                       /* where an input is asked for */
	struct tally *tally;
	const char *run, *laboratory;
	size_t point;
	int64_t excluded;               /* readings left out so far */
};

/* Adds the input to the table.  Its place, or -1: the point has not what the input needs. */
long measurement_input(struct input_table *table, struct locality *at, const struct input_spec *in, struct err *e);

/* From the readings of both at this point; places are theirs in the table. */
int measurement_correlate(struct input_table *table, struct locality *at, const struct input_spec *a, size_t place_a,
			  const struct input_spec *b, size_t place_b, struct err *e);

/* The distributions of its inputs through the model of a measurement that has its budget. */
int measurement_propagate(const struct evaluation *ev, struct measurement *m, struct err *e);

#endif
