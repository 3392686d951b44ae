/* SPDX-License-Identifier: GPL-3.0-or-later
 * Allan deviations: the ten phases of NBS Monograph 140, as NIST SP 1065 has them. */
#include "published_own.h"
#include "stability.h"

#define FREQUENCIES 9
#define PHASES (FREQUENCIES + 1)

static const struct figure figures[] = {
	{ "ADEV, m = 1", "91.22945", FIGURE_ROUNDED, 0 },
	{ "ADEV, m = 2", "115.8082", FIGURE_ROUNDED, 0 },
	{ "OADEV, m = 1", "91.22945", FIGURE_ROUNDED, 0 },
	{ "OADEV, m = 2", "85.95287", FIGURE_ROUNDED, 0 },
	{ "MDEV, m = 1", "91.22945", FIGURE_ROUNDED, 0 },
	{ "MDEV, m = 2", "74.78849", FIGURE_ROUNDED, 0 },
	{ "TDEV, m = 1", "52.67135", FIGURE_ROUNDED, 0 },
	{ "TDEV, m = 2", "86.35831", FIGURE_ROUNDED, 0 },
};

/* Kind by kind, as the figures stand. */
static int ten_points(const void *of, double *computed, struct err *e)
{
	static const double monograph[FREQUENCIES] = { 892, 809, 823, 798, 671, 644, 883, 903, 677 };
	double x[PHASES];

	(void)of;
	(void)e;
	stability_phase(x, monograph, FREQUENCIES, 1);
	for (enum stability_kind k = 0; k < STABILITY_KINDS; k++)
		for (size_t m = 1; m <= 2; m++)
			*computed++ = stability_of_phase(k, x, PHASES, 1, m).value;
	return 0;
}

static const struct published_case cases[] = {
	{ "ten points", "NIST SP 1065 (2008), chapter 12; NBS Monograph 140", FIGURES(figures), ten_points, NULL },
};

const struct published_table published_stability = { cases, COUNT(cases) };
