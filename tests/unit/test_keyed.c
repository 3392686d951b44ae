/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a person keys at a Bourdon gauge of 0 to 10 bar in steps of 0.05 bar. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "keyed.h"
#include "reply.h"

static char bar[] = "bar", celsius[] = "degC";
static const struct point gauge = { .unit = bar, .to_quantity = { .factor = 1e5 }, .set_low = 0, .set_high = 10,
				    .resolution = 0.05, .manual = { .leap = 0.5 } };

static void means(const struct point *p, const char *text, double value, enum reading_status status)
{
	struct model m = { .manner = MANNER_MANUAL };
	enum reading_status got;
	struct err e;
	double v;

	if (reply_parse(&m, p, text, strlen(text), &v, &got, &e) < 0)
		fail_msg("'%s': %s", text, e.text);
	assert_int_equal(got, status);
	assert_true(status == READING_OK ? v == value : isnan(v));
}

static void test_meaning(void **state)
{
	struct point glass = { .unit = celsius, .to_quantity = { .factor = 1 } };

	(void)state;
	means(&gauge, "1.25", 125000, READING_OK);
	means(&gauge, " 1.25 bar\r", 125000, READING_OK);
	means(&gauge, "1.25bar", 125000, READING_OK);
	means(&gauge, "-0", 0, READING_OK);
	means(&gauge, "5e-1", 50000, READING_OK);
	means(&glass, "21.4 \xc2\xb0" "C", 21.4, READING_OK);
	means(&gauge, "overload", 0, READING_OVERLOAD);
	means(&gauge, "underload ", 0, READING_UNDERLOAD);
	means(&gauge, "not readable", 0, READING_NOT_A_NUMBER);
}

static void test_refusals(void **state)
{
	static const struct { const char *text, *why; } bad[] = {
		{ "", "1 to 127 characters" }, { "1,5", "decimals stand behind a point" },
		{ "1,5 bar", "decimals stand behind a point" }, { "1.5 kPa", "key it as the instrument shows it, in bar" },
		{ "1.5 Bar", "in bar" }, { "bar", "not a number" }, { "Overload", "not a number" },
		{ "1.5 1.6", "not a number" }, { "1e999", "not a number" }, { "nan", "not a number" },
		{ "1.2.3", "not a number" }, { "0x10", "in bar" }, { "1.5 bar!", "in bar" },
	};
	enum reading_status status;
	struct err e;
	double v;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct span raw = { bad[i].text, strlen(bad[i].text) };

		assert_int_equal(keyed_parse(&gauge, raw, &v, &status, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		if (!strstr(e.text, bad[i].why))
			fail_msg("'%s': %s", bad[i].text, e.text);
		assert_true(isnan(v));
	}
}

static int judge(const char *text, double last, enum keyed_doubt *doubt, struct err *e)
{
	double own;
	int decimals;

	*doubt = DOUBT_NONE;
	assert_int_equal(keyed_number(&gauge, (struct span){ text, strlen(text) }, &own, &decimals, e), 0);
	return keyed_judge(&gauge, own, decimals, last, doubt, e);
}

static void test_judgement(void **state)
{
	static const struct { const char *text; double last; int result; enum keyed_doubt doubt; const char *why; } cases[] = {
		{ "1.25", NAN, 0, DOUBT_NONE, "" },
		{ "1.3", 1.25, 0, DOUBT_NONE, "" },
		{ "10", NAN, 0, DOUBT_NONE, "" },
		{ "9.95", NAN, 0, DOUBT_NONE, "" },
		{ "95e-1", NAN, 0, DOUBT_NONE, "" },
		{ "1.27", NAN, 0, DOUBT_DIGITS, "steps of 0.05 bar" },
		{ "1.250", NAN, 0, DOUBT_DIGITS, "no digits beyond" },
		{ "125e-3", NAN, 0, DOUBT_DIGITS, "steps of 0.05 bar" },
		{ "1.75", 1.25, 0, DOUBT_NONE, "" },
		{ "1.80", 1.25, 0, DOUBT_LEAP, "key it again" },
		{ "0.70", 1.25, 0, DOUBT_LEAP, "further from the last reading, 1.25 bar" },
		{ "10.05", NAN, -1, DOUBT_NONE, "0 to 10 bar" },
		{ "-0.05", NAN, -1, DOUBT_NONE, "overload or underload" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum keyed_doubt doubt;
		struct err e = { 0 };

		if (judge(cases[i].text, cases[i].last, &doubt, &e) != cases[i].result || doubt != cases[i].doubt ||
		    !strstr(e.text, cases[i].why))
			fail_msg("'%s': doubt %d, %s", cases[i].text, doubt, e.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meaning), cmocka_unit_test(test_refusals), cmocka_unit_test(test_judgement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
