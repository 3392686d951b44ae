/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_block.c - replies with IEEE 488.2 blocks, written down by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "block.h"

static struct buf words, bytes;
static struct err e;

static int split(enum block_format format, enum block_order order, const char *reply, size_t n)
{
	struct block_form f = { .given = true, .format = (int)format, .order = (int)order };

	buf_clear(&words);
	buf_clear(&bytes);
	return block_split(&f, (struct span){ reply, n }, &words, &bytes, &e);
}

static void gives(enum block_format format, enum block_order order, const char *reply, size_t n,
		  const char *said, const void *data, size_t size)
{
	struct block_form f = { .given = true, .format = (int)format, .order = (int)order };

	if (split(format, order, reply, n) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(words.len, strlen(said));
	assert_memory_equal(words.data, said, words.len);
	assert_int_equal(bytes.len, size);
	assert_memory_equal(bytes.data, data, size);
	assert_int_equal(block_check(&f, (struct span){ words.data, words.len }, bytes.len, &e), 0);
	if (!strstr(said, "#0"))
		assert_int_equal(block_check(&f, (struct span){ words.data, words.len }, bytes.len + 8, &e), -1);
}

#define GIVES(format, order, reply, said, data) \
	gives(format, order, reply, sizeof reply - 1, said, data, sizeof data - 1)

static void blocks_are_taken_apart(void **state)
{
	(void)state;
	GIVES(BLOCK_INT16, BLOCK_BIG, "#14\x01\x02\xFF\xFE", "#14", "\x02\x01\xFE\xFF");
	GIVES(BLOCK_INT16, BLOCK_LITTLE, "#14\x01\x02\xFF\xFE", "#14", "\x01\x02\xFF\xFE");
	GIVES(BLOCK_INT32, BLOCK_BIG, "#14\x01\x02\x03\x04", "#14", "\x04\x03\x02\x01");
	GIVES(BLOCK_FLOAT32, BLOCK_BIG, "#3004\x3F\x80\x00\x00", "#3004", "\x00\x00\x80\x3F");             /* 1 */
	GIVES(BLOCK_FLOAT64, BLOCK_BIG, "#18\xC0\x00\x00\x00\x00\x00\x00\x00", "#18",
	      "\x00\x00\x00\x00\x00\x00\x00\xC0");                                                         /* -2 */
	GIVES(BLOCK_INT16, BLOCK_LITTLE, "#10", "#10", "");
	GIVES(BLOCK_INT16, BLOCK_LITTLE, "#12\n,", "#12", "\n,");                      /* what looks like an end */
}

static void several_and_indefinite_ones(void **state)
{
	(void)state;
	GIVES(BLOCK_INT16, BLOCK_BIG, "#12\x00\x01,#14\x00\x02\x00\x03", "#12,#14", "\x01\x00\x02\x00\x03\x00");
	GIVES(BLOCK_INT16, BLOCK_BIG, "#12\x00\x01#12\x00\x02", "#12#12", "\x01\x00\x02\x00");
	GIVES(BLOCK_INT16, BLOCK_BIG, "#0\x00\x01\x00\x02\n", "#0\n", "\x01\x00\x02\x00");
	GIVES(BLOCK_INT16, BLOCK_BIG, "#0\x00\x0A\n", "#0\n", "\x0A\x00");
	GIVES(BLOCK_INT16, BLOCK_BIG, "#12\x00\x01,#0\x00\x02\n", "#12,#0\n", "\x01\x00\x02\x00");
	GIVES(BLOCK_INT16, BLOCK_LITTLE, "#0\n", "#0\n", "");
}

static void what_is_no_block_is_refused(void **state)
{
	static const struct { const char *reply; size_t n; } bad[] = {
		{ "", 0 }, { "1.5", 3 }, { "#", 1 }, { "#1", 2 }, { "#1x", 3 }, { "#14\x01\x02", 5 }, { "#13\x01\x02\x03", 6 },
		{ "#12\x01\x02!", 6 }, { "#12\x01\x02,", 6 }, { "#12\x01\x02,1.5", 9 }, { "#9999999999\x01", 12 },
		{ "#A2\x01\x02", 5 }, { "#0\x01\n", 4 }, { "#12\x01\x02\n", 6 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (split(BLOCK_INT16, BLOCK_BIG, bad[i].reply, bad[i].n) == 0)
			fail_msg("%zu is taken", i);
		assert_int_equal(e.code, ERR_PROTOCOL);
	}
}

static void words_alone_prove_the_length(void **state)
{
	struct block_form f = { .given = true, .format = BLOCK_INT16 };

	(void)state;
	assert_int_equal(block_check(&f, (struct span){ "#12,#14", 7 }, 6, &e), 0);
	assert_int_equal(block_check(&f, (struct span){ "#12,#14", 7 }, 4, &e), -1);
	assert_int_equal(block_check(&f, (struct span){ "#12,#14", 7 }, 8, &e), -1);
	assert_int_equal(block_check(&f, (struct span){ "#0\n", 3 }, 100, &e), 0);
	assert_int_equal(block_check(&f, (struct span){ "#0\n", 3 }, 101, &e), -1);
	assert_int_equal(block_check(&f, (struct span){ "#0", 2 }, 2, &e), 0);
	assert_int_equal(block_check(&f, (struct span){ "", 0 }, 0, &e), -1);
}

static double number(enum block_format format, const char *said)
{
	struct block_form f = { .given = true, .format = (int)format };

	return block_number(&f, said);
}

static void numbers_are_little_endian(void **state)
{
	(void)state;
	assert_true(number(BLOCK_INT16, "\xFE\xFF") == -2);
	assert_true(number(BLOCK_INT32, "\x00\x00\x00\x80") == -2147483648.0);
	assert_true(number(BLOCK_FLOAT32, "\x00\x00\xC0\x3F") == 1.5);
	assert_true(number(BLOCK_FLOAT64, "\x00\x00\x00\x00\x00\x00\x00\xC0") == -2);
}

static void another_length_is_refused(void **state)
{
	struct block_form f = { .given = true, .format = BLOCK_INT32 };

	(void)state;
	assert_int_equal(block_counted(&f, 12, 3, &e), 0);
	assert_int_equal(block_counted(&f, 12, 0, &e), 0);
	assert_int_equal(block_counted(&f, 0, 1, &e), -1);
	assert_int_equal(block_counted(&f, 12, 4, &e), -1);
	assert_int_equal(e.code, ERR_PROTOCOL);
	assert_string_equal(e.text, "the array has 3 numbers in place of 4");
}

static int release(void **state)
{
	(void)state;
	buf_release(&words);
	buf_release(&bytes);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_taken_apart),
		cmocka_unit_test(several_and_indefinite_ones),
		cmocka_unit_test(what_is_no_block_is_refused),
		cmocka_unit_test(words_alone_prove_the_length),
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(another_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
