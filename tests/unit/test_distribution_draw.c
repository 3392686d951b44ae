/* SPDX-License-Identifier: GPL-3.0-or-later
 * Draws of every kind at fixed seeds: their distribution function against the exact one (Kolmogorov and Smirnov, and
 * chi-squared over equally probable cells), neighbours against each other, far tails, and the moments of table 1. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "distribution_draw.h"
#include "evaluate.h"
#include "student.h"

#define DRAWS 100000
#define CELLS 1000
#define SIDE  20                        /* cells of a neighbour */

/* One in 10^6 of good generators fails; the seeds are fixed, so none fails now and then. */
#define SELDOM 1e-6

static double probability_curvilinear(double x, double d)
{
	double inner = 1 - d, flat = log((1 + d) / inner) / (4 * d);

	if (x < 0)
		return 1 - probability_curvilinear(-x, d);
	if (x <= inner)
		return 0.5 + flat * x;
	return 0.5 + flat * inner + ((x - inner) * (log(1 + d) + 1) - x * log(x) + inner * log(inner)) / (4 * d);
}

static double probability_trapezoidal(double x, double top)
{
	double height = 1 / (1 + top);

	if (x < 0)
		return 1 - probability_trapezoidal(-x, top);
	if (x <= top)
		return 0.5 + height * x;
	return 1 - height * (1 - x) * (1 - x) / (1 - top) / 2;
}

/* Of a value below x, where location is 0 and scale 1. */
static double probability(const struct distribution *d, double x)
{
	switch (d->kind) {
	case DISTRIBUTION_NORMAL:
		return student_normal_probability(x);
	case DISTRIBUTION_T:
		return student_probability(x, d->shape);
	case DISTRIBUTION_RECTANGULAR:
		return (x + 1) / 2;
	case DISTRIBUTION_CURVILINEAR:
		return d->shape > 0 ? probability_curvilinear(x, d->shape) : (x + 1) / 2;
	case DISTRIBUTION_ARCSINE:
		return 0.5 + asin(x) / M_PI;
	default:
		return probability_trapezoidal(x, d->kind == DISTRIBUTION_TRIANGULAR ? 0 : fmin(d->shape, 1 - 1e-15));
	}
}

static const struct distribution kinds[] = {
	{ DISTRIBUTION_NORMAL, 0, 1, 0 }, { DISTRIBUTION_T, 0, 1, 0.5 }, { DISTRIBUTION_T, 0, 1, 1 },
	{ DISTRIBUTION_T, 0, 1, 2 }, { DISTRIBUTION_T, 0, 1, 2.5 }, { DISTRIBUTION_T, 0, 1, 18 },
	{ DISTRIBUTION_T, 0, 1, 1e6 }, { DISTRIBUTION_T, 0, 1, INFINITY }, { DISTRIBUTION_RECTANGULAR, 0, 1, 0 },
	{ DISTRIBUTION_CURVILINEAR, 0, 1, 0 }, { DISTRIBUTION_CURVILINEAR, 0, 1, 0.1 },
	{ DISTRIBUTION_CURVILINEAR, 0, 1, 0.999 }, { DISTRIBUTION_TRAPEZOIDAL, 0, 1, 0 },
	{ DISTRIBUTION_TRAPEZOIDAL, 0, 1, 0.3 }, { DISTRIBUTION_TRAPEZOIDAL, 0, 1, 1 },
	{ DISTRIBUTION_TRIANGULAR, 0, 1, 0 }, { DISTRIBUTION_ARCSINE, 0, 1, 0 },
};

#define KINDS (sizeof kinds / sizeof *kinds)

static void draw(const struct distribution *d, const char *name, double *x, size_t n)
{
	struct random r;

	random_seed(&r, 20261124, name);
	distribution_draw(d, &r, x, n);
}

static double chi_squared(const size_t *count, size_t cells, double expected)
{
	double sum = 0;

	for (size_t i = 0; i < cells; i++)
		sum += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
	return sum;
}

static void assert_plausible(const char *what, const struct distribution *d, double chi2, double dof)
{
	double p = student_chi_squared_probability(chi2, dof);

	if (!(p > SELDOM && p < 1 - SELDOM))
		fail_msg("%s %g: chi-squared of %s is %g of %g", distribution_names[d->kind], d->shape, what, chi2, dof);
}

/* Kolmogorov's distance where cells end; beyond 2.7 / sqrt(n) one in 10^6 goes. */
static void assert_near(const struct distribution *d, const size_t *count)
{
	size_t below = 0;

	for (size_t i = 0; i < CELLS; i++) {
		below += count[i];
		if (!(fabs((double)below / DRAWS - (double)(i + 1) / CELLS) < 2.7 / sqrt(DRAWS)))
			fail_msg("%s %g: %zu of %d below cell %zu", distribution_names[d->kind], d->shape, below, DRAWS, i + 1);
	}
}

static size_t cell(double p, size_t cells)
{
	assert_true(p >= 0 && p <= 1);
	return p < 1 ? (size_t)(p * (double)cells) : cells - 1;
}

static void distribution_functions(void **state)
{
	static double x[DRAWS];

	(void)state;
	for (size_t k = 0; k < KINDS; k++) {
		static size_t count[CELLS], pairs[SIDE * SIDE];

		memset(count, 0, sizeof count);
		memset(pairs, 0, sizeof pairs);
		draw(&kinds[k], "functions", x, DRAWS);
		for (size_t i = 0; i < DRAWS; i++) {
			x[i] = probability(&kinds[k], x[i]);
			count[cell(x[i], CELLS)]++;
		}
		for (size_t i = 0; i < DRAWS; i += 2)
			pairs[cell(x[i], SIDE) * SIDE + cell(x[i + 1], SIDE)]++;
		assert_near(&kinds[k], count);
		assert_plausible("cells", &kinds[k], chi_squared(count, CELLS, (double)DRAWS / CELLS), CELLS - 1);
		assert_plausible("neighbours", &kinds[k], chi_squared(pairs, SIDE * SIDE, DRAWS / 2.0 / (SIDE * SIDE)),
				 SIDE * SIDE - 1);
	}
}

static void standard_deviations(void **state)
{
	static double x[DRAWS];

	(void)state;
	for (size_t k = 0; k < KINDS; k++) {
		struct distribution d = kinds[k];
		double deviation;
		struct sample s;

		d.location = 1000;
		d.scale = 3;
		d.shape = d.kind == DISTRIBUTION_CURVILINEAR ? 3 * d.shape : d.shape;
		deviation = distribution_deviation(&d);
		if (isinf(deviation) || (d.kind == DISTRIBUTION_T && d.shape < 4))
			continue;                       /* its variance has none itself */
		draw(&d, "deviations", x, DRAWS);
		s = evaluate_sample(x, DRAWS);
		assert_true(fabs(s.mean - 1000) < 5 * deviation / sqrt(DRAWS));
		assert_true(fabs(s.deviation / deviation - 1) < 5 / sqrt(DRAWS));
	}
}

/* The ziggurat's layers end at 3.654: 4 million draws, of which 253 +- 16 are beyond 4. */
static void tails_of_the_normal(void **state)
{
	static double x[1000];
	struct random r;
	size_t beyond[6] = { 0 };

	(void)state;
	random_seed(&r, 7, "tails");
	for (size_t i = 0; i < 4000; i++) {
		distribution_draw(&kinds[0], &r, x, 1000);
		for (size_t j = 0; j < 1000; j++)
			for (size_t z = 0; z < 6 && fabs(x[j]) > (double)z; z++)
				beyond[z]++;
	}
	for (size_t z = 1; z < 6; z++) {
		double expected = 8e6 * student_normal_probability(-(double)z);

		assert_true(fabs((double)beyond[z] - expected) < 4.5 * sqrt(expected));
	}
}

static void spread_has_the_moments_of_chi_squared(void **state)
{
	static double x[DRAWS];
	struct random r;
	struct sample s;

	(void)state;
	random_seed(&r, 3, "spread");
	distribution_draw_spread(10, &r, x, DRAWS);
	for (size_t i = 0; i < DRAWS; i++)
		x[i] = 10 / (x[i] * x[i]);
	s = evaluate_sample(x, DRAWS);
	assert_true(fabs(s.mean - 10) < 5 * sqrt(20.0 / DRAWS));
	assert_true(fabs(s.deviation / sqrt(20) - 1) < 0.02);
	distribution_draw_spread(INFINITY, &r, x, 300);
	assert_true(x[0] == 1 && x[299] == 1);
}

static void of_the_state_alone(void **state)
{
	static double x[1000], y[1000];

	(void)state;
	for (size_t k = 0; k < KINDS; k++) {
		draw(&kinds[k], "same", x, 1000);
		draw(&kinds[k], "same", y, 1000);
		assert_memory_equal(x, y, sizeof x);
		draw(&kinds[k], "other", y, 1000);
		assert_memory_not_equal(x, y, sizeof x);
	}
}

static void no_width_no_draw(void **state)
{
	double x[3];

	(void)state;
	for (size_t k = 0; k < KINDS; k++) {
		struct distribution d = { kinds[k].kind, 5, 0, kinds[k].kind == DISTRIBUTION_T ? 3 : 0 };

		draw(&d, "width", x, 3);
		assert_true(x[0] == 5 && x[1] == 5 && x[2] == 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distribution_functions),
		cmocka_unit_test(standard_deviations),
		cmocka_unit_test(tails_of_the_normal),
		cmocka_unit_test(spread_has_the_moments_of_chi_squared),
		cmocka_unit_test(of_the_state_alone),
		cmocka_unit_test(no_width_no_draw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
