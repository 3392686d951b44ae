/* SPDX-License-Identifier: GPL-3.0-or-later
 * reply_text.c - what stands beside the number in a message: columns, units, marks; and the frame around it. */
#include <string.h>

#include "number.h"
#include "reply_parts.h"

/* A message too short for its columns may have lost a digit of its number. */
static int cut(struct span text, const struct columns *k, struct span *out, struct err *e)
{
	if (text.n < (size_t)k->to)
		return reply_unexpected(text, "is too short for its columns", e);
	*out = reply_trim((struct span){ text.p + k->from - 1, (size_t)(k->to - k->from + 1) });
	return 0;
}

/* A byte too many or too few in front would shift the columns: the length or the form proves there is none. */
int reply_columns(const struct point *p, struct span text, struct span *number, struct err *e)
{
	const struct pattern *form = reply_form(p);
	regmatch_t g[1];

	if (p->columns.of && text.n != (size_t)p->columns.of)
		return reply_unexpected(text, "does not have the length of a message", e);
	if (form->text && (!pattern_matches(form, text.p, text.n, g, 1) || g[0].rm_so != 0 ||
			   (size_t)g[0].rm_eo != text.n))
		return reply_unexpected(text, "is not of the form the model file gives", e);
	return cut(text, &p->columns, number, e);
}

static bool is(struct span s, const char *word)
{
	return s.n == strlen(word) && !memcmp(s.p, word, s.n);
}

static bool ends_in(struct span s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && !memcmp(s.p + s.n - n, word, n);
}

static const struct unit_word *find_word(const struct point *p, struct span said)
{
	const struct unit_word *w = p->units.items;

	for (size_t i = 0; i < p->units.n; i++)
		if (is(said, w[i].word))
			return &w[i];
	return NULL;
}

/* The longest word in which the text ends: "mg" is not "g" behind an m. */
static const struct unit_word *find_ending(const struct point *p, struct span text)
{
	const struct unit_word *w = p->units.items, *best = NULL;

	for (size_t i = 0; i < p->units.n; i++)
		if (ends_in(text, w[i].word) && (!best || strlen(w[i].word) > strlen(best->word)))
			best = &w[i];
	return best;
}

static struct span first_word(struct span s)
{
	size_t n = 0;

	s = reply_trim(s);
	while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t')
		n++;
	return (struct span){ s.p, n };
}

int reply_unit(const struct point *p, struct span text, struct span rest, struct span *number,
	       const struct conversion **in, struct err *e)
{
	const struct unit_word *w = NULL;
	struct span said = { "", 0 };

	if (p->unit_columns.from && cut(text, &p->unit_columns, &said, e) < 0)
		return -1;
	if (p->unit_columns.from && p->suffix)
		return is(said, p->suffix) ? 0 : reply_unexpected(text, "does not have the unit it should", e);
	if (!p->units.n)
		return 0;
	if (p->unit_columns.from || rest.p)
		w = find_word(p, p->unit_columns.from ? said : first_word(rest));
	else if ((w = find_ending(p, *number)))
		*number = reply_trim((struct span){ number->p, number->n - strlen(w->word) });
	if (!w)
		return reply_unexpected(text, "has none of the units the model file lists", e);
	*in = &w->to_quantity;
	return 0;
}

bool reply_marked(const struct point *p, struct span text, enum reading_status *status)
{
	const struct status_mark *k = p->status_marks.items;

	text = p->columns.from ? text : reply_trim(text);
	if (p->unstable.text && pattern_matches(&p->unstable, text.p, text.n, NULL, 0)) {
		*status = READING_UNSTABLE;
		return true;
	}
	for (size_t i = 0; i < p->status_marks.n; i++) {
		if (!pattern_matches(&k[i].match, text.p, text.n, NULL, 0))
			continue;
		*status = (enum reading_status)k[i].is;
		return true;
	}
	return false;
}

bool reply_heard(const struct point *p, struct span text)
{
	enum reading_status status;
	regmatch_t g[1];

	text = p->columns.from ? text : reply_trim(text);
	if (p->heard.match.text && pattern_matches(&p->heard.match, text.p, text.n, g, 1) && g[0].rm_so == 0 &&
	    (size_t)g[0].rm_eo == text.n)
		return true;
	return p->heard.match.text && reply_marked(p, text, &status);
}

int reply_number(struct span text, double *x, struct err *e)
{
	char close[NUMBER_TEXT];
	struct span digits;

	if (text.n < 3 || (text.p[0] != '+' && text.p[0] != '-') || text.p[1] != ' ')
		return number_parse(text.p, text.n, x, e);
	digits = reply_trim((struct span){ text.p + 1, text.n - 1 });
	if (!digits.n || digits.n + 2 > sizeof close || digits.p[0] == '+' || digits.p[0] == '-')
		return err_set(e, ERR_PROTOCOL, "not a number");
	return number_parse(close, (size_t)snprintf(close, sizeof close, "%c%.*s", text.p[0], (int)digits.n, digits.p),
			    x, e);
}

int reply_open(const struct model *m, struct span raw, struct span *text, struct err *e)
{
	*text = raw;
	return framing_on_replies(&m->frame) ? framing_open(&m->frame, raw, text, e) : 0;
}
