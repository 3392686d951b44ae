/* SPDX-License-Identifier: GPL-3.0-or-later
 * operation.h - what an expression is made of: operators and the functions of any calculator, each with its value, its
 * partial derivatives and its rule of dimensions.
 *
 *     + - * / ^    sqrt exp ln log10    sin cos tan asin acos atan    abs min max    kelvin celsius
 *
 * The functions of physics are another table: functions.h. */
#ifndef OPERATION_H
#define OPERATION_H

#include <stddef.h>

enum dimension_rule {
	RULE_SUM, RULE_DIFFERENCE, RULE_PRODUCT, RULE_QUOTIENT, RULE_POWER, RULE_ROOT,
	RULE_SAME,              /* one argument, any dimension but a scale's: the same (a sign, abs) */
	RULE_ALIKE,             /* alike arguments: the same (min, max) */
	RULE_NUMBER,            /* a number of a number (exp, ln) */
	RULE_OF_ANGLE,          /* a number of an angle, or of a number taken for radians */
	RULE_TO_ANGLE,
	RULE_KELVIN, RULE_CELSIUS,
	RULES
};

struct operation {
	const char *name;
	unsigned arguments;
	enum dimension_rule rule;
	double (*value)(const double *a);
	/* y is the value at a.  first: arguments; second: arguments x arguments, row by row, not NULL; both zeroed. */
	void (*partials)(const double *a, double y, double *first, double *second);
	/* The value over columns, to the same bits; NULL: one by one.  y may be one of the columns. */
	void (*columns)(const double *const *a, size_t n, double *y);
};

extern const struct operation operation_add, operation_subtract, operation_multiply, operation_divide,
	operation_negate, operation_power,
	operation_constant_power;       /* the exponent is a constant, that is, has no derivative */

const struct operation *operation_find(const char *name);       /* a function; NULL: no such name */
const char *operation_nearest(const char *name);                /* for messages; NULL: none is near */

#endif
