/* SPDX-License-Identifier: GPL-3.0-or-later
 * propagation.h - measurement models with published answers, for whatever propagates uncertainty: the examples of
 * JCGM 101:2008, clause 9, and of JCGM 100:2008, H.1.  Each fills a table and names its measurand. */
#ifndef PROPAGATION_H
#define PROPAGATION_H

#include "measurand.h"

#define PROPAGATION_MOST 32             /* inputs of a model */

struct propagation {
	struct input_table inputs;
	size_t places[PROPAGATION_MOST];        /* 0, 1, 2 ... */
	struct measurand of;
};

typedef void values_function(const void *self, const double *const *x, size_t trials, double *y);

/* A model of the inputs that are added to it, in their order. */
void propagation_begin(struct propagation *p, const char *name, values_function *values);
void propagation_add(struct propagation *p, const char *id, struct distribution d);
void propagation_release(struct propagation *p);

values_function propagation_sum;                /* of all inputs */
values_function propagation_difference;         /* of two */
values_function propagation_squares;            /* the sum of them: 9.4 */

void propagation_additive(struct propagation *p, const struct distribution *four);      /* 9.2 */
void propagation_mass(struct propagation *p);                                           /* 9.3 */
void propagation_power(struct propagation *p, double x1, double correlation);           /* 9.4 */
void propagation_gauge(struct propagation *p);                                          /* 9.5, H.1; nm */

#endif
