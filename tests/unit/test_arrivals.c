/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arrivals.h"

static int64_t now;

static int64_t clock_now(void)
{
	return now;
}

static int64_t clock_utc(void)
{
	return now + 1000000;
}

static void add(struct arrivals *a, size_t at, instant from, instant to)
{
	now = to;
	arrivals_add(a, at, from);
}

static void a_byte_came_with_its_piece(void **state)
{
	struct arrivals a = { 0 };

	(void)state;
	add(&a, 0, INSTANT_NEVER, 10);          /* waited for */
	add(&a, 5, 12, 20);                     /* had waited since 12 at the longest */
	add(&a, 9, INSTANT_NEVER, 30);
	assert_true(arrivals_of(&a, 0).from == 10 && arrivals_of(&a, 4).to == 10);
	assert_true(arrivals_of(&a, 5).from == 12 && arrivals_of(&a, 8).to == 20);
	assert_true(arrivals_of(&a, 9).from == 30 && arrivals_of(&a, 99).utc == 1000030);
	arrivals_release(&a);
}

static void forgotten_up_to_a_byte(void **state)
{
	struct arrivals a = { 0 };

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		add(&a, i, INSTANT_NEVER, (instant)i);
		arrivals_drop(&a, i / 2);
		assert_true(arrivals_of(&a, i / 2).to == (instant)i / 2);
		assert_true(a.n <= i / 2 + 2);
	}
	arrivals_shift(&a, 600);                /* in the middle of what is known */
	assert_true(arrivals_of(&a, 0).to == 600 && arrivals_of(&a, 399).to == 999);
	arrivals_release(&a);
}

static void a_piece_cut_by_a_shift(void **state)
{
	struct arrivals a = { 0 };

	(void)state;
	add(&a, 0, INSTANT_NEVER, 10);
	add(&a, 8, INSTANT_NEVER, 20);
	arrivals_shift(&a, 5);
	assert_true(arrivals_of(&a, 0).to == 10 && arrivals_of(&a, 2).to == 10 && arrivals_of(&a, 3).to == 20);
	arrivals_release(&a);
}

static int set_clock(void **state)
{
	static const struct clock c = { clock_now, clock_utc };

	(void)state;
	instant_set_clock(&c);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_byte_came_with_its_piece),
		cmocka_unit_test(forgotten_up_to_a_byte),
		cmocka_unit_test(a_piece_cut_by_a_shift),
	};

	return cmocka_run_group_tests(tests, set_clock, NULL);
}
