/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurement_own.h - measurement.c (models and budgets), measurement_input.c and measurement_standard.c (what their
 * inputs are), measurement_propagate.c (Monte Carlo).  For these alone. */
#ifndef MEASUREMENT_OWN_H
#define MEASUREMENT_OWN_H

#include "measurement.h"

struct locality {                       /* where an input is asked for */
	struct tally *tally;
	const struct quantities *quantities;
	const char *run, *laboratory;
	size_t point;
	int64_t day;                    /* on which the run began */
	int64_t excluded;               /* readings left out so far */
	struct kept_standard { char *role; struct standard *standard; } *standards;     /* those read already */
	size_t n_standards;
};

/* Adds what the input is made of to the table, in `a`, whose terms the caller frees, and its unit.  -1: the point has
 * not what the input needs. */
int measurement_input(struct input_table *table, struct locality *at, const struct input_spec *in, struct summand *a,
		      struct buf *unit, struct err *e);

/* The same of a standard: measurement_standard.c. */
int measurement_standard(struct input_table *table, struct locality *at, const struct input_spec *in, struct summand *a,
			 struct err *e);
void measurement_standards_release(struct locality *at);

void measurement_term(struct summand *a, size_t place, double factor);

/* From the readings of both at this point; places are theirs in the table. */
int measurement_correlate(struct input_table *table, struct locality *at, const struct input_spec *a, size_t place_a,
			  const struct input_spec *b, size_t place_b, struct err *e);

/* The distributions of its inputs through the model of a measurement that has its budget. */
int measurement_propagate(const struct evaluation *ev, struct measurement *m, struct err *e);

#endif
