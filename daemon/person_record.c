/* SPDX-License-Identifier: GPL-3.0-or-later
 * person_record.c - what is asked of a person and what they say, as events of the run and as
 * members for the desk. */
#include <math.h>
#include <string.h>

#include "number.h"
#include "person_own.h"

static const char *const abouts[] = { "serial", "reading", "setting", "safe" };

static void put_number(struct buf *b, const char *key, double v)
{
	if (!isfinite(v))
		return;
	json_key(b, key);
	json_number(b, v);
}

/* {} in a text stands for the value with its unit. */
static void fill_in(struct buf *out, const char *text, double value, const char *unit)
{
	const char *place = strstr(text, "{}");
	char number[NUMBER_TEXT];

	buf_clear(out);
	if (!place) {
		buf_puts(out, text);
		return;
	}
	number_format(value == 0 ? 0 : value, number);
	buf_printf(out, "%.*s%s %s%s", (int)(place - text), text, number, unit, place + 2);
}

static void put_texts(struct buf *b, const char *key, const struct texts *t, double value, const char *unit)
{
	struct buf text = { 0 };

	json_key(b, key);
	buf_putc(b, '{');
	for (size_t i = 0; i < t->n; i++) {
		fill_in(&text, t->list[i].text, value, unit);
		json_key(b, t->list[i].language[0] ? t->list[i].language : "und");
		json_text(b, text.data);
	}
	buf_putc(b, '}');
	buf_release(&text);
}

/* Where the model has no words of its own. */
static void put_usual(struct buf *b, enum about about)
{
	json_key(b, "words");
	buf_puts(b, about == ABOUT_SERIAL ?
		 "{\"en\":\"Which serial number does it bear?\",\"ru\":\"Какой на нём заводской номер?\"}" :
		 "{\"en\":\"Make it safe.\",\"ru\":\"Приведите его в безопасное состояние.\"}");
}

static void put_instruction(struct buf *b, const struct instrument *in, const struct question *q)
{
	const struct model *m = in->model;

	if (q->about == ABOUT_READING)
		put_texts(b, "words", &q->point->manual.read, 0, "");
	else if (q->about == ABOUT_SETTING)
		put_texts(b, "words", &q->point->manual.set, q->wanted, q->point->unit);
	else if (q->about == ABOUT_SAFE && m->manual.safe.n)
		put_texts(b, "words", &m->manual.safe, 0, "");
	else
		put_usual(b, q->about);
}

/* What every point is set to where it is made safe. */
static void put_safe_values(struct buf *b, const struct model *m)
{
	const struct point *p = m->points.items;

	json_key(b, "settings");
	buf_putc(b, '[');
	for (size_t i = 0; i < m->points.n; i++) {
		if (!p[i].safe.unit || !p[i].manual.set.n)
			continue;
		if (b->data[b->len - 1] != '[')
			buf_putc(b, ',');
		buf_putc(b, '{');
		json_put_text(b, "quantity", p[i].quantity);
		put_texts(b, "words", &p[i].manual.set, p[i].safe_value, p[i].unit);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void put_last(struct buf *b, const struct instrument *in, const struct point *p)
{
	const struct last *l = manual_last(in, p);

	if (!l)
		return;
	put_number(b, "last", l->own);
	json_put_int(b, "last_utc_ns", l->utc_ns);
}

static void put_scale(struct buf *b, const struct point *p)
{
	json_put_text(b, "unit", p->unit);
	put_number(b, "low", p->set_low);
	put_number(b, "high", p->set_high);
	if (p->resolution > 0)
		put_number(b, "resolution", p->resolution);
	if (p->manual.picture)
		json_put_text(b, "picture", p->manual.picture);
}

/* Where it lies, and that it is what the record has. */
static void put_picture(struct buf *b, const struct setup *s, const char *name)
{
	for (size_t i = 0; i < s->n_pictures; i++) {
		if (strcmp(s->pictures[i].name, name))
			continue;
		json_put_text(b, "picture_path", s->pictures[i].source.path);
		json_put_text(b, "picture_sha256", s->pictures[i].source.sha256);
		return;
	}
}

static void put_point(struct person *p, struct buf *b, const struct question *q)
{
	const struct point *point = q->point;
	double nominal = q->about == ABOUT_READING ? p->errand.nominals[q->i] : NAN;
	char channel[CHANNEL_NAME];

	snprintf(channel, sizeof channel, "%s.%s", person_role(p), point->quantity);
	json_put_text(b, "asked_channel", channel);
	put_scale(b, point);
	if (point->manual.picture)
		put_picture(b, p->station->setup, point->manual.picture);
	if (isfinite(nominal))
		put_number(b, "nominal", conversion_undo(&point->to_quantity, nominal));
	if (q->about == ABOUT_READING)
		put_last(b, p->station->instrument, point);
	if (q->about == ABOUT_SETTING)
		put_number(b, "wanted", q->wanted);
	if (q->about == ABOUT_SETTING && point->tolerance.unit)
		put_number(b, "tolerance", point->set_tolerance);
	json_key(b, "second_person");
	json_bool(b, manual_needs_second(q));
}

/* Where in the run it is asked. */
static void put_where(struct buf *b, const struct person *p)
{
	const struct port_request *r = &p->errand;

	if (r->what != PORT_MEASURE && r->what != PORT_SET)
		return;
	json_put_int(b, "point", r->point);
	json_put_text(b, "point_name", r->point_name);
	json_put_int(b, "attempt", r->attempt);
	json_put_int(b, "step", r->step);
	if (r->what != PORT_MEASURE)
		return;
	json_put_int(b, "k", p->k);
	if (r->count)
		json_put_int(b, "count", r->count);
}

static void put_question(struct person *p, struct buf *b)
{
	const struct instrument *in = p->station->instrument;
	const struct question *q = &in->manual->question;

	json_put_text(b, "question", p->id);
	json_put_text(b, "role", person_role(p));
	json_put_text(b, "about", abouts[q->about]);
	put_texts(b, "title", &in->model->title, 0, "");
	json_put_text(b, "place", in->address + strcspn(in->address, ":") + 1);
	put_instruction(b, in, q);
	if (q->point)
		put_point(p, b, q);
	if (q->about == ABOUT_SAFE)
		put_safe_values(b, in->model);
	put_where(b, p);
}

void person_tell(struct buf *b, const char *what, const char *question, const char *text)
{
	json_put_text(b, "what", what);
	json_put_text(b, "question", question);
	if (text)
		json_put_text(b, "text", text);
}

void person_record_prompt(struct person *p)
{
	const struct question *q = &p->station->instrument->manual->question;
	struct scribe *to = person_scribe(p);
	struct buf members = { 0 };

	put_question(p, &members);
	buf_add(&to->keys, members.data, members.len);
	scribe_event(to, JOURNAL_ORDINARY, "prompt", "%s: the %s%s%s is asked for", p->id, abouts[q->about],
		     q->point ? " of " : "", q->point ? q->point->quantity : "");
	json_put_text(&to->keys, "what", "asked");
	json_put_int(&to->keys, "asked_ns", utc_now());
	buf_add(&to->keys, members.data, members.len);
	scribe_tell(to, JOURNAL_ORDINARY, p->station->number, 0, NULL);
	buf_release(&members);
}

void person_record_note(struct person *p, const char *event, const char *text)
{
	struct scribe *to = person_scribe(p);

	json_put_text(&to->keys, "question", p->id);
	json_put_text(&to->keys, "role", person_role(p));
	scribe_event(to, JOURNAL_RESERVED, event, "%s: %s", p->id, text);
}

void person_record_answer(struct person *p, const struct keyed *k, enum verdict_on v, const struct err *why)
{
	static const char *const words[] = { "taken", "held", "refused" };
	struct scribe *to = person_scribe(p);
	struct buf *b = &to->keys;

	json_put_text(b, "question", p->id);
	json_put_text(b, "role", person_role(p));
	json_key(b, "raw");
	json_bytes(b, k->raw, strlen(k->raw));
	json_put_text(b, "by", k->by);
	json_put_int(b, "keyed_ns", k->utc_ns);
	if (k->read_ns)
		json_put_int(b, "read_ns", k->read_ns);
	if (k->row) {
		json_put_int(b, "row", k->row);
		json_put_text(b, "file_sha256", p->sheet_sha256);
	}
	if (k->reason[0])
		json_put_text(b, "reason", k->reason);
	json_put_text(b, "outcome", words[v]);
	if (why)
		json_put_text(b, "why", why->text);
	scribe_event(to, JOURNAL_ORDINARY, "answer", "%s: %s by %s", p->id, words[v], k->by);
}

void person_record_second(struct person *p, const struct port_answer *a)
{
	bool confirms = a->what == ANSWER_CONFIRM;
	const struct keyed *first = &p->station->instrument->manual->answer;
	struct scribe *to = person_scribe(p);

	json_put_text(&to->keys, "question", p->id);
	json_put_text(&to->keys, "role", person_role(p));
	json_key(&to->keys, "raw");
	json_bytes(&to->keys, first->raw, strlen(first->raw));
	json_put_text(&to->keys, "by", a->keyed.by);
	json_put_text(&to->keys, "answered_by", first->by);
	if (a->keyed.reason[0])
		json_put_text(&to->keys, "reason", a->keyed.reason);
	scribe_event(to, JOURNAL_ORDINARY, confirms ? "answer.confirmed" : "answer.rejected", "%s: by %s", p->id,
		     a->keyed.by);
}

void person_record_file(struct person *p, const struct port_answer *a, const struct source *text)
{
	struct scribe *to = person_scribe(p);

	json_put_text(&to->keys, "role", person_role(p));
	json_put_text(&to->keys, "by", a->keyed.by);
	scribe_file(to, "answers", a->keyed.raw, text, "text/csv");
}
