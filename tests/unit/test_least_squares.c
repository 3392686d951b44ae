/* SPDX-License-Identifier: GPL-3.0-or-later
 * Against Longley's data, whose columns nearly depend on each other, and what must be refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "least_squares.h"
#include "mem.h"
#include "strd.h"

static void longley(void **state)
{
	struct strd s;
	struct least_squares fit;
	struct err e;
	double *a, *y, deviation;

	(void)state;
	strd_load(&s, "Longley", 7);
	a = mem_copy(s.data, s.n * 7 * sizeof *a);
	y = mem_array(s.n, sizeof *y);
	for (size_t i = 0; i < s.n; i++) {
		y[i] = s.data[i * 7];
		a[i * 7] = 1;
	}
	assert_int_equal(s.n, 16);
	assert_int_equal(s.parameters, 7);
	assert_int_equal(least_squares_solve(&fit, a, y, s.n, 7, &e), 0);
	deviation = sqrt(fit.squares / 9);
	strd_assert("deviation", deviation, s.residual, 13.9);
	for (size_t j = 0; j < 7; j++) {
		strd_assert("parameter", fit.p[j], s.parameter[j], 12.5);
		strd_assert("its deviation", deviation * sqrt(fit.cofactor[j * 8]), s.deviation[j], 11);
	}
	least_squares_release(&fit);
	strd_release(&s);
	free(a);
	free(y);
}

/* Residuals are perpendicular to every column, far below the rounding of the observations. */
static void residuals_are_perpendicular(void **state)
{
	const double a[] = { 1, 1e6, 1, 1e6 + 1, 1, 1e6 + 2, 1, 1e6 + 3 }, y[] = { 3, 1, 4, 1 };
	struct least_squares fit;
	struct err e;
	double sum = 0;

	(void)state;
	assert_int_equal(least_squares_solve(&fit, a, y, 4, 2, &e), 0);
	for (size_t i = 0; i < 4; i++)
		sum += fit.residual[i];
	assert_true(fabs(sum) < 1e-15);
	assert_true(fabs(fit.p[1] + 0.3) < 1e-15);
	assert_true(fabs(fit.p[0] - 300002.7) < 1e-10);
	least_squares_release(&fit);
}

static void refuses(const double *a, const double *y, size_t m, size_t n, const char *why)
{
	struct least_squares fit;
	struct err e;

	assert_int_equal(least_squares_solve(&fit, a, y, m, n, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_non_null(strstr(e.text, why));
}

static void what_cannot_be_solved(void **state)
{
	const double same[] = { 1, 2, 1, 2, 1, 2 }, zero[] = { 1, 0, 1, 0, 1, 0 }, good[] = { 1, 1, 1, 2, 1, 3 };
	const double y[] = { 1, 2, 3 }, infinite[] = { 1, INFINITY, 3 };

	(void)state;
	refuses(same, y, 3, 2, "at the same place");
	refuses(zero, y, 3, 2, "at the same place");
	refuses(good, y, 1, 2, "2 points or more");
	refuses(good, infinite, 3, 2, "not finite");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longley),
		cmocka_unit_test(residuals_are_perpendicular),
		cmocka_unit_test(what_cannot_be_solved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
