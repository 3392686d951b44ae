/* SPDX-License-Identifier: GPL-3.0-or-later
 * transcript.c - a transcript as a whole: made, written, freed.  transcript_read.c reads one. */
#include "transcript.h"

#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "number.h"

#define WRAP_TEXT 100             /* bytes a line, before their escapes */
#define WRAP_HEX  32

#define AT(field) { #field, offsetof(struct transcript, field) }
const struct transcript_key transcript_keys[] = {
	AT(model), AT(title), AT(instrument), AT(manual), AT(simulated), AT(serial), AT(firmware), AT(by), AT(date),
	AT(address), { NULL, 0 },
};
#undef AT

static const char *const turn_names[] = {
	[TURN_TALK] = "talk", [TURN_ATTACH] = "attach", [TURN_MEASURE] = "measure", [TURN_SET] = "set",
	[TURN_COMMAND] = "command", [TURN_SAFE] = "safe",
};

const char *turn_name(enum turn_kind kind)
{
	return (unsigned)kind < sizeof turn_names / sizeof *turn_names ? turn_names[kind] : NULL;
}

static const char *const saying_names[] = {
	[SAYING_STATUS] = "status", [SAYING_SRQ] = "srq", [SAYING_TRIGGER] = "trigger",
};

const char *saying_name(enum saying_kind kind)
{
	return (unsigned)kind < sizeof saying_names / sizeof *saying_names ? saying_names[kind] : NULL;
}

struct turn *transcript_add_turn(struct transcript *t, enum turn_kind kind)
{
	t->turns = mem_grow(t->turns, t->n_turns, sizeof *t->turns);
	t->turns[t->n_turns] = (struct turn){ .kind = kind };
	return &t->turns[t->n_turns++];
}

struct saying *turn_add_saying(struct turn *u, bool sent, const void *bytes, size_t n)
{
	u->sayings = mem_grow(u->sayings, u->n_sayings, sizeof *u->sayings);
	u->sayings[u->n_sayings] = (struct saying){ .sent = sent, .after_ns = -1 };
	buf_add(&u->sayings[u->n_sayings].bytes, bytes, n);
	return &u->sayings[u->n_sayings++];
}

struct saying *turn_add_beside(struct turn *u, enum saying_kind kind, uint8_t status)
{
	struct saying *s = turn_add_saying(u, kind == SAYING_TRIGGER, NULL, 0);

	s->kind = kind;
	s->status = status;
	return s;
}

int transcript_beside(const struct transcript *t)
{
	for (size_t i = 0; i < t->n_turns; i++)
		for (size_t k = 0; k < t->turns[i].n_sayings; k++)
			if (t->turns[i].sayings[k].kind != SAYING_BYTES)
				return t->turns[i].sayings[k].line;
	return 0;
}

/* Blanks before what goes on from the line above are not read. */
static void write_text(struct buf *out, const char *p, size_t n, bool goes_on)
{
	size_t blank = goes_on && p[0] == ' ';

	buf_puts(out, blank ? "\\x20" : "");
	escape_write(out, p + blank, n - blank);
}

/* Bytes on as many lines as they take. */
static void write_bytes(struct buf *out, const struct buf *bytes, bool hex)
{
	size_t most = hex ? WRAP_HEX : WRAP_TEXT;

	for (size_t at = 0; at < bytes->len; at += most) {
		size_t n = bytes->len - at < most ? bytes->len - at : most;

		buf_puts(out, at ? "\n    " : " ");
		if (hex)
			escape_write_hex(out, bytes->data + at, n);
		else
			write_text(out, bytes->data + at, n, at > 0);
	}
}

static void write_saying(struct buf *out, const struct saying *s)
{
	bool hex = s->kind == SAYING_BYTES && !escape_is_text(s->bytes.data, s->bytes.len);
	char number[NUMBER_TEXT];

	buf_putc(out, s->sent ? '>' : '<');
	buf_puts(out, hex ? "hex" : s->kind == SAYING_BYTES ? "" : saying_name(s->kind));
	if (s->after_ns >= 0) {
		number_format((double)s->after_ns / 1e6, number);
		buf_printf(out, "@%sms", number);
	}
	write_bytes(out, &s->bytes, hex);
	if (s->kind == SAYING_STATUS || s->kind == SAYING_SRQ)
		buf_printf(out, " 0x%02X", s->status);
	if (s->end)
		buf_puts(out, hex || !s->bytes.len ? " \\END" : "\\END");
	buf_putc(out, '\n');
}

static void write_outcome(struct buf *out, const struct outcome *o)
{
	char number[NUMBER_TEXT];

	buf_printf(out, "= %s ", o->quantity);
	if (o->unit) {
		number_format(o->value, number);
		buf_printf(out, "%s %s", number, o->unit);
	} else {
		buf_puts(out, o->array ? "array" : reading_status_name(o->status));
	}
	for (size_t i = 0; i < o->n_numbers; i++) {
		number_format(o->numbers[i], number);
		buf_printf(out, " %s", number);
	}
	if (o->has_raw) {
		buf_puts(out, o->raw.len ? " raw " : " raw");
		escape_write(out, o->raw.data, o->raw.len);
	}
	buf_putc(out, '\n');
}

static void write_turn(struct buf *out, const struct turn *u)
{
	char number[NUMBER_TEXT];

	buf_puts(out, turn_name(u->kind));
	for (size_t i = 0; i < u->words.n; i++)
		buf_printf(out, "%s %s", i && u->kind == TURN_MEASURE ? "," : "", u->words.list[i]);
	if (u->unit) {
		number_format(u->value, number);
		buf_printf(out, " %s %s", number, u->unit);
	}
	buf_putc(out, '\n');
	for (size_t i = 0; i < u->n_sayings; i++)
		write_saying(out, &u->sayings[i]);
	for (size_t i = 0; i < u->n_outcomes; i++)
		write_outcome(out, &u->outcomes[i]);
	if (u->fails)
		buf_printf(out, "! %s%s%s\n", err_word(u->fails), u->why ? ": " : "", u->why ? u->why : "");
}

void transcript_write(const struct transcript *t, struct buf *out)
{
	for (const struct transcript_key *k = transcript_keys; k->key; k++) {
		const char *value = *(char *const *)((const char *)t + k->offset);

		if (value)
			buf_printf(out, "%s: %s\n", k->key, value);
	}
	for (size_t i = 0; i < t->n_turns; i++) {
		buf_putc(out, '\n');
		write_turn(out, &t->turns[i]);
	}
}

static void release_turn(struct turn *u)
{
	for (size_t i = 0; i < u->words.n; i++)
		free(u->words.list[i]);
	for (size_t i = 0; i < u->n_sayings; i++)
		buf_release(&u->sayings[i].bytes);
	for (size_t i = 0; i < u->n_outcomes; i++) {
		free(u->outcomes[i].quantity);
		free(u->outcomes[i].unit);
		free(u->outcomes[i].numbers);
		buf_release(&u->outcomes[i].raw);
	}
	free(u->words.list);
	free(u->sayings);
	free(u->outcomes);
	free(u->unit);
	free(u->why);
}

void transcript_free(struct transcript **p)
{
	struct transcript *t = *p;

	if (!t)
		return;
	for (const struct transcript_key *k = transcript_keys; k->key; k++)
		free(*(char **)((char *)t + k->offset));
	for (size_t i = 0; i < t->n_turns; i++)
		release_turn(&t->turns[i]);
	free(t->turns);
	source_release(&t->source);
	free(t);
	*p = NULL;
}
