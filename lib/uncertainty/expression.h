/* SPDX-License-Identifier: GPL-3.0-or-later
 * expression.h - an equation's right-hand side as a person writes it, and what is computed from it.
 *
 *     indication - (reference + certificate) * (1 + alpha * (t - 20 [degC]))
 *
 * From low to high: + and -, * and /, a sign, ^ (from right to left: -a^2 is -(a^2), a^b^c is a^(b^c)); parentheses;
 * decimal numbers, with a unit in brackets where they are quantities; pi; names; functions of a fixed number of
 * arguments: those of a calculator (operation.h) and of physics (functions.h).  There is nothing else: no assignment,
 * no condition, no loop.
 *
 * The text becomes a list of nodes in which every operand stands before its operator.  Three things walk along it:
 *
 * - values: forwards, over columns of trials, so that each operator is one loop (JCGM 101:2008, 7.4);
 * - derivatives: forwards for the value, then backwards for all first partial derivatives at once - the
 *   sensitivity coefficients of JCGM 100:2008, 5.1.3 - and once more in the direction of each input for the second
 *   ones of 5.1.2, note.  Exact but for rounding: nothing is approximated by differences;
 * - dimensions: forwards.  Only like adds to like, exp and ln take numbers, an angle is no number.  Celsius
 *   temperatures have differences, in K, and nothing else: kelvin(t) and celsius(T) go between the two.  Theirs is
 *   the sign of a number: -10 [degC] is a place on the scale, and the negative of none.
 *
 * All numbers are in coherent SI units (unit_coherent), Celsius temperatures in degC.  An expression is constant once
 * parsed: any number of threads may evaluate it.  Parsing and dimensions ask udunits2: in one thread (unit.h). */
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include <stddef.h>

#include "dimension.h"
#include "err.h"

#define EXPRESSION_LONGEST 4000         /* bytes */
#define EXPRESSION_DEEPEST 64           /* parentheses, signs and exponents within each other */

struct expression;

/* NULL, ERR_CONFIG: "column 7: ..." and what to write instead. */
struct expression *expression_parse(const char *text, struct err *e);
void expression_free(struct expression **x);

/* The names in it that are no function's, each once, in the order of their appearance. */
size_t expression_names(const struct expression *x, const char *const **names);

/* The dimension of the whole, from those of the names.  ERR_CONFIG: the operator, its column and both operands. */
int expression_dimension(const struct expression *x, const struct dimension *of_names, struct dimension *whole,
			 struct err *e);

/* y[t] for t < trials, from a column per name.  NAN or infinite where it is not defined. */
void expression_values(const struct expression *x, const double *const *columns, size_t trials, double *y);

/* At one place (a number per name): y, equal in every bit to what expression_values gives; n first derivatives; and
 * n x n second ones, row by row, unless NULL.  NAN where there is none, as of abs at 0. */
void expression_derivatives(const struct expression *x, const double *at, double *y, double *first, double *second);

#endif
