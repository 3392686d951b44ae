/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "press.h"

#define MOST 70000

static char chunk[MOST], back[MOST];

/* Rows that hardly differ, or noise. */
static void fill(size_t n, bool noise)
{
	uint32_t random = 12345;

	for (size_t i = 0; i < n; i++) {
		random = random * 1664525 + 1013904223;
		chunk[i] = (char)(noise ? random >> 24 : i / 8 >> 8 * (i % 8));
	}
}

/* What HDF5 makes of them is proven by the tests of the archive; here they come back. */
static void chunks_come_back(void **state)
{
	static const size_t lengths[] = { 8, 16, 720, 728, 4096, 65536, MOST };
	struct press *p = press_new();
	struct buf pressed = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		for (int how = 0; how < 8; how++) {
			size_t n = lengths[i], size = how & 1 ? 8 : 1;

			fill(n, how & 2);
			memset(back, 0, sizeof back);
			press_chunk(p, chunk, n, size, how & 4, &pressed);
			assert_int_equal(press_undo(p, &pressed, size, how & 4, back, n), 0);
			assert_memory_equal(chunk, back, n);
		}
	}
	buf_release(&pressed);
	press_free(&p);
}

static void what_was_not_pressed_so_is_refused(void **state)
{
	struct press *p = press_new();
	struct buf pressed = { 0 };

	(void)state;
	fill(800, true);
	for (int deflate = 0; deflate < 2; deflate++) {
		press_chunk(p, chunk, 800, 8, deflate, &pressed);
		for (size_t i = 0; i < pressed.len; i++) {
			pressed.data[i] ^= 1;
			assert_int_equal(press_undo(p, &pressed, 8, deflate, back, 800), -1);
			pressed.data[i] ^= 1;
		}
		assert_int_equal(press_undo(p, &pressed, 8, deflate, back, 792), -1);
		assert_int_equal(press_undo(p, &pressed, 8, deflate, back, 808), -1);
		assert_int_equal(press_undo(p, &pressed, 8, !deflate, back, 800), -1);
		assert_int_equal(press_undo(p, &pressed, 8, deflate, back, 800), 0);
		pressed.len = 3;
		assert_int_equal(press_undo(p, &pressed, 8, deflate, back, 800), -1);
	}
	buf_release(&pressed);
	press_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_come_back),
		cmocka_unit_test(what_was_not_pressed_so_is_refused),
	};

	return cmocka_run_group_tests_name("press", tests, NULL, NULL);
}
