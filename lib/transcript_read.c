/* SPDX-License-Identifier: GPL-3.0-or-later
 * transcript_read.c - from the text of a transcript to its turns, with every problem in it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "number.h"
#include "transcript_own.h"

#define TURNS_MOST 10000

static bool is(struct span s, const char *word)
{
	return s.n == strlen(word) && !memcmp(s.p, word, s.n);
}

static char *text_of(struct span s)
{
	return mem_stringn(s.p, s.n);
}

/* The header. */

static void read_key(struct reader *r, struct span key)
{
	const struct transcript_key *k = transcript_keys;
	char **field;

	while (k->key && !is(key, k->key))
		k++;
	reader_skip_blanks(&r->rest);
	if (!k->key) {
		reader_problem(r, "unknown key '%.*s'; a header has model, title, instrument or manual or simulated, serial, "
			"firmware, by, date, address", (int)key.n, key.p);
		return;
	}
	field = (char **)(void *)((char *)r->t + k->offset);
	if (r->turn)
		reader_problem(r, "'%s' belongs to the header, before the first turn", k->key);
	else if (*field)
		reader_problem(r, "'%s' stands there twice", k->key);
	else if (!r->rest.n)
		reader_problem(r, "'%s' says nothing", k->key);
	else
		*field = text_of(r->rest);
}

static bool is_date(const char *s)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof form; i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	return true;
}

static void check_header(struct reader *r)
{
	const struct transcript *t = r->t;

	r->line = 1;
	if (!t->model)
		reader_problem(r, "the header names no 'model'");
	if (!!t->instrument + !!t->manual + !!t->simulated != 1)
		reader_problem(r, "the header says where this comes from: 'instrument', or 'manual' if nobody has seen "
			"it on one, or 'simulated'");
	if (t->instrument && (!t->serial || !t->firmware))
		reader_problem(r, "what was recorded from an instrument states its 'serial' and 'firmware'");
	if (!t->by || !t->date)
		reader_problem(r, "the header says 'by' whom and on which 'date'");
	else if (!is_date(t->date))
		reader_problem(r, "date: expected YYYY-MM-DD, found '%s'", t->date);
}

/* Turns. */

static int read_kind(struct span word, enum turn_kind *kind)
{
	for (unsigned k = 0; turn_name((enum turn_kind)k); k++) {
		if (is(word, turn_name((enum turn_kind)k))) {
			*kind = (enum turn_kind)k;
			return 0;
		}
	}
	return -1;
}

static void add_word(struct turn *u, struct span word)
{
	u->words.list = mem_grow(u->words.list, u->words.n, sizeof *u->words.list);
	u->words.list[u->words.n++] = text_of(word);
}

/* "voltage.dc, current.dc" */
static void read_quantities(struct reader *r)
{
	for (;;) {
		struct span name;

		reader_skip_blanks(&r->rest);
		name = reader_take_until(&r->rest, " ,");
		if (!name.n) {
			reader_problem(r, "expected the name of a quantity");
			return;
		}
		add_word(r->turn, name);
		reader_skip_blanks(&r->rest);
		if (!r->rest.n || r->rest.p[0] != ',')
			return;
		r->rest = (struct span){ r->rest.p + 1, r->rest.n - 1 };
	}
}

/* "zero", "range limit=10": arguments have no blanks. */
static void read_command(struct reader *r)
{
	if (!r->rest.n)
		reader_problem(r, "expected the name of a command of the model");
	while (r->rest.n) {
		struct span word = reader_take_word(&r->rest);

		if (r->turn->words.n && !memchr(word.p, '=', word.n))
			reader_problem(r, "'%.*s': an argument is NAME=TEXT", (int)word.n, word.p);
		add_word(r->turn, word);
	}
}

/* "1.5 V"; the unit goes on up to where the rest ends. */
static int read_value(struct reader *r, struct span text, double *value, char **unit)
{
	struct span number = reader_take_word(&text);
	struct err e;

	if (number_parse(number.p, number.n, value, &e) < 0) {
		reader_problem(r, "%s", e.text);
		return -1;
	}
	if (!text.n) {
		reader_problem(r, "a value has a unit: '%.*s V', or '1' where it has none", (int)number.n, number.p);
		return -1;
	}
	*unit = text_of(text);
	return 0;
}

static void read_turn(struct reader *r, struct span word)
{
	enum turn_kind kind;

	if (read_kind(word, &kind) < 0) {
		reader_problem(r, "'%.*s' is no turn (talk, attach, measure, set, command, safe), and > < = ! # begin what belongs to one",
			(int)word.n, word.p);
		return;
	}
	if (r->t->n_turns == TURNS_MOST) {
		reader_problem(r, "a transcript has at most %d turns", TURNS_MOST);
		return;
	}
	r->turn = transcript_add_turn(r->t, kind);
	r->turn->line = r->line;
	if (kind == TURN_MEASURE)
		read_quantities(r);
	if (kind == TURN_COMMAND)
		read_command(r);
	if (kind == TURN_SET) {
		add_word(r->turn, reader_take_word(&r->rest));
		read_value(r, r->rest, &r->turn->value, &r->turn->unit);
	} else if (r->rest.n) {
		reader_problem(r, "'%.*s' means nothing there", (int)r->rest.n, r->rest.p);
	}
}

/* Readings and failures. */

/* Cuts " raw BYTES" off the line. */
static void read_raw(struct reader *r, struct outcome *o)
{
	static const char mark[] = " raw";
	size_t n = sizeof mark - 1;
	const char *at = memmem(r->rest.p, r->rest.n, mark, n);
	const char *end = r->rest.p + r->rest.n;
	struct err e;

	if (!at || (at + n < end && at[n] != ' '))
		return;
	r->rest.n = (size_t)(at - r->rest.p);
	o->has_raw = true;
	at += at + n < end ? n + 1 : n;
	if (escape_parse(&o->raw, at, (size_t)(end - at), &e) < 0)
		reader_problem(r, "%s", e.text);
}

/* "array NUMBER NUMBER ..." is cut off the line; false: it is something else. */
static bool read_array(struct reader *r, struct outcome *o)
{
	struct span rest = r->rest;
	struct err e;

	if (!is(reader_take_word(&rest), "array"))
		return false;
	r->rest = rest;
	o->array = true;
	while (r->rest.n) {
		struct span word = reader_take_word(&r->rest);

		o->numbers = mem_grow(o->numbers, o->n_numbers, sizeof *o->numbers);
		if (number_parse(word.p, word.n, &o->numbers[o->n_numbers++], &e) < 0) {
			reader_problem(r, "%s", e.text);
			return true;
		}
	}
	return true;
}

static void read_outcome(struct reader *r)
{
	struct turn *u = r->turn;
	struct outcome o = { .line = r->line, .value = NAN, .status = READING_OK };

	if (u->kind != TURN_MEASURE) {
		reader_problem(r, "only 'measure' gives readings");
		return;
	}
	o.quantity = text_of(reader_take_word(&r->rest));
	read_raw(r, &o);
	if (read_array(r, &o))
		r->rest.n = 0;
	else if (reading_status_parse(r->rest, &o.status) < 0)
		read_value(r, r->rest, &o.value, &o.unit);
	else if (o.status == READING_OK)
		reader_problem(r, "a reading that is ok has a number");
	u->outcomes = mem_grow(u->outcomes, u->n_outcomes, sizeof *u->outcomes);
	u->outcomes[u->n_outcomes++] = o;
}

static int code_of(struct span word, enum err_code *code)
{
	for (unsigned c = ERR_NONE + 1; c < ERR_CODES; c++) {
		if (is(word, err_word((enum err_code)c))) {
			*code = (enum err_code)c;
			return 0;
		}
	}
	return -1;
}

static void read_failure(struct reader *r)
{
	struct turn *u = r->turn;
	struct span code, text;

	reader_skip_blanks(&r->rest);
	code = reader_take_until(&r->rest, ":");
	text = r->rest.n ? (struct span){ r->rest.p + 1, r->rest.n - 1 } : r->rest;
	reader_skip_blanks(&text);
	if (u->kind == TURN_TALK)
		reader_problem(r, "a talk by hand has no outcome");
	else if (u->fails)
		reader_problem(r, "this turn fails twice");
	else if (code_of(code, &u->fails) < 0)
		reader_problem(r, "'%.*s' is no way to fail: timeout, closed, protocol, instrument, identity, config, state",
			(int)code.n, code.p);
	else if (text.n)
		u->why = text_of(text);
}

static void check_turn(struct reader *r, const struct turn *u)
{
	r->line = u->line;
	if (u->kind == TURN_MEASURE && !u->fails && !u->n_outcomes)
		reader_problem(r, "a measurement has readings (=) or fails (!)");
	if (u->fails && u->n_outcomes)
		reader_problem(r, "a measurement that fails gives no readings");
}

/* Lines. */

static void read_part(struct reader *r, char mark)
{
	if (!r->turn) {
		reader_problem(r, "'%c' belongs to a turn (talk, attach, measure, set, command, safe), and there is none yet", mark);
		return;
	}
	if (mark == '>' || mark == '<') {
		reader_saying(r, mark == '>');
		return;
	}
	r->rest = (struct span){ r->rest.p + 1, r->rest.n - 1 };
	if (mark == '=')
		read_outcome(r);
	else
		read_failure(r);
}

static void read_line(struct reader *r)
{
	char first = r->rest.n ? r->rest.p[0] : '#';
	struct span word;

	if (first == '#')
		return;
	if (strchr(" \t\r", r->rest.p[r->rest.n - 1])) {
		reader_problem(r, "a blank stands at the end of the line, where nobody sees it: \\x20 if it is meant");
		return;
	}
	if (first == ' ') {
		reader_go_on(r);
		return;
	}
	r->going_on = false;
	if (strchr("<>=!", first)) {
		read_part(r, first);
		return;
	}
	word = reader_take_until(&r->rest, " :");
	if (r->rest.n && r->rest.p[0] == ':') {
		r->rest = (struct span){ r->rest.p + 1, r->rest.n - 1 };
		read_key(r, word);
	} else {
		reader_skip_blanks(&r->rest);
		read_turn(r, word);
	}
}

static void read_lines(struct reader *r)
{
	const struct source *s = &r->t->source;
	const char *p = s->text, *end = s->text + s->len;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		r->line++;
		r->rest = (struct span){ p, (size_t)((newline ? newline : end) - p) };
		if (memchr(p, 0, r->rest.n))
			reader_problem(r, "a byte 0x00 stands there: this is no transcript");
		else
			read_line(r);
		p = newline ? newline + 1 : end;
	}
	check_header(r);
	for (size_t i = 0; i < r->t->n_turns; i++)
		check_turn(r, &r->t->turns[i]);
	if (!r->t->n_turns)
		reader_problem(r, "nothing is said in it");
}

/* Takes the source over. */
static int parse(struct transcript **out, struct source *s, struct problems *ps)
{
	struct reader r = { .t = mem_new(sizeof *r.t), .ps = ps };
	size_t before = ps->total;

	r.t->source = *s;
	read_lines(&r);
	if (ps->total != before)
		transcript_free(&r.t);
	*out = r.t;
	return r.t ? 0 : -1;
}

int transcript_load(struct transcript **t, const char *path, struct problems *ps)
{
	struct source s;

	*t = NULL;
	return source_read(&s, path, ps) ? -1 : parse(t, &s, ps);
}

int transcript_parse(struct transcript **t, const char *path, const void *text, size_t n, struct problems *ps)
{
	struct source s;

	*t = NULL;
	return source_given(&s, path, text, n, ps) ? -1 : parse(t, &s, ps);
}
