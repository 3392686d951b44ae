/* SPDX-License-Identifier: GPL-3.0-or-later
 * vapour.h - the pressure of saturated water vapour, pure, over water and over ice, and the temperatures that belong to
 * a pressure: dew point and frost point.
 *
 * Over water: IAPWS R7-97(2012), Industrial Formulation 1997, equations (30) and (31), from 0 degC to the critical
 * point; its own uncertainty is 0.025 %.  Over ice: IAPWS R14-08(2011), equation (6), from 50 K to the triple point.
 * Over water that should be ice, which sensors of relative humidity are related to: D. M. Murphy and T. Koop, Q. J. R.
 * Meteorol. Soc. 131 (2005) 1539-1565, equation (10), here from 123 K to the triple point.  NAN outside.
 *
 * In air the vapour's pressure at saturation is greater by the enhancement factor, some 0.4 %, of which next to nothing
 * remains in a relative humidity that is made as a ratio of two of these at nearly one temperature. */
#ifndef VAPOUR_H
#define VAPOUR_H

#include "hyper.h"

/* degC to Pa, and back; self is not used. */
struct hyper water_vapour_pressure(const void *self, const struct hyper *t);
struct hyper dew_point(const void *self, const struct hyper *p);
struct hyper ice_vapour_pressure(const void *self, const struct hyper *t);
struct hyper frost_point(const void *self, const struct hyper *p);
struct hyper supercooled_vapour_pressure(const void *self, const struct hyper *t);
struct hyper supercooled_dew_point(const void *self, const struct hyper *p);

#endif
