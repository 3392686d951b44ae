/* SPDX-License-Identifier: GPL-3.0-or-later
 * Sorting against qsort, and coverage intervals of values whose order statistics are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coverage.h"
#include "mem.h"
#include "random.h"
#include "sort.h"

#define MOST 20000

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void assert_sorts(const double *x, size_t n)
{
	static double ours[MOST], work[MOST], expected[MOST];

	memcpy(ours, x, n * sizeof *x);
	memcpy(expected, x, n * sizeof *x);
	qsort(expected, n, sizeof *x, by_value);
	sort_ascending(ours, work, n);
	assert_memory_equal(ours, expected, n * sizeof *x);
}

static void sorts_whatever_there_is(void **state)
{
	static double x[MOST];
	struct random r;

	(void)state;
	random_seed(&r, 1, "sort");
	for (size_t i = 0; i < MOST; i++)
		x[i] = 50000838 + 36 * random_normal(&r);
	assert_sorts(x, MOST);
	for (size_t n = 0; n < 5; n++)
		assert_sorts(x, n);
	for (size_t i = 0; i < MOST; i++)
		x[i] = random_normal(&r) * pow(10, 600 * random_uniform(&r) - 300);
	x[0] = INFINITY;
	x[1] = -INFINITY;
	x[2] = 5e-324;
	x[3] = -1.7976931348623157e308;
	x[4] = 0;
	assert_sorts(x, MOST);
	for (size_t i = 0; i < MOST; i++)
		x[i] = (double)(random_next(&r) % 3);   /* many are equal */
	assert_sorts(x, MOST);
	for (size_t i = 0; i < MOST; i++)
		x[i] = 7;
	assert_sorts(x, MOST);
}

static void signs_of_zero_are_kept(void **state)
{
	double x[] = { 0.0, -0.0, 0.0, -1, 1 }, work[5];

	(void)state;
	sort_ascending(x, work, 5);
	assert_true(x[0] == -1 && signbit(x[1]) && !signbit(x[2]) && !signbit(x[3]) && x[4] == 1);
}

/* Values 1 ... n, shuffled: the r of 7.7.2 can be read from them. */
static struct coverage of_whole_numbers(size_t n, double p)
{
	double *x = mem_array(n, sizeof *x);
	struct coverage c;
	struct random r;

	random_seed(&r, n, "shuffle");
	for (size_t k = 0; k < n; k++) {
		size_t other = random_next(&r) % (k + 1);

		x[k] = x[other];
		x[other] = (double)(k + 1);
	}
	c = coverage_of(x, n, p);
	free(x);
	return c;
}

static void assert_interval(struct interval i, double low, double high)
{
	if (!(i.low == low && i.high == high))
		fail_msg("%.10g to %.10g is not %.10g to %.10g", i.low, i.high, low, high);
}

static void places_of_the_standard(void **state)
{
	(void)state;
	assert_interval(of_whole_numbers(1000000, 0.95).of[COVERAGE_SYMMETRIC], 25000, 975000);
	assert_interval(of_whole_numbers(1000000, 0.95).of[COVERAGE_SHORTEST], 1, 950001);      /* all are as short */
	assert_interval(of_whole_numbers(2001, 0.95).of[COVERAGE_SYMMETRIC], 50, 1951);         /* q = 1901 */
	assert_interval(of_whole_numbers(2000, 0.955).of[COVERAGE_SYMMETRIC], 45, 1955);        /* q = 1910 */
	assert_interval(of_whole_numbers(200, 0.5).of[COVERAGE_SYMMETRIC], 50, 150);            /* all are sorted */
	assert_interval(of_whole_numbers(1000000, 0.9999).of[COVERAGE_SYMMETRIC], 50, 999950);
}

/* Half as dense where they are greater: the shortest is at the lower end. */
static void shortest_is_where_values_are_dense(void **state)
{
	static double x[10000];
	struct coverage c;

	(void)state;
	for (size_t k = 0; k < 10000; k++)
		x[k] = -log(1 - ((double)(k * 7919 % 10000) + 0.5) / 10000);    /* exponential */
	c = coverage_of(x, 10000, 0.95);
	assert_true(fabs(c.of[COVERAGE_SHORTEST].low - 0.5e-4) < 1e-8);
	assert_true(fabs(c.of[COVERAGE_SHORTEST].high + log(0.05)) < 0.01);
	assert_true(fabs(c.of[COVERAGE_SYMMETRIC].low + log(0.975)) < 0.001);
	assert_true(fabs(c.of[COVERAGE_SYMMETRIC].high + log(0.025)) < 0.01);
}

/* Every tenth value, which is all that is looked at first, lies far out, or is the same as most. */
static void values_that_mislead(void **state)
{
	static double x[10000];

	(void)state;
	for (size_t k = 0; k < 10000; k++)
		x[k] = k % 10 ? (double)k : (double)k - 1e6;
	assert_interval(coverage_of(x, 10000, 0.95).of[COVERAGE_SYMMETRIC], -997510, 9722);
	for (size_t k = 0; k < 10000; k++)
		x[k] = k % 10 == 3 ? (double)k : 5;
	assert_interval(coverage_of(x, 10000, 0.95).of[COVERAGE_SYMMETRIC], 5, 7493);
	assert_interval(coverage_of(x, 10000, 0.8).of[COVERAGE_SHORTEST], 5, 5);
}

static void least(void **state)
{
	(void)state;
	assert_int_equal(coverage_least(0.95), 2000);
	assert_int_equal(coverage_least(0.99), 10000);
	assert_int_equal(coverage_least(0.9545), 2198);
	assert_int_equal(coverage_least(0.5), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_whatever_there_is),
		cmocka_unit_test(signs_of_zero_are_kept),
		cmocka_unit_test(places_of_the_standard),
		cmocka_unit_test(shortest_is_where_values_are_dense),
		cmocka_unit_test(values_that_mislead),
		cmocka_unit_test(least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
