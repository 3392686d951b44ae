/* SPDX-License-Identifier: GPL-3.0-or-later
 * coverage.h - coverage intervals of a distribution known by values drawn from it: JCGM 101:2008, 7.7.
 *
 * Both have q + 1 of the n values in them, q the whole number next to p n (7.7.2, note 1), so that all that matters
 * of the values' order is that of the n - q lowest and of the n - q highest: these are picked out and sorted, which
 * for p of 0.95 takes a tenth of the time that sorting all would. */
#ifndef COVERAGE_H
#define COVERAGE_H

#include <stddef.h>

#include "conformity.h"

enum coverage_kind { COVERAGE_SYMMETRIC, COVERAGE_SHORTEST, COVERAGE_KINDS };

struct coverage { struct interval of[COVERAGE_KINDS]; };

/* Fewer values than this say little of an interval of probability p, 0 < p < 1: 100 / (1 - p), from 7.9.4 b. */
size_t coverage_least(double p);

/* x: finite, in any order; n at least coverage_least(p).  Symmetric: as many values below as above (7.7.2).  Shortest:
 * the lowest of the shortest ones (7.7.3). */
struct coverage coverage_of(const double *x, size_t n, double p);

#endif
