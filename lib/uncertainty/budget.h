/* SPDX-License-Identifier: GPL-3.0-or-later
 * budget.h - the uncertainty budget of one result, by the law of propagation of uncertainty: JCGM 100:2008.
 *
 * The value is the function at the estimates (4.1.4).  Each input i adds the line
 *
 *     sensitivity    c_i = df/dx_i at the estimates                                            5.1.3
 *     contribution   u_i(y) = |c_i| u(x_i)                                                     5.1.2, (11b)
 *     variance       c_i u(x_i) times the sum over j of r(x_i, x_j) c_j u(x_j)                 5.2.2, (16)
 *     percent        the variance's part of u_c^2
 *
 * and the combined standard uncertainty u_c(y) is the root of the sum of the variances: of independent inputs they are
 * the squares of the contributions (10); where inputs correlate, each line has its half of what it shares with
 * others, which may be negative.
 *
 * Second order, where asked for (5.1.2, note; H.1.7): to u_c^2 is added
 *
 *     sum over i and j of [ 1/2 (d2f/dx_i dx_j)^2 + df/dx_i d3f/dx_i dx_j^2 ] u^2(x_i) u^2(x_j)
 *
 * which holds for independent inputs of symmetric distributions, and is refused where inputs that contribute correlate.
 * It is a line of its own.
 *
 * Coverage (G.4, G.6.4): effective degrees of freedom by Welch and Satterthwaite, (G.2b), from the first-order
 * lines; k = t_p(nu_eff) for them as they are, or, where the rules say so, cut to the next lower integer; U = k u_c.
 * The formula supposes independent estimates of variances.  Inputs that correlate and have finite degrees of freedom are
 * therefore refused, unless they are known to have been observed together: those of one group, with the same degrees of
 * freedom, then count as one component of their joint variance (Willink, Metrologia 44 (2007) 340; so does H.2 with
 * its five simultaneous readings).  Infinite is what comes out where all that contribute are infinite, and never
 * otherwise. */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdbool.h>

#include "input.h"
#include "measurement_function.h"

struct budget_rules {
	double probability;             /* of coverage: 0.95 */
	double factor;                  /* k as stated; 0: from t.  Stated, no degrees of freedom are worked out */
	bool truncate;                  /* them, to an integer: G.4.1.  Else t is taken between integers */
	bool second_order;
	bool together;                  /* correlated inputs of equal degrees of freedom were observed together */
};

struct budget_line {
	size_t place;                   /* in the table: there are estimate, unit, distribution, source */
	double sensitivity;             /* result's unit per input's */
	double contribution;            /* result's unit, 0 or more */
	double variance, percent;
};

struct budget {
	double value, uncertainty;      /* y, u_c(y) */
	struct budget_line *lines;      /* an input each, in the order of the function's arguments */
	size_t n;
	double second_order;            /* of u_c^2 */
	double degrees_of_freedom;      /* effective, not truncated; NAN: k was stated */
	double probability, factor, expanded;   /* p, k, U */
};

/* places: in the table, of the function's arguments (equation.h); arguments of one place are one input.
 * ERR_CONFIG: no value or no derivative at the estimates; correlations that contradict each other, or that the rules
 * do not cover. */
int budget_make(struct budget *b, const struct measurement_function *f, const size_t *places,
		const struct input_table *t, const struct budget_rules *rules, struct err *e);
void budget_release(struct budget *b);

#endif
