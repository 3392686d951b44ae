/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "random.h"

/* The authors' C code, seeded with 1 2 3 4, gives these. */
static void test_xoshiro_reference(void **state)
{
	static const uint64_t expected[] = {
		11520u, 0u, 1509978240u, 1215971899390074240u, 1216172134540287360u,
		607988272756665600u, 16172922978634559625u, 8476171486693032832u,
		10595114339597558777u, 2904607092377533576u,
	};
	struct random r = { .s = { 1, 2, 3, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_int_equal(random_next(&r), expected[i]);
}

static void test_fill_is_next_n_times(void **state)
{
	struct random a, b;
	uint64_t x[7];

	(void)state;
	random_seed(&a, 1, "meter");
	random_seed(&b, 1, "meter");
	random_fill(&a, x, 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(x[i], random_next(&b));
	assert_int_equal(random_next(&a), random_next(&b));
}

/* splitmix64's published sequence from 1234567 is what fills the state. */
static void test_splitmix_reference(void **state)
{
	struct random r;

	(void)state;
	random_seed(&r, 1234567, "");
	assert_int_equal(r.s[0], 6457827717110365317u);
	assert_int_equal(r.s[1], 3203168211198807973u);
	assert_int_equal(r.s[2], 9817491932198370423u);
	assert_int_equal(r.s[3], 4593380528125082431u);
}

static void test_names_separate_streams(void **state)
{
	struct random a, again, b, c;
	uint64_t first;

	(void)state;
	random_seed(&a, 1, "meter");
	random_seed(&again, 1, "meter");
	random_seed(&b, 1, "reference");
	random_seed(&c, 2, "meter");
	first = random_next(&a);
	assert_int_equal(random_next(&again), first);
	assert_int_not_equal(random_next(&b), first);
	assert_int_not_equal(random_next(&c), first);
	assert_int_not_equal(random_derive(1, 0), random_derive(1, 1));
}

/* Moments of 10^6 deviates, each within five of its own standard deviations; seeded, so it
 * gives the same answer every time. */
static void test_normal_moments(void **state)
{
	enum { N = 1000000 };
	double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
	struct random r;

	(void)state;
	random_seed(&r, 20261124, "moments");
	for (int i = 0; i < N; i++) {
		double x = random_normal(&r);

		m1 += x;
		m2 += x * x;
		m3 += x * x * x;
		m4 += x * x * x * x;
	}
	assert_true(fabs(m1 / N) < 5 * sqrt(1.0 / N));
	assert_true(fabs(m2 / N - 1) < 5 * sqrt(2.0 / N));
	assert_true(fabs(m3 / N) < 5 * sqrt(15.0 / N));
	assert_true(fabs(m4 / N - 3) < 5 * sqrt(96.0 / N));
}

static void test_uniform_range(void **state)
{
	struct random r;
	double sum = 0;

	(void)state;
	random_seed(&r, 7, "uniform");
	for (int i = 0; i < 100000; i++) {
		double u = random_uniform(&r);

		assert_true(u >= 0 && u < 1);
		sum += u;
	}
	assert_true(fabs(sum / 100000 - 0.5) < 5 * sqrt(1.0 / 12 / 100000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xoshiro_reference),
		cmocka_unit_test(test_fill_is_next_n_times),
		cmocka_unit_test(test_splitmix_reference),
		cmocka_unit_test(test_names_separate_streams),
		cmocka_unit_test(test_normal_moments),
		cmocka_unit_test(test_uniform_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
