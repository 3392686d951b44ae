/* SPDX-License-Identifier: GPL-3.0-or-later
 * decimal.h - a number as it is written: units 10^last, the units an integer.  What rounds for a certificate rounds
 * these, exactly, and never a binary fraction that only looks like them: 0.0995 is a tie here, as it is on paper.
 *
 * The decimal of a double is the shortest that reads back as it: 17 digits at most. */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECIMAL_TEXT 64                  /* with NUL */

struct decimal {
	bool negative;                   /* never of 0 */
	uint64_t units;                  /* below 10^17 */
	int last;                        /* the last digit stands for 10^last */
};

enum decimal_tie { TIE_EVEN, TIE_UP };   /* ISO 80000-1:2009, annex B, rule A: to the even digit; rule B: away from 0 */

struct decimal decimal_of(double v);     /* v is finite */
int decimal_digits(const struct decimal *d);            /* of the units; 0 of 0 */
int decimal_magnitude(const struct decimal *d);         /* the first digit stands for 10^this; of 0 last - 1 */

/* To the digit that stands for 10^last; a number that ends before it stays as it is. */
struct decimal decimal_round(struct decimal d, int last, enum decimal_tie tie);

/* "-12.3400e-6": d over 10^tens, written down to the digit that stands for 10^last, and the power of ten, if any.
 * d.last >= last, tens >= last.  -1: more digits than the text holds. */
int decimal_text(char text[DECIMAL_TEXT], const struct decimal *d, int last, int tens);

#endif
