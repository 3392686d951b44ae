/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixed.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_END  INT64_C(1000000000000000)     /* the first number of 16 digits; doubles hold all below */
#define PLACES_MOST 18
#define DIGITS_ELSE 3                             /* significant, where nobody says how many */
#define FURTHER     9                             /* places a step may need beyond those of both ends: 1/512 has 9 */

/* number_format writes at most 17 digits, with or without a point and an exponent. */
int fixed_of(double v, struct fixed *d, struct err *e)
{
	char text[NUMBER_TEXT];
	size_t n = number_format(v, text), i = 0;
	bool point = false;

	text[n] = '\0';
	*d = (struct fixed){ 0 };
	for (; text[i] && text[i] != 'e'; i++) {
		if (text[i] == '.')
			point = true;
		else if (text[i] != '-')
			d->digits = 10 * d->digits + (text[i] - '0');
		if (point && text[i] != '.')
			d->places++;
	}
	if (text[i] == 'e')
		d->places -= (int)strtol(text + i + 1, NULL, 10);
	if (d->digits >= DIGITS_END || abs(d->places) > PLACES_MOST)
		return err_set(e, ERR_CONFIG, "%s has more digits than a range is computed with", text);
	if (text[0] == '-')
		d->digits = -d->digits;
	return 0;
}

double fixed_value(struct fixed d)
{
	return number_shift((double)d.digits, -d.places);
}

static bool finer(struct fixed *d)
{
	if (llabs(d->digits) >= DIGITS_END / 10)
		return false;
	d->digits *= 10;
	d->places++;
	return true;
}

/* Both in whole numbers of the same decimal place. */
static int align(struct fixed *a, struct fixed *b, struct err *e)
{
	struct fixed *coarse = a->places < b->places ? a : b;
	int places = a->places < b->places ? b->places : a->places;

	while (coarse->places < places)
		if (!finer(coarse))
			return err_set(e, ERR_CONFIG, "the numbers of the range are too far apart: together they have more than 15 digits");
	return 0;
}

/* In what place the last of so many significant digits of v stands. */
static int last_place(double v, int digits)
{
	return digits - 1 - (int)floor(log10(fabs(v)));
}

static int rounded(double v, int places, struct fixed *out, struct err *e)
{
	double digits = v * pow(10, places);

	if (fabs(digits) >= (double)DIGITS_END)
		return err_set(e, ERR_CONFIG, "rounded so finely the numbers of the range have more than 15 digits: give it fewer 'digits'");
	*out = (struct fixed){ llround(digits), places };
	return 0;
}

/* Takes further places until the step comes out even.  false: it does not. */
static bool divide(struct fixed *from, struct fixed *to, int64_t steps)
{
	for (int more = 0; (to->digits - from->digits) % steps; more++)
		if (more == FURTHER || !finer(from) || !finer(to))
			return false;
	return true;
}

static void even(struct fixed from, struct fixed to, size_t n, struct fixed *out)
{
	int64_t step = (to.digits - from.digits) / (int64_t)(n - 1);

	for (size_t i = 0; i < n; i++)
		out[i] = (struct fixed){ from.digits + step * (int64_t)i, from.places };
}

/* The least value keeps its place in the last digit: rounding goes by the step, not by the number itself. */
static int uneven(struct fixed from, struct fixed to, size_t n, int digits, struct fixed *out, struct err *e)
{
	double first = fixed_value(from), step = (fixed_value(to) - first) / (double)(n - 1);
	int places = last_place(step, digits ? digits : DIGITS_ELSE);

	for (size_t i = 0; i < n; i++)
		if (rounded(first + step * (double)i, places, &out[i], e))
			return -1;
	return 0;
}

int fixed_linear(struct fixed from, struct fixed to, size_t n, int digits, struct fixed *out, struct err *e)
{
	struct fixed a = from, b = to;

	if (align(&a, &b, e))
		return -1;
	if (a.digits == b.digits)
		return err_set(e, ERR_CONFIG, "a range ends elsewhere than it begins");
	if (!digits && divide(&a, &b, (int64_t)(n - 1)))
		even(a, b, n, out);
	else if (uneven(from, to, n, digits, out, e))
		return -1;
	out[0] = from;
	out[n - 1] = to;
	return 0;
}

int fixed_logarithmic(struct fixed from, struct fixed to, size_t n, int digits, struct fixed *out, struct err *e)
{
	double first = fixed_value(from), ratio = fixed_value(to) / first;

	if (from.digits <= 0 || to.digits <= 0)
		return err_set(e, ERR_CONFIG, "a logarithmic range lies above zero");
	if (ratio == 1)
		return err_set(e, ERR_CONFIG, "a range ends elsewhere than it begins");
	for (size_t i = 0; i < n; i++) {
		double v = first * pow(ratio, (double)i / (double)(n - 1));

		if (rounded(v, last_place(v, digits ? digits : DIGITS_ELSE), &out[i], e))
			return -1;
	}
	out[0] = from;
	out[n - 1] = to;
	return 0;
}

int fixed_count(struct fixed from, struct fixed to, struct fixed step, size_t *n, struct err *e)
{
	int64_t span;

	if (align(&from, &to, e) || align(&from, &step, e) || align(&from, &to, e))
		return -1;
	if (step.digits <= 0)
		return err_set(e, ERR_CONFIG, "a step is greater than zero, also in a range that falls");
	span = llabs(to.digits - from.digits);
	if (span == 0)
		return err_set(e, ERR_CONFIG, "a range ends elsewhere than it begins");
	if (span % step.digits)
		return err_set(e, ERR_CONFIG, "the range is no whole number of steps: the last would not end where the range does");
	*n = (size_t)(span / step.digits) + 1;
	return 0;
}
