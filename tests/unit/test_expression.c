/* SPDX-License-Identifier: GPL-3.0-or-later
 * Expressions: the grammar, what is refused and where, dimensions, derivatives against those worked out by hand and
 * against differences. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "expression.h"
#include "functions.h"
#include "mem.h"
#include "unit.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define MOST_NAMES 8

static struct expression *parsed(const char *text)
{
	struct err e;
	struct expression *x = expression_parse(text, &e);

	if (!x)
		fail_msg("%s: %s", text, e.text);
	return x;
}

/* Of names a, b, c ... in the order of their appearance. */
static double value(const char *text, const double *at)
{
	struct expression *x = parsed(text);
	const double *columns[MOST_NAMES];
	const char *const *names;
	double y;

	for (size_t i = 0; i < expression_names(x, &names); i++)
		columns[i] = &at[i];
	expression_values(x, columns, 1, &y);
	expression_free(&x);
	return y;
}

static void precedence(void **state)
{
	static const struct { const char *text; double y; } rows[] = {
		{ "1 + 2 * 3", 7 }, { "(1 + 2) * 3", 9 }, { "8 - 4 - 2", 2 }, { "8 / 4 / 2", 1 }, { "8 / 4 * 2", 4 },
		{ "-2^2", -4 }, { "(-2)^2", 4 }, { "2^3^2", 512 }, { "2^-1", 0.5 }, { "2^-2^-1", 0.70710678118654752 },
		{ "2 * -3", -6 }, { "--2", 2 }, { "+2", 2 }, { "1 - -1", 2 }, { "-2 * 3 + 1", -5 },
		{ "1.5e3", 1500 }, { "1e-3", 0.001 }, { " 2\t* 3\n", 6 }, { "9^(1/2)", 3 }, { "8^(1/3)", 2 },
		{ "sqrt(16)", 4 }, { "exp(ln(5))", 5 }, { "log10(1000)", 3 }, { "sin(pi / 2)", 1 },
		{ "cos(pi)", -1 }, { "tan(pi / 4)", 1 }, { "asin(1) / acos(0)", 1 }, { "4 * atan(1)", M_PI },
		{ "abs(-3)", 3 }, { "min(2, 3) + max(2, 3)", 5 }, { "kelvin(20 [degC])", 293.15 },
		{ "kelvin(-10 [degC])", 263.15 }, { "kelvin(- 40 [degF])", 233.15 }, { "-10 [degC] - 5 [degC]", -15 },
		{ "5 [degC] - -10 [degC]", 15 },
		{ "celsius(300 [K])", 26.85 }, { "20 [mV]", 0.02 }, { "50 [%]", 0.5 }, { "68 [degF]", 20 },
		{ "2 [MOhm] * 3[uA]", 6 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		double y = value(rows[i].text, NULL);

		if (!(fabs(y - rows[i].y) <= 4e-16 * fabs(rows[i].y) || fabs(y - rows[i].y) < 5e-14))
			fail_msg("%s is %.17g, not %.17g", rows[i].text, y, rows[i].y);
	}
}

static void names_in_their_order(void **state)
{
	struct expression *x = parsed("b_2 * (a - b_2) + Pi * a");
	const char *const *names;

	(void)state;
	assert_int_equal(expression_names(x, &names), 3);
	assert_string_equal(names[0], "b_2");
	assert_string_equal(names[1], "a");
	assert_string_equal(names[2], "Pi");
	expression_free(&x);
	assert_null(x);
	expression_free(&x);
	assert_true(value("a - b", (double[]){ 5, 3 }) == 2);
	assert_true(isinf(value("a / b", (double[]){ 5, 0 })));
	assert_true(isnan(value("sqrt(a)", (double[]){ -1 })));
	assert_true(isnan(value("min(a, 0)", (double[]){ NAN })));
}

static void refused_where_it_is_wrong(void **state)
{
	static const struct { const char *text, *says; } rows[] = {
		{ "", "column 1: a number, a name or '(' is missing here" },
		{ "a +", "column 4: a number, a name or '(' is missing here" },
		{ "a + * b", "column 5: a number, a name or '(' stands here, not '*'" },
		{ "a b", "column 3: an operator is missing before this" },
		{ "2x", "column 2: an operator is missing before this" },
		{ "a = 3", "column 3: an operator is missing before this" },
		{ "1,5 * a", "column 2: ',' only parts a function's arguments; decimals follow a point" },
		{ "(a + b", "column 1: this '(' is not closed" },
		{ "a + b)", "column 6: this ')' closes nothing" },
		{ "sqrt(a", "column 7: the ')' of sqrt is missing" },
		{ "sqrt(a, b)", "column 1: sqrt takes 1 argument, not 2" },
		{ "max(a)", "column 1: max takes 2 arguments, not 1" },
		{ "sqrt()", "column 6: a number, a name or '(' stands here, not ')'" },
		{ "a + log(b)", "column 5: log may be either: write ln or log10" },
		{ "sqr(a)", "column 1: there is no function sqr; did you mean sqrt?" },
		{ "a(b + c)", "column 1: there is no function a; a product is written with *" },
		{ "1 / 0", "column 3: this is no finite number" },
		{ "1e400", "column 1: " },
		{ "3 [V", "column 3: the unit's ']' is missing" },
		{ "3 [Volt]", "column 4: unknown unit 'Volt'" },
		{ "2 [\u03A9] + \u03A9", "column 9: a number, a name or '(' stands here, not '?'" },
		{ "a & b", "column 3: an operator is missing before this" },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (expression_parse(rows[i].text, &e) || e.code != ERR_CONFIG)
			fail_msg("%s is taken", rows[i].text);
		if (strncmp(e.text, rows[i].says, strlen(rows[i].says)))
			fail_msg("%s: %s", rows[i].text, e.text);
	}
}

static char *nested(unsigned levels)
{
	struct buf b = { 0 };

	for (unsigned i = 0; i < levels; i++)
		buf_putc(&b, '(');
	buf_putc(&b, 'a');
	for (unsigned i = 0; i < levels; i++)
		buf_putc(&b, ')');
	return b.data;
}

static void bounded(void **state)
{
	char *deep = nested(EXPRESSION_DEEPEST - 1), *deeper = nested(EXPRESSION_DEEPEST);
	char *longest = mem_new(EXPRESSION_LONGEST + 2);
	struct err e;

	(void)state;
	assert_true(value(deep, (double[]){ 3 }) == 3);
	assert_null(expression_parse(deeper, &e));
	assert_non_null(strstr(e.text, "64 levels"));
	memset(longest, '-', EXPRESSION_LONGEST);
	assert_null(expression_parse(longest, &e));
	assert_non_null(strstr(e.text, "64 levels"));
	memset(longest, ' ', EXPRESSION_LONGEST + 1);
	longest[0] = 'a';
	assert_null(expression_parse(longest, &e));
	assert_non_null(strstr(e.text, "4000 characters"));
	longest[EXPRESSION_LONGEST] = 0;
	assert_true(value(longest, (double[]){ 3 }) == 3);
	free(deep);
	free(deeper);
	free(longest);
}

/* "a: V, b: mV": units of the names, in their order. */
static int dimension_of(const char *text, const char *const *units, struct dimension *d, struct err *e)
{
	struct expression *x = parsed(text);
	struct dimension of[MOST_NAMES];
	const char *const *names;
	struct conversion c;
	int status;

	for (size_t i = 0; i < expression_names(x, &names); i++)
		assert_int_equal(unit_coherent(&c, &of[i], units[i], e), 0);
	status = expression_dimension(x, of, d, e);
	expression_free(&x);
	return status;
}

static void dimensions(void **state)
{
	static const struct { const char *text, *units[4], *whole; } rows[] = {
		{ "a + b", { "V", "mV" }, "V" },
		{ "a / b", { "V", "mA" }, "Ohm" },
		{ "a * b", { "V", "A" }, "W" },
		{ "a / b", { "mV", "V" }, "1" },
		{ "a * (1 + b)", { "V", "%" }, "V" },
		{ "a * (1 + b * (c - 20 [degC]))", { "Ohm", "ppm K-1", "degC" }, "Ohm" },
		{ "a - b", { "degC", "degC" }, "K" },
		{ "a - b", { "degC", "degF" }, "K" },
		{ "a - b", { "degC", "K" }, "degC" },
		{ "a + b", { "degC", "mK" }, "degC" },
		{ "b + a", { "mK", "degC" }, "degC" },
		{ "max(a, b)", { "degC", "degF" }, "degC" },
		{ "-10 [degC]", { NULL }, "degC" },
		{ "-10 [degC] + 1 [K]", { NULL }, "degC" },
		{ "exp(a / kelvin(b))", { "K", "degC" }, "1" },
		{ "celsius(a) - b", { "K", "degC" }, "K" },
		{ "a^2", { "V" }, "m4 kg2 s-6 A-2" },
		{ "sqrt(a^2 + b^2)", { "V", "uV" }, "V" },
		{ "a^(1/2) * a^0.5", { "V" }, "V" },
		{ "a / sqrt(b)", { "V", "Hz" }, "m2 kg s-5/2 A-1" },
		{ "a^b", { "1", "%" }, "1" },
		{ "sin(a) + cos(b)", { "rad", "1" }, "1" },
		{ "a * asin(b / a)", { "m", "m" }, "m rad" },
		{ "a / b * 9.8 [m s-2]", { "kg", "m2" }, "Pa" },
		{ "-a + abs(b) + min(a, b)", { "Pa", "bar" }, "Pa" },
		{ "a * b", { "kg m-3", "L" }, "kg" },
		{ "ln(a / b) + 2", { "Pa", "psi" }, "1" },
	};
	struct dimension d;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[DIMENSION_TEXT];

		if (dimension_of(rows[i].text, rows[i].units, &d, &e) < 0)
			fail_msg("%s: %s", rows[i].text, e.text);
		assert_string_equal(dimension_text(&d, text), rows[i].whole);
	}
}

static void unlike_is_refused(void **state)
{
	static const struct { const char *text, *units[3], *says; } rows[] = {
		{ "reading + current", { "V", "A" }, "column 9: '+' of reading (V) and current (A): only quantities" },
		{ "(a + b) - c", { "V", "V", "%" }, "column 9: '-' of (a + b) (V) and c (1): only quantities" },
		{ "a + 1", { "V" }, "column 3: '+' of a (V) and 1 (1)" },
		{ "a + b", { "degC", "degC" }, "column 3: '+' of a (degC) and b (degC): two Celsius temperatures have no sum" },
		{ "a - b", { "K", "degC" }, "column 3: '-' of a (K) and b (degC)" },
		{ "a * b", { "V", "degC" }, "column 3: '*' of b (degC): a Celsius temperature is a place on a scale" },
		{ "-a", { "degC" }, "column 1: '-' of a (degC): a Celsius" },
		{ "-(1 [degC])", { NULL }, "column 1: '-' of (1 [degC]) (degC): a Celsius" },
		{ "-1 [degC] * 2", { NULL }, "column 11: '*' of -1 [degC] (degC): a Celsius" },
		{ "a / 2", { "degF" }, "column 3: '/' of a (degC): a Celsius" },
		{ "exp(a)", { "V" }, "column 1: 'exp' of a (V): it takes a number" },
		{ "1 + ln(a)", { "degC" }, "column 5: 'ln' of a (degC): it takes a number" },
		{ "sin(a)", { "Hz" }, "column 1: 'sin' of a (Hz)" },
		{ "a^b", { "V", "1" }, "column 2: '^' of a (V) and b (1): a quantity with a unit needs an exponent that is" },
		{ "2^a", { "V" }, "column 2: '^' of a (V): an exponent is a number" },
		{ "a^0.3", { "V" }, "column 2: '^' of a (V): its unit would have a power" },
		{ "a^1000", { "V" }, "column 2: '^' of a (V): its unit would have a power" },
		{ "a^2 [V]", { "1" }, "column 2: '^' of 2 [V] (V): an exponent is a number" },
		{ "min(a, b)", { "V", "A" }, "column 1: 'min' of a (V) and b (A)" },
		{ "kelvin(a)", { "K" }, "column 1: 'kelvin' of a (K): it takes a Celsius temperature" },
		{ "celsius(a)", { "degC" }, "column 1: 'celsius' of a (degC): it takes a temperature in K" },
		{ "a * b + c", { "Hz", "s", "rad" }, "column 7: '+' of a * b (1) and c (rad)" },
	};
	struct dimension d;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(dimension_of(rows[i].text, rows[i].units, &d, &e), -1);
		if (strncmp(e.text, rows[i].says, strlen(rows[i].says)))
			fail_msg("%s: %s", rows[i].text, e.text);
	}
}

static void assert_near(double x, double expected, double tolerance, const char *what)
{
	if (!(fabs(x - expected) <= tolerance * fmax(1, fabs(expected))))
		fail_msg("%s: %.17g is not %.17g", what, x, expected);
}

/* Of one name or two, worked out by hand at a = 0.7, b = 2.3. */
static void derivatives_by_hand(void **state)
{
	const double a = 0.7, b = 2.3, l = log(a);
	const struct { const char *text; double first[2], second[3]; } rows[] = {    /* aa ab bb */
		{ "a + b", { 1, 1 }, { 0, 0, 0 } },
		{ "a - b", { 1, -1 }, { 0, 0, 0 } },
		{ "a * b", { b, a }, { 0, 1, 0 } },
		{ "a / b", { 1 / b, -a / b / b }, { 0, -1 / b / b, 2 * a / b / b / b } },
		{ "a^b", { b * pow(a, b - 1), pow(a, b) * l },
		  { b * (b - 1) * pow(a, b - 2), pow(a, b - 1) * (1 + b * l), pow(a, b) * l * l } },
		{ "a^3 * b", { 3 * a * a * b, a * a * a }, { 6 * a * b, 3 * a * a, 0 } },
		{ "sqrt(a * b)", { 0.5 * sqrt(b / a), 0.5 * sqrt(a / b) },
		  { -0.25 * sqrt(b / (a * a * a)), 0.25 / sqrt(a * b), -0.25 * sqrt(a / (b * b * b)) } },
		{ "exp(a * b)", { b * exp(a * b), a * exp(a * b) },
		  { b * b * exp(a * b), (1 + a * b) * exp(a * b), a * a * exp(a * b) } },
		{ "ln(a) + log10(b)", { 1 / a, 1 / b / log(10) }, { -1 / a / a, 0, -1 / b / b / log(10) } },
		{ "sin(a) * cos(b)", { cos(a) * cos(b), -sin(a) * sin(b) },
		  { -sin(a) * cos(b), -cos(a) * sin(b), -sin(a) * cos(b) } },
		{ "tan(a) + atan(b)", { 1 + tan(a) * tan(a), 1 / (1 + b * b) },
		  { 2 * tan(a) * (1 + tan(a) * tan(a)), 0, -2 * b / (1 + b * b) / (1 + b * b) } },
		{ "asin(a) * b", { b / sqrt(1 - a * a), asin(a) },
		  { a * b / pow(1 - a * a, 1.5), 1 / sqrt(1 - a * a), 0 } },
		{ "acos(a) - b", { -1 / sqrt(1 - a * a), -1 }, { -a / pow(1 - a * a, 1.5), 0, 0 } },
		{ "-abs(a - b)", { 1, -1 }, { 0, 0, 0 } },
		{ "max(a, b) * min(a, b)", { b, a }, { 0, 1, 0 } },
		{ "kelvin(a) * celsius(b)", { b - 273.15, a + 273.15 }, { 0, 1, 0 } },
		{ "a * a * b * b", { 2 * a * b * b, 2 * a * a * b }, { 2 * b * b, 4 * a * b, 2 * a * a } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct expression *x = parsed(rows[i].text);
		double y, first[2], second[4];

		expression_derivatives(x, (double[]){ a, b }, &y, first, second);
		assert_near(first[0], rows[i].first[0], 1e-14, rows[i].text);
		assert_near(first[1], rows[i].first[1], 1e-14, rows[i].text);
		assert_near(second[0], rows[i].second[0], 2e-14, rows[i].text);
		assert_near(second[1], rows[i].second[1], 2e-14, rows[i].text);
		assert_near(second[2], rows[i].second[1], 2e-14, rows[i].text);
		assert_near(second[3], rows[i].second[2], 2e-14, rows[i].text);
		expression_free(&x);
	}
}

static void where_there_is_no_derivative(void **state)
{
	static const char *const texts[] = { "abs(a)", "max(a, -a)", "sqrt(a)", "ln(a)", "1 / a" };
	struct expression *x = parsed("a^2 + a^1 + 3 * a");
	double y, first, second;

	(void)state;
	expression_derivatives(x, (double[]){ 0 }, &y, &first, &second);
	assert_true(y == 0 && first == 4 && second == 2);
	expression_free(&x);
	for (size_t i = 0; i < COUNT(texts); i++) {
		x = parsed(texts[i]);
		expression_derivatives(x, (double[]){ 0 }, &y, &first, NULL);
		assert_true(!isfinite(first));
		expression_free(&x);
	}
}

/* A column longer than a block, and not a multiple of one: to the bits of one by one. */
static void columns(void **state)
{
	enum { N = 1000 };
	struct expression *x = parsed("(a - 0.5) * sqrt(b) / (1 + a^2) - -b * 3 + max(a, b)");
	double *a = mem_array(N, sizeof *a), *b = mem_array(N, sizeof *b), *y = mem_array(N, sizeof *y);

	(void)state;
	for (size_t i = 0; i < N; i++) {
		a[i] = sin((double)i);
		b[i] = 2 + cos((double)i);
	}
	expression_values(x, (const double *const[]){ a, b }, N, y);
	for (size_t i = 0; i < N; i++) {
		double one, first[2];

		expression_derivatives(x, (double[]){ a[i], b[i] }, &one, first, NULL);
		assert_memory_equal(&one, &y[i], sizeof one);
	}
	free(a);
	free(b);
	free(y);
	expression_free(&x);
}

/* Functions of physics: in coherent units, as expressions are; checked by dimension; with their own derivatives. */
static void physics(void **state)
{
	static const char *const units[] = { "hPa", "degC", "%RH" };
	struct expression *x = parsed("2 * air_density(p, t, h)");
	const double at[] = { 1e5, 20, 0.5 };
	double y, first[3], second[9], own, own_first[3], own_second[9];
	const struct function *all;
	struct dimension d;
	struct conversion c;
	struct err e;
	size_t n;

	(void)state;
	expression_derivatives(x, at, &y, first, second);
	function_derivatives(function_find("air_density"), at, &own, own_first, own_second);
	assert_near(y, 2 * own, 1e-15, "density");
	for (int i = 0; i < 9; i++)
		assert_near(second[i], 2 * own_second[i], 1e-15, "second");
	expression_derivatives(x, at, &y, first, NULL);
	for (int i = 0; i < 3; i++)
		assert_near(first[i], 2 * own_first[i], 1e-15, "first");
	expression_free(&x);
	assert_int_equal(dimension_of("air_density(p, t, h) * 3 [m3]", units, &d, &e), 0);
	assert_true(d.halves[KILOGRAM] == 2 && d.halves[METRE] == 0);
	assert_int_equal(dimension_of("air_density(p, kelvin(t), h)", units, &d, &e), -1);
	assert_string_equal(e.text, "column 1: 'air_density' of kelvin(t) (K): its temperature has a unit like degC");
	assert_null(expression_parse("air_densty(p, t, h)", &e));
	assert_non_null(strstr(e.text, "did you mean air_density?"));
	assert_null(expression_parse("air_density(p, t)", &e));
	assert_non_null(strstr(e.text, "air_density takes 3 arguments, not 2"));
	all = functions(&n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k <= all[i].arity; k++) {
			const char *unit = k < all[i].arity ? all[i].arguments[k].unit : all[i].unit;

			assert_int_equal(unit_coherent(&c, &d, unit, &e), 0);
			if (c.factor != 1 || c.divisor != 0 || c.offset != 0)
				fail_msg("%s: %s is not coherent", all[i].name, unit);
		}
}

/* The manual's table has every function, with the units of its arguments. */
static void documented(void **state)
{
	char *manual = mem_new(65536);
	FILE *f = fopen("docs/expressions.md", "r");
	const struct function *all;
	size_t n;

	(void)state;
	assert_non_null(f);
	assert_true(fread(manual, 1, 65535, f) > 0);
	fclose(f);
	all = functions(&n);
	for (size_t i = 0; i < n; i++) {
		struct buf row = { 0 };

		buf_printf(&row, "| `%s` | ", all[i].name);
		for (size_t k = 0; k < all[i].arity; k++)
			buf_printf(&row, "%s%s [%s]", k ? ", " : "", all[i].arguments[k].name, all[i].arguments[k].unit);
		buf_printf(&row, " | %s: ", all[i].unit);
		if (!strstr(manual, row.data))
			fail_msg("docs/expressions.md lacks %s", row.data);
		buf_release(&row);
	}
	free(manual);
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
		cmocka_unit_test(precedence),
		cmocka_unit_test(names_in_their_order),
		cmocka_unit_test(refused_where_it_is_wrong),
		cmocka_unit_test(bounded),
		cmocka_unit_test(dimensions),
		cmocka_unit_test(unlike_is_refused),
		cmocka_unit_test(derivatives_by_hand),
		cmocka_unit_test(where_there_is_no_derivative),
		cmocka_unit_test(columns),
		cmocka_unit_test(physics),
		cmocka_unit_test(documented),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
