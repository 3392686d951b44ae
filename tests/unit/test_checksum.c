/* SPDX-License-Identifier: GPL-3.0-or-later
 * The check values are those of the Catalogue of parametrised CRC algorithms (reveng.sourceforge.io), for
 * the text "123456789"; sums and parities were worked out by hand: the digits add up to 477 (hexadecimal 1DD). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "checksum.h"

static const struct { const char *name; uint32_t check; } checks[] = {
	{ "sum8", 0xDD }, { "sum8-ones", 0x22 }, { "sum8-twos", 0x23 }, { "lrc", 0x23 }, { "sum16", 0x1DD },
	{ "xor8", 0x31 }, { "crc8", 0xF4 }, { "crc8-maxim", 0xA1 },
	{ "crc16-arc", 0xBB3D }, { "crc16-modbus", 0x4B37 }, { "crc16-usb", 0xB4C8 }, { "crc16-maxim", 0x44C2 },
	{ "crc16-umts", 0xFEE8 }, { "crc16-ccitt-false", 0x29B1 }, { "crc16-xmodem", 0x31C3 },
	{ "crc16-kermit", 0x2189 }, { "crc16-x25", 0x906E }, { "crc16-aug-ccitt", 0xE5CC },
	{ "crc16-genibus", 0xD64E }, { "crc16-mcrf4xx", 0x6F91 }, { "crc16-dnp", 0xEA82 }, { "crc32", 0xCBF43926 },
};

static int kind(const char *name)
{
	for (int i = 0; checksum_names[i]; i++)
		if (!strcmp(checksum_names[i], name))
			return i;
	fail_msg("no checksum %s", name);
	return -1;
}

static void catalogue(void **state)
{
	size_t n = 0;

	(void)state;
	while (checksum_names[n])
		n++;
	assert_int_equal(n, sizeof checks / sizeof *checks);
	for (size_t i = 0; i < n; i++) {
		uint32_t is = checksum(kind(checks[i].name), "123456789", 9);

		if (is != checks[i].check)
			fail_msg("%s: %X, expected %X", checks[i].name, is, checks[i].check);
	}
}

static void of_nothing(void **state)
{
	(void)state;
	assert_int_equal(checksum(kind("sum8"), "", 0), 0);
	assert_int_equal(checksum(kind("sum8-ones"), "", 0), 0xFF);
	assert_int_equal(checksum(kind("lrc"), "", 0), 0);
	assert_int_equal(checksum(kind("crc16-modbus"), "", 0), 0xFFFF);
	assert_int_equal(checksum(kind("crc16-genibus"), "", 0), 0);
}

static void written(const char *name, int form, int order, uint32_t value, const char *bytes, size_t n)
{
	char text[CHECKSUM_TEXT];

	assert_int_equal(checksum_size(kind(name), form), n);
	assert_int_equal(checksum_write(kind(name), form, order, value, text), n);
	assert_memory_equal(text, bytes, n);
}

static void forms(void **state)
{
	(void)state;
	written("sum8", CHECKSUM_HEX_UPPER, CHECKSUM_BIG, 0x0A, "0A", 2);
	written("sum8", CHECKSUM_HEX_LOWER, CHECKSUM_BIG, 0x0A, "0a", 2);
	written("sum8", CHECKSUM_BINARY, CHECKSUM_BIG, 0x0A, "\n", 1);
	written("sum8", CHECKSUM_DECIMAL, CHECKSUM_BIG, 7, "007", 3);
	written("sum8", CHECKSUM_NIBBLES, CHECKSUM_BIG, 0xA5, ":5", 2);
	written("crc16-modbus", CHECKSUM_BINARY, CHECKSUM_LITTLE, 0x4B37, "\x37\x4B", 2);
	written("crc16-modbus", CHECKSUM_BINARY, CHECKSUM_BIG, 0x4B37, "\x4B\x37", 2);
	written("crc16-xmodem", CHECKSUM_HEX_UPPER, CHECKSUM_LITTLE, 0x31C3, "C331", 4);
	written("sum16", CHECKSUM_DECIMAL, CHECKSUM_BIG, 477, "00477", 5);
	written("crc32", CHECKSUM_DECIMAL, CHECKSUM_BIG, 0xCBF43926, "3421780262", 10);
	written("crc32", CHECKSUM_HEX_LOWER, CHECKSUM_BIG, 0xCBF43926, "cbf43926", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalogue),
		cmocka_unit_test(of_nothing),
		cmocka_unit_test(forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
