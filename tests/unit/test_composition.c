/* SPDX-License-Identifier: GPL-3.0-or-later
 * Sums within a measurement function: values and derivatives against the function written out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "composition.h"

/* f(a, b) = a^2 b */
static void values(const void *self, const double *const *x, size_t trials, double *y)
{
	(void)self;
	for (size_t t = 0; t < trials; t++)
		y[t] = x[0][t] * x[0][t] * x[1][t];
}

static void derivatives(const void *self, const double *x, double *y, double *first, double *second)
{
	(void)self;
	*y = x[0] * x[0] * x[1];
	first[0] = 2 * x[0] * x[1];
	first[1] = x[0] * x[0];
	if (!second)
		return;
	second[0] = 2 * x[1];
	second[1] = second[2] = 2 * x[0];
	second[3] = 0;
}

static const struct measurement_function f = { 2, NULL, values, derivatives };

/* a = 1 + 2 u - 3 v, b = w */
static struct term a_terms[] = { { 4, 2 }, { 7, -3 } }, b_terms[] = { { 7, 1 } };
static const struct summand a = { 1, a_terms, 2 }, b = { 0, b_terms, 1 };
static const struct summand *const both[] = { &a, &b };

static void derivatives_by_the_chain_rule(void **state)
{
	struct composition *c = composition_new(&f, both);
	const double x[] = { 2, 0.5, 5 };       /* a = 3.5 */
	double y, first[3], second[9];
	static const double expected[] = { 40, -60, 14, -60, 90, -21, 14, -21, 0 };

	(void)state;
	assert_int_equal(c->function.n, 3);
	assert_true(c->places[0] == 4 && c->places[1] == 7 && c->places[2] == 7);
	c->function.derivatives(c->function.self, x, &y, first, second);
	assert_true(y == 3.5 * 3.5 * 5);
	assert_true(first[0] == 70 && first[1] == -105 && first[2] == 12.25);
	for (size_t i = 0; i < 9; i++)
		assert_true(second[i] == expected[i]);
	composition_free(&c);
	assert_null(c);
}

static void columns_longer_than_a_chunk(void **state)
{
	enum { N = 1300 };
	static double u[N], v[N], w[N], y[N];
	const double *x[] = { u, v, w };
	struct composition *c = composition_new(&f, both);

	(void)state;
	for (size_t t = 0; t < N; t++) {
		u[t] = (double)t;
		v[t] = 0.25 * (double)t;
		w[t] = 1 + (double)t;
	}
	c->function.values(c->function.self, x, N, y);
	for (size_t t = 0; t < N; t++) {
		double s = 1 + 2 * u[t] - 3 * v[t];

		assert_true(y[t] == s * s * w[t]);
	}
	composition_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derivatives_by_the_chain_rule), cmocka_unit_test(columns_longer_than_a_chunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
