/* SPDX-License-Identifier: GPL-3.0-or-later
 * platinum.h - platinum resistance thermometers that are described by the Callendar-Van Dusen equation
 * (IEC 60751:2022), and the extrapolation of any thermometer to zero current.  Those on ITS-90: its90.h.
 *
 *     R = R0 (1 + A t + B t^2)                        from 0 degC to 850 degC
 *     R = R0 (1 + A t + B t^2 + C (t - 100 degC) t^3)   from -200 degC to 0 degC
 *
 * with t in degC and the thermometer's own coefficients (nominal ones: A = 3.9083e-3, B = -5.775e-7,
 * C = -4.183e-12).  The temperature is the root of the very equation, on either side of 0 degC; NAN where it would lie
 * outside of -200 degC to 850 degC. */
#ifndef PLATINUM_H
#define PLATINUM_H

#include "hyper.h"

/* self is not used. */
struct hyper platinum_resistance(const void *self, const struct hyper x[5]);     /* t, R0, A, B, C */
struct hyper platinum_temperature(const void *self, const struct hyper x[5]);    /* R, R0, A, B, C; degC */

/* R1 and R2 at the currents I1 and I2: self-heating grows with the square of the current, so R1 - I1^2 (R2 - R1) /
 * (I2^2 - I1^2) is what it would be without.  (Guide to the Realization of the ITS-90, Platinum Resistance
 * Thermometry, CCT.)  NAN where the currents are equal. */
struct hyper zero_current(const void *self, const struct hyper x[4]);            /* R1, R2, I1, I2 */

#endif
