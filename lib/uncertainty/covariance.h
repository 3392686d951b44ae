/* SPDX-License-Identifier: GPL-3.0-or-later
 * covariance.h - what results have in common: JCGM 102:2011, 6.2.
 *
 * Results that rest on the same inputs - one certificate, one resistor, one thermometer - err together.  With C the
 * sensitivities of all results to all inputs of the table and U the inputs' covariance, theirs is
 *
 *     V = C U C^T
 *
 * to first order.  C is sparse: a result knows some twenty of what may be thousands of inputs.  V is dense, and what it
 * costs is one product for each pair of results and each input that both rest on.
 *
 * A ratio, a mean, a line through points is then a result of these results: its sensitivities a to them give its
 * variance a V a^T. */
#ifndef COVARIANCE_H
#define COVARIANCE_H

#include "budget.h"

/* v: n x n, row by row, symmetric, of budgets made over this table.  Its diagonal is the square of each one's first-order
 * uncertainty. */
void covariance_of(const struct input_table *t, const struct budget *results, size_t n, double *v);

/* 0 where one of the two has no variance. */
double covariance_correlation(const double *v, size_t n, size_t a, size_t b);

/* Of weighted sums of the n results, m of them: w is m x n, out m x m, both row by row. */
void covariance_of_sums(const double *v, size_t n, const double *w, size_t m, double *out);

#endif
