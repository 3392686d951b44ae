/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dimension.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_HALVES 200

const char *const dimension_symbols[DIMENSION_BASES] = { "m", "kg", "s", "A", "K", "mol", "cd", "rad" };

/* The SI's derived units that have a name: whole powers of the first four. */
static const struct named {
	const char *name;
	short metre, kilogram, second, ampere;
} named[] = {
	{ "V", 2, 1, -3, -1 }, { "Ohm", 2, 1, -3, -2 }, { "S", -2, -1, 3, 2 }, { "F", -2, -1, 4, 2 },
	{ "H", 2, 1, -2, -2 }, { "C", 0, 0, 1, 1 }, { "W", 2, 1, -3, 0 }, { "Wb", 2, 1, -2, -1 },
	{ "T", 0, 1, -2, -1 }, { "Hz", 0, 0, -1, 0 }, { "N", 1, 1, -2, 0 }, { "Pa", -1, 1, -2, 0 },
	{ "J", 2, 1, -2, 0 },
};

bool dimension_equal(const struct dimension *a, const struct dimension *b)
{
	return a->scale == b->scale && !memcmp(a->halves, b->halves, sizeof a->halves);
}

bool dimension_is_one(const struct dimension *d)
{
	return dimension_equal(d, &(struct dimension){ 0 });
}

bool dimension_multiply(struct dimension *d, const struct dimension *by, double power)
{
	for (int i = 0; i < DIMENSION_BASES; i++) {
		double halves = d->halves[i] + by->halves[i] * power;

		if (!(fabs(halves) <= MOST_HALVES) || halves != rint(halves))
			return false;
		d->halves[i] = (short)halves;
	}
	return true;
}

static const char *name_of(const struct dimension *d)
{
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		const struct named *n = &named[i];
		struct dimension of = { .halves = {
			[METRE] = (short)(2 * n->metre), [KILOGRAM] = (short)(2 * n->kilogram),
			[SECOND] = (short)(2 * n->second), [AMPERE] = (short)(2 * n->ampere),
		} };

		if (dimension_equal(d, &of))
			return n->name;
	}
	return d->scale ? "degC" : dimension_is_one(d) ? "1" : NULL;
}

static size_t put_power(char *text, size_t room, const char *symbol, int halves)
{
	int n;

	if (halves == 2)
		n = snprintf(text, room, "%s ", symbol);
	else if (halves % 2)
		n = snprintf(text, room, "%s%d/2 ", symbol, halves);
	else
		n = snprintf(text, room, "%s%d ", symbol, halves / 2);
	return (size_t)n < room ? (size_t)n : room - 1;
}

const char *dimension_text(const struct dimension *d, char text[DIMENSION_TEXT])
{
	const char *name = name_of(d);
	size_t at = 0;

	if (name)
		return name;
	for (int i = 0; i < DIMENSION_BASES; i++)
		if (d->halves[i] > 0)
			at += put_power(text + at, DIMENSION_TEXT - at, dimension_symbols[i], d->halves[i]);
	for (int i = 0; i < DIMENSION_BASES; i++)
		if (d->halves[i] < 0)
			at += put_power(text + at, DIMENSION_TEXT - at, dimension_symbols[i], d->halves[i]);
	text[at - 1] = 0;
	return text;
}
