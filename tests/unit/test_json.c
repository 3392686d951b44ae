/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "json.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define TEXT(s) { s, sizeof(s) - 1 }

static const struct span good[] = {
	TEXT("{}"), TEXT("[]"), TEXT("\"\""), TEXT("0"), TEXT("-0"), TEXT("true"), TEXT("false"),
	TEXT("null"), TEXT(" \t\r\n[ ] \n"), TEXT("[1,2,3]"), TEXT("[[],{},\"\",0]"),
	TEXT("{\"a\":1}"), TEXT("{ \"a\" : [ 1 , { \"b\" : null } ] }"), TEXT("{\"\":0}"),
	TEXT("{\"a\":1,\"a\":2}"), TEXT("-1"), TEXT("10"), TEXT("1.0"), TEXT("1.5e3"), TEXT("1E+2"),
	TEXT("1e-2"), TEXT("0e1"), TEXT("0.0"), TEXT("1e400"), TEXT("123456789012345678901234567890"),
	TEXT("[-0.000000000000000000000000000000000000000000000000000000000000000001]"),
	TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), TEXT("\"\\u0000\""), TEXT("\"\\u00ff\\uABCD\""),
	TEXT("\"\\ud83d\\ude00\""), TEXT("\"\\uD800\\uDC00\""), TEXT("\"\\uDBFF\\uDFFF\""),
	TEXT("\"\x7f\""), TEXT("\"\xc2\x80\""), TEXT("\"\xdf\xbf\""), TEXT("\"\xe0\xa0\x80\""),
	TEXT("\"\xed\x9f\xbf\""), TEXT("\"\xee\x80\x80\""), TEXT("\"\xef\xbf\xbf\""),
	TEXT("\"\xf0\x90\x80\x80\""), TEXT("\"\xf4\x8f\xbf\xbf\""), TEXT("\"/\""), TEXT("\"\xe2\x80\xa8\""),
};

static const struct span bad[] = {
	/* structure */
	TEXT(""), TEXT(" "), TEXT("["), TEXT("]"), TEXT("{"), TEXT("}"), TEXT("[1"), TEXT("[1,"),
	TEXT("[1,]"), TEXT("[,1]"), TEXT("[,]"), TEXT("[1,,2]"), TEXT("[1 2]"), TEXT("[1:2]"),
	TEXT("[1}"), TEXT("{1:2}"), TEXT("{\"a\"}"), TEXT("{\"a\":}"), TEXT("{\"a\":1,}"),
	TEXT("{,\"a\":1}"), TEXT("{\"a\" 1}"), TEXT("{\"a\"::1}"), TEXT("{\"a\":1 \"b\":2}"),
	TEXT("{\"a\":1]"), TEXT("{a:1}"), TEXT("{'a':1}"), TEXT("{\"a\":1}}"), TEXT("[]]"), TEXT("[] []"),
	TEXT("1 2"), TEXT("{}x"), TEXT("[]\0"), TEXT("\0"), TEXT("[1,\0]"), TEXT("{\"a\":1,\"b\"}"),
	TEXT("{null:1}"), TEXT("{\"a\":1,,\"b\":2}"), TEXT("[\"a\",\n1"), TEXT("*"), TEXT("<null>"),
	/* space and comments */
	TEXT("[1,\f2]"), TEXT("[1,\v2]"), TEXT("\xc2\xa0[]"), TEXT("\xef\xbb\xbf{}"), TEXT("[1]//x"),
	TEXT("/**/[]"), TEXT("#\n1"),
	/* words */
	TEXT("tru"), TEXT("True"), TEXT("TRUE"), TEXT("truee"), TEXT("fals"), TEXT("nul"), TEXT("nulll"),
	TEXT("NaN"), TEXT("nan"), TEXT("Infinity"), TEXT("-Infinity"), TEXT("inf"), TEXT("undefined"),
	/* numbers */
	TEXT("-"), TEXT("+1"), TEXT("01"), TEXT("-01"), TEXT("00"), TEXT("1."), TEXT(".5"), TEXT("-.5"),
	TEXT("1.e1"), TEXT("1e"), TEXT("1e+"), TEXT("1E-"), TEXT("1e1.5"), TEXT("1.5.5"), TEXT("0x10"),
	TEXT("1,5"), TEXT("--1"), TEXT("1-1"), TEXT("1_000"), TEXT("5 mV"), TEXT("0.e1"), TEXT("0e"),
	TEXT("[1+2]"), TEXT("1eE2"), TEXT("\xef\xbc\x91"), TEXT("- 1"), TEXT("2.e+3"), TEXT("9.e+"),
	/* strings */
	TEXT("\""), TEXT("\"a"), TEXT("\"\\\""), TEXT("'a'"), TEXT("\"\n\""), TEXT("\"\t\""),
	TEXT("\"\x1f\""), TEXT("\"a\0b\""), TEXT("\"\\a\""), TEXT("\"\\x41\""), TEXT("\"\\'\""),
	TEXT("\"\\\0\""), TEXT("\"\\u\""), TEXT("\"\\u00\""), TEXT("\"\\u00g0\""), TEXT("\"\\U0041\""),
	TEXT("\"\\u+041\""), TEXT("\"\\u 041\""), TEXT("\"\\u0041"), TEXT("\"\\"), TEXT("\"a\"b"),
	/* surrogates */
	TEXT("\"\\ud800\""), TEXT("\"\\udc00\""), TEXT("\"\\ud800x\""), TEXT("\"\\ud800\\n\""),
	TEXT("\"\\ud800\\ud800\""), TEXT("\"\\udc00\\ud800\""), TEXT("\"\\ud800\\u0041\""),
	TEXT("\"\\ud83d\\ude0\""), TEXT("\"\\ud83d\\\""), TEXT("\"\\ud83d\\u"),
	/* UTF-8 */
	TEXT("\"\x80\""), TEXT("\"\xbf\""), TEXT("\"\xc0\x80\""), TEXT("\"\xc1\xbf\""), TEXT("\"\xc2\""),
	TEXT("\"\xc2"), TEXT("\"\xc2 \""), TEXT("\"\xe0\x80\x80\""), TEXT("\"\xe0\x9f\xbf\""),
	TEXT("\"\xed\xa0\x80\""), TEXT("\"\xed\xbf\xbf\""), TEXT("\"\xe2\x82\""), TEXT("\"\xe2\x82"),
	TEXT("\"\xf0\x80\x80\x80\""), TEXT("\"\xf0\x8f\xbf\xbf\""), TEXT("\"\xf4\x90\x80\x80\""),
	TEXT("\"\xf5\x80\x80\x80\""), TEXT("\"\xf0\x9f\x98\""), TEXT("\"\xff\""), TEXT("\"\xfe\""),
	TEXT("\"\xf8\x88\x80\x80\x80\""), TEXT("\"\xe2\x28\xa1\""), TEXT("{\"\xff\":1}"), TEXT("\xe9"),
};

static void check_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (json_check(good[i]) != 0)
			fail_msg("refused: %s", good[i].p);
}

/* Every good text cut short is bad, unless what is left is a number. */
static void check_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		for (size_t n = 0; n < good[i].n && strchr("{[\"tfn", good[i].p[0]); n++) {
			char *copy = mem_copy(good[i].p, n);   /* so that reading beyond is seen */

			if (json_check((struct span){ copy, n }) == 0 && !strchr(" \n", good[i].p[n]))
				fail_msg("accepted %zu bytes of: %s", n, good[i].p);
			free(copy);
		}
	}
}

static void check_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char *copy = mem_copy(bad[i].p, bad[i].n);

		if (json_check((struct span){ copy, bad[i].n }) == 0)
			fail_msg("accepted case %zu: %s", i, bad[i].p);
		free(copy);
	}
}

static void nesting_is_bounded(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int depth = 1; depth <= 70; depth++) {
		buf_clear(&b);
		for (int i = 0; i < depth; i++)
			buf_puts(&b, i % 2 ? "[" : "{\"a\":");
		buf_puts(&b, "1");
		for (int i = depth; i-- > 0;)
			buf_putc(&b, i % 2 ? ']' : '}');
		assert_int_equal(json_check((struct span){ b.data, b.len }), depth <= 64 ? 0 : -1);
	}
	buf_clear(&b);
	for (int i = 0; i < 1000000; i++)
		buf_putc(&b, '[');
	assert_int_equal(json_check((struct span){ b.data, b.len }), -1);
	buf_release(&b);
}

static struct span text_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

static void members(void **state)
{
	struct span object = text_of(" { \"a\" : 1 , \"b\\u0063\":\"x\", \"d\":{\"a\":5}, \"a\":2,\"e\":[ 1 ] } ");
	struct span v;

	(void)state;
	assert_int_equal(json_member(object, "a", &v), 1);
	assert_true(v.n == 1 && *v.p == '1');
	assert_int_equal(json_member(object, "bc", &v), 1);
	assert_true(json_equals(v, "x"));
	assert_int_equal(json_member(object, "d", &v), 1);
	assert_int_equal(v.n, 7);
	assert_int_equal(json_member(object, "e", &v), 1);
	assert_int_equal(v.n, 5);
	assert_int_equal(json_member(object, "x", &v), 0);
	assert_int_equal(json_member(object, "", &v), 0);
	assert_int_equal(json_member(text_of("{}"), "a", &v), 0);
	assert_int_equal(json_member(text_of("{} x"), "a", &v), -1);
	assert_int_equal(json_member(text_of("[]"), "a", &v), -1);
	assert_int_equal(json_member(text_of(""), "a", &v), -1);
	assert_int_equal(json_member(text_of("{\"b\":1,}"), "a", &v), -1);
	assert_int_equal(json_member(text_of("{\"b\":01}"), "b", &v), -1);
}

static void walking(void **state)
{
	struct span array = text_of("[ 1 ,\"two\", [3] ,{\"four\":4}]"), key, v;
	static const size_t lengths[] = { 1, 5, 3, 10 };
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		assert_int_equal(json_next(array, &at, &key, &v), 1);
		assert_int_equal(v.n, lengths[i]);
	}
	assert_int_equal(json_next(array, &at, &key, &v), 0);
	assert_int_equal(json_next(array, &at, &key, &v), 0);
	at = 0;
	assert_int_equal(json_next(text_of(" [ ] "), &at, &key, &v), 0);
	assert_int_equal(json_next(text_of(" [ ] "), &at, &key, &v), 0);
	at = 0;
	assert_int_equal(json_next(text_of("[1,]"), &at, &key, &v), 1);
	assert_int_equal(json_next(text_of("[1,]"), &at, &key, &v), -1);
	at = 0;
	assert_int_equal(json_next(text_of("\"x\""), &at, &key, &v), -1);
}

static void members_alone(void **state)
{
	static const char *const fine[] = { "", ",\"a\":1", " , \"a\" : [1] , \"b\":{} ", ",\"a\":1,\"a\":1" };
	static const char *const not_fine[] = {
		",", "\"a\":1", ",\"a\":1,", ",\"a\"", ",a:1", ",\"a\":1}", ",\"a\":1 \"b\":2", ",1", ",\"a\":01",
	};

	(void)state;
	assert_int_equal(json_check_members((struct span){ NULL, 0 }), 0);
	for (size_t i = 0; i < COUNT(fine); i++)
		assert_int_equal(json_check_members(text_of(fine[i])), 0);
	for (size_t i = 0; i < COUNT(not_fine); i++)
		if (json_check_members(text_of(not_fine[i])) == 0)
			fail_msg("accepted: %s", not_fine[i]);
	assert_true(json_is_utf8("a\xc3\xa9", 3));
	assert_false(json_is_utf8("a\xc3", 2));
	assert_false(json_is_utf8("\xed\xa0\x80", 3));
}

/* Walking and checking agree on every text here. */
static int walk(struct span text)
{
	struct span key, v;
	size_t at = 0;
	int more;

	while ((more = json_next(text, &at, &key, &v)) > 0)
		;
	return more;
}

static void walking_agrees_with_checking(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(walk(bad[i]), -1);
	for (size_t i = 0; i < COUNT(good); i++)
		if (strpbrk(good[i].p, "[{"))
			assert_int_equal(walk(good[i]), 0);
}

static void integers(void **state)
{
	static const char *const not_int[] = {
		"9223372036854775808", "-9223372036854775809", "1.0", "1e2", "\"1\"", "true", "null", "",
		"99999999999999999999999", "01", "+1", "-", "1 ", " 1", "[]",
	};
	int64_t v;

	(void)state;
	assert_int_equal(json_get_int(text_of("0"), &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(json_get_int(text_of("-0"), &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(json_get_int(text_of("9223372036854775807"), &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(json_get_int(text_of("-9223372036854775808"), &v), 0);
	assert_true(v == INT64_MIN);
	for (size_t i = 0; i < COUNT(not_int); i++)
		if (json_get_int(text_of(not_int[i]), &v) == 0)
			fail_msg("an integer: %s", not_int[i]);
}

static void numbers(void **state)
{
	static const char *const not_number[] = { "null", "\"1\"", "1e400", "+1", ".5", "1.", "", "1 ", "01" };
	double v;

	(void)state;
	assert_int_equal(json_get_number(text_of("-1.5e3"), &v), 0);
	assert_true(v == -1500);
	assert_int_equal(json_get_number(text_of("9007199254740993"), &v), 0);
	assert_true(v == 9007199254740992.0);
	assert_int_equal(json_get_number(text_of("-0"), &v), 0);
	assert_true(v == 0 && signbit(v));
	for (size_t i = 0; i < COUNT(not_number); i++)
		if (json_get_number(text_of(not_number[i]), &v) == 0)
			fail_msg("a number: %s", not_number[i]);
}

static void bools_and_null(void **state)
{
	bool v;

	(void)state;
	assert_int_equal(json_get_bool(text_of("true"), &v), 0);
	assert_true(v);
	assert_int_equal(json_get_bool(text_of("false"), &v), 0);
	assert_false(v);
	assert_int_equal(json_get_bool(text_of("1"), &v), -1);
	assert_int_equal(json_get_bool(text_of("\"true\""), &v), -1);
	assert_true(json_isnull(text_of("null")));
	assert_false(json_isnull(text_of("\"null\"")));
}

static void strings(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(json_get_string(text_of("\"a\\u20ac\\ud83d\\ude00\\n\\u0000\xc3\xa9\""), &b), 0);
	assert_int_equal(b.len, 12);
	assert_memory_equal(b.data, "a\xe2\x82\xac\xf0\x9f\x98\x80\n\0\xc3\xa9", 12);
	buf_clear(&b);
	assert_int_equal(json_get_string(text_of("\"\""), &b), 0);
	assert_int_equal(b.len, 0);
	assert_int_equal(json_get_string(text_of("1"), &b), -1);
	assert_int_equal(json_get_string(text_of("\"\\ud800\""), &b), -1);
	assert_int_equal(json_get_string(text_of("\"a\" "), &b), -1);
	assert_true(json_equals(text_of("\"a\\u0062c\""), "abc"));
	assert_true(json_equals(text_of("\"\\u20ac\""), "\xe2\x82\xac"));
	assert_false(json_equals(text_of("\"a\\u0062\""), "abc"));
	assert_false(json_equals(text_of("\"a\\u0062cd\""), "abc"));
	assert_false(json_equals(text_of("\"\\u0000\""), ""));
	assert_true(json_equals(text_of("\"\""), ""));
	assert_true(json_equals(text_of("\"\\\"\""), "\""));
	assert_false(json_equals(text_of("abc"), "abc"));
	assert_false(json_equals(text_of("\""), ""));
	assert_false(json_equals(text_of(""), ""));
	buf_release(&b);
}

/* Every byte value comes back from a JSON string, and the string is valid. */
static void bytes_round_trip(void **state)
{
	struct buf b = { 0 }, back = { 0 };
	uint8_t all[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)(255 - i);
	json_bytes(&b, all, sizeof all);
	assert_int_equal(json_check((struct span){ b.data, b.len }), 0);
	assert_int_equal(json_get_bytes((struct span){ b.data, b.len }, &back), 0);
	assert_int_equal(back.len, 256);
	assert_memory_equal(back.data, all, 256);
	buf_clear(&back);
	assert_int_equal(json_get_bytes(text_of("\"a\\u0100\""), &back), -1);
	assert_int_equal(back.len, 0);
	assert_int_equal(json_get_bytes(text_of("\"\xc4\x80\""), &back), -1);
	assert_int_equal(json_get_bytes(text_of("\"\xc3\xbf\\u00fe\""), &back), 0);
	assert_memory_equal(back.data, "\xff\xfe", 2);
	buf_release(&b);
	buf_release(&back);
}

static void writing(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_putc(&b, '{');
	json_key(&b, "s");
	json_text(&b, "a\"\\\n\x01\t\xc3\xa9\xff\x7f");
	json_key(&b, "none");
	json_text(&b, NULL);
	json_key(&b, "min");
	json_int(&b, INT64_MIN);
	json_key(&b, "max");
	json_int(&b, INT64_MAX);
	json_key(&b, "zero");
	json_int(&b, 0);
	json_key(&b, "x");
	json_number(&b, 0.1);
	json_key(&b, "inf");
	json_number(&b, INFINITY);
	json_key(&b, "nan");
	json_number(&b, NAN);
	json_key(&b, "yes");
	json_bool(&b, true);
	buf_putc(&b, '}');
	assert_string_equal(b.data, "{\"s\":\"a\\\"\\\\\\n\\u0001\\t\xc3\xa9\xef\xbf\xbd\x7f\",\"none\":null,"
				    "\"min\":-9223372036854775808,\"max\":9223372036854775807,\"zero\":0,"
				    "\"x\":0.1,\"inf\":null,\"nan\":null,\"yes\":true}");
	assert_int_equal(json_check((struct span){ b.data, b.len }), 0);
	buf_clear(&b);
	json_key(&b, "first");
	assert_string_equal(b.data, ",\"first\":");
	buf_release(&b);
}

static void written_numbers_come_back(void **state)
{
	static const double cases[] = {
		0.0, -0.0, 1, -1, 0.1, 1.0 / 3, 1e22, 1e23, 123456789012345680.0, 9007199254740993.0, 5e-324,
		DBL_MIN, DBL_MAX, -DBL_MAX, 1e15, 1e16, 1e17, 10.000123456, 4.35, 0.3, 2e-308, 1e-5, 1e-4,
	};
	uint64_t seed = 88172645463325252u;
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		double v, back;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		memcpy(&v, &seed, sizeof v);
		if (i < COUNT(cases))
			v = cases[i];
		else if (i % 2)
			v = (double)(int64_t)(seed % 2000000000) / 1e6;     /* as instruments say it */
		if (!isfinite(v))
			continue;
		buf_clear(&b);
		json_number(&b, v);
		assert_int_equal(json_get_number((struct span){ b.data, b.len }, &back), 0);
		assert_memory_equal(&v, &back, sizeof v);
	}
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_good),
		cmocka_unit_test(check_prefixes),
		cmocka_unit_test(check_bad),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(members),
		cmocka_unit_test(walking),
		cmocka_unit_test(members_alone),
		cmocka_unit_test(walking_agrees_with_checking),
		cmocka_unit_test(integers),
		cmocka_unit_test(numbers),
		cmocka_unit_test(bools_and_null),
		cmocka_unit_test(strings),
		cmocka_unit_test(bytes_round_trip),
		cmocka_unit_test(writing),
		cmocka_unit_test(written_numbers_come_back),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
