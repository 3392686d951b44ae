/* SPDX-License-Identifier: GPL-3.0-or-later
 * Straight lines through points: JCGM 100:2008, H.3; NIST's certified regression of Norris. */
#include <math.h>

#include "polynomial.h"
#include "published_own.h"

struct line_example {
	const double *x, *y;
	size_t n;
	double origin;
	double at;              /* where the line is asked for its value; NAN: nowhere */
};

/* Intercept at the origin and slope, each with its u, and the deviation; their correlation, value and u at a place. */
static int fit_line(const void *of, double *computed, struct err *e)
{
	const struct line_example *l = of;
	const struct curve_points points = { .n = l->n, .x = l->x, .y = l->y };
	struct curve_basis basis;
	struct polynomial p;
	double c[2], u[4];

	if (polynomial_fit(&p, &points, 1, e) < 0)
		return -1;
	polynomial_about(&p, l->origin, c, u);
	computed[0] = c[0];
	computed[1] = sqrt(u[0]);
	computed[2] = c[1];
	computed[3] = sqrt(u[3]);
	computed[4] = p.curve.deviation;
	if (isfinite(l->at)) {
		basis = polynomial_basis(&p);
		computed[5] = u[1] / sqrt(u[0] * u[3]);
		computed[6] = curve_value(&p.curve, &basis, l->at, &computed[7]);
	}
	polynomial_release(&p);
	return 0;
}

static const double thermometer_t[] = { 21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511 };
static const double thermometer_b[] = { -.171, -.169, -.166, -.159, -.164, -.165, -.156, -.157, -.159, -.161, -.160 };
static const struct line_example thermometer = { thermometer_t, thermometer_b, COUNT(thermometer_t), 20, 30 };

static const struct figure thermometer_figures[] = {
	{ "correction at 20 degC / degC", "-0.1712", FIGURE_ROUNDED, 0 },
	{ "its u / degC", "0.0029", FIGURE_ROUNDED, 0 },
	{ "slope", "0.00218", FIGURE_ROUNDED, 0 },
	{ "its u", "0.00067", FIGURE_ROUNDED, 0 },
	{ "deviation of a point / degC", "0.0035", FIGURE_ROUNDED, 0 },
	{ "correlation of the two", "-0.930", FIGURE_ROUNDED, 0 },
	{ "correction at 30 degC / degC", "-0.1494", FIGURE_ROUNDED, 0 },
	{ "its u / degC", "0.0041", FIGURE_ROUNDED, 0 },
};

static const double norris_x[] = {
	0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5, 666.9, 338.0, 447.5, 11.6,
	556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1, 118.3, 229.2, 669.1, 448.9, 0.5,
};
static const double norris_y[] = {
	0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3, 448.9, 10.8,
	557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2, 117.6, 228.9, 668.4, 449.2, 0.2,
};
static const struct line_example norris = { norris_x, norris_y, COUNT(norris_x), 0, NAN };

static const struct figure norris_figures[] = {
	{ "B0", "-0.262323073774029", FIGURE_DIGITS, 12 },
	{ "its deviation", "0.232818234301152", FIGURE_DIGITS, 12 },
	{ "B1", "1.00211681802045", FIGURE_DIGITS, 12 },
	{ "its deviation", "0.429796848199937E-03", FIGURE_DIGITS, 12 },
	{ "residual deviation", "0.884796396144373", FIGURE_DIGITS, 12 },
};

static const struct published_case cases[] = {
	{ "calibration of a thermometer", "JCGM 100:2008, H.3", FIGURES(thermometer_figures), fit_line, &thermometer },
	{ "Norris", "NIST StRD, linear regression", FIGURES(norris_figures), fit_line, &norris },
};

const struct published_table published_fits = { cases, COUNT(cases) };
