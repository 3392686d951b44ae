/* SPDX-License-Identifier: GPL-3.0-or-later
 * cvd_fit.h - the Callendar-Van Dusen coefficients of a platinum thermometer from its calibration points
 * (IEC 60751:2022, 5.2; platinum.h has the equation and its inverse).
 *
 * R = R0 + (R0 A) t + (R0 B) t^2 + (R0 C) (t - 100 degC) t^3, the last term below 0 degC alone, is a line in R0 and the
 * three products: it is fitted as any curve (curve.h) of x = t in degC and y = R in ohm, with u(t) as well as u(R), and
 * R0, A, B and C follow with their covariance to first order. */
#ifndef CVD_FIT_H
#define CVD_FIT_H

#include <stdbool.h>

#include "curve.h"

enum cvd_coefficient { CVD_R0, CVD_A, CVD_B, CVD_C, CVD_COEFFICIENTS };

struct cvd_fit {
	bool has_c;                     /* a point lies below 0 degC; else C is 0, and known of nothing */
	double value[CVD_COEFFICIENTS];         /* ohm, 1/degC, 1/degC^2, 1/degC^4 */
	double covariance[CVD_COEFFICIENTS][CVD_COEFFICIENTS];
	struct curve curve;
};

/* ERR_CONFIG: also a point outside of -200 degC to 850 degC. */
int cvd_fit(struct cvd_fit *f, const struct curve_points *points, struct err *e);
void cvd_release(struct cvd_fit *f);

/* For curve_value (R and u(R) at t) and curve_argument (t and u(t) at R); it holds as long as f stays where it is. */
struct curve_basis cvd_basis(const struct cvd_fit *f);

#endif
