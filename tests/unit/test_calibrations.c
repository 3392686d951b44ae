/* SPDX-License-Identifier: GPL-3.0-or-later
 * Whole calibrations, simulated: how often the interval that comes out covers the value that was put in; and what
 * points have in common through one certificate, against the analytic answer.  ETALON_LONG: 10,000 calibrations. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "distribution_draw.h"
#include "evaluate.h"
#include "montecarlo.h"
#include "propagation.h"
#include "student.h"

static struct err e;

static size_t calibrations(void)
{
	return getenv("ETALON_LONG") ? 10000 : 1000;
}

/* Whether the 95 % interval covers 0, which is what every one of these models should give. */
static bool covers_zero(const struct propagation *p, uint64_t seed, size_t trials)
{
	struct montecarlo_options o = montecarlo_usual;
	struct montecarlo mc;
	struct interval i;

	o.seed = seed;
	o.trials = trials;
	o.threads = 1;
	if (montecarlo_run(&mc, &p->inputs, &p->of, 1, &o, &e) < 0)
		fail_msg("%s", e.text);
	i = mc.results[0].coverage.of[COVERAGE_SYMMETRIC];
	montecarlo_release(&mc);
	return i.low <= 0 && i.high >= 0;
}

static void assert_coverage(const char *how, size_t covered, double expected)
{
	double n = (double)calibrations(), got = (double)covered / n;

	print_message("%s: %g %% of %g calibrations covered, expected %g %%\n", how, 100 * got, n, 100 * expected);
	assert_true(fabs(got - expected) <= 3 * sqrt(expected * (1 - expected) / n));
}

/* Inputs of known variance, whose errors are drawn afresh for each calibration: 95 % is 95 %. */
static bool covered_by_known(struct random *r, uint64_t seed)
{
	static const struct { const char *id; struct distribution d; } kinds[] = {
		{ "indication", { DISTRIBUTION_NORMAL, 0, 1, 0 } },
		{ "certificate", { DISTRIBUTION_NORMAL, 0, 0.7, 0 } },
		{ "resolution", { DISTRIBUTION_RECTANGULAR, 0, 2, 0 } },
		{ "temperature", { DISTRIBUTION_ARCSINE, 0, 1.5, 0 } },
		{ "drift", { DISTRIBUTION_TRIANGULAR, 0, 1, 0 } },
	};
	struct propagation p;
	bool covers;

	propagation_begin(&p, "error", propagation_sum);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct distribution d = kinds[i].d;

		distribution_draw(&kinds[i].d, r, &d.location, 1);
		propagation_add(&p, kinds[i].id, d);
	}
	covers = covers_zero(&p, seed, 2000);
	propagation_release(&p);
	return covers;
}

static void known_variances(void **state)
{
	size_t covered = 0;
	struct random r;

	(void)state;
	random_seed(&r, 5, "known");
	for (size_t i = 0; i < calibrations(); i++)
		covered += covered_by_known(&r, i);
	assert_coverage("known variances", covered, 0.95);
}

#define MOST_READINGS 10

static struct sample readings(struct random *r, size_t n)
{
	double x[MOST_READINGS];

	for (size_t i = 0; i < n; i++)
		x[i] = random_normal(r);
	return evaluate_sample(x, n);
}

static void add_mean(struct propagation *p, const char *id, const struct sample *s)
{
	propagation_add(p, id, (struct distribution){ DISTRIBUTION_T, s->mean, s->deviation_of_mean, (double)s->n - 1 });
}

static bool covered_by_montecarlo(const struct sample *item, const struct sample *reference, uint64_t seed)
{
	struct propagation p;
	bool covers;

	propagation_begin(&p, "difference", propagation_difference);
	add_mean(&p, "item", item);
	add_mean(&p, "reference", reference);
	covers = covers_zero(&p, seed, 4000);
	propagation_release(&p);
	return covers;
}

static bool covered_by_welch(const struct sample *item, const struct sample *reference)
{
	struct difference d = evaluate_unpaired(item, reference);

	return fabs(d.value) <= student_factor(0.95, d.degrees_of_freedom) * d.uncertainty;
}

/* The deviation is pooled from nine earlier series and these two: 11 (n - 1) degrees of freedom. */
static bool covered_by_pooled(const struct sample *item, const struct sample *reference, struct random *r)
{
	double n = (double)item->n, squares = pow(item->deviation, 2) + pow(reference->deviation, 2), dof = 11 * (n - 1);

	for (size_t i = 0; i < 9; i++)
		squares += pow(readings(r, item->n).deviation, 2);
	return fabs(item->mean - reference->mean) <= student_factor(0.95, dof) * sqrt(squares / 11 * 2 / n);
}

/* A few readings of each of two.  Scaled and shifted t distributions know less than there is to know, and cover more
 * than they say; the formula of Welch and Satterthwaite is nearer; a pooled deviation is exact.  What is expected was
 * computed apart from this program, of a million calibrations and more, to 0.0002; for Monte Carlo by convolution
 * of the two distribution functions. */
static void few_readings(void **state)
{
	static const struct { size_t n; double montecarlo, welch; } rows[] = {
		{ 3, 0.98943, 0.96486 }, { 5, 0.97607, 0.95550 }, { 10, 0.96308, 0.95117 },
	};

	(void)state;
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		size_t montecarlo = 0, welch = 0, pooled = 0;
		struct random r;

		random_seed(&r, rows[k].n, "few");
		for (size_t i = 0; i < calibrations(); i++) {
			struct sample item = readings(&r, rows[k].n), reference = readings(&r, rows[k].n);

			montecarlo += covered_by_montecarlo(&item, &reference, i);
			welch += covered_by_welch(&item, &reference);
			pooled += covered_by_pooled(&item, &reference, &r);
		}
		print_message("%zu and %zu readings:\n", rows[k].n, rows[k].n);
		assert_coverage("Monte Carlo", montecarlo, rows[k].montecarlo);
		assert_coverage("Welch and Satterthwaite", welch, rows[k].welch);
		assert_coverage("pooled", pooled, 0.95);
	}
}

/* Ten points at 1 to 10, each an indication less the same certificate's correction; a line through them. */

#define POINTS 10
#define U_READING     0.01
#define U_CERTIFICATE 0.05
#define SPREAD        82.5              /* sum of squares of 1 ... 10 about their mean, 5.5 */

static void ratio_of_ends(const void *self, const double *const *x, size_t trials, double *y)
{
	(void)self;
	for (size_t t = 0; t < trials; t++)
		y[t] = (x[0][t] - x[POINTS][t]) / (x[POINTS - 1][t] - x[POINTS][t]);
}

static void slope(const void *self, const double *const *x, size_t trials, double *y)
{
	(void)self;
	for (size_t t = 0; t < trials; t++) {
		y[t] = 0;
		for (size_t i = 0; i < POINTS; i++)
			y[t] += ((double)i - 4.5) * (x[i][t] - x[POINTS][t]) / SPREAD;
	}
}

static void intercept(const void *self, const double *const *x, size_t trials, double *y)
{
	slope(self, x, trials, y);
	for (size_t t = 0; t < trials; t++) {
		double mean = 0;

		for (size_t i = 0; i < POINTS; i++)
			mean += (x[i][t] - x[POINTS][t]) / POINTS;
		y[t] = mean - 5.5 * y[t];
	}
}

enum { FIRST, LAST, RATIO, SLOPE, INTERCEPT, RESULTS };

static void ten_points(struct propagation *p, struct measurand *of, size_t (*ends)[2])
{
	static const char *const ids[POINTS] = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "10" };

	propagation_begin(p, "ratio", ratio_of_ends);
	for (size_t i = 0; i < POINTS; i++)
		propagation_add(p, ids[i], (struct distribution){ DISTRIBUTION_NORMAL, (double)i + 1, U_READING, 0 });
	propagation_add(p, "certificate", (struct distribution){ DISTRIBUTION_NORMAL, 0, U_CERTIFICATE, 0 });
	ends[FIRST][0] = 0;
	ends[LAST][0] = POINTS - 1;
	ends[FIRST][1] = ends[LAST][1] = POINTS;
	of[FIRST] = (struct measurand){ "first", { .n = 2, .values = propagation_difference }, ends[FIRST] };
	of[LAST] = (struct measurand){ "last", { .n = 2, .values = propagation_difference }, ends[LAST] };
	of[RATIO] = of[SLOPE] = of[INTERCEPT] = p->of;
	of[SLOPE].f.values = slope;
	of[INTERCEPT].f.values = intercept;
}

static void assert_covariance(const struct montecarlo *mc, size_t a, size_t b, double expected)
{
	const double *c = mc->covariance;
	double size = sqrt(c[a * mc->n + a] * c[b * mc->n + b]), got = c[a * mc->n + b];

	assert_true(c[b * mc->n + a] == got);
	if (!(fabs(got - expected) < 6 * size / sqrt((double)mc->trials)))
		fail_msg("covariance of %zu and %zu: %g, not %g", a, b, got, expected);
}

static void what_one_certificate_does(void **state)
{
	const double r = U_READING * U_READING, c = U_CERTIFICATE * U_CERTIFICATE;
	struct montecarlo_options o = montecarlo_usual;
	struct measurand of[RESULTS];
	size_t ends[2][2];
	struct propagation p;
	struct montecarlo mc;

	(void)state;
	o.trials = 200000;
	o.covariance = true;
	ten_points(&p, of, ends);
	assert_int_equal(montecarlo_run(&mc, &p.inputs, of, RESULTS, &o, &e), 0);
	assert_covariance(&mc, FIRST, FIRST, r + c);
	assert_covariance(&mc, FIRST, LAST, c);
	assert_covariance(&mc, RATIO, RATIO, (r * 1.01 + c * 0.81) / 100);
	assert_covariance(&mc, SLOPE, SLOPE, r / SPREAD);
	assert_covariance(&mc, INTERCEPT, INTERCEPT, r * (0.1 + 5.5 * 5.5 / SPREAD) + c);
	assert_covariance(&mc, SLOPE, INTERCEPT, -r * 5.5 / SPREAD);
	assert_covariance(&mc, SLOPE, FIRST, -4.5 * r / SPREAD);
	for (size_t i = 0; i < RESULTS; i++)
		assert_true(fabs(mc.covariance[i * RESULTS + i] / pow(mc.results[i].uncertainty, 2) - 1) < 1e-12);
	montecarlo_release(&mc);
	propagation_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_variances),
		cmocka_unit_test(few_readings),
		cmocka_unit_test(what_one_certificate_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
