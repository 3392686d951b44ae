/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_complaint.c - at once, then at growing intervals, and nothing is lost; on a clock of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "complaint.h"

static int64_t now = NS_PER_S;

static int64_t clock_of_the_test(void)
{
	return now;
}

static int set_clock(void **state)
{
	static const struct clock c = { clock_of_the_test, clock_of_the_test };

	(void)state;
	instant_set_clock(&c);
	return 0;
}

static int restore_clock(void **state)
{
	(void)state;
	instant_set_clock(NULL);
	return 0;
}

/* An occurrence of 3 bytes every second for so long; how often it is said, and that all is. */
static size_t trouble(struct complaint *c, int seconds)
{
	size_t said = 0, amount = 0, before = c->amount;

	for (int i = 0; i < seconds; i++, now += NS_PER_S) {
		complaint_note(c, 3);
		if (!complaint_due(c))
			continue;
		amount += c->amount;
		assert_int_equal(c->amount, 3 * c->times);
		complaint_said(c);
		said++;
	}
	assert_int_equal(amount + c->amount - before, 3 * (size_t)seconds);
	return said;
}

static void growing_intervals(void **state)
{
	struct complaint c = { 0 };

	(void)state;
	assert_false(complaint_due(&c));
	assert_int_equal(trouble(&c, 1), 1);
	assert_int_equal(trouble(&c, 1), 0);
	assert_int_equal(trouble(&c, 60), 4);           /* 2, 4, 8, 16 s apart */
	assert_int_equal(trouble(&c, 3600), 5 + 4);     /* 32 ... 512 s, then 600 s */
}

static void quiet_makes_it_new(void **state)
{
	struct complaint c = { 0 };

	(void)state;
	trouble(&c, 100);
	now += 3600 * NS_PER_S;
	assert_int_equal(trouble(&c, 1), 1);
	now += NS_PER_S;
	assert_int_equal(trouble(&c, 1), 1);            /* 2 s later */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(growing_intervals),
		cmocka_unit_test(quiet_makes_it_new),
	};

	return cmocka_run_group_tests_name("complaint", tests, set_clock, restore_clock);
}
