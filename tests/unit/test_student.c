/* SPDX-License-Identifier: GPL-3.0-or-later
 * Quantiles against figures computed with 40 digits, factors against table G.2 of JCGM 100, and what is not defined. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "student.h"

static void assert_close(double x, double expected, double relative)
{
	if (!(fabs(x - expected) <= relative * fabs(expected)))
		fail_msg("%.17g is not %.17g within %g of it", x, expected, relative);
}

static void quantiles_of_t(void **state)
{
	static const struct { double p, dof, t; } rows[] = {
		{ 0.975, 1, 12.706204736174693 }, { 0.975, 2, 4.3026527297494618 }, { 0.975, 4.5, 2.658912347204403 },
		{ 0.995, 16.7, 2.9046809384293586 }, { 0.95, 50, 1.6759050251630971 }, { 0.99999, 3, 47.927728376006707 },
		{ 1e-9, 1, -318309886.18379065 }, { 1e-9, 50, -7.305270603258702 }, { 0.6, 1000, 0.25341451583949871 },
		{ 0.975, 1e5, 1.9599877075346093 }, { 0.975, INFINITY, 1.9599639845400542 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_close(student_quantile(rows[i].p, rows[i].dof), rows[i].t, 1e-12);
		assert_close(student_probability(rows[i].t, rows[i].dof), rows[i].p, 1e-11);
	}
	assert_true(student_quantile(0.5, 3) == 0);
	assert_true(student_quantile(1, 3) == INFINITY && student_quantile(0, 3) == -INFINITY);
}

static void quantiles_of_chi_squared(void **state)
{
	static const struct { double p, dof, x; } rows[] = {
		{ 0.025, 1, 0.00098206911717525602 }, { 0.975, 9, 19.022767798641633 }, { 0.05, 0.5, 8.437150840525984e-6 },
		{ 1e-9, 3, 2.4179891003585989e-6 }, { 0.99999, 5, 30.856189940445919 },
		{ 0.975, 1e5, 100878.41530566557 }, { 0.5, 16.7, 16.038273187219785 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_close(student_chi_squared_quantile(rows[i].p, rows[i].dof), rows[i].x, 1e-12);
		assert_close(student_chi_squared_probability(rows[i].x, rows[i].dof), rows[i].p, 1e-11);
	}
	assert_true(student_chi_squared_quantile(0, 3) == 0 && student_chi_squared_quantile(1, 3) == INFINITY);
}

static void quantiles_of_f(void **state)
{
	static const struct { double p, a, b, x; } rows[] = {
		{ 0.95, 3, 20, 3.0983912121407792 }, { 0.975, 0.5, 7, 10.12670298469262 },
		{ 0.01, 0.5, 7, 3.0119932996907404e-8 }, { 0.99, 4.5, 2.5, 46.472786439166217 },
		{ 1e-9, 10, 1e5, 0.0083148983129825045 }, { 0.5, 1000, 1000, 1 },
		{ 0.975, 9, INFINITY, 19.022767798641633 / 9 }, { 0.025, INFINITY, 9, 9 / 19.022767798641633 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_close(student_f_quantile(rows[i].p, rows[i].a, rows[i].b), rows[i].x, 1e-11);
		assert_close(student_f_probability(rows[i].x, rows[i].a, rows[i].b), rows[i].p, 1e-11);
	}
}

/* JCGM 100, table G.2, as it is printed: two decimals, and three of the normal distribution's. */
static void published_factors(void **state)
{
	static const double p[] = { 0.6827, 0.90, 0.95, 0.9545, 0.99, 0.9973 };
	static const struct { double dof, k[6]; } rows[] = {
		{ 1, { 1.84, 6.31, 12.71, 13.97, 63.66, 235.80 } },
		{ 2, { 1.32, 2.92, 4.30, 4.53, 9.92, 19.21 } },
		{ 10, { 1.05, 1.81, 2.23, 2.28, 3.17, 3.96 } },
		{ 16, { 1.03, 1.75, 2.12, 2.17, 2.92, 3.54 } },
		{ 50, { 1.01, 1.68, 2.01, 2.05, 2.68, 3.16 } },
		{ INFINITY, { 1.000, 1.645, 1.960, 2.000, 2.576, 3.000 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t j = 0; j < 6; j++)
			assert_true(fabs(student_factor(p[j], rows[i].dof) - rows[i].k[j]) <
				    (isinf(rows[i].dof) ? 0.00051 : rows[i].k[j] > 200 ? 0.03 : 0.0051));
}

static void degrees_of_freedom_of_a_factor(void **state)
{
	(void)state;
	for (double dof = 0.3; dof < 1e5; dof *= 2.7)
		assert_close(student_dof(0.9545, student_factor(0.9545, dof)), dof, dof > 1000 ? 1e-7 : 1e-10);
	assert_close(student_dof(0.95, 2), 60.4, 1e-2);
	assert_true(isinf(student_dof(0.9545, 2)));     /* the normal distribution's is 2.000 002 */
	assert_true(isinf(student_dof(0.95, 1)));
	assert_true(isnan(student_dof(0.95, 1e300)));
	assert_true(isnan(student_dof(1, 2)));
}

static void normal(void **state)
{
	(void)state;
	assert_close(student_normal_quantile(0.975), 1.9599639845400542, 1e-15);
	assert_close(student_normal_probability(-12), 1.776482112077679e-33, 1e-13);
	for (double p = 1e-300; p < 0.5; p *= 7)
		assert_close(student_normal_probability(student_normal_quantile(p)), p, 1e-11);
}

static void not_defined(void **state)
{
	(void)state;
	assert_true(isnan(student_quantile(0.5, 0)) && isnan(student_quantile(0.5, -1)) && isnan(student_quantile(0.5, NAN)));
	assert_true(isnan(student_quantile(1.1, 3)) && isnan(student_quantile(NAN, 3)));
	assert_true(isnan(student_factor(1.1, 3)) && isnan(student_factor(-0.1, 3)));
	assert_true(isnan(student_probability(1, 0)) && isnan(student_probability(NAN, 3)));
	assert_true(isnan(student_normal_quantile(-0.1)));
	assert_true(isnan(student_chi_squared_quantile(0.5, INFINITY)) && isnan(student_chi_squared_quantile(-1, 3)));
	assert_true(isnan(student_chi_squared_probability(1, 0)) && isnan(student_chi_squared_probability(NAN, 1)));
	assert_true(isnan(student_f_quantile(0.5, INFINITY, INFINITY)) && isnan(student_f_probability(1, 0, 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_of_t),
		cmocka_unit_test(quantiles_of_chi_squared),
		cmocka_unit_test(quantiles_of_f),
		cmocka_unit_test(published_factors),
		cmocka_unit_test(degrees_of_freedom_of_a_factor),
		cmocka_unit_test(normal),
		cmocka_unit_test(not_defined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
