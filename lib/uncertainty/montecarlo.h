/* SPDX-License-Identifier: GPL-3.0-or-later
 * montecarlo.h - propagation of distributions by the Monte Carlo method: JCGM 101:2008, clause 7, and JCGM 102:2011 for
 * several results at once.
 *
 * Each trial draws every input once - trials.h says how, and why the result is the same for any number of threads -
 * and computes all results from these draws, so that results correlate as they must.
 *
 * Trials go in batches of M (7.9.4 b).  As many as are asked for; or, where nobody says how many, batch after batch
 * until what the batches tell apart - value, standard uncertainty and both ends of the interval of every result -
 * is known to a tolerance: that of 7.9.2 for the stated digits of the uncertainty, or a part of it.  The standard looks
 * for the first time after two batches, which agree by luck now and then; here ten are the least (Wuebbeler, Harris,
 * Cox and Elster, Metrologia 47 (2010) 317, show how often).  Where the most trials do not suffice - a t distribution
 * with two degrees of freedom has no variance to be known - the answer stands, and says so.
 *
 * A trial in which a result is not a finite number is an error, that names how many there were and the inputs of one:
 * a model that is not defined where its inputs may be is not evaluated in silence. */
#ifndef MONTECARLO_H
#define MONTECARLO_H

#include <stdint.h>

#include "coverage.h"
#include "err.h"
#include "measurand.h"

#define MONTECARLO_MOST 10000000        /* trials, where nobody states another bound */

struct montecarlo_options {
	uint64_t seed;
	double probability;             /* p of the coverage interval, 0.5 to 0.9999 */
	enum coverage_kind interval;    /* which of them must be known to the tolerance */
	size_t trials;                  /* 0: until the tolerance is reached */
	size_t most;                    /* then no more than these; 0: MONTECARLO_MOST */
	int digits;                     /* meaningful ones of the standard uncertainty: 1 or 2 */
	double part;                    /* of the tolerance of 7.9.2 that must be reached: 1; 0.2 for clause 8 */
	unsigned threads;               /* 0: as many as there are processors */
	bool covariance;                /* of the results */
};

extern const struct montecarlo_options montecarlo_usual;        /* 0.95, symmetric, adaptive to 2 digits, seed 1 */

struct montecarlo_result {
	double value, uncertainty;              /* 7.6 */
	struct coverage coverage;               /* 7.7 */
	double tolerance;                       /* delta of 7.9.2, times part */
	/* Twice the standard deviation of the mean over the batches: 7.9.4 g, h; NAN: fewer than two batches. */
	struct montecarlo_error { double value, uncertainty, low, high; } error;
	double *values;                         /* of all trials, in their order; sort.h sorts them: 7.5 */
};

struct montecarlo {
	size_t trials, n;
	bool tolerance_reached;
	struct montecarlo_result *results;      /* n, in the order of the measurands */
	double *covariance;                     /* n x n; NULL: nobody asked */
};

/* ERR_CONFIG: options that make no sense, inputs that cannot be drawn, a result that is not finite. */
int  montecarlo_run(struct montecarlo *mc, const struct input_table *inputs, const struct measurand *of, size_t n,
		    const struct montecarlo_options *o, struct err *e);
void montecarlo_release(struct montecarlo *mc);

#endif
