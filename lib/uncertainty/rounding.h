/* SPDX-License-Identifier: GPL-3.0-or-later
 * rounding.h - a result as it is reported: value and expanded uncertainty, rounded to match.
 *
 * The uncertainty has two significant digits, or one where asked (JCGM 100:2008, 7.2.6; ILAC-P14:09/2020, 5: at most
 * two), and rounding never lowers it by more than 5 %: where it would, it goes up (EA-4/02 M:2022, 6.3).  The value
 * ends with the uncertainty's last digit.  A tie of the uncertainty goes up, which is the safe side; a tie of the value
 * goes to the even digit (ISO 80000-1:2009, annex B, rule A), which favours no side.  Everything in decimals
 * (decimal.h); the unrounded numbers stay beside, with whoever calls: nothing is computed from the rounded ones.
 *
 * Written without a power of ten where no digit that was rounded away would have to be filled in by a zero, and
 * else, like very small ones, with one that both share, in steps of three: 123.5e3 and 1.2e3. */
#ifndef ROUNDING_H
#define ROUNDING_H

#include "decimal.h"
#include "err.h"

struct rounded {
	char value[DECIMAL_TEXT], expanded[DECIMAL_TEXT];
	int last;                        /* the last digit of both stands for 10^last */
	int tens;                        /* the power of ten of both */
	bool raised;                     /* the uncertainty went up for the 5 % rule */
};

/* digits: 1 or 2.  ERR_CONFIG: a number that is not finite, an uncertainty that is not above 0, or one so far below
 * the value that no number could be told from its neighbours. */
int rounding_report(struct rounded *r, double value, double expanded, int digits, struct err *e);

/* Another number of the same result, an end of a coverage interval say, with the same digits. */
int rounding_like(char text[DECIMAL_TEXT], const struct rounded *r, double x, struct err *e);

/* What stands beside them.  Coverage factor: two decimals.  Probability: percent, at most two decimals ("95.45").
 * Degrees of freedom: the integer below (G.4.1 note 2), or the sign of infinity from ROUNDING_MANY on. */
#define ROUNDING_MANY 1e6
void rounding_factor(char text[DECIMAL_TEXT], double k);
void rounding_probability(char text[DECIMAL_TEXT], double p);
void rounding_freedom(char text[DECIMAL_TEXT], double degrees);

#endif
