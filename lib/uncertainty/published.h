/* SPDX-License-Identifier: GPL-3.0-or-later
 * published.h - cases whose answers are published, computed by this installation: the validation of software before it
 * is used, ISO/IEC 17025:2017, 7.11.2.
 *
 * A case is one example of a guide, or one data set, with its figures.  A figure stands here as it is printed, so that
 * its own digits say how near a computed one has to come; compute() takes the way that a run's results take - models
 * as expressions with units, budgets, Monte Carlo, curves - and gives a number for each figure, in their order.
 *
 * Where a source rounds in between and goes on with what it rounded, either the same is done here, and the name says
 * so, or the figure is left out: it would not tell a right program from a wrong one. */
#ifndef PUBLISHED_H
#define PUBLISHED_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define PUBLISHED_SEED 1        /* of the Monte Carlo cases: the same figures every time */

enum figure_rule {
	FIGURE_ROUNDED,         /* within half a unit of the last printed digit */
	FIGURE_DIGITS,          /* to bound significant digits: NIST StRD certifies more than computing in doubles keeps, or
				 * a value that is exact with fewer */
	FIGURE_WITHIN,          /* within bound, the numerical tolerance of a Monte Carlo result: JCGM 101, 7.9.2 */
	FIGURE_VERDICT,         /* "yes" or "no"; computed is 1 or 0 */
};

struct figure {
	const char *name;       /* with its unit: "length / nm" */
	const char *published;
	enum figure_rule rule;
	double bound;
};

struct published_case {
	const char *name;
	const char *source;     /* document and place; what is exact beyond its printed digits, it says */
	const struct figure *figures;
	size_t n;
	int (*compute)(const void *of, double *computed, struct err *e);
	const void *of;         /* what tells apart cases that share a compute */
};

struct comparison {
	int known;              /* significant digits of the published figure, all those asked for of an exact one; of a
				 * verdict 0, and so the next */
	int agreed;             /* to so many of them the computed one rounds alike */
	bool agrees;            /* as its rule asks */
};

/* A computed figure that is not finite agrees with none. */
struct comparison figure_compare(const struct figure *f, double computed);

/* All of them; those of one field stand together.  Binding models asks udunits2: in one thread (unit.h). */
const struct published_case *published_case(size_t i);          /* NULL: no more */

#endif
