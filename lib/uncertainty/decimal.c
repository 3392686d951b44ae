/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

#define MOST_DIGITS 40                   /* of one number, zeros and all: leaves room for sign, point and power */

static void take_digit(struct decimal *d, char digit, bool fraction)
{
	d->units = d->units * 10 + (uint64_t)(digit - '0');
	d->last -= fraction;
}

/* 1200 as 12 10^2: zeros at the end say nothing of a double. */
static void drop_zeros(struct decimal *d)
{
	while (d->units > 0 && d->units % 10 == 0) {
		d->units /= 10;
		d->last++;
	}
}

struct decimal decimal_of(double v)
{
	char text[NUMBER_TEXT];
	struct decimal d = { 0 };
	bool fraction = false;
	const char *p = text;

	number_format(v, text);
	for (; *p && *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			take_digit(&d, *p, fraction);
		else if (*p == '.')
			fraction = true;
	if (*p == 'e')
		d.last += (int)strtol(p + 1, NULL, 10);
	drop_zeros(&d);
	d.negative = *text == '-' && d.units > 0;
	return d;
}

int decimal_digits(const struct decimal *d)
{
	int n = 0;

	for (uint64_t u = d->units; u > 0; u /= 10)
		n++;
	return n;
}

int decimal_magnitude(const struct decimal *d)
{
	return d->last + decimal_digits(d) - 1;
}

/* units over 10^places, to the nearest. */
static uint64_t shorten(uint64_t units, int places, enum decimal_tie tie)
{
	uint64_t ten = 1, whole, rest;

	if (places > 18)                 /* less than half of one, whatever the digits are */
		return 0;
	while (places-- > 0)
		ten *= 10;
	whole = units / ten;
	rest = units % ten;
	if (rest > ten - rest || (rest == ten - rest && (tie == TIE_UP || whole % 2 == 1)))
		whole++;
	return whole;
}

struct decimal decimal_round(struct decimal d, int last, enum decimal_tie tie)
{
	if (last <= d.last)
		return d;
	d.units = shorten(d.units, last - d.last, tie);
	d.last = last;
	d.negative = d.negative && d.units > 0;
	return d;
}

/* The digits down to 10^last, with as many zeros in front as a point `decimals` from the end needs. */
static int digits_of(char digits[DECIMAL_TEXT], const struct decimal *d, int last, int decimals)
{
	int zeros = d->units > 0 ? d->last - last : 0, n = decimal_digits(d);
	int front = n + zeros <= decimals ? decimals + 1 - n - zeros : 0;

	if (zeros + n + front > MOST_DIGITS)
		return -1;
	memset(digits, '0', (size_t)(front + n + zeros));
	for (uint64_t u = d->units; n > 0; u /= 10)
		digits[front + --n] = (char)('0' + u % 10);
	return front + decimal_digits(d) + zeros;
}

int decimal_text(char text[DECIMAL_TEXT], const struct decimal *d, int last, int tens)
{
	char digits[DECIMAL_TEXT];
	int decimals = tens - last, n = decimals > MOST_DIGITS ? -1 : digits_of(digits, d, last, decimals);
	int at;

	if (n < 0)
		return -1;
	at = snprintf(text, DECIMAL_TEXT, "%s%.*s%s%.*s", d->negative ? "-" : "", n - decimals, digits,
		      decimals > 0 ? "." : "", decimals, digits + n - decimals);
	if (tens != 0)
		snprintf(text + at, (size_t)(DECIMAL_TEXT - at), "e%d", tens);
	return 0;
}
