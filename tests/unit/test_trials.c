/* SPDX-License-Identifier: GPL-3.0-or-later
 * Inputs that correlate are drawn so; what cannot be drawn jointly is refused; nobody's draws depend on who else is
 * drawn. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "propagation.h"
#include "student.h"
#include "trials.h"

#define BLOCKS 100
#define N      (BLOCKS * TRIALS_BLOCK)
#define INPUTS 3

static struct err e;
static double drawn[INPUTS][N];

static void correlate(struct propagation *p, size_t a, size_t b, double r)
{
	if (input_correlate(&p->inputs, a, b, r, &e) < 0)
		fail_msg("%s", e.text);
}

/* All three inputs of a model, those that are wanted, into `drawn`. */
static void draw(const struct propagation *p, const bool *wanted)
{
	struct trials t;
	double *columns[INPUTS];

	if (trials_init(&t, &p->inputs, wanted, 42, &e) < 0)
		fail_msg("%s", e.text);
	for (size_t block = 0; block < BLOCKS; block++) {
		for (size_t i = 0; i < INPUTS; i++)
			columns[i] = &drawn[i][block * TRIALS_BLOCK];
		trials_draw(&t, block, columns);
	}
	trials_release(&t);
}

static const bool all[] = { true, true, true };

static double mean(const double *x)
{
	double sum = 0;

	for (size_t i = 0; i < N; i++)
		sum += x[i];
	return sum / N;
}

static double covariance(const double *x, const double *y)
{
	double mx = mean(x), my = mean(y), sum = 0;

	for (size_t i = 0; i < N; i++)
		sum += (x[i] - mx) * (y[i] - my);
	return sum / (N - 1);
}

static double correlation(const double *x, const double *y)
{
	return covariance(x, y) / sqrt(covariance(x, x) * covariance(y, y));
}

/* The standard deviation of a correlation coefficient of n normal pairs is (1 - r^2) / sqrt(n). */
static void assert_correlation(size_t a, size_t b, double r)
{
	double got = correlation(drawn[a], drawn[b]);

	if (!(fabs(got - r) < 4.5 * (1 - r * r) / sqrt(N) + 1e-9))
		fail_msg("%zu and %zu correlate by %g, not by %g", a, b, got, r);
}

static void three(struct propagation *p, struct distribution a, struct distribution b, struct distribution c)
{
	propagation_begin(p, "y", propagation_sum);
	propagation_add(p, "volt", a);
	propagation_add(p, "ampere", b);
	propagation_add(p, "phase", c);
}

/* JCGM 100, H.2: voltage, current and phase from five simultaneous readings. */
static void normal_jointly(void **state)
{
	struct propagation p;

	(void)state;
	three(&p, (struct distribution){ DISTRIBUTION_NORMAL, 4.9990, 0.0032, 0 },
	      (struct distribution){ DISTRIBUTION_NORMAL, 19.6610e-3, 0.0095e-3, 0 },
	      (struct distribution){ DISTRIBUTION_NORMAL, 1.04446, 0.00075, 0 });
	correlate(&p, 0, 1, -0.36);
	correlate(&p, 0, 2, 0.86);
	correlate(&p, 1, 2, -0.65);
	draw(&p, all);
	assert_correlation(0, 1, -0.36);
	assert_correlation(0, 2, 0.86);
	assert_correlation(1, 2, -0.65);
	assert_true(fabs(mean(drawn[0]) - 4.9990) < 4.5 * 0.0032 / sqrt(N));
	assert_true(fabs(sqrt(covariance(drawn[1], drawn[1])) / 0.0095e-3 - 1) < 0.01);
	propagation_release(&p);
}

/* Fully correlated: one random variable, twice; and a third of which nothing is left. */
static void coefficients_of_one(void **state)
{
	const struct distribution a = { DISTRIBUTION_NORMAL, 1, 0.1, 0 }, b = { DISTRIBUTION_NORMAL, 5, 2, 0 };
	struct propagation p;

	(void)state;
	three(&p, a, b, a);
	correlate(&p, 0, 1, -1);
	correlate(&p, 0, 2, 1);
	correlate(&p, 1, 2, -1);
	draw(&p, all);
	for (size_t i = 0; i < N; i++) {
		assert_true(fabs((drawn[0][i] - 1) / 0.1 + (drawn[1][i] - 5) / 2) < 1e-13);
		assert_true(fabs(drawn[0][i] - drawn[2][i]) < 1e-14);
	}
	propagation_release(&p);
}

/* Jointly t: each is t by itself, and they correlate as stated. */
static void t_jointly(void **state)
{
	const struct distribution t = { DISTRIBUTION_T, 0, 1, 8 };
	struct propagation p;
	double beyond[2] = { 0 };
	const double limit = student_quantile(0.99, 8);

	(void)state;
	three(&p, t, t, (struct distribution){ DISTRIBUTION_NORMAL, 0, 1, 0 });
	correlate(&p, 0, 1, 0.7);
	correlate(&p, 0, 2, 0);
	draw(&p, all);
	assert_true(fabs(correlation(drawn[0], drawn[1]) - 0.7) < 0.01);
	assert_correlation(0, 2, 0);
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < 2; k++)
			beyond[k] += drawn[k][i] > limit;
	for (size_t k = 0; k < 2; k++)
		assert_true(fabs(beyond[k] / N - 0.01) < 4.5 * sqrt(0.01 * 0.99 / N));
	propagation_release(&p);
}

static void assert_refused(struct propagation *p, const char *words)
{
	struct trials t;

	assert_int_equal(trials_init(&t, &p->inputs, all, 1, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	if (!strstr(e.text, words))
		fail_msg("'%s' is not in: %s", words, e.text);
	propagation_release(p);
}

static void what_cannot_be_drawn_jointly(void **state)
{
	const struct distribution normal = { DISTRIBUTION_NORMAL, 0, 1, 0 }, t5 = { DISTRIBUTION_T, 0, 1, 5 },
		t6 = { DISTRIBUTION_T, 0, 1, 6 }, rectangle = { DISTRIBUTION_RECTANGULAR, 0, 1, 0 };
	struct propagation p;

	(void)state;
	three(&p, normal, rectangle, normal);
	correlate(&p, 0, 1, 0.5);
	assert_refused(&p, "ampere (rectangular) and volt (normal) correlate");
	three(&p, t5, normal, t6);
	correlate(&p, 0, 2, 0.5);
	assert_refused(&p, "with the same degrees of freedom");
	three(&p, t5, normal, t5);
	correlate(&p, 0, 1, 0.5);
	assert_refused(&p, "state both as normal");
	three(&p, normal, normal, normal);
	correlate(&p, 0, 1, 0.9);
	correlate(&p, 0, 2, 0.9);
	correlate(&p, 1, 2, -0.9);
	assert_refused(&p, "and 2 other inputs contradict each other");
	three(&p, normal, normal, normal);
	correlate(&p, 0, 1, 1);
	correlate(&p, 0, 2, 0.5);
	correlate(&p, 1, 2, -0.5);
	assert_refused(&p, "contradict each other");
}

/* Only the first is wanted: whom it correlates with comes along, others do not; and it is what it was. */
static void who_else_is_drawn_does_not_matter(void **state)
{
	const struct distribution normal = { DISTRIBUTION_NORMAL, 0, 1, 0 };
	static const bool first[] = { true, false, false };
	static double before[N];
	struct propagation p;
	struct trials t;

	(void)state;
	three(&p, normal, normal, normal);
	correlate(&p, 1, 0, 0.5);
	draw(&p, all);
	memcpy(before, drawn[0], sizeof before);
	draw(&p, first);
	assert_memory_equal(before, drawn[0], sizeof before);
	assert_int_equal(trials_init(&t, &p.inputs, first, 1, &e), 0);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.groups[0].n, 2);
	assert_int_equal(t.groups[0].members[0], 1);    /* ampere comes before volt */
	trials_release(&t);
	propagation_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_jointly),
		cmocka_unit_test(coefficients_of_one),
		cmocka_unit_test(t_jointly),
		cmocka_unit_test(what_cannot_be_drawn_jointly),
		cmocka_unit_test(who_else_is_drawn_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
