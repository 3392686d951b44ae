/* SPDX-License-Identifier: GPL-3.0-or-later
 * dimension.h - the dimension of a quantity (VIM 1.7): what may be added, compared and taken the logarithm of.
 *
 * Powers of the SI's base units, and of the radian, since an angle is a dimension of its own here: Hz is no rad/s.
 * Powers are counted in halves, because noise densities go with the square root of a frequency.
 *
 * A Celsius temperature is a place on a scale, not a multiple of anything: two of them have a difference, in K, and
 * no sum.  `scale` tells it from the kelvins whose powers it shares. */
#ifndef DIMENSION_H
#define DIMENSION_H

#include <stdbool.h>

enum dimension_base { METRE, KILOGRAM, SECOND, AMPERE, KELVIN, MOLE, CANDELA, RADIAN, DIMENSION_BASES };

struct dimension {                      /* zeroed: that of a number */
	short halves[DIMENSION_BASES];
	bool scale;                     /* degC */
};

extern const char *const dimension_symbols[DIMENSION_BASES];     /* m kg s ... */

bool dimension_equal(const struct dimension *a, const struct dimension *b);
bool dimension_is_one(const struct dimension *d);

/* d becomes d times by to this power.  False: that is no number of halves, or beyond any physics. */
bool dimension_multiply(struct dimension *d, const struct dimension *by, double power);

#define DIMENSION_TEXT 96
/* The coherent unit: "V", "kg m-3", "V Hz-1/2" as "m2 kg s-5/2 A-1", "degC", "1". */
const char *dimension_text(const struct dimension *d, char text[DIMENSION_TEXT]);

#endif
