/* SPDX-License-Identifier: GPL-3.0-or-later
 * What results have in common, against what is worked out by hand: two points through one certificate, their ratio, a
 * line through ten of them; and any results at all against C U C^T multiplied out in full. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "covariance.h"
#include "mem.h"
#include "quantities.h"
#include "random.h"
#include "unit.h"

static const struct budget_rules usual = { .probability = 0.95 };

static void assert_near(double x, double expected, double relative)
{
	if (!(fabs(x - expected) <= relative * fabs(expected)))
		fail_msg("%.17g is not %.17g", x, expected);
}

static struct budget budget_of(const char *model, const char *unit, const struct input_table *t)
{
	struct equation *q = bound(model, unit, t);
	struct budget b;
	struct err e;

	if (budget_make(&b, &q->function, q->places, t, &usual, &e) < 0)
		fail_msg("%s: %s", model, e.text);
	equation_free(&q);
	return b;
}

/* Two points, each with readings of its own, through one certificate's gain. */
static void two_points_and_their_ratio(void **state)
{
	const double u1 = 2e-6, u2 = 3e-6, ug = 5e-6, y1 = 10, y2 = 1, shared = y1 * ug * y2 * ug;
	const double v1 = u1 * u1 + y1 * y1 * ug * ug, v2 = u2 * u2 + y2 * y2 * ug * ug;
	const double ratio = u1 * u1 / (y2 * y2) + y1 * y1 * u2 * u2 / pow(y2, 4);      /* the gain has gone */
	const double c[2] = { 1 / y2, -y1 / (y2 * y2) };
	struct input_table t = { 0 };
	struct budget b[2], direct;
	double v[4], through;

	(void)state;
	put_input(&t, "x1", "V", y1, u1, INFINITY);
	put_input(&t, "x2", "V", y2, u2, INFINITY);
	put_input(&t, "gain", "1", 1, ug, INFINITY);
	b[0] = budget_of("x1 * gain", "V", &t);
	b[1] = budget_of("x2 * gain", "V", &t);
	covariance_of(&t, b, 2, v);
	assert_near(v[0], v1, 1e-14);
	assert_near(v[3], v2, 1e-14);
	assert_near(v[1], shared, 1e-14);
	assert_true(v[1] == v[2]);
	assert_near(covariance_correlation(v, 2, 0, 1), shared / sqrt(v1 * v2), 1e-14);
	assert_true(covariance_correlation(v, 2, 1, 1) == 1);
	covariance_of_sums(v, 2, c, 1, &through);
	assert_near(through, ratio, 1e-9);      /* v1 and v2 nearly cancel */
	direct = budget_of("(x1 * gain) / (x2 * gain)", "1", &t);
	assert_near(direct.uncertainty, sqrt(ratio), 1e-12);
	assert_true(direct.lines[1].contribution < 1e-20);
	budget_release(&direct);
	budget_release(&b[0]);
	budget_release(&b[1]);
	input_release(&t);
}

/* Ten points at x = 1 ... 10, y = reading + offset + x gain: least squares weigh them, and what is common stays. */

enum { TEN = 10 };

static void slope_and_intercept(double *w)
{
	double mean = (1 + TEN) / 2., sxx = 0;

	for (int i = 1; i <= TEN; i++)
		sxx += (i - mean) * (i - mean);
	for (int i = 1; i <= TEN; i++) {
		w[i - 1] = (i - mean) / sxx;
		w[TEN + i - 1] = 1. / TEN - mean * w[i - 1];
	}
}

static void line_through_ten(void **state)
{
	const double u = 0.01, uo = 0.03, ug = 0.002, sxx = 82.5, mean = 5.5;
	struct input_table t = { 0 };
	struct budget b[TEN];
	double v[TEN * TEN], w[2 * TEN], line[4];

	(void)state;
	put_input(&t, "offset", "V", 0, uo, INFINITY);
	put_input(&t, "gain", "V", 1, ug, INFINITY);
	for (int i = 0; i < TEN; i++) {
		char reading[16], model[64];

		snprintf(reading, sizeof reading, "reading%d", i + 1);
		snprintf(model, sizeof model, "%s + offset + %d * gain", reading, i + 1);
		put_input(&t, reading, "V", 0, u, INFINITY);
		b[i] = budget_of(model, "V", &t);
	}
	covariance_of(&t, b, TEN, v);
	assert_near(v[0 * TEN + 9], uo * uo + 1 * 10 * ug * ug, 1e-14);
	slope_and_intercept(w);
	covariance_of_sums(v, TEN, w, 2, line);
	assert_near(line[0], u * u / sxx + ug * ug, 1e-12);
	assert_near(line[3], u * u * (1. / TEN + mean * mean / sxx) + uo * uo, 1e-12);
	assert_near(line[1], -mean * u * u / sxx, 1e-12);
	assert_near(line[2], line[1], 1e-12);
	for (int i = 0; i < TEN; i++)
		budget_release(&b[i]);
	input_release(&t);
}

/* Any. */

enum { INPUTS = 40, RESULTS = 25, LINES = 8 };

static struct budget made_up(struct random *r)
{
	struct budget b = { .n = LINES, .lines = mem_array(LINES, sizeof *b.lines) };
	size_t start = random_next(r) % INPUTS;

	for (size_t i = 0; i < LINES; i++)
		b.lines[i] = (struct budget_line){ .place = (start + 5 * i) % INPUTS, .sensitivity = random_normal(r) };
	return b;
}

static double in_full(const struct input_table *t, const struct budget *a, const struct budget *b)
{
	double sum = 0;

	for (size_t i = 0; i < LINES; i++)
		for (size_t j = 0; j < LINES; j++) {
			size_t p = a->lines[i].place, q = b->lines[j].place;

			sum += a->lines[i].sensitivity * t->list[p].uncertainty * input_correlation(t, p, q) *
				t->list[q].uncertainty * b->lines[j].sensitivity;
		}
	return sum;
}

static void any_results(void **state)
{
	static double v[RESULTS * RESULTS];
	struct input_table t = { 0 };
	struct budget b[RESULTS];
	struct random r;
	struct err e;

	(void)state;
	random_seed(&r, 1, "results");
	for (size_t i = 0; i < INPUTS; i++) {
		char name[16];

		snprintf(name, sizeof name, "x%zu", i);
		put_input(&t, name, "V", 0, random_uniform(&r), INFINITY);
		assert_true(i < 5 || input_correlate(&t, i, i - 5, 0.3 * random_normal(&r) / 3, &e) == 0);
	}
	for (size_t i = 0; i < RESULTS; i++)
		b[i] = made_up(&r);
	covariance_of(&t, b, RESULTS, v);
	for (size_t i = 0; i < RESULTS; i++)
		for (size_t j = 0; j < RESULTS; j++)
			assert_true(fabs(v[i * RESULTS + j] - in_full(&t, &b[i], &b[j])) < 1e-13);
	for (size_t i = 0; i < RESULTS; i++)
		budget_release(&b[i]);
	input_release(&t);
}

static void nothing_at_all(void **state)
{
	struct input_table t = { 0 };
	struct budget b;
	double v = 1;

	(void)state;
	covariance_of(&t, NULL, 0, NULL);
	b = budget_of("2 [V] + 3 [mV]", "mV", &t);
	assert_near(b.value, 2003, 1e-15);
	assert_true(b.n == 0 && b.uncertainty == 0 && isinf(b.degrees_of_freedom));
	covariance_of(&t, &b, 1, &v);
	assert_true(v == 0);
	budget_release(&b);
	input_release(&t);
}

static int forget(void **state)
{
	(void)state;
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_points_and_their_ratio),
		cmocka_unit_test(line_through_ten),
		cmocka_unit_test(any_results),
		cmocka_unit_test(nothing_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
