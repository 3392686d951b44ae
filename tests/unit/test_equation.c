/* SPDX-License-Identifier: GPL-3.0-or-later
 * Equations: conversions at their edges, and what is refused when they are bound. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "quantities.h"
#include "unit.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static void assert_near(double x, double expected, double relative)
{
	if (!(fabs(x - expected) <= relative * fabs(expected)))
		fail_msg("%.17g is not %.17g", x, expected);
}

static void units_at_the_edges(void **state)
{
	struct input_table t = { 0 };
	struct equation *q;
	double y, first[3], second[9];

	(void)state;
	put_input(&t, "u", "mV", 0, 1, INFINITY);
	put_input(&t, "i", "uA", 0, 1, INFINITY);
	put_input(&t, "drift", "%", 0, 1, INFINITY);
	q = bound("u / i * (1 + drift)", "kOhm", &t);
	assert_int_equal(q->function.n, 3);
	assert_true(q->places[0] == 0 && q->places[1] == 1 && q->places[2] == 2);
	q->function.derivatives(&*q, (double[]){ 50, 2, 10 }, &y, first, second);
	assert_near(y, 27.5, 1e-15);            /* 50 mV / 2 uA = 25 kOhm, and 10 % */
	assert_near(first[0], 0.55, 1e-15);     /* kOhm per mV */
	assert_near(first[1], -13.75, 1e-15);
	assert_near(first[2], 0.25, 1e-15);     /* kOhm per % */
	assert_true(second[0] == 0);
	assert_near(second[1], -0.275, 1e-15);
	assert_near(second[4], 13.75, 1e-15);
	assert_near(second[6], 0.005, 1e-15);
	equation_free(&q);
	assert_null(q);
	input_release(&t);
}

static void temperatures(void **state)
{
	struct input_table t = { 0 };
	struct equation *q;
	double y, first[2];

	(void)state;
	put_input(&t, "t", "degF", 0, 1, INFINITY);
	put_input(&t, "correction", "mK", 0, 1, INFINITY);
	q = bound("t + correction", "degC", &t);
	q->function.derivatives(q, (double[]){ 68, 500 }, &y, first, NULL);
	assert_near(y, 20.5, 1e-14);
	assert_near(first[0], 1 / 1.8, 1e-15);
	assert_near(first[1], 0.001, 1e-15);
	equation_free(&q);
	q = bound("kelvin(t) + correction", "K", &t);
	q->function.derivatives(q, (double[]){ 32, 0 }, &y, first, NULL);
	assert_near(y, 273.15, 1e-15);
	equation_free(&q);
	input_release(&t);
}

/* Longer than the block in which they are converted: equal in every bit to one by one. */
static void columns(void **state)
{
	enum { N = 2500 };
	static double a[N], b[N], y[N];
	struct input_table t = { 0 };
	struct equation *q;

	(void)state;
	put_input(&t, "a", "mV", 0, 1, INFINITY);
	put_input(&t, "b", "V", 0, 1, INFINITY);
	q = bound("a * (1 + a / b) + 3 [uV]", "uV", &t);
	for (size_t i = 0; i < N; i++) {
		a[i] = sin((double)i);
		b[i] = 2 + cos((double)i);
	}
	q->function.values(q, (const double *const[]){ a, b }, N, y);
	for (size_t i = 0; i < N; i++) {
		double one, first[2];

		q->function.derivatives(q, (double[]){ a[i], b[i] }, &one, first, NULL);
		assert_memory_equal(&one, &y[i], sizeof one);
	}
	equation_free(&q);
	input_release(&t);
}

static void refused_when_bound(void **state)
{
	static const struct { const char *model, *unit, *says; } rows[] = {
		{ "reading - refrence", "V", "the model's refrence is no input; did you mean reference?" },
		{ "reading - x", "V", "the model's x is no input: state it among the inputs" },
		{ "reading * 2", "V", "the input reference does not stand in the model" },
		{ "reading / reference", "V", "the model gives 1, the result is stated in V" },
		{ "reading * reference", "V", "the model gives m4 kg2 s-6 A-2, the result is stated in V" },
		{ "reading - reference", "Volt", "the result's unit: unknown unit 'Volt'" },
		{ "reading - reference + 1", "V", "column 21: '+' of reading - reference (V) and 1 (1)" },
		{ "reading - (reference", "V", "column 11: this '(' is not closed" },
	};
	static const struct equation_input inputs[] = { { "reading", 0 }, { "reference", 1 } };
	struct input_table t = { 0 };
	struct err e;

	(void)state;
	put_input(&t, "reading", "mV", 0, 1, INFINITY);
	put_input(&t, "reference", "V", 0, 1, INFINITY);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct equation *q = equation_new(rows[i].model, rows[i].unit, &t, inputs, 2, &e);

		if (q || e.code != ERR_CONFIG || strncmp(e.text, rows[i].says, strlen(rows[i].says)))
			fail_msg("%s: %s", rows[i].model, q ? "taken" : e.text);
	}
	input_release(&t);
}

static int forget(void **state)
{
	(void)state;
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_at_the_edges),
		cmocka_unit_test(temperatures),
		cmocka_unit_test(columns),
		cmocka_unit_test(refused_when_bound),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
