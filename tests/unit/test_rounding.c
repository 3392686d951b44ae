/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reported results.  Published: JCGM 100, 7.2.2 and 7.2.6.  The rows without a word beside them were made by an
 * independent implementation, Python's decimal, on random numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "number.h"
#include "random.h"
#include "rounding.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct row {
	double value, expanded;
	int digits;
	const char *value_text, *expanded_text;
	bool raised;
} rows[] = {
	{ 100.02147, 0.00079, 2, "100.02147", "0.00079", false },       /* JCGM 100, 7.2.2 */
	{ 10.05762, 0.027, 2, "10.058", "0.027", false },               /* 7.2.6: 10,058 Ohm */
	/* the uncertainty's ties go up, the value's to the even digit */
	{ 0.125, 0.0125, 2, "0.125", "0.013", false },
	{ 0.1245, 0.010, 2, "0.124", "0.010", false },
	{ 0.1255, 0.010, 2, "0.126", "0.010", false },
	{ 2.5, 10, 2, "2", "10", false },
	{ 3.5, 10, 2, "4", "10", false },
	{ -2.5, 10, 2, "-2", "10", false },
	{ 2.5000000000000004, 10, 2, "3", "10", false },
	{ 0.285, 0.10, 2, "0.28", "0.10", false },                      /* as a double it is below the tie */
	{ 1.005, 0.10, 2, "1.00", "0.10", false },
	{ 1.015, 0.10, 2, "1.02", "0.10", false },
	/* rounding up changes the magnitude, and the value's last digit with it */
	{ 1.23456, 0.0995, 2, "1.23", "0.10", false },
	{ 1.23456, 0.0994, 2, "1.235", "0.099", false },
	{ 12.3456, 0.996, 2, "12.3", "1.0", false },
	{ 12.3456, 9.96, 2, "12", "10", false },
	{ 12.3456, 0.96, 1, "12", "1", false },
	{ 123.456, 99.5, 2, "0.12e3", "0.10e3", false },
	/* at most 5 %: two digits never lose so much, one does */
	{ 1, 1.0499999, 2, "1.0", "1.0", false },
	{ 1, 1.4, 1, "1", "2", true },
	{ 1, 1.05, 1, "1", "1", false },                                /* 4.76 % */
	{ 1, 1.0526315789473684, 1, "1", "1", false },                  /* 5 %: the seventeenth digit decides */
	{ 1, 1.0526315789473686, 1, "1", "2", true },
	{ 1, 2.1, 1, "1", "2", false },
	{ 1, 2.11, 1, "1", "3", true },
	{ 1, 9.48, 1, "0.00e3", "0.01e3", true },
	{ 1, 9.47, 1, "1", "9", false },
	/* fewer digits than asked for */
	{ 1, 0.5, 2, "1.00", "0.50", false },
	{ 5, 1, 2, "5.0", "1.0", false },
	{ 5, 1, 1, "5", "1", false },
	/* no negative zero */
	{ -0.004, 0.12, 2, "0.00", "0.12", false },
	{ -0.0, 0.12, 2, "0.00", "0.12", false },
	{ -0.006, 0.12, 2, "-0.01", "0.12", false },
	{ -15.756717386772383, 373, 1, "0.0e3", "0.4e3", false },
	/* a power of ten where zeros would be filled in, or where it is very small */
	{ 123456, 1234, 2, "123.5e3", "1.2e3", false },
	{ 123456, 12, 2, "123456", "12", false },
	{ 450, 230, 2, "0.45e3", "0.23e3", false },
	{ 12345.6, 230, 2, "12.35e3", "0.23e3", false },
	{ 33048.5595116009, 49.915189686214454, 1, "33.05e3", "0.05e3", false },
	{ 1e6, 1e3, 2, "1.0000e6", "0.0010e6", false },
	{ 1.23456e-9, 1.24e-12, 2, "1.2346e-9", "0.0012e-9", false },
	{ 1.23456e-9, 1.24e-11, 2, "0.000000001235", "0.000000000012", false },
	{ 1e-300, 1e-300, 2, "1.0e-300", "1.0e-300", false },
	{ 0, 1e-300, 2, "0.0e-300", "1.0e-300", false },
	{ 4.9406564584124654e-324, 4.9406564584124654e-324, 2, "4.9e-324", "4.9e-324", false },
	{ 1.7976931348623157e308, 1e307, 2, "180e306", "10e306", false },
	{ 6.02214076e23, 1e16, 1, "602.21408e21", "0.00001e21", false },
	/* random */
	{ -0.256, 4.6e-05, 2, "-0.256000", "0.000046", false },
	{ -4.57987466e-08, 8.018e-08, 2, "-0.000000046", "0.000000080", false },
	{ -0.311998, 8.204e-06, 2, "-0.3119980", "0.0000082", false },
	{ 6112.57185, 1.78, 1, "6113", "2", false },
	{ 28.7, 3.23e-05, 2, "28.700000", "0.000032", false },
	{ 0.0741333908, 1.065e-05, 1, "0.07413", "0.00002", true },
	{ -4.681457176758339e-05, 4.813579703794511e-05, 2, "-0.000047", "0.000048", false },
	{ -0.000754, 8.313e-09, 2, "-0.0007540000", "0.0000000083", false },
	{ 0.017220515828612115, 0.0003486743514637149, 2, "0.01722", "0.00035", false },
	{ -1.72121241e-08, 2.1e-07, 2, "-0.00000002", "0.00000021", false },
	{ -0.033, 0.00798, 2, "-0.0330", "0.0080", false },
	{ -0.000751695, 0.002228, 2, "-0.0008", "0.0022", false },
	{ -0.0076007, 0.009835737845786887, 1, "-0.01", "0.01", false },
	{ 0.000588, 6.36e-07, 1, "0.0005880", "0.0000007", true },
	{ 5.46434324e-05, 9.979e-08, 2, "0.00005464", "0.00000010", false },
	{ -9.47401620339232e-07, 5.3e-06, 1, "-0.000001", "0.000006", true },
	{ 0.667606, 1.3e-05, 1, "0.66761", "0.00002", true },
};

static void reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *w = &rows[i];
		struct rounded r;
		struct err e;

		if (rounding_report(&r, w->value, w->expanded, w->digits, &e))
			fail_msg("%.17g +- %.17g: %s", w->value, w->expanded, e.text);
		if (strcmp(r.value, w->value_text) || strcmp(r.expanded, w->expanded_text) || r.raised != w->raised)
			fail_msg("%.17g +- %.17g is %s +- %s%s, not %s +- %s", w->value, w->expanded, r.value, r.expanded,
				 r.raised ? " (raised)" : "", w->value_text, w->expanded_text);
	}
}

/* The number of a text, and where it ends, as doubles. */
static double number(const char *text)
{
	struct err e;
	double v;

	assert_int_equal(number_parse(text, strlen(text), &v, &e), 0);
	return v;
}

static double random_number(struct random *r, int spread)
{
	return (random_uniform(r) + 0.1) * pow(10, floor((random_uniform(r) - 0.5) * spread));
}

/* What must hold of any report, to the last bit but one of a double. */
static void what_must_hold(void **state)
{
	struct random source;

	(void)state;
	random_seed(&source, 17025, "reports");
	for (int i = 0; i < 50000; i++) {
		double expanded = random_number(&source, 30), value = (random_uniform(&source) - 0.5) * expanded * 1e6;
		struct rounded r;
		struct err e;

		assert_int_equal(rounding_report(&r, value, expanded, 1 + i % 2, &e), 0);
		assert_true(number(r.expanded) >= 0.95 * expanded * (1 - 1e-15));
		assert_true(number(r.expanded) <= expanded * (i % 2 ? 1.06 : 2));
		assert_true(fabs(number(r.value) - value) <= 0.5 * pow(10, r.last) * (1 + 1e-9));
	}
}

static void no_report(void **state)
{
	static const struct { double value, expanded; const char *says; } none[] = {
		{ NAN, 1, "no finite number" }, { INFINITY, 1, "no finite number" }, { 1, 0, "above 0" }, { 1, -1, "above 0" },
		{ 1, NAN, "above 0" }, { 1, INFINITY, "above 0" }, { 1e300, 1e-300, "too many digits" },
		{ 1, 1e-50, "too many digits" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		struct rounded r;
		struct err e;

		assert_int_equal(rounding_report(&r, none[i].value, none[i].expanded, 2, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.text, none[i].says));
	}
}

static void ends_of_an_interval(void **state)
{
	struct rounded r;
	struct err e;
	char low[DECIMAL_TEXT], high[DECIMAL_TEXT];

	(void)state;
	assert_int_equal(rounding_report(&r, 123456, 1234, 2, &e), 0);
	assert_int_equal(rounding_like(low, &r, 122222, &e), 0);
	assert_int_equal(rounding_like(high, &r, 124690, &e), 0);
	assert_string_equal(low, "122.2e3");
	assert_string_equal(high, "124.7e3");
	assert_int_equal(rounding_like(high, &r, NAN, &e), -1);
	assert_int_equal(rounding_like(high, &r, 1e300, &e), -1);
}

static void what_stands_beside(void **state)
{
	static const struct { double x; void (*write)(char *, double); const char *text; } beside[] = {
		{ 2, rounding_factor, "2.00" }, { 2.1314495, rounding_factor, "2.13" }, { 12.7062, rounding_factor, "12.71" },
		{ 1.96, rounding_factor, "1.96" }, { 2.125, rounding_factor, "2.12" },
		{ 0.95, rounding_probability, "95" }, { 0.9545, rounding_probability, "95.45" },
		{ 0.954499736, rounding_probability, "95.45" }, { 0.997, rounding_probability, "99.7" },
		{ 0.9, rounding_probability, "90" }, { 1, rounding_probability, "100" },
		{ 9.99, rounding_freedom, "9" }, { 16, rounding_freedom, "16" }, { 999999, rounding_freedom, "999999" },
		{ 1e6, rounding_freedom, "\u221E" }, { INFINITY, rounding_freedom, "\u221E" },
	};
	char text[DECIMAL_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(beside); i++) {
		beside[i].write(text, beside[i].x);
		assert_string_equal(text, beside[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports),
		cmocka_unit_test(what_must_hold),
		cmocka_unit_test(no_report),
		cmocka_unit_test(ends_of_an_interval),
		cmocka_unit_test(what_stands_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
