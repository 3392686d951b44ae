/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_xdr.c - the examples of RFC 4506, and messages that end too early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "xdr.h"

static void as_the_standard_has_it(void **state)
{
	static const char expected[] = "\x00\x00\x00\x09" "sillyprog\x00\x00\x00" "\xde\xad\xbe\xef" "\x00\x00\x00\x00"
		"\x01\x23\x45\x67\x89\xab\xcd\xef";
	struct buf b = { 0 };
	struct xdr x;
	size_t n;

	(void)state;
	xdr_put_bytes(&b, "sillyprog", 9);      /* RFC 4506, section 7 */
	xdr_put(&b, 0xdeadbeef);
	xdr_put_bytes(&b, "", 0);
	xdr_put_hyper(&b, UINT64_C(0x0123456789abcdef));
	assert_int_equal(b.len, sizeof expected - 1);
	assert_memory_equal(b.data, expected, b.len);
	x = (struct xdr){ b.data, b.len, false };
	assert_memory_equal(xdr_get_bytes(&x, &n, 9), "sillyprog", 9);
	assert_int_equal(n, 9);
	assert_int_equal(xdr_get(&x), 0xdeadbeef);
	xdr_get_bytes(&x, &n, 0);
	assert_int_equal(n, 0);
	assert_true(xdr_get_hyper(&x) == UINT64_C(0x0123456789abcdef));
	assert_true(!x.bad && x.n == 0);
	buf_release(&b);
}

static void too_short(void **state)
{
	static const char text[] = "\x00\x00\x00\x05" "12345\x00\x00\x00";

	(void)state;
	for (size_t len = 0; len < sizeof text - 1; len++) {
		struct xdr x = { text, len, false };
		size_t n = 1;

		assert_string_equal(xdr_get_bytes(&x, &n, 100), "");
		assert_int_equal(n, 0);
		assert_true(x.bad);
		assert_int_equal(xdr_get(&x), 0);       /* and stays so */
	}
}

static void too_long(void **state)
{
	static const struct { const char *text; size_t n; } rows[] = {
		{ "\x00\x00\x00\x05" "12345\x00\x00\x00", 12 }, { "\xff\xff\xff\xff", 4 }, { "\xff\xff\xff\xfd" "1234", 8 } };
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct xdr x = { rows[i].text, rows[i].n, false };

		xdr_get_bytes(&x, &n, 4);
		assert_true(x.bad && n == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_standard_has_it),
		cmocka_unit_test(too_short),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
