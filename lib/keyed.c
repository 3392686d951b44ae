/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

#define SHOWN 40                 /* characters of an answer in a sentence */
#define FAR   1000L              /* an exponent beyond any number */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trim(struct span s)
{
	while (s.n && blank(s.p[0]))
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool is(struct span s, const char *word)
{
	return s.n == strlen(word) && !memcmp(s.p, word, s.n);
}

static int shown(struct span s)
{
	return s.n < SHOWN ? (int)s.n : SHOWN;
}

static bool status_word(struct span s, enum reading_status *status)
{
	static const struct { const char *word; enum reading_status status; } words[] = {
		{ "overload", READING_OVERLOAD }, { "underload", READING_UNDERLOAD },
		{ "not readable", READING_NOT_A_NUMBER },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (is(s, words[i].word)) {
			*status = words[i].status;
			return true;
		}
	}
	return false;
}

/* Cuts the unit off, where one was keyed. */
static int cut_unit(const struct point *p, struct span *s, struct err *e)
{
	size_t n = 0;
	struct span unit;

	while (n < s->n && strchr("+-0123456789.,eE", s->p[n]))
		n++;
	unit = trim((struct span){ s->p + n, s->n - n });
	if (n == 0 || unit.n == 0 || strchr("+-.0123456789", unit.p[0]))
		return 0;
	if (!is(unit, p->unit) && !(is(unit, "\xc2\xb0" "C") && !strcmp(p->unit, "degC")))
		return err_set(e, ERR_CONFIG, "'%.*s' is not in %s: key it as the instrument shows it, in %s",
			       shown(*s), s->p, p->unit, p->unit);
	*s = trim((struct span){ s->p, n });
	return 0;
}

/* Digits behind the point less the exponent, of a text that is a number. */
static int count_decimals(struct span s)
{
	const char *point = memchr(s.p, '.', s.n);
	int decimals = 0;
	size_t at = 0;
	long exponent;

	while (at < s.n && s.p[at] != 'e' && s.p[at] != 'E')
		at++;
	if (point)
		decimals = (int)(s.p + at - point) - 1;
	if (at == s.n)
		return decimals;
	exponent = strtol(s.p + at + 1, NULL, 10);
	return decimals - (int)(exponent > FAR ? FAR : exponent < -FAR ? -FAR : exponent);
}

int keyed_number(const struct point *p, struct span raw, double *own, int *decimals, struct err *e)
{
	struct span s = trim(raw);
	char text[KEYED_RAW];

	if (s.n == 0 || s.n >= sizeof text)
		return err_set(e, ERR_CONFIG, "an answer has 1 to %zu characters", sizeof text - 1);
	if (cut_unit(p, &s, e) < 0)
		return -1;
	if (memchr(s.p, ',', s.n))
		return err_set(e, ERR_CONFIG, "'%.*s': decimals stand behind a point, as in 1.5", shown(s), s.p);
	if (number_parse(s.p, s.n, own, e) < 0)
		return err_set(e, ERR_CONFIG, "'%.*s' is not a number: key what the instrument shows, such as 1.5 "
			       "or 1.5 %s; or overload, underload, not readable", shown(s), s.p, p->unit);
	snprintf(text, sizeof text, "%.*s", (int)s.n, s.p);
	*decimals = count_decimals((struct span){ text, s.n });
	return 0;
}

int keyed_parse(const struct point *p, struct span raw, double *value, enum reading_status *status,
		struct err *e)
{
	double own;
	int decimals;

	*value = NAN;
	if (status_word(trim(raw), status))
		return 0;
	*status = READING_OK;
	if (keyed_number(p, raw, &own, &decimals, e) < 0)
		return -1;
	*value = conversion_apply(&p->to_quantity, own);
	if (isfinite(*value))
		return 0;
	*value = NAN;
	return err_set(e, ERR_CONFIG, "%.12g is too large for a reading", own);
}

int keyed_decimals(double resolution)
{
	char text[NUMBER_TEXT];

	return count_decimals((struct span){ text, number_format(resolution, text) });
}

/* A scale has no marks between its steps; a factor that no double holds is forgiven. */
static bool between_steps(double own, double step)
{
	return fabs(own / step - round(own / step)) > 1e-6;
}

int keyed_judge(const struct point *p, double own, int decimals, double last, enum keyed_doubt *doubt,
		struct err *e)
{
	const char *unit = p->unit;

	*doubt = DOUBT_NONE;
	if (own < p->set_low || own > p->set_high)
		return err_set(e, ERR_CONFIG, "%.12g %s is outside its range, %.12g to %.12g %s: if it shows so, "
			       "the answer is overload or underload", own, unit, p->set_low, p->set_high, unit);
	if (p->resolution > 0 && (between_steps(own, p->resolution) || decimals > keyed_decimals(p->resolution))) {
		*doubt = DOUBT_DIGITS;
		err_set(e, ERR_CONFIG, "it shows steps of %.12g %s and no digits beyond: read it again, or give a "
			"reason", p->resolution, unit);
	} else if (p->manual.leap > 0 && fabs(own - last) > p->manual.leap) {
		*doubt = DOUBT_LEAP;
		err_set(e, ERR_CONFIG, "%.12g %s is further from the last reading, %.12g %s, than is plausible "
			"(%.12g %s): key it again if it is so, or give a reason", own, unit, last, unit,
			p->manual.leap, unit);
	}
	return 0;
}
