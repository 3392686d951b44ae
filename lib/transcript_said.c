/* SPDX-License-Identifier: GPL-3.0-or-later
 * transcript_said.c - the lines of a transcript that say what went each way. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "number.h"
#include "transcript_own.h"

void reader_problem(struct reader *r, const char *fmt, ...)
{
	char text[sizeof(struct err)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	problem_add(r->ps, r->t->source.path, r->line, 1, "%s", text);
}

void reader_skip_blanks(struct span *s)
{
	while (s->n > 0 && s->p[0] == ' ')
		*s = (struct span){ s->p + 1, s->n - 1 };
}

struct span reader_take_until(struct span *s, const char *stops)
{
	struct span word = { s->p, 0 };

	while (word.n < s->n && !strchr(stops, s->p[word.n]))
		word.n++;
	*s = (struct span){ s->p + word.n, s->n - word.n };
	return word;
}

struct span reader_take_word(struct span *s)
{
	struct span word;

	reader_skip_blanks(s);
	word = reader_take_until(s, " ");
	reader_skip_blanks(s);
	return word;
}

/* What was said. */

/* "12ms" */
static void read_after(struct reader *r, struct span text, struct saying *s)
{
	static const struct { const char *unit; double ns; } units[] = { { "ms", 1e6 }, { "us", 1e3 }, { "s", 1e9 } };
	double number;
	struct err e;

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t n = strlen(units[i].unit);

		if (text.n <= n || memcmp(text.p + text.n - n, units[i].unit, n))
			continue;
		if (number_parse(text.p, text.n - n, &number, &e) < 0 || number < 0 || number * units[i].ns > 1e13)
			break;
		s->after_ns = llrint(number * units[i].ns);
		return;
	}
	reader_problem(r, "expected a time such as 12ms or 1.5s, found '%.*s'", (int)text.n, text.p);
}

/* Takes \END off the text: a backslash before it would make it an escaped one. */
static bool cut_end(struct span *text)
{
	static const char mark[] = "\\END";
	size_t n = sizeof mark - 1, before = 0;

	if (text->n < n || memcmp(text->p + text->n - n, mark, n))
		return false;
	while (before < text->n - n && text->p[text->n - n - 1 - before] == '\\')
		before++;
	if (before % 2)
		return false;
	text->n -= n;
	return true;
}

static void add_bytes(struct reader *r, struct saying *s)
{
	struct span text = r->rest;
	struct err e;

	s->end = !s->sent && cut_end(&text);
	if ((r->hex ? escape_parse_hex : escape_parse)(&s->bytes, text.p, text.n, &e) < 0)
		reader_problem(r, "%s", e.text);
}

/* Takes a word off the front. */
static bool cut(struct span *mark, const char *word)
{
	size_t n = strlen(word);

	if (mark->n < n || memcmp(mark->p, word, n))
		return false;
	*mark = (struct span){ mark->p + n, mark->n - n };
	return true;
}

/* What stands directly behind > or <: hex, or what is no bytes. */
static void read_sort(struct reader *r, struct span *mark, struct saying *s)
{
	r->hex = cut(mark, "hex");
	for (enum saying_kind k = SAYING_STATUS; !r->hex && !s->kind && saying_name(k); k++)
		if (s->sent == (k == SAYING_TRIGGER) && cut(mark, saying_name(k)))
			s->kind = k;
}

/* "0x50" or "80" */
static void read_status(struct reader *r, struct saying *s)
{
	struct span digits = r->rest;
	unsigned long value = 256;
	char text[8], *end = text;

	if (s->kind == SAYING_TRIGGER) {
		if (r->rest.n)
			reader_problem(r, "nothing stands behind the trigger");
		return;
	}
	if (digits.n > 0 && digits.n < sizeof text && digits.p[0] >= '0' && digits.p[0] <= '9') {
		memcpy(text, digits.p, digits.n);
		text[digits.n] = '\0';
		value = strtoul(text, &end, cut(&digits, "0x") ? 16 : 10);
	}
	if (value > 255 || *end || !digits.n)
		reader_problem(r, "expected a status byte, 0x00 to 0xFF, found '%.*s'", (int)r->rest.n, r->rest.p);
	s->status = (uint8_t)value;
}

/* ">hex@12ms BYTES", in this order. */
void reader_saying(struct reader *r, bool sent)
{
	struct span mark = reader_take_until(&r->rest, " ");
	struct saying *s = turn_add_saying(r->turn, sent, NULL, 0);

	s->line = r->line;
	mark = (struct span){ mark.p + 1, mark.n - 1 };
	read_sort(r, &mark, s);
	if (mark.n && mark.p[0] == '@')
		read_after(r, (struct span){ mark.p + 1, mark.n - 1 }, s);
	else if (mark.n)
		reader_problem(r, "between %c and its blank stand only hex, %s and @TIME, not '%.*s'", sent ? '>' : '<',
			       sent ? "trigger" : "status, srq", (int)mark.n, mark.p);
	if (r->rest.n)
		r->rest = (struct span){ r->rest.p + 1, r->rest.n - 1 };
	r->going_on = s->kind == SAYING_BYTES;
	if (r->going_on)
		add_bytes(r, s);
	else
		read_status(r, s);
}

void reader_go_on(struct reader *r)
{
	struct saying *s = r->turn && r->going_on ? &r->turn->sayings[r->turn->n_sayings - 1] : NULL;

	reader_skip_blanks(&r->rest);
	if (!s)
		reader_problem(r, "a line that begins with blanks goes on with the bytes of the one above, which has none");
	else if (s->end)
		reader_problem(r, "the line above ends its message");
	else
		add_bytes(r, s);
}

