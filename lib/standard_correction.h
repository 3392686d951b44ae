/* SPDX-License-Identifier: GPL-3.0-or-later
 * standard_correction.h - the correction of a standard at one value, and the inputs it is made of.
 *
 *     correction = fixed + sum of sensitivity * input
 *
 * is to be added to the indication, or to the nominal value, in the quantity's unit.  What is exactly known (the drift
 * per year, coefficients without an uncertainty) is in `fixed`; every other input stands in it once, with its identity,
 * so that an evaluation that meets it again at another point knows it.
 *
 * A platinum thermometer (Callendar-Van Dusen, ITS-90) has no correction: its coefficients are inputs whose sensitivity
 * is NAN, for whoever computes the temperature from the resistance; the rest is to be added to that temperature. */
#ifndef STANDARD_CORRECTION_H
#define STANDARD_CORRECTION_H

#include "standard.h"

#define STANDARD_TERMS 32

struct standard_condition { const char *quantity; double value; };      /* an influence quantity, in its unit */

struct standard_use {                    /* when and where it is used */
	int64_t day;
	const struct standard_condition *conditions;
	size_t n;
};

struct standard_term { const struct standard_input *input; double sensitivity; };

struct standard_correction {
	double value;                    /* NAN: of a thermometer */
	double fixed;
	struct standard_term terms[STANDARD_TERMS];
	size_t n;
};

/* At a value in the quantity's unit.  Outside the range the outer row or the polynomial goes on: whether that may be is
 * asked before (standard_check_value).  ERR_CONFIG: an influence quantity of the certificate is not among the conditions. */
int standard_correct(const struct standard_statement *t, double value, const struct standard_use *use,
		     struct standard_correction *out, struct err *e);

/* Between two inputs of one statement, as it says; 0 otherwise. */
double standard_input_correlation(const struct standard_statement *t, const struct standard_input *a,
				  const struct standard_input *b);

#endif
