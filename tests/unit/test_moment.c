/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_moment.c - dates and times as instruments say them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "moment.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void is_taken(void **state)
{
	static const struct { const char *text; int64_t seconds; } list[] = {
		{ "+2026,+11,+24;14,05,33.000", 1795529133 }, { "2026-11-24T14:05:33", 1795529133 },
		{ "2026,11,24 14,5,33", 1795529133 }, { "\"2026/11/24\",\"14:05:33\"", 1795529133 },
		{ "1970,1,1;0,0,0", 0 }, { "2024,02,29;23,59,59.999", 1709251199 },
	};
	int64_t s;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		assert_int_equal(moment_parse(list[i].text, strlen(list[i].text), &s, &e), 0);
		assert_int_equal(s, list[i].seconds);
	}
}

static void is_refused(void **state)
{
	static const char *const list[] = {
		"", "0", "2026,11,24", "2026,11,24;14,05", "26,11,24;14,05,33", "24.11.2026 14:05:33", "2026,13,24;14,05,33",
		"2026,02,30;14,05,33", "2023,02,29;0,0,0", "2026,11,24;24,00,00", "2026,11,24;14,60,00", "2026,11,24;14,05,33,1",
		"2026,11,24;14,05,33.5.6", "2026,11,24;14,05,330", "02026,11,24;14,05,33", "2026,11,24;14,05,33 pm", "0,0,0;0,0,0",
	};
	int64_t s;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		if (moment_parse(list[i], strlen(list[i]), &s, &e) == 0)
			fail_msg("%s was taken", list[i]);
		assert_int_equal(e.code, ERR_PROTOCOL);
	}
	assert_int_equal(moment_parse("2026,11,24;14,05,33\0", 20, &s, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(is_taken), cmocka_unit_test(is_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
