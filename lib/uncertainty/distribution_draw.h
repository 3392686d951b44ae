/* SPDX-License-Identifier: GPL-3.0-or-later
 * distribution_draw.h - draws from the distributions of distribution.h, a column at a time: JCGM 101:2008, 6.4.
 *
 * Rectangular draws and what is made of them follow the recipes of JCGM 101; normal ones are made by the ziggurat of
 * Marsaglia and Tsang (J. Stat. Softw. 5 (2000) 8) in Doornik's form, with 53 random bits beside those that choose the
 * layer; chi-squared ones, of which t is made, by Marsaglia and Tsang (ACM TOMS 26 (2000) 363).
 *
 * What is drawn is a function of the generator's state and of n.  It is the same in any thread; between processors
 * whose exp, log and sin differ in the last bit, draws differ no more than that. */
#ifndef DISTRIBUTION_DRAW_H
#define DISTRIBUTION_DRAW_H

#include <stddef.h>

#include "distribution.h"
#include "random.h"

/* x[0] ... x[n - 1]: independent draws of d, which distribution_check has passed. */
void distribution_draw(const struct distribution *d, struct random *r, double *x, size_t n);

/* sqrt(dof / chi-squared with dof degrees of freedom): what makes of a normal draw one of t: JCGM 101, 6.4.9.4.  Several
 * normal draws that share one factor are jointly t: JCGM 102:2011, 5.3.2.4.  1 where dof is INFINITY. */
void distribution_draw_spread(double dof, struct random *r, double *x, size_t n);

#endif
