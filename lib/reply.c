/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reply_parts.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "keyed.h"
#include "number.h"

const char *reply_quote(char out[REPLY_QUOTE], const void *raw, size_t n)
{
	const unsigned char *p = raw;
	size_t at = 1;

	out[0] = '\'';
	for (size_t i = 0; i < n; i++) {
		if (at > REPLY_QUOTE - 10) {
			at += (size_t)snprintf(out + at, REPLY_QUOTE - at, "...");
			break;
		}
		at += (size_t)snprintf(out + at, REPLY_QUOTE - at,
				       p[i] >= ' ' && p[i] < 127 ? "%c" : "\\x%02X", p[i]);
	}
	snprintf(out + at, REPLY_QUOTE - at, "'");
	return out;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct span reply_trim(struct span s)
{
	while (s.n > 0 && blank(s.p[0]))
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n > 0 && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

int reply_unexpected(struct span reply, const char *why, struct err *e)
{
	char text[REPLY_QUOTE];

	return err_set(e, ERR_PROTOCOL, "the reply %s %s", reply_quote(text, reply.p, reply.n), why);
}

/* The n-th of what commas separate, from 1. */
static int find_field(struct span reply, int64_t field, struct span *out, struct err *e)
{
	struct span s = reply;

	for (int64_t i = 1;; i++) {
		const char *comma = memchr(s.p, ',', s.n);
		size_t n = comma ? (size_t)(comma - s.p) : s.n;

		if (i == field) {
			*out = reply_trim((struct span){ s.p, n });
			return 0;
		}
		if (!comma)
			return reply_unexpected(reply, "has too few fields", e);
		s = (struct span){ comma + 1, s.n - n - 1 };
	}
}

/* Printable ASCII, tabs, ends of lines. */
static bool is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("\t\r\n", s.p[i]) && (s.p[i] < ' ' || s.p[i] > '~'))
			return false;
	return true;
}

/* The n-th line, from 1.  A line ends with CR, LF or both.  Nobody looks at the others, so there must at least be no
 * noise in them. */
static int find_line(struct span reply, int64_t line, struct span *out, struct err *e)
{
	struct span s = reply;

	if (!is_text(reply))
		return reply_unexpected(reply, "has bytes in it that are no text", e);
	for (int64_t i = 1;; i++) {
		size_t n = 0;

		while (n < s.n && s.p[n] != '\r' && s.p[n] != '\n')
			n++;
		if (i == line) {
			*out = (struct span){ s.p, n };
			return 0;
		}
		if (n == s.n)
			return reply_unexpected(reply, "has too few lines", e);
		n += n + 1 < s.n && s.p[n] == '\r' && s.p[n + 1] == '\n' ? 2 : 1;
		s = (struct span){ s.p + n, s.n - n };
	}
}

/* Cuts the suffix off the number's text. */
static int cut_suffix(const struct point *p, struct span reply, struct span *text, struct err *e)
{
	size_t n = strlen(p->suffix);

	if (text->n < n || memcmp(text->p + text->n - n, p->suffix, n))
		return reply_unexpected(reply, "does not end in the unit it should", e);
	*text = reply_trim((struct span){ text->p, text->n - n });
	return 0;
}

/* "mg" does not begin with the unit m. */
static bool begins_with_unit(struct span s, const char *unit)
{
	size_t n = strlen(unit);

	return s.n >= n && !memcmp(s.p, unit, n) && (s.n == n || !isalpha((unsigned char)s.p[n]));
}

/* Group 1 of the pattern; the suffix, if there is one, comes right behind it. */
static int find_group(const struct point *p, struct span reply, struct span *text, struct span *behind, struct err *e)
{
	regmatch_t g[2];
	struct span rest;

	if (!pattern_matches(reply_form(p), reply.p, reply.n, g, 2) || g[1].rm_so < 0 ||
	    g[0].rm_so != 0 || (size_t)g[0].rm_eo != reply.n)
		return reply_unexpected(reply, "is not of the form the model file gives", e);
	*text = reply_trim((struct span){ reply.p + g[1].rm_so, (size_t)(g[1].rm_eo - g[1].rm_so) });
	rest = reply_trim((struct span){ reply.p + g[1].rm_eo, reply.n - (size_t)g[1].rm_eo });
	*behind = rest;
	if (p->suffix && !p->unit_columns.from && !begins_with_unit(rest, p->suffix))
		return reply_unexpected(reply, "does not have the unit it should", e);
	return 0;
}

/* Where the number stands in the reply; behind: what follows it, where a pattern says that. */
static int find_number(const struct point *p, struct span reply, struct span *text, struct span *behind, struct err *e)
{
	if (reply_form(p)->text && reply_form(p)->compiled.re_nsub)
		return find_group(p, reply, text, behind, e);
	*text = reply;
	if (p->field && find_field(reply, p->field, text, e) < 0)
		return -1;
	return p->suffix && !p->unit_columns.from ? cut_suffix(p, reply, text, e) : 0;
}

/* What is no number, as the word for it, in capitals: SCPI-99 vol. 1, 7.2.1.4 and 7.2.1.5. */
static bool is_word(struct span text, double *x)
{
	static const struct { const char *word; double means; } words[] = {
		{ "NAN", NAN }, { "INF", INFINITY }, { "+INF", INFINITY }, { "INFINITY", INFINITY },
		{ "-INF", -INFINITY }, { "NINF", -INFINITY }, { "NINFINITY", -INFINITY },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (text.n == strlen(words[i].word) && !memcmp(text.p, words[i].word, text.n)) {
			*x = words[i].means;
			return true;
		}
	}
	return false;
}

/* The number the instrument said, as it said it, and the conversion of the unit it said. */
static int parse_text(const struct model *m, const struct point *p, struct span reply, double *x,
		      const struct conversion **in, struct err *e)
{
	struct span text = reply_trim(reply), behind = { NULL, 0 };
	int bad;

	if ((p->columns.from ? reply_columns(p, reply, &text, e) : find_number(p, text, &text, &behind, e)) < 0 ||
	    reply_unit(p, reply, behind, &text, in, e) < 0)
		return -1;
	if (is_word(text, x))
		return 0;
	bad = m->manner == MANNER_TEXT ? reply_number(text, x, e) : number_parse(text.p, text.n, x, e);
	return bad ? reply_unexpected(reply, "is not a number as agreed", e) : 0;
}

size_t reply_registers_bytes(const struct point *p)
{
	const struct register_status *s = p->modbus.status.items;
	size_t n = registers_bytes(&p->registers);

	for (size_t i = 0; i < p->modbus.status.n; i++)
		n += registers_bytes(&s[i].registers);
	return n;
}

static int check_bit(const struct registers *r, const uint8_t *bytes, struct err *e)
{
	if (r->type != TYPE_BIT || bytes[0] <= 1)
		return 0;
	return err_set(e, ERR_PROTOCOL, "%d for a bit", bytes[0]);
}

/* What the registers beside it say of the reading: the first that applies. */
static int parse_status(const struct point *p, const uint8_t *bytes, enum reading_status *status, struct err *e)
{
	const struct register_status *s = p->modbus.status.items;

	*status = READING_OK;
	for (size_t i = 0; i < p->modbus.status.n; bytes += registers_bytes(&s[i++].registers)) {
		double said = registers_decode(&s[i].registers, bytes);

		if (check_bit(&s[i].registers, bytes, e) < 0)
			return -1;
		if (*status == READING_OK && (s[i].has_is ? said == s[i].is : said != 0))
			*status = (enum reading_status)s[i].status;
	}
	return 0;
}

static int parse_registers(const struct point *p, struct span raw, double *x, enum reading_status *status,
			   struct err *e)
{
	const uint8_t *bytes = (const uint8_t *)raw.p;

	if (raw.n != reply_registers_bytes(p))
		return err_set(e, ERR_PROTOCOL, "%zu bytes for registers of %zu", raw.n, reply_registers_bytes(p));
	if (check_bit(&p->registers, bytes, e) < 0)
		return -1;
	*x = registers_number(&p->registers, bytes);
	return parse_status(p, bytes + registers_bytes(&p->registers), status, e);
}

/* By how much a reading may lie beyond low or high, in the point's unit. */
static double overrange(const struct point *p)
{
	double span = p->set_high - p->set_low;

	return p->overrange * (isfinite(span) ? span : fabs(isfinite(p->set_low) ? p->set_low : p->set_high));
}

/* value in the quantity's unit.  What the model file does not limit is nowhere outside. */
static bool out_of_range(const struct point *p, double value)
{
	double own = conversion_undo(&p->to_quantity, value);
	double rounding = 4 * DBL_EPSILON * fabs(own);

	if (!(p->set_low < p->set_high))
		return false;                   /* half a point, as of a read-back */
	return own < p->set_low - overrange(p) - rounding || own > p->set_high + overrange(p) + rounding;
}

int reply_parse(const struct model *m, const struct point *p, const void *raw, size_t n,
		double *value, enum reading_status *status, struct err *e)
{
	bool registers = m->manner == MANNER_MODBUS;
	const struct conversion *in = &p->to_quantity;
	struct span reply = { raw, n };
	double x, v;

	*value = NAN;
	*status = READING_OK;
	if (m->manner == MANNER_MANUAL)
		return keyed_parse(p, reply, value, status, e);
	if (!registers && reply_open(m, reply, &reply, e) < 0)
		return -1;
	if (p->reply_line && find_line(reply, p->reply_line, &reply, e) < 0)
		return -1;
	if (!registers && reply_marked(p, reply, status))
		return 0;
	if (registers ? parse_registers(p, reply, &x, status, e) : parse_text(m, p, reply, &x, &in, e))
		return -1;
	if (*status == READING_OK)
		*status = reply_sentinel(m, x);
	if (*status != READING_OK)
		return 0;
	v = registers ? conversion_apply(in, registers_apply(&p->registers, x)) : conversion_digits(in, x);
	if (!isfinite(v))
		return err_set(e, ERR_PROTOCOL, "%.12g is too large for a reading", x);
	*value = v;
	if (out_of_range(p, v))
		*status = READING_OUT_OF_RANGE;
	return 0;
}

int reply_parse_field(const struct model *m, const struct point *p, int64_t field, const void *raw, size_t n,
		      double *value, enum reading_status *status, struct err *e)
{
	struct point one = *p;

	one.field = field;
	if (field > 0)
		return reply_parse(m, &one, raw, n, value, status, e);
	*value = NAN;
	return err_set(e, ERR_PROTOCOL, "which field of the reply is meant is not said");
}

int reply_count(struct span reply, uint64_t *count, struct err *e)
{
	struct span text = reply_trim(reply);
	double x;

	if (number_parse(text.p, text.n, &x, e) < 0 || x != floor(x) || x < 1 || x > 1e9)
		return reply_unexpected(reply, "does not say how many numbers there are", e);
	*count = (uint64_t)x;
	return 0;
}
