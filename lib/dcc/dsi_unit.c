/* SPDX-License-Identifier: GPL-3.0-or-later
 * dsi_unit.c - units of the D-SI as unit.h writes them: (\prefix)?\unit(\tothe{n})?, at most one \per. */
#include <string.h>

#include "dcc.h"
#include "unit.h"

struct word { const char *dsi, *ours; };

static const struct word prefixes[] = {
	{ "deca", "da" }, { "hecto", "h" }, { "kilo", "k" }, { "mega", "M" }, { "giga", "G" }, { "tera", "T" }, { "deci", "d" },
	{ "centi", "c" }, { "milli", "m" }, { "micro", "u" }, { "nano", "n" }, { "pico", "p" }, { "femto", "f" }, { NULL, NULL },
};

static const struct word units[] = {
	{ "metre", "m" }, { "kilogram", "kg" }, { "gram", "g" }, { "second", "s" }, { "ampere", "A" }, { "kelvin", "K" },
	{ "mole", "mol" }, { "candela", "cd" }, { "one", "1" }, { "percent", "%" }, { "ppm", "ppm" }, { "radian", "rad" },
	{ "degree", "deg" }, { "degreecelsius", "degC" }, { "hertz", "Hz" }, { "newton", "N" }, { "pascal", "Pa" },
	{ "joule", "J" }, { "watt", "W" }, { "coulomb", "C" }, { "volt", "V" }, { "farad", "F" }, { "ohm", "Ohm" },
	{ "siemens", "S" }, { "weber", "Wb" }, { "tesla", "T" }, { "henry", "H" }, { "lumen", "lm" }, { "lux", "lx" },
	{ "minute", "min" }, { "hour", "h" }, { "day", "d" }, { "litre", "L" }, { "bar", "bar" }, { NULL, NULL },
};

/* The word behind a backslash, where it is one of the list. */
static const char *take(const char **at, const struct word *words)
{
	size_t n = **at == '\\' ? strspn(*at + 1, "abcdefghijklmnopqrstuvwxyz") : 0;

	for (; n && words->dsi; words++) {
		if (strlen(words->dsi) == n && !strncmp(words->dsi, *at + 1, n)) {
			*at += n + 1;
			return words->ours;
		}
	}
	return NULL;
}

/* \tothe{-2} as "-2"; "" where there is none. */
static bool take_exponent(const char **at, char exponent[8])
{
	static const char key[] = "\\tothe{";
	size_t n, skip = sizeof key - 1;

	exponent[0] = '\0';
	if (strncmp(*at, key, skip))
		return true;
	n = strspn(*at + skip, "-0123456789");
	if (n == 0 || n > 3 || (*at)[skip + n] != '}')
		return false;
	memcpy(exponent, *at + skip, n);
	exponent[n] = '\0';
	*at += skip + n + 1;
	return true;
}

static bool take_factor(const char **at, struct buf *out, const char *before)
{
	const char *prefix = take(at, prefixes), *unit = take(at, units);
	char exponent[8];

	if (!unit || !take_exponent(at, exponent))
		return false;
	buf_printf(out, "%s%s%s%s", before, prefix ? prefix : "", unit, exponent);
	return true;
}

char *dsi_unit(const char *dsi)
{
	static const struct word per[] = { { "per", "/" }, { NULL, NULL } };
	const char *at = dsi;
	struct buf out = { 0 };
	bool good = take_factor(&at, &out, "");
	struct err e;

	while (good && *at) {
		bool below = take(&at, per);

		good = take_factor(&at, &out, below ? "/" : " ");
	}
	if (good && unit_check(out.data, &e) == 0)
		return out.data;
	buf_release(&out);
	return NULL;
}
