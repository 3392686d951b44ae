/* SPDX-License-Identifier: GPL-3.0-or-later
 * fixed.h - the numbers of a range as a person would have written them one by one.
 *
 * From 0 in steps of 0.1 the fourth is 0.3, not 0.30000000000000004: a range is divided in whole numbers of its last
 * decimal place, never in doubles.  Where a division does not come out even (three steps from 0 to 10) and between
 * the values of a logarithmic range, numbers are rounded to so many significant digits; first and last are kept. */
#ifndef FIXED_H
#define FIXED_H

#include "number.h"

#define FIXED_DIGITS_MOST 9           /* to which a range is rounded */

/* digits / 10^places, both small enough (15 digits, 18 places) that sums and products below stay exact. */
struct fixed {
	int64_t digits;
	int places;
};

int    fixed_of(double v, struct fixed *d, struct err *e);       /* its shortest decimal */
double fixed_value(struct fixed d);                              /* the double nearest to it */

/* n >= 2 numbers from, ... , to.  Evenly spaced they are exact where the step has an end and digits is 0; else the
 * step is rounded to so many significant digits (0: three).  Logarithmically each number is; both ends are then above 0. */
int fixed_linear(struct fixed from, struct fixed to, size_t n, int digits, struct fixed *out, struct err *e);
int fixed_logarithmic(struct fixed from, struct fixed to, size_t n, int digits, struct fixed *out, struct err *e);
/* How many numbers from, from + step, ... , to are; ERR_CONFIG where the last step would not end at `to`. */
int fixed_count(struct fixed from, struct fixed to, struct fixed step, size_t *n, struct err *e);

#endif
