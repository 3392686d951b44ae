/* SPDX-License-Identifier: GPL-3.0-or-later
 * sketch_guess.c - numbers within answers, and which quantity they may be. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sketch.h"
#include "unit.h"

/* The first row whose unit the answer's converts to, or else of whose words all stand in the question. */
static const struct { const char *words[2]; struct kind kind; } kinds[] = {
	{ { "FRES", NULL }, { "resistance.four-wire", "Ohm", "resistance" } },
	{ { "VOLT", ":AC" }, { "voltage.ac", "V", "voltage_ac" } },
	{ { "ACV", NULL }, { "voltage.ac", "V", "voltage_ac" } },
	{ { "VOLT", NULL }, { "voltage.dc", "V", "voltage" } },
	{ { "DCV", NULL }, { "voltage.dc", "V", "voltage" } },
	{ { "CURR", ":AC" }, { "current.ac", "A", "current_ac" } },
	{ { "CURR", NULL }, { "current.dc", "A", "current" } },
	{ { "RES", NULL }, { "resistance", "Ohm", "resistance" } },
	{ { "OHM", NULL }, { "resistance", "Ohm", "resistance" } },
	{ { "FREQ", NULL }, { "frequency", "Hz", "frequency" } },
	{ { "TEMP", NULL }, { "temperature", "degC", "temperature" } },
	{ { "HUM", NULL }, { "humidity.relative", "%", "humidity" } },
	{ { "PRES", NULL }, { "pressure", "Pa", "pressure" } },
	{ { NULL, NULL }, { "mass", "g", "mass" } },
	{ { NULL, NULL }, { "force", "N", "force" } },
	{ { NULL, NULL }, { "length", "mm", "length" } },
};

static bool holds(struct span text, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= text.n; i++)
		if (!strncasecmp(text.p + i, word, n))
			return true;
	return false;
}

static bool converts(struct span unit, const char *to)
{
	struct conversion c;
	struct err e;
	char *text = mem_stringn(unit.p, unit.n);
	bool ok = unit_convert(&c, text, to, &e) == 0;

	free(text);
	return ok;
}

const struct kind *guess_kind(struct span question, struct span suffix)
{
	size_t n = sizeof kinds / sizeof *kinds;

	for (size_t i = 0; suffix.n && i < n; i++)
		if (converts(suffix, kinds[i].kind.unit))
			return &kinds[i].kind;
	for (size_t i = 0; i < n; i++)
		if (kinds[i].words[0] && holds(question, kinds[i].words[0]) &&
		    (!kinds[i].words[1] || holds(question, kinds[i].words[1])))
			return &kinds[i].kind;
	return NULL;
}

static size_t digits(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && isdigit((unsigned char)*p))
		p++;
	return (size_t)(p - from);
}

/* The number that begins at p, which is a sign or a digit or a point; 0 if none does. */
static size_t number_at(const char *p, const char *end, struct number_form *f)
{
	const char *from = p;
	bool sign = p < end && (*p == '+' || *p == '-');
	size_t whole, fraction = 0, exponent = 0;

	p += sign;
	whole = digits(p, end);
	p += whole;
	if (p < end && *p == '.') {
		fraction = digits(p + 1, end);
		p += whole + fraction ? 1 + fraction : 0;
	}
	if (whole + fraction == 0)
		return 0;
	if (p + 1 < end && (*p == 'e' || *p == 'E')) {
		bool signed_exponent = p[1] == '+' || p[1] == '-';

		exponent = digits(p + 1 + signed_exponent, end);
		snprintf(f->format, sizeof f->format, "%%%s.%zu%c", *from == '+' ? "+" : "", fraction, *p);
		p += exponent ? 1 + signed_exponent + exponent : 0;
	}
	if (!exponent)
		snprintf(f->format, sizeof f->format, "%%%s.%zuf", *from == '+' ? "+" : "", fraction);
	return (size_t)(p - from);
}

/* The first number of a text that is no part of a word: 'CH1' holds none. */
static bool first_number(struct span text, struct number_form *f)
{
	const char *end = text.p + text.n;

	for (const char *p = text.p; p < end; p++) {
		size_t n = p > text.p && isalnum((unsigned char)p[-1]) ? 0 : number_at(p, end, f);

		if (!n)
			continue;
		f->before = (struct span){ text.p, (size_t)(p - text.p) };
		f->number = (struct span){ p, n };
		f->behind = (struct span){ p + n, (size_t)(end - p) - n };
		return true;
	}
	return false;
}

/* The n-th of what commas separate; the rest begins behind it. */
static struct span next_field(struct span *rest)
{
	const char *comma = memchr(rest->p, ',', rest->n);
	struct span field = { rest->p, comma ? (size_t)(comma - rest->p) : rest->n };

	*rest = comma ? (struct span){ comma + 1, rest->n - field.n - 1 } : (struct span){ rest->p + rest->n, 0 };
	return field;
}

bool guess_number(struct span reply, struct number_form *f)
{
	struct number_form one;
	struct span rest = reply;
	bool commas = memchr(reply.p, ',', reply.n) != NULL;

	*f = (struct number_form){ .field = 0 };
	for (size_t i = 1; rest.n; i++) {
		one = (struct number_form){ .field = commas ? i : 0 };
		if (!first_number(next_field(&rest), &one))
			continue;
		one.fields = f->fields + 1;
		if (f->fields)
			f->fields++;
		else
			*f = one;
	}
	return f->fields > 0;
}
