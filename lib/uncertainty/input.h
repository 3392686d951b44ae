/* SPDX-License-Identifier: GPL-3.0-or-later
 * input.h - the input quantities of an evaluation, each with an identity.
 *
 * Whatever has the same identity - a certificate's figure, a coefficient, an instrument's correction - is one random
 * variable, wherever it enters: at several points, in several results, in several runs.  It stands once in the table
 * and is drawn once per trial; that alone makes results correlate as they do (JCGM 102:2011, JCGM 100:2008, F.1.2.3).
 * Readings of one point have an identity nobody else has. */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>

#include "distribution.h"

enum evaluation_type { TYPE_A, TYPE_B };        /* JCGM 100:2008, 2.3.2 and 2.3.3 */

struct input {
	char *id;                       /* "certificate/17-0042/voltage.dc/10 V" */
	char *unit;
	char *source;                   /* where it comes from, for the budget; "" where nothing is to be said */
	enum evaluation_type type;
	struct distribution knowledge;  /* its location is the estimate */
	double uncertainty;             /* standard, as JCGM 100 has it: of T the scale, not the deviation */
	double degrees_of_freedom;      /* INFINITY: the uncertainty is exactly known */
};

struct correlation { size_t a, b; double coefficient; };        /* a < b, places in the table; -1 to 1 */

struct input_index { size_t *slots, room; };    /* of a hash: what stands at a place of a list, found at once */

struct input_table {                    /* zeroed at first */
	struct input *list;
	size_t n;
	struct correlation *correlations;
	size_t n_correlations;
	struct input_index by_id, by_pair;
};

/* Puts a copy of it into the table and returns its place: that of the one with this identity, where there is one.
 * -1, ERR_CONFIG: the knowledge is none (distribution_check), or another one already has the identity. */
long input_add(struct input_table *t, const struct input *in, struct err *e);
long input_find(const struct input_table *t, const char *id);           /* -1: not there */

/* ERR_CONFIG: beyond -1 to 1, an input with itself, or another coefficient for the two is already there. */
int input_correlate(struct input_table *t, size_t a, size_t b, double coefficient, struct err *e);
double input_correlation(const struct input_table *t, size_t a, size_t b);      /* 0 where none is stated */

void input_release(struct input_table *t);

#endif
