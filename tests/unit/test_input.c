/* SPDX-License-Identifier: GPL-3.0-or-later
 * Input quantities: identities, what is refused, and the standard deviations of JCGM 101, table 1. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "input.h"

static struct input normal(const char *id, double estimate, double u)
{
	return (struct input){
		.id = (char *)id, .unit = (char *)"V", .source = (char *)"", .type = TYPE_B,
		.knowledge = { DISTRIBUTION_NORMAL, estimate, u, 0 }, .uncertainty = u, .degrees_of_freedom = INFINITY,
	};
}

static void one_identity_is_one_quantity(void **state)
{
	struct input_table t = { 0 };
	struct input a = normal("a", 1, 0.1), b = normal("b", 2, 0.1), other = normal("a", 1, 0.2);
	struct err e;

	(void)state;
	assert_int_equal(input_add(&t, &a, &e), 0);
	assert_int_equal(input_add(&t, &b, &e), 1);
	assert_int_equal(input_add(&t, &a, &e), 0);
	assert_int_equal(t.n, 2);
	assert_int_equal(input_add(&t, &other, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_non_null(strstr(e.text, "a stands for two different quantities"));
	assert_int_equal(input_find(&t, "b"), 1);
	assert_int_equal(input_find(&t, "c"), -1);
	input_release(&t);
	assert_int_equal(t.n, 0);
}

static void correlations_are_stated_once(void **state)
{
	struct input_table t = { 0 };
	struct input a = normal("a", 1, 0.1), b = normal("b", 2, 0.1);
	struct err e;

	(void)state;
	input_add(&t, &a, &e);
	input_add(&t, &b, &e);
	assert_int_equal(input_correlate(&t, 1, 0, -0.5, &e), 0);
	assert_int_equal(input_correlate(&t, 0, 1, -0.5, &e), 0);
	assert_int_equal(t.n_correlations, 1);
	assert_true(input_correlation(&t, 0, 1) == -0.5 && input_correlation(&t, 1, 0) == -0.5);
	assert_true(input_correlation(&t, 1, 1) == 1);
	assert_int_equal(input_correlate(&t, 0, 1, 0.5, &e), -1);
	assert_int_equal(input_correlate(&t, 0, 0, 1, &e), -1);
	assert_int_equal(input_correlate(&t, 0, 1, 1.01, &e), -1);
	assert_int_equal(input_correlate(&t, 0, 1, NAN, &e), -1);
	input_release(&t);
}

static void what_is_no_knowledge_is_refused(void **state)
{
	static const struct distribution bad[] = {
		{ DISTRIBUTION_NORMAL, NAN, 1, 0 }, { DISTRIBUTION_NORMAL, 0, -1, 0 },
		{ DISTRIBUTION_NORMAL, 0, INFINITY, 0 }, { DISTRIBUTION_RECTANGULAR, 0, NAN, 0 },
		{ DISTRIBUTION_T, 0, 1, 0 }, { DISTRIBUTION_T, 0, 1, NAN },
		{ DISTRIBUTION_TRAPEZOIDAL, 0, 1, 1.1 }, { DISTRIBUTION_CURVILINEAR, 0, 1, 2 },
	};
	struct input_table t = { 0 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct input in = normal("a", 0, 1);

		in.knowledge = bad[i];
		assert_int_equal(input_add(&t, &in, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
	}
	assert_int_equal(t.n, 0);
}

static void standard_deviations(void **state)
{
	static const struct { struct distribution d; double variance; } rows[] = {
		{ { DISTRIBUTION_NORMAL, 5, 2, 0 }, 4 },
		{ { DISTRIBUTION_T, 5, 2, 4 }, 8 },                        /* nu / (nu - 2) */
		{ { DISTRIBUTION_T, 5, 2, INFINITY }, 4 },
		{ { DISTRIBUTION_RECTANGULAR, 5, 3, 0 }, 3 },
		{ { DISTRIBUTION_CURVILINEAR, 5, 3, 0.5 }, 9 / 3. + 0.25 / 9 },
		{ { DISTRIBUTION_TRAPEZOIDAL, 5, 6, 0.5 }, 36 * 1.25 / 6 },
		{ { DISTRIBUTION_TRAPEZOIDAL, 5, 3, 1 }, 3 },              /* a rectangle */
		{ { DISTRIBUTION_TRIANGULAR, 5, 6, 0 }, 6 },
		{ { DISTRIBUTION_ARCSINE, 5, 2, 0 }, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double s = distribution_deviation(&rows[i].d);

		assert_true(fabs(s * s / rows[i].variance - 1) < 1e-15);
	}
	assert_true(isinf(distribution_deviation(&(struct distribution){ DISTRIBUTION_T, 0, 1, 2 })));
}

/* More than any index begins with: each is found where it is, each pair with its own coefficient. */
static void thousands(void **state)
{
	enum { N = 3000 };
	struct input_table t = { 0 };
	struct err e;
	char id[32];

	(void)state;
	for (int i = 0; i < N; i++) {
		struct input in = normal(id, i, 1);

		snprintf(id, sizeof id, "reading/%d", i);
		assert_int_equal(input_add(&t, &in, &e), i);
		assert_true(i == 0 || input_correlate(&t, (size_t)i, (size_t)i / 2, i / (double)N, &e) == 0);
	}
	for (int i = 0; i < N; i++) {
		snprintf(id, sizeof id, "reading/%d", i);
		assert_int_equal(input_find(&t, id), i);
		assert_true(i == 0 || input_correlation(&t, (size_t)i / 2, (size_t)i) == i / (double)N);
	}
	assert_int_equal(input_find(&t, "reading/3000"), -1);
	assert_true(input_correlation(&t, 2000, 2001) == 0);
	assert_int_equal(t.n_correlations, N - 1);
	input_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_identity_is_one_quantity),
		cmocka_unit_test(correlations_are_stated_once),
		cmocka_unit_test(what_is_no_knowledge_is_refused),
		cmocka_unit_test(standard_deviations),
		cmocka_unit_test(thousands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
