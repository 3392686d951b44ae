/* SPDX-License-Identifier: GPL-3.0-or-later
 * ITS-90: the reference functions at the defining fixed points. */
#include "functions.h"
#include "published_own.h"

static const struct figure figures[] = {
	{ "hydrogen, 13.8033 K", "0.00119007", FIGURE_ROUNDED, 0 },
	{ "neon, 24.5561 K", "0.00844974", FIGURE_ROUNDED, 0 },
	{ "oxygen, 54.3584 K", "0.09171804", FIGURE_ROUNDED, 0 },
	{ "argon, 83.8058 K", "0.21585975", FIGURE_ROUNDED, 0 },
	{ "mercury, 234.3156 K", "0.84414211", FIGURE_ROUNDED, 0 },
	{ "water, 273.16 K", "1.00000000", FIGURE_ROUNDED, 0 },
	{ "gallium, 302.9146 K", "1.11813889", FIGURE_ROUNDED, 0 },
	{ "indium, 429.7485 K", "1.60980185", FIGURE_ROUNDED, 0 },
	{ "tin, 505.078 K", "1.89279768", FIGURE_ROUNDED, 0 },
	{ "zinc, 692.677 K", "2.56891730", FIGURE_ROUNDED, 0 },
	{ "aluminium, 933.473 K", "3.37600860", FIGURE_ROUNDED, 0 },
	{ "silver, 1234.93 K", "4.28642053", FIGURE_ROUNDED, 0 },
};

static int fixed_points(const void *of, double *computed, struct err *e)
{
	static const double kelvin[COUNT(figures)] = { 13.8033, 24.5561, 54.3584, 83.8058, 234.3156, 273.16, 302.9146, 429.7485,
						       505.078, 692.677, 933.473, 1234.93 };

	(void)of;
	(void)e;
	for (size_t i = 0; i < COUNT(kelvin); i++)
		computed[i] = function_value(function_find("its90_ratio"), &(double){ kelvin[i] - 273.15 });
	return 0;
}

static const struct published_case cases[] = {
	{ "Wr at the fixed points", "ITS-90, Metrologia 27 (1990) 3, table 1", FIGURES(figures), fixed_points, NULL },
};

const struct published_table published_scale = { cases, COUNT(cases) };
