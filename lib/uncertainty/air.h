/* SPDX-License-Identifier: GPL-3.0-or-later
 * air.h - density of moist air: CIPM-2007 (A. Picard, R. S. Davis, M. Glaeser, K. Fujii, Revised formula for the
 * density of moist air, Metrologia 45 (2008) 149-155), equation (1) and appendix A.
 *
 * Holds from 600 hPa to 1100 hPa and from 15 degC to 27 degC (A.3); humidity from 0 to 1; of carbon dioxide, for which
 * the paper gives no limits, from 0 to 0.01.  NAN elsewhere.  The equation itself has a relative standard uncertainty
 * of 2.2e-5 (table 2): an input of its own, which this function does not know of. */
#ifndef AIR_H
#define AIR_H

#include "hyper.h"

/* Pressure in Pa, temperature in degC, relative humidity, and mole fraction of CO2, to kg m-3; self is not used.
 * Without the fourth: 400 umol/mol, which the paper recommends where it is not measured. */
struct hyper air_density(const void *self, const struct hyper x[3]);
struct hyper air_density_co2(const void *self, const struct hyper x[4]);

#endif
