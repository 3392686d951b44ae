/* SPDX-License-Identifier: GPL-3.0-or-later
 * Patterns against their closed forms, drifts that must leave no trace, and what no pattern can tell. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drift.h"

#define S 1000000000LL
#define NOW 1795500000000000000LL

static void assert_close(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within))
		fail_msg("%.15g is not %.15g within %g", x, expected, within);
}

/* "ABBA", 10 s apart. */
static size_t pattern(struct drift_reading *r, const char *items, const double *value)
{
	size_t n = strlen(items);

	for (size_t i = 0; i < n; i++)
		r[i] = (struct drift_reading){ value[i], NOW + (int64_t)i * 10 * S, (size_t)(items[i] - 'A') };
	return n;
}

static struct drift eliminated(const struct drift_reading *r, size_t n, size_t items, size_t degree,
			       const struct pooled *known)
{
	struct drift d;
	struct err e;

	if (drift_eliminate(&d, r, n, items, degree, known, &e) < 0)
		fail_msg("%s", e.text);
	return d;
}

static void abba(void **state)
{
	const double value[] = { 10.0000001, 10.0000009, 10.0000012, 10.0000006 };
	struct drift_reading r[4];
	struct drift d = eliminated(r, pattern(r, "ABBA", value), 2, 1, NULL);
	struct difference b = drift_difference(&d, 1, 0), a = drift_difference(&d, 0, 1);

	(void)state;
	assert_close(b.value, (value[1] + value[2] - value[0] - value[3]) / 2, 1e-22);
	assert_true(a.value == -b.value && a.uncertainty == b.uncertainty);
	assert_close(b.uncertainty, d.deviation, 1e-22);        /* sqrt(4 / 4): four readings, halved */
	assert_true(b.degrees_of_freedom == 1);
	assert_close(d.rate[0] * 10, (3 * (value[3] - value[0]) + value[2] - value[1]) / 10, 1e-21);
	drift_release(&d);
}

/* A B A has nothing left to tell its scatter from; a pooled deviation tells it. */
static void aba(void **state)
{
	const struct pooled known = { .deviation = 2, .degrees_of_freedom = 30 };
	const double value[] = { 5, 8, 7 };
	struct drift_reading r[3];
	size_t n = pattern(r, "ABA", value);
	struct drift d = eliminated(r, n, 2, 1, NULL);

	(void)state;
	assert_close(drift_difference(&d, 1, 0).value, 2, 1e-14);
	assert_true(isnan(d.deviation) && isnan(drift_difference(&d, 1, 0).uncertainty));
	assert_true(isnan(d.degrees_of_freedom));
	drift_release(&d);
	d = eliminated(r, n, 2, 1, &known);
	assert_close(drift_difference(&d, 1, 0).uncertainty, 2 * sqrt(1.5), 1e-14);
	assert_true(drift_difference(&d, 1, 0).degrees_of_freedom == 30);
	drift_release(&d);
}

/* Three items and a cubic drift of 1000 times their differences, at uneven moments. */
static void a_drift_leaves_no_trace(void **state)
{
	static const double at[] = { 0, 9, 22, 31, 39, 52, 58, 71, 83, 90, 99, 112 }, item[] = { 0, 1e-3, -2e-3 };
	struct drift_reading r[12];
	struct drift d;

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		double t = at[i] / 100;

		r[i] = (struct drift_reading){ 100 + item[i % 3] + t - 0.5 * t * t + 0.25 * t * t * t,
					       NOW + (int64_t)at[i] * S, i % 3 };
	}
	d = eliminated(r, 12, 3, 3, NULL);
	assert_close(drift_difference(&d, 1, 0).value, 1e-3, 1e-12);
	assert_close(drift_difference(&d, 2, 1).value, -3e-3, 1e-12);
	assert_true(d.deviation < 1e-13);
	assert_close(d.covariance[1], d.covariance[3], 0);
	drift_release(&d);
}

/* A B B A B A A B forgets a quadratic drift even where only a linear one is taken out. */
static void abbabaab(void **state)
{
	double value[8];
	struct drift_reading r[8];
	struct drift d;

	(void)state;
	for (int i = 0; i < 8; i++)
		value[i] = 3 + 0.5 * i + 0.125 * i * i + ("ABBABAAB"[i] == 'B' ? 0.0625 : 0);
	d = eliminated(r, pattern(r, "ABBABAAB", value), 2, 1, NULL);
	assert_close(drift_difference(&d, 1, 0).value, 0.0625, 1e-14);
	drift_release(&d);
}

static void refuses(const char *items, size_t n_items, const char *why)
{
	const double value[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct drift_reading r[8];
	struct drift d;
	struct err e;

	assert_int_equal(drift_eliminate(&d, r, pattern(r, items, value), n_items, 1, NULL, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
}

static void what_no_pattern_tells(void **state)
{
	(void)state;
	refuses("AB", 2, "cannot tell 2 items from a drift of degree 1");
	refuses("ABA", 3, "item 3 of the pattern has no reading");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(abba),
		cmocka_unit_test(aba),
		cmocka_unit_test(a_drift_leaves_no_trace),
		cmocka_unit_test(abbabaab),
		cmocka_unit_test(what_no_pattern_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
