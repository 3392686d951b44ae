/* SPDX-License-Identifier: GPL-3.0-or-later
 * trials.h - draws of all inputs of an evaluation, block by block: JCGM 101:2008, 7.3 and 6.4.8; JCGM 102:2011, 5.3.2.
 *
 * What an input is in a trial is a function of the seed, its identity and the number of the block - of nothing else:
 * not of the thread, of the other inputs, of which results are asked for.  So any number of threads draws the same,
 * and an input is the same in every result that rests on it.
 *
 * Inputs that correlate are drawn jointly, as a group: normal, or t where all have the same degrees of freedom.  Their
 * draws are a function of all identities of the group. */
#ifndef TRIALS_H
#define TRIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "input.h"

#define TRIALS_BLOCK 1000               /* trials that are drawn together */

struct trials_group {                   /* of one: an input by itself */
	size_t n;
	size_t *members;                /* places in the table, in the order of their identities */
	double *factor;                 /* L, n x n, L L^T = the correlation matrix; NULL: n is 1 */
	double degrees_of_freedom;      /* that they share; INFINITY: normal */
};

struct trials {
	const struct input_table *inputs;
	uint64_t seed;
	struct trials_group *groups;
	size_t n;
};

/* Of the inputs that are wanted, and of those they correlate with; the table must outlive it.  ERR_CONFIG: inputs
 * correlate that cannot be drawn jointly, or their coefficients contradict each other. */
int  trials_init(struct trials *t, const struct input_table *inputs, const bool *wanted, uint64_t seed, struct err *e);
void trials_release(struct trials *t);

/* columns: one for each input of the table, TRIALS_BLOCK long; NULL where it is in no group. */
void trials_draw(const struct trials *t, uint64_t block, double *const *columns);

#endif
