/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "number.h"
#include "random.h"
#include "spoil.h"

/* Against strtod of the shifted digits themselves. */
static void test_shift(void **state)
{
	static const int tens[] = { -12, -9, -6, -3, -2, -1, 1, 2, 3, 6, 9 };
	char text[96], shifted[128];

	(void)state;
	assert_true(number_shift(1013.251, 2) == 101325.1);
	assert_true(number_shift(-4.7e-9, -3) == -4.7e-12);
	assert_true(number_shift(0, 5) == 0);
	srand(7);
	for (int i = 0; i < 20000; i++) {
		int t = tens[i % 11];

		snprintf(text, sizeof text, "%d.%09d", rand() % 200000 - 100000, rand() % 1000000000);
		snprintf(shifted, sizeof shifted, "%se%d", text, t);
		assert_true(number_shift(strtod(text, NULL), t) == strtod(shifted, NULL));
	}
}

static void test_taken(void **state)
{
	static const struct { const char *text; double value; } list[] = {
		{ "0", 0 }, { "-0", -0.0 }, { "+1", 1 }, { "1.5", 1.5 }, { ".5", 0.5 }, { "5.", 5 },
		{ "1e3", 1000 }, { "1E-3", 0.001 }, { "-1.5e+2", -150 }, { "9.9E37", 9.9e37 },
		{ "4.9e-324", 4.9e-324 }, { "1.7976931348623157e308", DBL_MAX }, { "1e-400", 0 },
		{ "0.1000000000000000055511151231257827021181583404541015625", 0.1 },
		{ "007", 7 },
	};
	struct err e;
	double v;

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		assert_int_equal(number_parse(list[i].text, strlen(list[i].text), &v, &e), 0);
		assert_memory_equal(&v, &list[i].value, sizeof v);      /* bit by bit: -0 is not 0 */
	}
}

static void test_refused(void **state)
{
	static const char *const list[] = {
		"", " ", "1,5", "5 mV", "1e400", "-1e400", "0x10", "nan", "inf", "-inf", "NAN", "infinity",
		" 1", "1 ", "1\n", "+", "-", ".", "e5", "1e", "1e+", "1.5.5", "--1", "1_000", "1'000", "1d0",
		"0b1", "1:30", "\xd9\xa1", "12345678901234567890123456789012345678901234567890123456789012345",
	};
	struct err e;
	double v;

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		assert_int_equal(number_parse(list[i], strlen(list[i]), &v, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
	}
	assert_int_equal(number_parse("1\0" "2", 3, &v, &e), -1);
	assert_int_equal(number_parse("1e400", 5, &v, &e), -1);
	assert_string_equal(e.text, "'1e400' is outside what a double can hold");
}

static void test_integers(void **state)
{
	static const char *const refused[] = { "", "+", "1.0", "1e3", "0x1", " 1", "1 ", "9223372036854775808",
					       "-9223372036854775809", "123456789012345678901234567890" };
	struct err e;
	int64_t v;

	(void)state;
	assert_int_equal(number_parse_int("-9223372036854775808", 20, &v, &e), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(number_parse_int("9223372036854775807", 19, &v, &e), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(number_parse_int("+07", 3, &v, &e), 0);
	assert_int_equal(v, 7);
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_int_equal(number_parse_int(refused[i], strlen(refused[i]), &v, &e), -1);
}

static void assert_round_trip(double v)
{
	char text[NUMBER_TEXT];
	size_t n = number_format(v, text);
	struct err e;
	double back;

	assert_int_equal(n, strlen(text));
	if (number_parse(text, n, &back, &e) || memcmp(&v, &back, sizeof v))
		fail_msg("%a became %s", v, text);
}

/* Random bits are doubles of every size; those in between are such as instruments say. */
static void test_round_trip(void **state)
{
	struct random r;

	(void)state;
	random_seed(&r, 20261124, "numbers");
	for (int i = 0; i < 100000; i++) {
		uint64_t bits = random_next(&r);
		double v;

		memcpy(&v, &bits, sizeof v);
		if (isfinite(v))
			assert_round_trip(v);
		assert_round_trip((double)(int64_t)bits / 1e15);
	}
	assert_round_trip(DBL_MAX);
	assert_round_trip(DBL_TRUE_MIN);
	assert_round_trip(DBL_MIN);
	assert_round_trip(-0.0);
}

static void test_shortest(void **state)
{
	static const struct { double v; const char *text; } list[] = {
		{ 0.1, "0.1" }, { 10, "10" }, { 1.0 / 3, "0.3333333333333333" }, { 1e22, "1e+22" },
		{ 0.001, "0.001" }, { -0.0, "-0" },
		{ 6.62607015e-34, "6.62607015e-34" },
	};
	char text[NUMBER_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		number_format(list[i].v, text);
		assert_string_equal(text, list[i].text);
	}
}

/* Decimals of up to 17 digits with the point anywhere, and their neighbours: just what printf's
 * shortest form says. */
static void test_as_printf(void **state)
{
	char text[NUMBER_TEXT], wanted[NUMBER_TEXT];
	struct random r;

	(void)state;
	random_seed(&r, 20261124, "decimals");
	for (int i = 0; i < 300000; i++) {
		uint64_t bits = random_next(&r);
		double v = (double)(int64_t)(bits >> 8) / pow(10, (double)(bits & 31)) / pow(10, (double)(bits >> 5 & 7));

		v = floor(v * pow(10, (double)(random_next(&r) % 14))) / pow(10, (double)(random_next(&r) % 14));
		if (i % 5 == 0)
			v = nextafter(v, i % 2 ? INFINITY : 0);
		v = bits & 1 << 30 ? -v : v;
		for (int precision = 15; precision <= 17; precision++) {
			snprintf(wanted, sizeof wanted, "%.*g", precision, v);
			if (strtod(wanted, NULL) == v)
				break;
		}
		number_format(v, text);
		assert_string_equal(text, wanted);
	}
}

/* A locale whose decimal sign is a comma, made here: machines have none as a rule. */
static void test_comma_locale(void **state)
{
	char *folder = folder_new();
	char *source = folder_put(folder, "comma", "LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \".\"\n"
				  "grouping 3;3\nEND LC_NUMERIC\n");
	char *command = mem_format("localedef -c -i %s %s/xx >/dev/null 2>&1", source, folder);
	char text[NUMBER_TEXT];
	int made = system(command);
	struct err e;
	double v;

	(void)state;
	(void)made;      /* it warns of what the locale lacks; whether it works is asked below */
	setenv("LOCPATH", folder, 1);
	free(command);
	free(source);
	if (!setlocale(LC_NUMERIC, "xx")) {
		folder_remove(&folder);
		skip();
	}
	snprintf(text, sizeof text, "%.1f", 1.5);
	assert_string_equal(text, "1,5");
	assert_int_equal(number_parse("1.5", 3, &v, &e), 0);
	assert_true(v == 1.5);
	assert_int_equal(number_parse("1,5", 3, &v, &e), -1);
	number_format(-1234.5, text);
	assert_string_equal(text, "-1234.5");
	setlocale(LC_NUMERIC, "C");
	folder_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_integers),   cmocka_unit_test(test_shift),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_shortest),   cmocka_unit_test(test_as_printf),
		cmocka_unit_test(test_comma_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
