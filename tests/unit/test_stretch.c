/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stretch.h"

#define S 1000000000LL

static const uint32_t one_piece[10];

static void even(void **state)
{
	const int64_t at[] = { 5 * S, 6 * S, 7 * S + 1000, 8 * S };
	struct stretch s = stretch_longest(at, one_piece, 4);

	(void)state;
	assert_true(s.first == 0 && s.n == 4 && s.gaps == 0);
	assert_true(s.interval_s == 1);
}

/* 2 s are missing after the third; the fourth to the eighth follow each other. */
static void the_longest_is_taken(void **state)
{
	const int64_t at[] = { 0, S, 2 * S, 5 * S, 6 * S, 7 * S, 8 * S, 9 * S, 9 * S + 1, 10 * S };
	struct stretch s = stretch_longest(at, one_piece, 10);

	(void)state;
	assert_true(s.first == 3 && s.n == 5 && s.gaps == 2);
	assert_true(s.interval_s == 1);
}

static void another_piece_begins_anew(void **state)
{
	const int64_t at[] = { 0, S, 2 * S, 3 * S, 4 * S };
	const uint32_t piece[] = { 0, 0, 1, 1, 1 };
	struct stretch s = stretch_longest(at, piece, 5);

	(void)state;
	assert_true(s.first == 2 && s.n == 3 && s.gaps == 1);
}

static void none_and_one(void **state)
{
	const int64_t at[] = { S };

	(void)state;
	assert_true(stretch_longest(at, one_piece, 0).n == 0);
	assert_true(stretch_longest(at, one_piece, 1).n == 1);
	assert_true(isnan(stretch_longest(at, one_piece, 1).interval_s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(even),
		cmocka_unit_test(the_longest_is_taken),
		cmocka_unit_test(another_piece_begins_anew),
		cmocka_unit_test(none_and_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
