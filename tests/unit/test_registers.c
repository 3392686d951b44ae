/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_registers.c - 64-bit integers, decimal digits, fields of bits and texts in registers; the other types are in
 * test_reply.c, and all of them against Python's struct in tests/system. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "registers.h"

static struct registers of(int type, int order)
{
	return (struct registers){ .type = type, .order = order, .scale = 1 };
}

static struct registers bits_of(int type, int from, int count)
{
	struct registers r = of(type, ORDER_ABCD);

	r.bits.from = from;
	r.bits.count = count;
	return r;
}

static void both_ways(struct registers r, const char *bytes, double number)
{
	uint8_t got[REGISTERS_NUMBER] = { 0 };
	struct err e;

	assert_true(registers_number(&r, (const uint8_t *)bytes) == number);
	assert_int_equal(registers_encode(&r, number, got, &e), 0);
	assert_memory_equal(got, bytes, registers_bytes(&r));
}

static void refuses(struct registers r, double value)
{
	uint8_t got[REGISTERS_NUMBER] = { 0 };
	struct err e;

	assert_int_equal(registers_encode(&r, value, got, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
}

static void long_integers(void **state)
{
	(void)state;
	both_ways(of(TYPE_INT64, ORDER_ABCD), "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", -2);
	both_ways(of(TYPE_UINT64, ORDER_ABCD), "\x00\x20\x00\x00\x00\x00\x00\x00", 0x1p53);
	both_ways(of(TYPE_INT64, ORDER_CDAB), "\x44\x44\x33\x33\x22\x22\x00\x11", 0x0011222233334444);
	both_ways(of(TYPE_INT64, ORDER_BADC), "\x11\x00\x22\x22\x33\x33\x44\x44", 0x0011222233334444);
	both_ways(of(TYPE_INT64, ORDER_DCBA), "\x44\x44\x33\x33\x22\x22\x11\x00", 0x0011222233334444);
	both_ways(of(TYPE_INT64, ORDER_ABCD), "\x80\x00\x00\x00\x00\x00\x00\x00", -0x1p63);
	both_ways(of(TYPE_UINT64, ORDER_ABCD), "\xFF\xFF\xFF\xFF\xFF\xFF\xF8\x00", 0x1.FFFFFFFFFFFFFp63);
	refuses(of(TYPE_UINT64, ORDER_ABCD), 0x1p64);
	refuses(of(TYPE_INT64, ORDER_ABCD), 0x1p63);
	refuses(of(TYPE_UINT64, ORDER_ABCD), -1);
}

static void decimal_digits(void **state)
{
	struct registers r = of(TYPE_BCD16, ORDER_ABCD);

	(void)state;
	both_ways(r, "\x12\x34", 1234);
	both_ways(r, "\x99\x99", 9999);
	both_ways(of(TYPE_BCD16, ORDER_BADC), "\x34\x12", 1234);
	both_ways(of(TYPE_BCD32, ORDER_ABCD), "\x12\x34\x56\x78", 12345678);
	both_ways(of(TYPE_BCD32, ORDER_CDAB), "\x56\x78\x12\x34", 12345678);
	assert_true(isnan(registers_number(&r, (const uint8_t *)"\x12\x3A")));
	refuses(r, 10000);
	refuses(r, -1);
}

static void fields_of_bits(void **state)
{
	uint8_t word[2] = { 0xF0, 0x0F };
	struct registers r = bits_of(TYPE_UINT16, 4, 3);
	struct err e;

	(void)state;
	assert_true(registers_number(&r, (const uint8_t *)"\xFF\x5F") == 5);
	assert_int_equal(registers_encode(&r, 6, word, &e), 0);
	assert_memory_equal(word, "\xF0\x6F", 2);               /* its neighbours are left alone */
	refuses(r, 8);
	r = bits_of(TYPE_INT16, 0, 12);                         /* two's complement of twelve bits */
	assert_true(registers_number(&r, (const uint8_t *)"\x7F\xFF") == -1);
	assert_true(registers_number(&r, (const uint8_t *)"\xF7\xFF") == 2047);
	refuses(r, 2048);
	refuses(r, -2049);
	r = bits_of(TYPE_UINT32, 15, 2);                        /* across the words */
	r.order = ORDER_CDAB;
	assert_true(registers_number(&r, (const uint8_t *)"\x80\x00\x00\x01") == 3);
	r = bits_of(TYPE_UINT64, 1, 63);
	assert_true(registers_number(&r, (const uint8_t *)"\x00\x00\x00\x00\x00\x00\x00\x07") == 3);
}

static void texts(void **state)
{
	struct registers r = { .type = TYPE_TEXT, .count = 4 };
	char text[REGISTERS_TEXT];
	uint8_t bytes[8];
	struct err e;

	(void)state;
	assert_int_equal(registers_text(&r, (const uint8_t *)"SN 42\0\0\0", text, &e), 0);
	assert_string_equal(text, "SN 42");
	assert_int_equal(registers_text(&r, (const uint8_t *)"AB      ", text, &e), 0);
	assert_string_equal(text, "AB");
	assert_int_equal(registers_text(&r, (const uint8_t *)"\0\0\0\0\0\0\0\0", text, &e), 0);
	assert_string_equal(text, "");
	assert_int_equal(registers_text(&r, (const uint8_t *)"A\0B     ", text, &e), -1);
	assert_int_equal(e.code, ERR_PROTOCOL);
	assert_int_equal(registers_text(&r, (const uint8_t *)"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", text, &e), -1);
	r.order = ORDER_BADC;
	assert_int_equal(registers_text(&r, (const uint8_t *)"BADCFEHG", text, &e), 0);
	assert_string_equal(text, "ABCDEFGH");
	registers_put_text(&r, "ABCDEFGHIJ", bytes);
	assert_memory_equal(bytes, "BADCFEHG", 8);
	registers_put_text(&r, "A", bytes);
	assert_memory_equal(bytes, "\0A\0\0\0\0\0\0", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_integers),
		cmocka_unit_test(decimal_digits),
		cmocka_unit_test(fields_of_bits),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
