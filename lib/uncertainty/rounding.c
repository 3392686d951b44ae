/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rounding.h"

#include <math.h>
#include <stdio.h>

#define SMALLEST_LAST -12                /* digits further behind the point ask for a power of ten */

static uint64_t ten_to(int n)
{
	uint64_t ten = 1;

	while (n-- > 0)
		ten *= 10;
	return ten;
}

/* rounded < 0.95 exact, in units of the exact one's last digit. */
static bool lowers_too_much(const struct decimal *rounded, const struct decimal *exact)
{
	if (rounded->last <= exact->last)
		return false;
	return 20 * rounded->units * ten_to(rounded->last - exact->last) < 19 * exact->units;
}

/* 9.96 to two digits became 100 10^-1: 10 10^0. */
static void keep_digits(struct decimal *d, int digits)
{
	if (decimal_digits(d) > digits) {
		d->units /= 10;
		d->last++;
	}
}

static struct decimal round_expanded(const struct decimal *exact, int digits, bool *raised)
{
	int last = decimal_magnitude(exact) - digits + 1;
	struct decimal d = decimal_round(*exact, last, TIE_UP);

	*raised = lowers_too_much(&d, exact);
	d.units += *raised;
	if (d.last == last)              /* else it had fewer digits from the beginning */
		keep_digits(&d, digits);
	return d;
}

static int down_to_three(int magnitude)
{
	return magnitude - ((magnitude % 3) + 3) % 3;
}

/* The larger number's first digits stand before the point, the last digit not before the point's left. */
static int power_of_ten(const struct decimal *value, const struct decimal *expanded, int last)
{
	int magnitude = decimal_magnitude(expanded), tens;

	if (last <= 0 && last >= SMALLEST_LAST)
		return 0;
	if (value->units > 0 && decimal_magnitude(value) > magnitude)
		magnitude = decimal_magnitude(value);
	tens = down_to_three(magnitude);
	return tens >= last ? tens : down_to_three(last + 2);
}

static int too_long(double value, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%g has too many digits down to the last one of its uncertainty", value);
}

static int check(double value, double expanded, struct err *e)
{
	if (!isfinite(value))
		return err_set(e, ERR_CONFIG, "the value is no finite number: there is nothing to report");
	if (!(expanded > 0) || !isfinite(expanded))
		return err_set(e, ERR_CONFIG, "an expanded uncertainty of %g: a report needs one above 0", expanded);
	return 0;
}

int rounding_report(struct rounded *r, double value, double expanded, int digits, struct err *e)
{
	struct decimal u, v;

	if (check(value, expanded, e) < 0)
		return -1;
	u = decimal_of(expanded);
	u = round_expanded(&u, digits, &r->raised);
	r->last = decimal_magnitude(&u) - digits + 1;
	v = decimal_round(decimal_of(value), r->last, TIE_EVEN);
	r->tens = power_of_ten(&v, &u, r->last);
	if (decimal_text(r->expanded, &u, r->last, r->tens) < 0 || decimal_text(r->value, &v, r->last, r->tens) < 0)
		return too_long(value, e);
	return 0;
}

int rounding_like(char text[DECIMAL_TEXT], const struct rounded *r, double x, struct err *e)
{
	struct decimal d;

	if (!isfinite(x))
		return err_set(e, ERR_CONFIG, "%g is no finite number", x);
	d = decimal_round(decimal_of(x), r->last, TIE_EVEN);
	return decimal_text(text, &d, r->last, r->tens) < 0 ? too_long(x, e) : 0;
}

void rounding_factor(char text[DECIMAL_TEXT], double k)
{
	struct decimal d = decimal_round(decimal_of(k), -2, TIE_EVEN);

	decimal_text(text, &d, -2, 0);
}

void rounding_probability(char text[DECIMAL_TEXT], double p)
{
	struct decimal d = decimal_of(p);

	d.last += 2;                     /* percent, exactly */
	d = decimal_round(d, -2, TIE_EVEN);
	while (d.last < 0 && d.units > 0 && d.units % 10 == 0) {
		d.units /= 10;
		d.last++;
	}
	decimal_text(text, &d, d.last < 0 ? d.last : 0, 0);
}

void rounding_freedom(char text[DECIMAL_TEXT], double degrees)
{
	if (degrees >= ROUNDING_MANY)
		snprintf(text, DECIMAL_TEXT, "\u221E");
	else
		snprintf(text, DECIMAL_TEXT, "%.0f", floor(degrees));
}
