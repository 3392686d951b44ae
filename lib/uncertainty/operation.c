/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "operation.h"

#include <math.h>
#include <string.h>

#include "nearest.h"

#define LN_10 2.302585092994045684      /* of the derivative of log10 */
#define ZERO_CELSIUS 273.15             /* K: ITS-90, equation 1 */

/* Operators.  A second derivative that is 0 is not set. */

static double add(const double *a)      { return a[0] + a[1]; }
static double subtract(const double *a) { return a[0] - a[1]; }
static double multiply(const double *a) { return a[0] * a[1]; }
static double divide(const double *a)   { return a[0] / a[1]; }
static double negate(const double *a)   { return -a[0]; }

static void add_columns(const double *const *a, size_t n, double *y)
{
	for (size_t t = 0; t < n; t++)
		y[t] = a[0][t] + a[1][t];
}

static void subtract_columns(const double *const *a, size_t n, double *y)
{
	for (size_t t = 0; t < n; t++)
		y[t] = a[0][t] - a[1][t];
}

static void multiply_columns(const double *const *a, size_t n, double *y)
{
	for (size_t t = 0; t < n; t++)
		y[t] = a[0][t] * a[1][t];
}

static void divide_columns(const double *const *a, size_t n, double *y)
{
	for (size_t t = 0; t < n; t++)
		y[t] = a[0][t] / a[1][t];
}

static void negate_columns(const double *const *a, size_t n, double *y)
{
	for (size_t t = 0; t < n; t++)
		y[t] = -a[0][t];
}

static void add_partials(const double *a, double y, double *first, double *second)
{
	(void)a, (void)y, (void)second;
	first[0] = first[1] = 1;
}

static void subtract_partials(const double *a, double y, double *first, double *second)
{
	(void)a, (void)y, (void)second;
	first[0] = 1;
	first[1] = -1;
}

static void multiply_partials(const double *a, double y, double *first, double *second)
{
	(void)y;
	first[0] = a[1];
	first[1] = a[0];
	second[1] = second[2] = 1;
}

static void divide_partials(const double *a, double y, double *first, double *second)
{
	first[0] = 1 / a[1];
	first[1] = -y / a[1];
	second[1] = second[2] = -1 / (a[1] * a[1]);
	second[3] = 2 * y / (a[1] * a[1]);
}

static void negate_partials(const double *a, double y, double *first, double *second)
{
	(void)a, (void)y, (void)second;
	first[0] = -1;
}

/* Powers.  A square is the product, which is rounded correctly; pow need not be. */

static double power(const double *a)
{
	return a[1] == 2 ? a[0] * a[0] : pow(a[0], a[1]);
}

/* factor x^p, which is 0 where the factor is: of x^1 the second derivative at 0 is 0, not 0 times infinity. */
static double term(double factor, double x, double p)
{
	return factor == 0 ? 0 : factor * pow(x, p);
}

static void constant_power_partials(const double *a, double y, double *first, double *second)
{
	double x = a[0], p = a[1];

	(void)y;
	first[0] = term(p, x, p - 1);
	second[0] = term(p * (p - 1), x, p - 2);
}

static void power_partials(const double *a, double y, double *first, double *second)
{
	double ln = log(a[0]);

	constant_power_partials(a, y, first, second);
	first[1] = y * ln;
	second[1] = second[2] = pow(a[0], a[1] - 1) * (1 + a[1] * ln);
	second[3] = y * ln * ln;
}

const struct operation operation_add = { "+", 2, RULE_SUM, add, add_partials, add_columns };
const struct operation operation_subtract = { "-", 2, RULE_DIFFERENCE, subtract, subtract_partials, subtract_columns };
const struct operation operation_multiply = { "*", 2, RULE_PRODUCT, multiply, multiply_partials, multiply_columns };
const struct operation operation_divide = { "/", 2, RULE_QUOTIENT, divide, divide_partials, divide_columns };
const struct operation operation_negate = { "-", 1, RULE_SAME, negate, negate_partials, negate_columns };
const struct operation operation_power = { "^", 2, RULE_POWER, power, power_partials, NULL };
const struct operation operation_constant_power = { "^", 2, RULE_POWER, power, constant_power_partials, NULL };

/* Functions of one argument: value, then first and second derivative. */

static double root(const double *a)        { return sqrt(a[0]); }
static double exponential(const double *a) { return exp(a[0]); }
static double ln(const double *a)          { return log(a[0]); }
static double decadic(const double *a)     { return log10(a[0]); }
static double sine(const double *a)        { return sin(a[0]); }
static double cosine(const double *a)      { return cos(a[0]); }
static double tangent(const double *a)     { return tan(a[0]); }
static double arc_sine(const double *a)    { return asin(a[0]); }
static double arc_cosine(const double *a)  { return acos(a[0]); }
static double arc_tangent(const double *a) { return atan(a[0]); }
static double absolute(const double *a)    { return fabs(a[0]); }
static double to_kelvin(const double *a)   { return a[0] + ZERO_CELSIUS; }
static double to_celsius(const double *a)  { return a[0] - ZERO_CELSIUS; }

static void root_partials(const double *a, double y, double *first, double *second)
{
	first[0] = 0.5 / y;
	second[0] = -0.25 / (a[0] * y);
}

static void exponential_partials(const double *a, double y, double *first, double *second)
{
	(void)a;
	first[0] = second[0] = y;
}

static void ln_partials(const double *a, double y, double *first, double *second)
{
	(void)y;
	first[0] = 1 / a[0];
	second[0] = -1 / (a[0] * a[0]);
}

static void decadic_partials(const double *a, double y, double *first, double *second)
{
	ln_partials(a, y, first, second);
	first[0] /= LN_10;
	second[0] /= LN_10;
}

static void sine_partials(const double *a, double y, double *first, double *second)
{
	first[0] = cos(a[0]);
	second[0] = -y;
}

static void cosine_partials(const double *a, double y, double *first, double *second)
{
	first[0] = -sin(a[0]);
	second[0] = -y;
}

static void tangent_partials(const double *a, double y, double *first, double *second)
{
	(void)a;
	first[0] = 1 + y * y;
	second[0] = 2 * y * first[0];
}

/* (1 - x)(1 + x) keeps its digits near 1, where 1 - x^2 loses them. */
static void arc_sine_partials(const double *a, double y, double *first, double *second)
{
	double inside = (1 - a[0]) * (1 + a[0]);

	(void)y;
	first[0] = 1 / sqrt(inside);
	second[0] = a[0] * first[0] / inside;
}

static void arc_cosine_partials(const double *a, double y, double *first, double *second)
{
	arc_sine_partials(a, y, first, second);
	first[0] = -first[0];
	second[0] = -second[0];
}

static void arc_tangent_partials(const double *a, double y, double *first, double *second)
{
	(void)y;
	first[0] = 1 / (1 + a[0] * a[0]);
	second[0] = -2 * a[0] * first[0] * first[0];
}

/* Where two branches meet there is no derivative. */
static void absolute_partials(const double *a, double y, double *first, double *second)
{
	(void)y, (void)second;
	first[0] = a[0] > 0 ? 1 : a[0] < 0 ? -1 : NAN;
}

static void shift_partials(const double *a, double y, double *first, double *second)
{
	(void)a, (void)y, (void)second;
	first[0] = 1;
}

static double least(const double *a)
{
	return isnan(a[0]) || isnan(a[1]) ? NAN : a[0] < a[1] ? a[0] : a[1];
}

static double most(const double *a)
{
	return isnan(a[0]) || isnan(a[1]) ? NAN : a[0] > a[1] ? a[0] : a[1];
}

static void chosen_partials(const double *a, double y, double *first, double *second)
{
	(void)second;
	for (int i = 0; i < 2; i++)
		first[i] = a[0] == a[1] ? NAN : a[i] == y;
}

static const struct operation functions[] = {
	{ "sqrt", 1, RULE_ROOT, root, root_partials, NULL },
	{ "exp", 1, RULE_NUMBER, exponential, exponential_partials, NULL },
	{ "ln", 1, RULE_NUMBER, ln, ln_partials, NULL },
	{ "log10", 1, RULE_NUMBER, decadic, decadic_partials, NULL },
	{ "sin", 1, RULE_OF_ANGLE, sine, sine_partials, NULL },
	{ "cos", 1, RULE_OF_ANGLE, cosine, cosine_partials, NULL },
	{ "tan", 1, RULE_OF_ANGLE, tangent, tangent_partials, NULL },
	{ "asin", 1, RULE_TO_ANGLE, arc_sine, arc_sine_partials, NULL },
	{ "acos", 1, RULE_TO_ANGLE, arc_cosine, arc_cosine_partials, NULL },
	{ "atan", 1, RULE_TO_ANGLE, arc_tangent, arc_tangent_partials, NULL },
	{ "abs", 1, RULE_SAME, absolute, absolute_partials, NULL },
	{ "min", 2, RULE_ALIKE, least, chosen_partials, NULL },
	{ "max", 2, RULE_ALIKE, most, chosen_partials, NULL },
	{ "kelvin", 1, RULE_KELVIN, to_kelvin, shift_partials, NULL },
	{ "celsius", 1, RULE_CELSIUS, to_celsius, shift_partials, NULL },
};
#define FUNCTIONS (sizeof functions / sizeof *functions)

const struct operation *operation_find(const char *name)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (!strcmp(functions[i].name, name))
			return &functions[i];
	return NULL;
}

const char *operation_nearest(const char *name)
{
	struct nearest best = { 0 };

	for (size_t i = 0; i < FUNCTIONS; i++)
		nearest_offer(&best, name, functions[i].name);
	return best.word;
}
