/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "digits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "number.h"

#define MOST_DECIMALS 15

/* Decimals at which u has two significant digits: 0.0123 -> 3, 12.3 -> 0.  99.6 rounds to 100,
 * which has two with one decimal less. */
static int decimals(double u)
{
	int exponent = (int)floor(log10(u));

	if (u / pow(10, exponent) >= 9.95)
		exponent++;
	return exponent > 1 ? 0 : 1 - exponent;
}

static char *none(char text[DIGITS_TEXT])
{
	memcpy(text, "-", 2);
	return text;
}

char *digits_spread(double u, char text[DIGITS_TEXT])
{
	if (!isfinite(u))
		return none(text);
	if (u == 0)
		snprintf(text, DIGITS_TEXT, "0");
	else if (decimals(u) > MOST_DECIMALS || u >= 1e12)
		snprintf(text, DIGITS_TEXT, "%.1e", u);
	else
		snprintf(text, DIGITS_TEXT, "%.*f", decimals(u), u);
	return text;
}

char *digits_value(double v, double u, char text[DIGITS_TEXT])
{
	if (!isfinite(v))
		return none(text);
	if (!isfinite(u) || u <= 0 || decimals(u) > MOST_DECIMALS || fabs(v) >= 1e15)
		snprintf(text, DIGITS_TEXT, "%.10g", v);
	else
		snprintf(text, DIGITS_TEXT, "%.*f", decimals(u), v);
	return text;
}

char *digits_short(double v, char text[DIGITS_TEXT])
{
	char exact[NUMBER_TEXT];

	if (!isfinite(v))
		return none(text);
	number_format(v, exact);
	snprintf(text, DIGITS_TEXT, "%s", exact);
	return text;
}

char *digits_freedom(double v, char text[DIGITS_TEXT])
{
	if (isnan(v))
		return none(text);
	if (isinf(v)) {
		snprintf(text, DIGITS_TEXT, "inf");
		return text;
	}
	if (v == floor(v))
		snprintf(text, DIGITS_TEXT, "%.0f", v);
	else
		snprintf(text, DIGITS_TEXT, "%.1f", floor(10 * v) / 10);
	return text;
}
