/* SPDX-License-Identifier: GPL-3.0-or-later
 * drift.h - items compared in turn - A B A, A B B A, A B B A B A A B, or in any order - while everything drifts.
 *
 * A reading of item i at time t is value[i] + c1 t + ... + e, with one drift, a polynomial in time, for all items and
 * errors e of one variance.  All are found together by least squares at the centres of the readings' apertures, evenly
 * spaced or not: differences of items are free of the drift, and their covariance is that of the fit.  A B B A at even
 * spacing gives what (B1 + B2 - A1 - A2) / 2 gives.
 *
 * A pattern with no more readings than unknowns - A B A with a linear drift - cannot tell its own scatter: the deviation
 * of a reading is then NAN, unless a pooled one (series.h) is handed in. */
#ifndef DRIFT_H
#define DRIFT_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "evaluate.h"
#include "series.h"

struct drift_reading {
	double value;
	int64_t at_ns;                  /* centre of the aperture */
	size_t item;                    /* 0 for A, 1 for B, ... */
};

struct drift {
	size_t items, degree;
	double reference;               /* the first reading: values are differences from it, which keeps their digits */
	double *value;                  /* of each item at the middle of the pattern, less the reference */
	double *rate;                   /* degree: drift per s, per s^2, ... at the middle of the pattern */
	double *covariance;             /* items x items, of the values */
	double deviation;               /* of a reading about the fit, or the pooled one handed in */
	double degrees_of_freedom;      /* of the deviation */
};

/* known: NULL, the residuals say the deviation.  ERR_CONFIG: an item without a reading, a pattern that cannot tell its
 * items from the drift (A B with a linear one), too few readings. */
int drift_eliminate(struct drift *d, const struct drift_reading *readings, size_t n, size_t items, size_t degree,
		    const struct pooled *known, struct err *e);
void drift_release(struct drift *d);

/* Item `of` minus item `from`. */
struct difference drift_difference(const struct drift *d, size_t of, size_t from);

#endif
