/* SPDX-License-Identifier: GPL-3.0-or-later
 * whitening.h - observations of any covariance V, turned into ones that have variance 1 and do not correlate.
 *
 * V = L L^T (Cholesky); L^-1 does it.  Where nothing correlates V is a diagonal and L its roots. */
#ifndef WHITENING_H
#define WHITENING_H

#include <stddef.h>

#include "err.h"

struct whitening {
	size_t n;
	double *root;           /* n, or NULL where there is */
	double *lower;          /* L, n x n row by row, its upper triangle unused */
};

/* Both take the array over.  ERR_CONFIG: a variance that is not positive, or a covariance that leaves an observation
 * nothing of its own (not positive definite), by its number from 1; the array is freed then. */
int whitening_of_variances(struct whitening *w, double *v, size_t n, struct err *e);
int whitening_of_covariance(struct whitening *w, double *v, size_t n, struct err *e);
void whitening_release(struct whitening *w);

void whitening_forward(const struct whitening *w, double *v, size_t stride);    /* v <- L^-1 v */
void whitening_backward(const struct whitening *w, double *v);                  /* v <- L^-T v */

#endif
