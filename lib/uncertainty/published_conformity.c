/* SPDX-License-Identifier: GPL-3.0-or-later
 * Conformity: JCGM 106:2012, 7.4. */
#include "conformity.h"
#include "published_own.h"

static const struct figure figures[] = {
	{ "probability of conformity", "0.66", FIGURE_ROUNDED, 0 },
	{ "the same, difference of two normal integrals", "0.662629786", FIGURE_ROUNDED, 0 },
};

static int two_limits(const void *of, double *computed, struct err *e)
{
	(void)of;
	(void)e;
	computed[0] = computed[1] = conformity_probability(13.6, 1.8, (struct interval){ 12.5, 16.3 });
	return 0;
}

static const struct published_case cases[] = {
	{ "a value between two limits", "JCGM 106:2012, 7.4", FIGURES(figures), two_limits, NULL },
};

const struct published_table published_conformity = { cases, COUNT(cases) };
