/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurement_record.h - a measurement as the members of its result record (lib/result.h). */
#ifndef MEASUREMENT_RECORD_H
#define MEASUREMENT_RECORD_H

#include "measurement.h"

/* The n-th measurement of the evaluation.  Texts of r are in `texts`, which the caller zeroes and releases, or the
 * evaluation's. */
struct measurement_texts { struct buf budget, covariance, monte_carlo; };
void measurement_result(const struct evaluation *ev, size_t n, struct result *r, struct measurement_texts *texts);
void measurement_texts_release(struct measurement_texts *texts);

#endif
