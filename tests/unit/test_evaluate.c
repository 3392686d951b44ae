/* SPDX-License-Identifier: GPL-3.0-or-later
 * Against the certified values of NIST's Statistical Reference Datasets (univariate).  A log
 * relative error of d means d correct significant digits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluate.h"
#include "number.h"

static double digits(double x, double certified)
{
	if (x == certified)
		return 15;
	return -log10(fabs(x - certified) / fabs(certified));
}

static void assert_digits(const char *what, double x, double certified, double least)
{
	if (!(digits(x, certified) >= least))
		fail_msg("%s: %.17g has %.2f digits of %.17g, not %g", what, x, digits(x, certified),
			 certified, least);
}

/* middle, then 500 times low and high: NumAcc2, 3 and 4. */
static size_t numacc(double *x, const char *low, const char *middle, const char *high)
{
	struct err e;

	assert_int_equal(number_parse(middle, strlen(middle), &x[0], &e), 0);
	for (size_t i = 1; i < 1001; i++) {
		const char *text = i % 2 ? low : high;

		assert_int_equal(number_parse(text, strlen(text), &x[i], &e), 0);
	}
	return 1001;
}

static void numerical_accuracy_sets(void **state)
{
	double one[] = { 10000001, 10000003, 10000002 };
	struct sample s = evaluate_sample(one, 3);
	double x[1001];

	(void)state;
	assert_true(s.mean == 10000002);
	assert_true(s.deviation == 1);
	s = evaluate_sample(x, numacc(x, "1.1", "1.2", "1.3"));
	assert_digits("NumAcc2 mean", s.mean, 1.2, 15);
	assert_digits("NumAcc2 deviation", s.deviation, 0.1, 14);
	s = evaluate_sample(x, numacc(x, "1000000.1", "1000000.2", "1000000.3"));
	assert_digits("NumAcc3 mean", s.mean, 1000000.2, 15);
	assert_digits("NumAcc3 deviation", s.deviation, 0.1, 9);
	/* The data themselves are rounded to doubles 1.9e-9 apart: nobody gets nine digits here,
	 * and in tenths, which are exact, all of them. */
	s = evaluate_sample(x, numacc(x, "10000000.1", "10000000.2", "10000000.3"));
	assert_digits("NumAcc4 mean", s.mean, 10000000.2, 15);
	assert_digits("NumAcc4 deviation", s.deviation, 0.1, 8.2);
	s = evaluate_sample(x, numacc(x, "100000001", "100000002", "100000003"));
	assert_true(s.mean == 100000002);
	assert_true(s.deviation == 1);
}

static double after(const char *text, const char *label)
{
	const char *p = strstr(text, label);

	assert_non_null(p);
	return strtod(p + strlen(label), NULL);
}

static char *read_whole(FILE *f)
{
	char *text = calloc(1, 256 * 1024);

	assert_non_null(text);
	assert_true(fread(text, 1, 256 * 1024 - 1, f) > 0);
	return text;
}

static void certified(const char *name)
{
	const char *cases = getenv("ETALON_CASES");
	char path[512], *text, *p;
	double x[6000];
	size_t n = 0, count;
	struct sample s;
	FILE *f;

	snprintf(path, sizeof path, "%s/nist_strd/%s.dat", cases ? cases : "../shared/cases", name);
	f = fopen(path, "r");
	if (!f) {
		print_message("%s: not there, skipped\n", path);
		skip();
	}
	text = read_whole(f);
	fclose(f);
	count = (size_t)after(text, "Number of Observations:");
	p = strchr(strstr(text, "Data: Y"), '-');       /* the line of dashes under the heading */
	for (p = strchr(p, '\n'); n < 6000; n++) {
		char *end;

		x[n] = strtod(p, &end);
		if (end == p)
			break;
		p = end;
	}
	assert_int_equal(n, count);
	s = evaluate_sample(x, n);
	assert_digits("mean", s.mean, after(text, "ybar:"), 13);
	assert_digits("deviation", s.deviation, after(text, " s:"), strcmp(name, "NumAcc4") ? 9 : 8.2);
	assert_true(s.deviation_of_mean == s.deviation / sqrt((double)n));
	free(text);
}

#define CERTIFIED(name) static void nist_##name(void **state) { (void)state; certified(#name); }
CERTIFIED(Lew)
CERTIFIED(Lottery)
CERTIFIED(Mavro)
CERTIFIED(Michelso)
CERTIFIED(NumAcc1)
CERTIFIED(NumAcc2)
CERTIFIED(NumAcc4)

static void nothing_and_one(void **state)
{
	double x[] = { 5 };
	struct sample none = evaluate_sample(NULL, 0), one = evaluate_sample(x, 1);

	(void)state;
	assert_true(isnan(none.mean) && isnan(none.deviation) && isnan(none.deviation_of_mean));
	assert_true(one.mean == 5);
	assert_true(isnan(one.deviation) && isnan(one.deviation_of_mean));
	assert_true(isnan(evaluate_paired(NULL, NULL, 0).value));
	assert_true(isnan(evaluate_paired(x, x, 1).uncertainty));
	assert_true(isnan(evaluate_paired(x, x, 1).degrees_of_freedom));
	assert_true(isnan(evaluate_unpaired(&one, &one).uncertainty));
	assert_true(isnan(evaluate_unpaired(&one, &one).degrees_of_freedom));
}

static void equal_readings_deviate_by_exactly_nothing(void **state)
{
	double x[7];

	(void)state;
	for (size_t i = 0; i < 7; i++)
		x[i] = 0.1;
	assert_true(evaluate_sample(x, 7).mean == 0.1);
	assert_true(evaluate_sample(x, 7).deviation == 0);
}

static void order_does_not_matter(void **state)
{
	double up[1001], down[1001];
	size_t n = numacc(up, "6.62607013", "6.62607015", "6.62607018");

	(void)state;
	for (size_t i = 0; i < n; i++)
		down[n - 1 - i] = up[i];
	assert_true(evaluate_sample(up, n).mean == evaluate_sample(down, n).mean);
	assert_digits("deviation", evaluate_sample(up, n).deviation, evaluate_sample(down, n).deviation, 14);
}

/* A drift of both by 1 a reading is in neither difference. */
static void pairs_cancel_a_common_drift(void **state)
{
	double x[] = { 10.5, 11.25, 12.5, 13.75 }, y[] = { 10, 11, 12, 13 };
	struct difference d = evaluate_paired(x, y, 4);

	(void)state;
	assert_true(d.value == 0.5);
	assert_digits("uncertainty", d.uncertainty, sqrt(0.125 / 3) / 2, 15);
	assert_true(d.degrees_of_freedom == 3);
}

static void welch_satterthwaite(void **state)
{
	struct sample x = { .n = 5, .mean = 12, .deviation_of_mean = 3 };
	struct sample y = { .n = 11, .mean = 10, .deviation_of_mean = 4 };
	struct sample still = { .n = 11, .mean = 10, .deviation_of_mean = 0 };
	struct difference d = evaluate_unpaired(&x, &y);

	(void)state;
	assert_true(d.value == 2);
	assert_true(d.uncertainty == 5);
	/* 5^4 / (3^4 / 4 + 4^4 / 10) */
	assert_digits("degrees of freedom", d.degrees_of_freedom, 625 / (20.25 + 25.6), 14);
	assert_true(evaluate_unpaired(&x, &still).degrees_of_freedom == 4);
	d = evaluate_unpaired(&still, &still);
	assert_true(d.uncertainty == 0);
	assert_true(isnan(d.degrees_of_freedom));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numerical_accuracy_sets),
		cmocka_unit_test(nist_Lew),
		cmocka_unit_test(nist_Lottery),
		cmocka_unit_test(nist_Mavro),
		cmocka_unit_test(nist_Michelso),
		cmocka_unit_test(nist_NumAcc1),
		cmocka_unit_test(nist_NumAcc2),
		cmocka_unit_test(nist_NumAcc4),
		cmocka_unit_test(nothing_and_one),
		cmocka_unit_test(equal_readings_deviate_by_exactly_nothing),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(pairs_cancel_a_common_drift),
		cmocka_unit_test(welch_satterthwaite),
	};

	return cmocka_run_group_tests_name("evaluate", tests, NULL, NULL);
}
