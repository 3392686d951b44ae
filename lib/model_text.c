/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_text.c - the keys of what balances, thermometers and gauges put around and beside a number:
 * frames, acknowledgements, columns, unit words, marks. */
#include <stdlib.h>
#include <string.h>

#include "checksum.h"
#include "model_parts.h"

static const char *const frame_applies[] = { "both", "commands", "replies", NULL };
static const char *const acknowledge_applies[] = { "both", "commands", "questions", NULL };
static const char *const covers[] = { "text", "start+text", "text+end", "start+text+end", NULL };
static const char *const places[] = { "before_end", "after_end", NULL };
static const char *const marks[] = { "overload", "underload", "not_a_number", "unstable", NULL };

static void check_sum(struct schema_context *c, const struct yaml *node, void *sum)
{
	const struct framing_sum *s = sum;

	if (s->place == PLACE_BEFORE_END && s->form == CHECKSUM_BINARY)
		schema_problem_key(c, node, "form", "a binary checksum may hold the very bytes that end the "
				   "message, so its place is after_end");
	if (s->place == PLACE_BEFORE_END && s->covers & COVERS_END)
		schema_problem_key(c, node, "covers", "it cannot cover the end, which stands behind it");
}

static void check_frame(struct schema_context *c, const struct yaml *node, void *frame)
{
	const struct framing *f = frame;

	if (!f->start && !f->end && !f->address && !f->sum.given)
		schema_problem(c, node, "a frame has at least one of start, end, address and checksum");
	if (f->sum.given && f->sum.place == PLACE_AFTER_END && !f->end)
		schema_problem_key(c, node, "checksum", "a checksum after the end needs 'end'");
	if (f->sum.covers & COVERS_START && !f->start)
		schema_problem_key(c, node, "checksum", "it cannot cover a start that there is not");
}

static void check_acknowledge(struct schema_context *c, const struct yaml *node, void *acknowledge)
{
	const struct acknowledge *a = acknowledge;

	if (a->retries && !a->nak)
		schema_problem_key(c, node, "retries", "'retries' means nothing without 'nak': after silence nobody "
				   "knows whether the command was carried out");
	if (a->nak && (!strncmp(a->ack, a->nak, strlen(a->nak)) || !strncmp(a->ack, a->nak, strlen(a->ack))))
		schema_problem_key(c, node, "nak", "one of 'ack' and 'nak' begins with the other");
	if (a->then_ask && a->applies == APPLIES_COMMANDS)
		schema_problem_key(c, node, "then_ask", "'then_ask' is for questions, and only commands are acknowledged");
}

#define AT(field) .offset = offsetof(struct framing_sum, field)
static const struct schema_row sum_rows[] = {
	{ .key = "kind", .type = S_ENUM, AT(kind), .words = checksum_names, .required = true,
	  .help = "which checksum" },
	{ .key = "form", .type = S_ENUM, AT(form), .words = checksum_forms, .fallback = "HEX",
	  .help = "how it is written; nibbles-30: one byte, 30 to 3F hexadecimal, for each four bits" },
	{ .key = "order", .type = S_ENUM, AT(order), .words = checksum_orders, .fallback = "big",
	  .help = "which byte of it comes first, the most significant (big) or the least" },
	{ .key = "covers", .type = S_ENUM, AT(covers), .words = covers, .fallback = "text",
	  .help = "what it is made of; the text includes the address" },
	{ .key = "place", .type = S_ENUM, AT(place), .words = places, .fallback = "before_end",
	  .help = "where it stands" },
	{ .key = "separator", .type = S_STRING, AT(separator),
	  .help = "what stands before it and is not covered by it, such as the asterisk of NMEA 0183" },
	{ 0 }
};
#undef AT

static const struct schema sum_schema = {
	.what = "a checksum", .size = sizeof(struct framing_sum), .rows = sum_rows, .check = check_sum,
};

#define AT(field) .offset = offsetof(struct framing, field)
static const struct schema_row frame_rows[] = {
	{ .key = "start", .type = S_STRING, AT(start), .help = "what a message begins with, such as STX" },
	{ .key = "address", .type = S_STRING, AT(address),
	  .help = "which instrument is meant, and says so in its replies; comes right behind the start" },
	{ .key = "end", .type = S_STRING, AT(end), .help = "what ends a message, such as ETX" },
	{ .key = "applies", .type = S_ENUM, AT(applies), .words = frame_applies, .fallback = "both",
	  .help = "to which messages: those sent, those received, or both" },
	{ .key = "checksum", .type = S_MAP, AT(sum), .sub = &sum_schema,
	  .given = offsetof(struct framing, sum.given), .help = "a message whose checksum is wrong is not believed" },
	{ 0 }
};
#undef AT

const struct schema frame_schema = {
	.what = "a frame", .size = sizeof(struct framing), .rows = frame_rows, .check = check_frame,
};

#define AT(field) .offset = offsetof(struct acknowledge, field)
static const struct schema_row acknowledge_rows[] = {
	{ .key = "ack", .type = S_STRING, AT(ack), .required = true,
	  .help = "what it answers once it has understood, such as ACK (06 hexadecimal)" },
	{ .key = "nak", .type = S_STRING, AT(nak), .help = "what it answers if it has not, such as NAK (15 hexadecimal)" },
	{ .key = "then_ask", .type = S_STRING, AT(then_ask),
	  .help = "what must be sent for the answer once a question is acknowledged, such as ENQ (05 hexadecimal)" },
	{ .key = "applies", .type = S_ENUM, AT(applies), .words = acknowledge_applies, .fallback = "both",
	  .help = "what it acknowledges" },
	{ .key = "retries", .type = S_INT, AT(retries), .low = 0, .high = 10, .fallback = "0",
	  .help = "how often a command refused with nak is sent again; never after silence" },
	{ 0 }
};
#undef AT

const struct schema acknowledge_schema = {
	.what = "an acknowledgement", .size = sizeof(struct acknowledge), .rows = acknowledge_rows,
	.check = check_acknowledge,
};

static void check_columns(struct schema_context *c, const struct yaml *node, void *columns)
{
	const struct columns *k = columns;

	if (k->from > k->to)
		schema_problem_key(c, node, "from", "'from' is behind 'to'");
	if (k->of && k->to > k->of)
		schema_problem_key(c, node, "to", "'to' is beyond the message's length, 'of'");
}

static const struct schema_row columns_rows[] = {
	{ .key = "from", .type = S_INT, .offset = offsetof(struct columns, from), .low = 1, .high = 1000,
	  .required = true, .help = "the first column, counted from 1" },
	{ .key = "to", .type = S_INT, .offset = offsetof(struct columns, to), .low = 1, .high = 1000,
	  .required = true, .help = "the last column" },
	{ .key = "of", .type = S_INT, .offset = offsetof(struct columns, of), .low = 1, .high = 1000,
	  .help = "the length of every message, without frame and end" },
	{ 0 }
};

const struct schema columns_schema = {
	.what = "columns", .size = sizeof(struct columns), .rows = columns_rows, .check = check_columns,
};

static const struct schema_row mark_rows[] = {
	{ .key = "match", .type = S_CUSTOM, .offset = offsetof(struct status_mark, match), .required = true,
	  .custom = pattern_read, .release = pattern_free, .form = pattern_form,
	  .help = "a message that matches has no value" },
	{ .key = "is", .type = S_ENUM, .offset = offsetof(struct status_mark, is), .words = marks,
	  .low = READING_OVERLOAD, .required = true, .help = "what it means" },
	{ 0 }
};

const struct schema mark_schema = {
	.what = "a status mark", .size = sizeof(struct status_mark), .rows = mark_rows,
};

const char unit_words_form[] = "a mapping of the instrument's word for a unit to the unit, such as {g: g, GN: gr}";

void unit_words_read(struct schema_context *c, const struct yaml *node, void *field)
{
	struct list *l = field;

	if (node->kind != YAML_MAP || !node->n) {
		schema_problem(c, node, "expected %s", unit_words_form);
		return;
	}
	for (const struct yaml *child = node->first; child; child = child->next) {
		const char *unit = schema_scalar(c, child, "a unit");
		struct unit_word *w;

		if (!unit)
			continue;
		l->items = mem_grow(l->items, l->n, sizeof *w);
		w = (struct unit_word *)l->items + l->n++;
		*w = (struct unit_word){ .word = mem_string(child->key), .unit = mem_string(unit),
					 .place = { child->line, child->column } };
	}
}

void unit_words_free(void *field)
{
	struct list *l = field;
	struct unit_word *w = l->items;

	for (size_t i = 0; i < l->n; i++) {
		free(w[i].word);
		free(w[i].unit);
	}
	free(l->items);
	*l = (struct list){ 0 };
}

static void find_units(struct schema_context *c, const struct point *p)
{
	struct unit_word *w = p->units.items;
	struct err e;

	for (size_t i = 0; i < p->units.n; i++)
		if (unit_convert(&w[i].to_quantity, w[i].unit, p->known->unit, &e))
			schema_problem_at(c, w[i].place, "units: %s", e.text);
}

static bool given(const struct columns *k)
{
	return k->from > 0;
}

void model_check_text_point(struct schema_context *c, const struct yaml *node, struct point *p)
{
	if (given(&p->columns) && p->field)
		schema_problem_key(c, node, "columns", "the number is found by 'columns' or by 'field', not by both");
	if (given(&p->columns) && !p->columns.of && !p->reply.text && !p->heard.match.text)
		schema_problem_key(c, node, "columns", "a byte too many or too few would shift the columns: state "
				   "'of', the length of a message, or 'reply', its form");
	if (p->suffix && p->units.n)
		schema_problem_key(c, node, "units", "the unit is one ('suffix') or one of several ('units'), not both");
	if (given(&p->unit_columns) && !p->suffix && !p->units.n)
		schema_problem_key(c, node, "unit_columns", "'unit_columns' says where the unit stands; 'suffix' or "
				   "'units' says what it must be");
	find_units(c, p);
	model_check_heard(c, node, p);
}

/* Where a message has a frame, nothing ends it but what the file states. */
static void end_nowhere(const struct yaml *node, const char *key, char **end)
{
	if (yaml_find(node, key))
		return;
	free(*end);
	*end = mem_string("");
}

void model_check_text(struct schema_context *c, const struct yaml *node, struct model *m)
{
	if (m->frame.given && m->frame.end) {
		if (framing_on_commands(&m->frame))
			end_nowhere(node, "command_end", &m->command_end);
		if (framing_on_replies(&m->frame))
			end_nowhere(node, "reply_end", &m->reply_end);
	}
	if (m->acknowledge.given && m->answered.text)
		schema_problem_key(c, node, "acknowledge", "commands are answered ('answered') or acknowledged, not both");
	model_check_replies(c, node, m);
	framing_find_mark(&m->frame, m->reply_end);
	model_check_talker(c, node, m);
}
