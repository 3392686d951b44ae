/* SPDX-License-Identifier: GPL-3.0-or-later
 * unit.h - units, checked wherever a number crosses a boundary.
 *
 * udunits2 converts, behind a whitelist of symbols, prefixes and integer exponents, because it
 * takes V^0.5 for 5 and pH for a picohenry.  Call from one thread only, when files load; the
 * measuring path multiplies by factors found here beforehand.
 *
 * Written as in "V", "mV", "uA", "degC", "%", "1", "V/V", "m s-1", "kg m-3", "Pa", "%RH". */
#ifndef UNIT_H
#define UNIT_H

#include "err.h"

/* value in `from` is factor * value + offset in `to`.  Differences and uncertainties convert
 * with the factor alone (degC has an offset, a temperature difference has not).
 * ERR_CONFIG: unknown unit (with the nearest known one), or the two do not convert. */
struct conversion { double factor, offset; };

int unit_check(const char *unit, struct err *e);
int unit_convert(struct conversion *c, const char *from, const char *to, struct err *e);

#endif
