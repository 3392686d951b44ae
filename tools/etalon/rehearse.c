/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rehearse.h"

#include <stdlib.h>
#include <string.h>

#include "hub.h"
#include "instrument.h"
#include "number.h"
#include "reply.h"

#define PATIENCE_MS 60000        /* against hanging: a model's own timeouts are shorter */
#define LATENCY_NS  (20 * NS_PER_MS)
#define TIMEOUT_NS  (3 * NS_PER_S)
#define QUANTITIES  64           /* of one measurement */
#define ARGUMENTS   16           /* of one command */

struct rehearsal {
	struct model *m;
	struct instrument *in;
	struct counterpart *c;
	const struct turn *u;
	struct err e;
	struct difference d;
};

/* Remembers the first difference. */
static void differ(struct rehearsal *r, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void differ(struct rehearsal *r, int line, const char *fmt, ...)
{
	va_list ap;

	if (r->d.line)
		return;
	va_start(ap, fmt);
	vsnprintf(r->d.text, sizeof r->d.text, fmt, ap);
	va_end(ap);
	r->d.line = line;
}

static void hurry(struct model *m)
{
	struct point *p = m->points.items;

	m->latency_ns = m->latency_ns < LATENCY_NS ? m->latency_ns : LATENCY_NS;
	m->timeout_ns = m->timeout_ns < TIMEOUT_NS ? m->timeout_ns : TIMEOUT_NS;
	for (size_t i = 0; i < m->points.n; i++)
		p[i].timeout_ns = p[i].timeout_ns < TIMEOUT_NS ? p[i].timeout_ns : TIMEOUT_NS;
}

/* ---- readings ---- */

static size_t longest_said(struct span all, struct span raw)
{
	size_t n = raw.n;

	while (n > 0 && !memmem(all.p, all.n, raw.p, n))
		n--;
	return n;
}

/* Is it made of what was said?  A Modbus reading may rest on registers that lie apart. */
static bool made_of(struct span all, struct span raw, bool one_piece)
{
	while (raw.n > 0) {
		size_t n = longest_said(all, raw);

		if (n < 2 && n < raw.n)
			return false;
		if (one_piece && n < raw.n)
			return false;
		raw = (struct span){ raw.p + n, raw.n - n };
	}
	return true;
}

/* Did the instrument say that in this turn? */
static bool was_said(const struct turn *u, struct span raw, bool one_piece)
{
	struct buf all = { 0 };
	bool found;

	for (size_t i = 0; i < u->n_sayings; i++)
		if (!u->sayings[i].sent)
			buf_add(&all, u->sayings[i].bytes.data, u->sayings[i].bytes.len);
	found = made_of((struct span){ all.len ? all.data : "", all.len }, raw, one_piece);
	buf_release(&all);
	return found;
}

static void check_raw(struct rehearsal *r, const struct outcome *o, struct span raw)
{
	char is[REPLY_QUOTE], wanted[REPLY_QUOTE];

	if (o->has_raw && (raw.n != o->raw.len || (raw.n && memcmp(raw.p, o->raw.data, raw.n))))
		differ(r, o->line, "%s rests on %s, expected %s", o->quantity, reply_quote(is, raw.p, raw.n),
		       reply_quote(wanted, o->raw.data, o->raw.len));
	else if (!o->has_raw && !o->array && !was_said(r->u, raw, r->m->manner != MANNER_MODBUS))
		differ(r, o->line, "%s rests on %s, which the instrument did not say in this turn", o->quantity,
		       reply_quote(is, raw.p, raw.n));
}

static void check_array(struct rehearsal *r, const struct outcome *o, const struct reading *x)
{
	const struct block_form *f = &x->point->block;
	size_t n = x->block.n / block_width(f);
	char is[NUMBER_TEXT], wanted[NUMBER_TEXT];

	if (n != o->n_numbers)
		differ(r, o->line, "%s has %zu numbers, expected %zu", o->quantity, n, o->n_numbers);
	for (size_t i = 0; i < n && i < o->n_numbers; i++) {
		double said = block_number(f, x->block.p + i * block_width(f));

		number_format(said, is);
		number_format(o->numbers[i], wanted);
		if (said != o->numbers[i])
			differ(r, o->line, "number %zu of %s is %s, expected %s", i + 1, o->quantity, is, wanted);
	}
}

static void check_value(struct rehearsal *r, const struct outcome *o, const struct reading *x)
{
	const char *unit = x->point->known->unit;
	char is[NUMBER_TEXT], wanted[NUMBER_TEXT];

	if (x->status != o->status) {
		differ(r, o->line, "%s is %s, expected %s", o->quantity, reading_status_name(x->status),
		       reading_status_name(o->status));
	} else if (o->unit && strcmp(o->unit, unit)) {
		differ(r, o->line, "readings of %s are in %s, not %s", o->quantity, unit, o->unit);
	} else if (o->unit && x->value != o->value) {
		number_format(x->value, is);
		number_format(o->value, wanted);
		differ(r, o->line, "%s is %s %s, expected %s %s", o->quantity, is, unit, wanted, unit);
	}
}

static void check_reading(struct rehearsal *r, const struct outcome *o, const struct reading *x)
{
	if (strcmp(o->quantity, x->point->quantity)) {
		differ(r, o->line, "this reading is of %s: they come in the order of the measurement", x->point->quantity);
		return;
	}
	if (o->array != x->point->block.given)
		differ(r, o->line, o->array ? "%s is no array" : "%s is an array", o->quantity);
	else if (o->array)
		check_array(r, o, x);
	else
		check_value(r, o, x);
	check_raw(r, o, x->raw);
}

/* ---- turns ---- */

static const struct point *find_point(struct rehearsal *r, const char *quantity)
{
	const struct point *p = model_point(r->m, quantity);

	if (!p)
		differ(r, r->u->line, "model %s has no point %s", r->m->name, quantity);
	return p;
}

static int measure(struct rehearsal *r)
{
	const struct turn *u = r->u;
	const struct point *points[QUANTITIES];
	struct reading readings[QUANTITIES];
	size_t n = u->words.n;

	if (n > QUANTITIES)
		return err_set(&r->e, ERR_CONFIG, "at most %d quantities are measured at once", QUANTITIES);
	for (size_t i = 0; i < n; i++)
		if (!(points[i] = find_point(r, u->words.list[i])))
			return -1;
	if (instrument_measure(r->in, points, n, readings, instant_after_ms(PATIENCE_MS), &r->e) < 0)
		return -1;
	if (!u->fails && u->n_outcomes != n)
		differ(r, u->line, "%zu readings come of it, and %zu are stated", n, u->n_outcomes);
	for (size_t i = 0; i < n && i < u->n_outcomes; i++)
		check_reading(r, &u->outcomes[i], &readings[i]);
	return 0;
}

static int set(struct rehearsal *r)
{
	const struct turn *u = r->u;
	const struct point *p = find_point(r, u->words.list[0]);
	struct value v = { .number = u->value, .unit = u->unit };
	double value;

	if (!p || value_in(&v, p->known->unit, &value, &r->e) < 0)
		return -1;
	return instrument_set(r->in, p, value, instant_after_ms(PATIENCE_MS), &r->e);
}

static int command(struct rehearsal *r)
{
	const struct strings *w = &r->u->words;
	struct given given[ARGUMENTS];
	char *texts[ARGUMENTS];
	size_t n = w->n - 1;
	int failed;

	if (n > ARGUMENTS)
		return err_set(&r->e, ERR_CONFIG, "a command has at most %d arguments", ARGUMENTS);
	for (size_t i = 0; i < n; i++) {
		texts[i] = mem_string(w->list[i + 1]);
		given[i] = (struct given){ .name = texts[i], .text = strchr(texts[i], '=') + 1 };
		*strchr(texts[i], '=') = '\0';
	}
	failed = instrument_command(r->in, w->list[0], given, n, instant_after_ms(PATIENCE_MS), &r->e);
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	return failed;
}

static int act(struct rehearsal *r)
{
	instant by = instant_after_ms(PATIENCE_MS);

	switch (r->u->kind) {
	case TURN_ATTACH:
		return instrument_attach(r->in, by, &r->e);
	case TURN_MEASURE:
		return measure(r);
	case TURN_SET:
		return set(r);
	case TURN_COMMAND:
		return command(r);
	case TURN_SAFE:
		return instrument_safe(r->in, by, &r->e);
	default:
		return err_set(&r->e, ERR_STATE, "this was talked by hand; write what the driver is to do in its place: "
			       "attach, measure QUANTITY, set QUANTITY VALUE, command NAME, safe");
	}
}

/* What came of it beside what should have. */
static void judge(struct rehearsal *r, int failed)
{
	const struct turn *u = r->u;

	if (failed && !u->fails)
		differ(r, u->line, "%s fails: %s", turn_name(u->kind), r->e.text);
	else if (!failed && u->fails)
		differ(r, u->line, "%s succeeds, and should fail with '%s'", turn_name(u->kind), err_word(u->fails));
	else if (failed && r->e.code != u->fails)
		differ(r, u->line, "%s fails with '%s', expected '%s': %s", turn_name(u->kind), err_word(r->e.code),
		       err_word(u->fails), r->e.text);
	else if (failed && u->why && !strstr(r->e.text, u->why))
		differ(r, u->line, "%s fails as it should, but says: %s", turn_name(u->kind), r->e.text);
}

static void play_turn(struct rehearsal *r, const struct turn *u)
{
	struct difference said;
	int failed;

	r->u = u;
	counterpart_begin(r->c, u);
	failed = act(r);
	said = counterpart_end(r->c);
	if (!said.line)
		judge(r, failed);
	else if (failed && r->e.code != ERR_CLOSED)
		differ(r, said.line, "%s: %s fails: %s", said.text, turn_name(u->kind), r->e.text);
	else                             /* what follows from a wrong byte is not worth telling */
		differ(r, said.line, "%s", said.text);
}

struct difference rehearse(struct model *m, const struct transcript *t)
{
	bool modbus = m->manner == MANNER_MODBUS;
	struct rehearsal r = { .m = m };

	hurry(m);
	if (modbus && transcript_beside(t))
		differ(&r, transcript_beside(t), "Modbus has no status byte, no service request and no trigger");
	if (counterpart_new(&r.c, t, modbus, &r.e) < 0 ||
	    instrument_new(&r.in, m, m->name, modbus ? counterpart_address(r.c) : "tcp://127.0.0.1:9", t->serial, NULL, -1,
			   &r.e) < 0)
		differ(&r, 1, "%s", r.e.text);
	if (r.in && !modbus)
		hub_take(r.in->hub, counterpart_link(r.c));
	for (size_t i = 0; i < t->n_turns && !r.d.line; i++)
		play_turn(&r, &t->turns[i]);
	instrument_free(&r.in);
	counterpart_free(&r.c);
	return r.d;
}
