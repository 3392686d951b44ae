/* SPDX-License-Identifier: GPL-3.0-or-later
 * stretch.h - the longest stretch of readings that are evenly spaced: what may be evaluated as one series in time.
 *
 * The usual interval is the median; one that is not within a half and three halves of it is a gap, and so is whatever
 * else the caller says cuts the series: another point, a reading without a value. */
#ifndef STRETCH_H
#define STRETCH_H

#include <stddef.h>
#include <stdint.h>

struct stretch {
	size_t first, n;                /* of the readings */
	double interval_s;              /* mean within it; NAN: of fewer than 2 */
	size_t gaps;                    /* in all the readings */
};

/* Readings in order; of two whose pieces differ the second begins anew. */
struct stretch stretch_longest(const int64_t *at_ns, const uint32_t *piece, size_t n);

#endif
