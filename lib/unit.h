/* SPDX-License-Identifier: GPL-3.0-or-later
 * unit.h - units, checked wherever a number crosses a boundary.
 *
 * udunits2 knows the dimensions, behind a whitelist of symbols, prefixes and integer exponents,
 * because it takes V^0.5 for 5 and pH for a picohenry.  Call from one thread only, when files
 * load; the measuring path uses the conversions found here beforehand.
 *
 * Written as in "V", "mV", "uA", "degC", "%", "1", "V/V", "m s-1", "kg m-3", "Pa", "%RH": symbols
 * with integer exponents, multiplied by a blank; one '/' may stand before the last of them.
 * An angle is a dimension of its own: Hz does not convert to rad s-1. */
#ifndef UNIT_H
#define UNIT_H

#include "dimension.h"
#include "err.h"

/* value in `from` is factor * value + offset in `to`.  Differences and uncertainties convert
 * with the factor alone (degC has an offset, a temperature difference has not).  Where the
 * factor is a negative power of ten, which no double holds, divisor is its inverse, which is
 * exact: 9 mV / 1000 is the double nearest to 0.009, 9 mV * 0.001 is not.
 * tens is the power of ten, where it is nothing else: what an instrument has said in digits is then
 * shifted, not multiplied (conversion_digits): 1013.251 hPa is 101325.1 Pa, and no neighbour of it. */
struct conversion { double factor, offset, divisor; int tens; };    /* divisor 0, tens 0: none */

/* ERR_CONFIG: unknown unit (with the nearest known one), or the two do not convert. */
int unit_check(const char *unit, struct err *e);
int unit_convert(struct conversion *c, const char *from, const char *to, struct err *e);

/* To the coherent unit of its dimension: mV to V, % to 1, degF to degC.  In these one computes: an equation between
 * quantities is then one between their numbers. */
int unit_coherent(struct conversion *c, struct dimension *d, const char *unit, struct err *e);

/* Frees the database (2 MB, read by the first call), once all files are loaded. */
void unit_forget(void);

static inline double conversion_scale(const struct conversion *c, double difference)
{
	return c->divisor != 0 ? difference / c->divisor : difference * c->factor;
}

static inline double conversion_apply(const struct conversion *c, double value)
{
	return conversion_scale(c, value) + c->offset;
}

/* Of a number that was read as decimal digits: the double nearest to those digits in `to`, where the
 * conversion is a power of ten. */
double conversion_digits(const struct conversion *c, double value);

/* From `to` back to `from`. */
static inline double conversion_undo(const struct conversion *c, double value)
{
	double v = value - c->offset;

	return c->divisor != 0 ? v * c->divisor : v / c->factor;
}

#endif
