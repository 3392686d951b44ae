/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static locale_t c_locale;

static void make_locale(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

locale_t number_locale(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_locale);
	return c_locale;
}

static size_t digits(const char *p)
{
	size_t n = 0;

	while (p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

/* Length of the number at the head of text, 0 if there is none. */
static size_t span(const char *text)
{
	const char *p = text;
	size_t whole, fraction = 0;

	if (*p == '+' || *p == '-')
		p++;
	whole = digits(p);
	p += whole;
	if (*p == '.') {
		fraction = digits(p + 1);
		p += 1 + fraction;
	}
	if (whole + fraction == 0)
		return 0;
	if (*p == 'e' || *p == 'E') {
		const char *q = p + 1;

		if (*q == '+' || *q == '-')
			q++;
		if (digits(q) == 0)
			return 0;
		p = q + digits(q);
	}
	return (size_t)(p - text);
}

static int not_a_number(const char *text, size_t n, struct err *e)
{
	return err_set(e, ERR_CONFIG, "'%.*s' is not a decimal number", n > 40 ? 40 : (int)n, text);
}

int number_parse(const char *text, size_t n, double *out, struct err *e)
{
	char copy[64];

	if (n == 0 || n >= sizeof copy)
		return not_a_number(text, n, e);
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (span(copy) != n)
		return not_a_number(text, n, e);
	*out = strtod_l(copy, NULL, number_locale());
	if (!isfinite(*out))
		return err_set(e, ERR_CONFIG, "'%s' is outside what a double can hold", copy);
	return 0;
}

int number_parse_int(const char *text, size_t n, int64_t *out, struct err *e)
{
	char copy[24];
	size_t sign = n > 0 && (text[0] == '+' || text[0] == '-');

	if (n == sign || n >= sizeof copy)
		return err_set(e, ERR_CONFIG, "'%.*s' is not a whole number", n > 40 ? 40 : (int)n, text);
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (digits(copy + sign) + sign != n)
		return err_set(e, ERR_CONFIG, "'%s' is not a whole number", copy);
	errno = 0;
	*out = strtoll(copy, NULL, 10);
	if (errno == ERANGE)
		return err_set(e, ERR_CONFIG, "'%s' is outside 64 bits", copy);
	return 0;
}

/* What most instruments say, in a tenth of printf's time: m / 10^k with m below 10^15.  Both are
 * exact, so that their quotient is the double nearest to that decimal, and no other decimal of 15
 * digits has it (DBL_DIG): printf would find the same digits.  0 if v is no such number. */
static size_t format_short(double v, char text[NUMBER_TEXT])
{
	static const double power[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12 };
	double a = fabs(v), m;
	char digits[24], *p = digits + sizeof digits;
	uint64_t left;
	size_t k = 0;

	if (!(a >= 1e-4 && a < 1e15))
		return 0;
	while ((m = nearbyint(a * power[k])) / power[k] != a)
		if (++k == sizeof power / sizeof *power)
			return 0;
	if (m >= 1e15)
		return 0;
	left = (uint64_t)m;
	for (size_t i = 0; left > 0 || i <= k; i++, left /= 10) {
		if (i == k && k > 0)
			*--p = '.';
		*--p = (char)('0' + left % 10);
	}
	if (v < 0)
		*--p = '-';
	k = (size_t)(digits + sizeof digits - p);
	memcpy(text, p, k);
	text[k] = '\0';
	return k;
}

size_t number_format(double v, char text[NUMBER_TEXT])
{
	size_t shorter = format_short(v, text);
	locale_t before;
	int n = 0;

	if (shorter)
		return shorter;
	before = uselocale(number_locale());
	for (int precision = 15; precision <= 17; precision++) {
		n = snprintf(text, NUMBER_TEXT, "%.*g", precision, v);
		if (strtod(text, NULL) == v)
			break;
	}
	uselocale(before);
	return (size_t)n;
}

double number_shift(double v, int tens)
{
	char text[2 * NUMBER_TEXT], *e;
	size_t n = number_format(v, text);
	long own = 0;

	text[n] = '\0';
	e = strchr(text, 'e');
	if (e)
		own = strtol(e + 1, NULL, 10);
	else
		e = text + n;
	snprintf(e, sizeof text - (size_t)(e - text), "e%ld", own + tens);
	return strtod_l(text, NULL, number_locale());
}
