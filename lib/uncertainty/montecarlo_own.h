/* SPDX-License-Identifier: GPL-3.0-or-later
 * montecarlo_own.h - private to the Monte Carlo method: batches of trials, and what each of them says.
 *
 * Batches are pieces of parallel.h: a thread draws one, evaluates all results in it, and sums each up.  Whoever waits
 * for the threads alone looks at several batches at once, in their order. */
#ifndef MONTECARLO_OWN_H
#define MONTECARLO_OWN_H

#include "montecarlo.h"
#include "trials.h"

struct batch {                          /* of one result */
	double mean, deviation;
	struct interval interval;       /* of the kind that must be known */
	size_t bad;                     /* trials that give no finite value; then the rest is nothing */
};

struct batches {
	const struct montecarlo_options *o;
	const struct measurand *of;
	size_t n;                       /* results */
	struct trials trials;
	size_t size;                    /* trials of a batch, a multiple of TRIALS_BLOCK */
	size_t done, whole;             /* batches; those of them that are not cut short */
	size_t total;                   /* trials of all that are done */
	struct batch **of_result;       /* n x done */
	double **values;                /* n x total, in the order of the trials */
};

/* The size of a batch: 7.9.4 b, or larger where trials are many and their number is given. */
size_t batches_size(const struct montecarlo_options *o);

int  batches_init(struct batches *b, const struct input_table *inputs, const struct measurand *of, size_t n,
		  const struct montecarlo_options *o, struct err *e);
void batches_release(struct batches *b);

/* So that there are `total` trials, no fewer than now; the last batch may be cut short, and is the last then.
 * ERR_CONFIG: results that are not finite. */
int  batches_go_on(struct batches *b, size_t total, struct err *e);

/* Forgets all but the first ones. */
void batches_keep(struct batches *b, size_t done);

/* The covariance matrix of the results, from all trials; mean: n. */
void batches_covariance(const struct batches *b, const double *mean, double *covariance);

#endif
