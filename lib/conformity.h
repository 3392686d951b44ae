/* SPDX-License-Identifier: GPL-3.0-or-later
 * conformity.h - is a measured value within its specification, and how sure is that?
 *
 * JCGM 106:2012 (The role of measurement uncertainty in conformity assessment) and ILAC-G8:09/2019 (decision rules).
 * Always on the unrounded value and the reported expanded uncertainty.  Limits are inclusive; a limit that is not
 * there is -INFINITY or INFINITY.  All in one unit. */
#ifndef CONFORMITY_H
#define CONFORMITY_H

#include <stdbool.h>

struct interval { double low, high; };

/* Guard bands narrow the tolerance interval to that of acceptance, at each limit there is. */
enum guard_kind {
	GUARD_NONE,                     /* simple acceptance: ILAC-G8, 4.2.1; JCGM 106, 8.2 */
	GUARD_FACTOR,                   /* w = r U, r given; negative: guarded rejection: ILAC-G8, 5.2 */
	GUARD_EXPANDED,                 /* w = U: ILAC-G8, 4.2.2; JCGM 106, 8.3.2.2 */
	GUARD_RISK,                     /* as wide as a specific risk at the limit asks: JCGM 106, 8.3.2.3 */
	GUARD_KINDS
};

struct decision_rule {
	enum guard_kind guard;
	bool binary;                    /* pass or fail alone, no condition: ILAC-G8, 4.2.2 */
	double factor;                  /* GUARD_FACTOR: r, may be negative (guarded rejection) */
	double risk;                    /* GUARD_RISK: the most probability of being outside, 0 < risk < 0.5 */
};

/* The words of the DCC (dcc.xsd 3.3.0, statementMetaData/conformity). */
enum conformity { CONFORMITY_PASS, CONFORMITY_CONDITIONAL_PASS, CONFORMITY_CONDITIONAL_FAIL, CONFORMITY_FAIL };

struct judgement {
	enum conformity verdict;
	double guard;                   /* w */
	struct interval acceptance;     /* empty (low > high): no value can be accepted */
	double probability;             /* that the measurand conforms: JCGM 106, 7.2 to 7.4 */
};

/* The measurand is taken as normal around the value: JCGM 106, 7.2.2.  U = k u.  Conditional, where the rule is not
 * binary and w > 0: nearer than w to a limit of tolerance, on either side (ILAC-G8, 4.2.3). */
struct judgement conformity_judge(double value, double u, double k, struct interval tolerance,
				  const struct decision_rule *rule);

double conformity_probability(double value, double u, struct interval tolerance);

/* Test uncertainty ratio: the tolerance interval over that of the 95 % uncertainty, 2 U.  INFINITY if one-sided. */
double conformity_tur(struct interval tolerance, double expanded);

/* Of items whose errors are normal around 0 with standard deviation `prior`, measured with standard uncertainty u,
 * accepted within `acceptance`: global risks of JCGM 106, 9.5, as fractions of all items. */
struct global_risk {
	double false_acceptance;        /* the consumer's: outside, and accepted */
	double false_rejection;         /* the producer's: within, and rejected */
	double conforming;              /* before any measurement */
};

struct global_risk conformity_global(double prior, double u, struct interval tolerance, struct interval acceptance);

const char *conformity_name(enum conformity c);         /* pass conditionalPass conditionalFail fail */

#endif
