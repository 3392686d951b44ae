/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manual.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "driver.h"
#include "number.h"

#define MOST_READINGS 64         /* points of one instrument asked for together */

struct manual *manual_new(const struct model *model)
{
	struct manual *m = mem_new(sizeof *m);

	m->last = mem_array(model->points.n, sizeof *m->last);
	m->got = mem_array(MOST_READINGS, sizeof *m->got);
	return m;
}

void manual_free(struct manual **p)
{
	struct manual *m = *p;

	if (!m)
		return;
	free(m->last);
	free(m->got);
	buf_release(&m->raw);
	free(m);
	*p = NULL;
}

static struct last *last_of(const struct instrument *in, const struct point *p)
{
	return &in->manual->last[p - (const struct point *)in->model->points.items];
}

const struct last *manual_last(const struct instrument *in, const struct point *p)
{
	const struct last *l = last_of(in, p);

	return l->known ? l : NULL;
}

bool manual_needs_second(const struct question *q)
{
	return (q->about == ABOUT_READING || q->about == ABOUT_SETTING) &&
		q->point->manual.confirm == CONFIRM_SECOND_PERSON;
}

/* Asking. */

static bool same_question(const struct question *a, const struct question *b)
{
	return a->about == b->about && a->point == b->point && a->i == b->i &&
		(a->about != ABOUT_SETTING || a->wanted == b->wanted);
}

/* 0 once the answer is there, in manual->answer. */
static int inquire(struct instrument *in, const struct question *q, struct err *e)
{
	struct manual *m = in->manual;

	if ((m->open || m->settled) && !same_question(&m->question, q))
		manual_withdraw(in);
	if (m->settled) {
		m->settled = false;
		return 0;
	}
	if (!m->open) {
		m->question = *q;
		m->open = true;
		m->doubted[0] = '\0';
		if (m->asked)
			m->asked(in->who);
	}
	return err_set(e, ERR_AWAITED, "a person has been asked");
}

void manual_withdraw(struct instrument *in)
{
	struct manual *m = in->manual;

	m->open = m->held = m->settled = false;
	m->n_got = 0;
	buf_clear(&m->raw);
}

void manual_doubt(struct instrument *in)
{
	if (in->manual->identified)
		manual_withdraw(in);
	in->manual->identified = false;
}

/* Judging. */

static struct span raw_of(const struct keyed *k)
{
	return (struct span){ k->raw, strlen(k->raw) };
}

static bool says(const struct keyed *k, const char *word)
{
	return !strcasecmp(k->raw, word);
}

/* Doubtful, and neither reasoned nor, where that is enough, keyed once before. */
static int overrule(struct manual *m, const struct keyed *k, bool again_will_do, const struct err *e)
{
	if (k->reason[0] || (again_will_do && !strcmp(m->doubted, k->raw)))
		return 0;
	snprintf(m->doubted, sizeof m->doubted, "%s", k->raw);
	return e->code ? -1 : 0;
}

static int judge_serial(struct instrument *in, const struct keyed *k, struct err *e)
{
	if (!in->serial_expected || !strcmp(k->raw, in->serial_expected))
		return 0;
	err_set(e, ERR_IDENTITY, "the bench file expects another serial number than '%s': look again; keyed "
		"twice, it is another instrument, and the run does not go on", k->raw);
	return overrule(in->manual, k, true, e);
}

static int judge_reading(struct instrument *in, const struct keyed *k, struct err *e)
{
	const struct point *p = in->manual->question.point;
	const struct last *last = last_of(in, p);
	bool comparable = last->known && last->at == in->manual->at && !k->row;    /* a file is judged whole */
	enum reading_status status;
	enum keyed_doubt doubt;
	double value, own;
	int decimals;

	if (keyed_parse(p, raw_of(k), &value, &status, e) < 0)
		return -1;
	if (status != READING_OK)
		return 0;
	if (keyed_number(p, raw_of(k), &own, &decimals, e) < 0 ||
	    keyed_judge(p, own, decimals, comparable ? last->own : NAN, &doubt, e) < 0)
		return -1;
	return doubt == DOUBT_NONE ? 0 : overrule(in->manual, k, doubt == DOUBT_LEAP, e);
}

static int done_or_cannot(const struct keyed *k, struct err *e)
{
	if (says(k, "done"))
		return 0;
	if (!says(k, "cannot"))
		return err_set(e, ERR_CONFIG, "answer done once it is, or cannot with a reason");
	return k->reason[0] ? 0 : err_set(e, ERR_CONFIG, "cannot: give the reason");
}

/* What was set is read back by the person, where the model states how near it must be. */
static int judge_setting(struct manual *m, const struct keyed *k, struct err *e)
{
	const struct question *q = &m->question;
	const struct point *p = q->point;
	enum keyed_doubt doubt;
	double own;
	int decimals;

	if (says(k, "cannot") || !p->tolerance.unit)
		return done_or_cannot(k, e);
	if (keyed_number(p, raw_of(k), &own, &decimals, e) < 0 || keyed_judge(p, own, decimals, NAN, &doubt, e) < 0)
		return -1;
	if (fabs(own - q->wanted) <= p->set_tolerance * (1 + 1e-9))
		return doubt == DOUBT_NONE ? 0 : overrule(m, k, false, e);
	return err_set(e, ERR_CONFIG, "%.12g %s is to be set within %.12g %s, and %.12g %s reads back: set it again, "
		       "or answer cannot with a reason", q->wanted, p->unit, p->set_tolerance, p->unit, own, p->unit);
}

static int judge(struct instrument *in, const struct keyed *k, struct err *e)
{
	switch (in->manual->question.about) {
	case ABOUT_SERIAL:
		return judge_serial(in, k, e);
	case ABOUT_READING:
		return judge_reading(in, k, e);
	case ABOUT_SETTING:
		return judge_setting(in->manual, k, e);
	case ABOUT_SAFE:
		return done_or_cannot(k, e);
	}
	return -1;
}

/* Answering. */

static void settle(struct manual *m, const char *confirmed_by)
{
	snprintf(m->confirmed_by, sizeof m->confirmed_by, "%s", confirmed_by);
	m->open = m->held = false;
	m->settled = true;
}

int manual_answer(struct instrument *in, const struct keyed *k, struct err *e)
{
	struct manual *m = in->manual;

	if (!m->open)
		return err_set(e, ERR_STATE, "nothing is asked of it");
	if (m->held)
		return err_set(e, ERR_STATE, "%s has answered '%s': confirm or reject it", m->answer.by,
			       m->answer.raw);
	*e = (struct err){ 0 };
	if (judge(in, k, e) < 0)
		return -1;
	m->answer = *k;
	if (manual_needs_second(&m->question))
		m->held = true;
	else
		settle(m, "");
	return 0;
}

static int nothing_held(struct err *e)
{
	return err_set(e, ERR_STATE, "it has no answer to be confirmed");
}

int manual_confirm(struct instrument *in, const char *by, struct err *e)
{
	struct manual *m = in->manual;

	if (!m->held)
		return nothing_held(e);
	if (!strcasecmp(by, m->answer.by))
		return err_set(e, ERR_CONFIG, "%s has answered it: another person confirms", by);
	settle(m, by);
	return 0;
}

int manual_reject(struct instrument *in, struct err *e)
{
	struct manual *m = in->manual;

	if (!m->held)
		return nothing_held(e);
	m->open = m->held = false;
	return 0;
}

/* The hooks. */

static int manual_connect(struct instrument *in, instant by, struct err *e)
{
	(void)in;
	(void)by;
	(void)e;
	return 0;
}

static int manual_attach(struct instrument *in, instant by, struct err *e)
{
	struct question q = { .about = ABOUT_SERIAL };
	struct manual *m = in->manual;

	(void)by;
	if (m->identified)
		return 0;
	if (inquire(in, &q, e) < 0)
		return -1;
	snprintf(in->serial, sizeof in->serial, "%.*s", (int)sizeof in->serial - 1, m->answer.raw);
	snprintf(in->identity, sizeof in->identity, "%s", m->answer.raw);
	if (in->serial_expected && strcmp(in->serial, in->serial_expected))
		return err_set(e, ERR_IDENTITY, "its serial number is '%s' says %s, the bench file says '%s'",
			       in->serial, m->answer.by, in->serial_expected);
	m->identified = true;
	return 0;
}

static int manual_check(struct instrument *in, instant by, struct err *e)
{
	(void)in;
	(void)by;
	(void)e;
	return 0;
}

/* When it was read is when it was keyed, unless the person says otherwise. */
static void stamp(struct reading *r, const struct point *p, const struct keyed *k)
{
	int64_t now = utc_now();

	r->point = p;
	r->utc_ns = k->read_ns ? k->read_ns : k->utc_ns;
	r->mono_ns = instant_now() - (now - r->utc_ns);
	r->span_ns = 0;
	r->at_ns = k->read_ns;
}

static void remember(struct instrument *in, const struct point *p, const struct reading *r)
{
	struct last *l = last_of(in, p);

	if (r->status != READING_OK)
		return;
	*l = (struct last){ .own = conversion_undo(&p->to_quantity, r->value), .utc_ns = r->utc_ns,
			    .at = in->manual->at, .known = true };
}

/* The answer that is there becomes the next reading of the request. */
static int take_reading(struct instrument *in, const struct point *p, struct err *e)
{
	struct manual *m = in->manual;
	struct reading *r = &m->got[m->n_got];

	*r = (struct reading){ 0 };
	if (keyed_parse(p, raw_of(&m->answer), &r->value, &r->status, e) < 0)
		return -1;
	stamp(r, p, &m->answer);
	r->raw.n = strlen(m->answer.raw);
	buf_add(&m->raw, m->answer.raw, r->raw.n);
	remember(in, p, r);
	m->n_got++;
	return 0;
}

static void hand_over(struct instrument *in, struct reading *out, size_t n)
{
	struct manual *m = in->manual;
	size_t at = 0;

	buf_clear(&in->raw);
	buf_add(&in->raw, m->raw.data, m->raw.len);
	for (size_t i = 0; i < n; at += out[i++].raw.n) {
		out[i] = m->got[i];
		out[i].raw.p = in->raw.data + at;
	}
	m->n_got = 0;
	buf_clear(&m->raw);
}

static ssize_t manual_measure(struct instrument *in, const struct point *const *points, size_t n,
			      struct reading *out, instant by, struct err *e)
{
	struct manual *m = in->manual;

	(void)by;
	if (n > MOST_READINGS)
		return err_set(e, ERR_CONFIG, "%zu readings at once are too many to be asked for", n);
	while (m->n_got < n) {
		struct question q = { .about = ABOUT_READING, .point = points[m->n_got], .i = m->n_got };

		if (inquire(in, &q, e) < 0 || take_reading(in, q.point, e) < 0)
			return err_wrap(e, "%s", q.point->quantity);
	}
	hand_over(in, out, n);
	return (ssize_t)n;
}

static int refused(const struct keyed *k, struct err *e)
{
	return err_set(e, ERR_INSTRUMENT, "%s says it cannot be done: %s", k->by, k->reason);
}

static int manual_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e)
{
	struct question q = { .about = ABOUT_SETTING, .point = p, .wanted = value };

	(void)by;
	if (inquire(in, &q, e) < 0)
		return -1;
	return says(&in->manual->answer, "cannot") ? refused(&in->manual->answer, e) : 0;
}

static int manual_safe(struct instrument *in, instant by, struct err *e)
{
	struct question q = { .about = ABOUT_SAFE };

	(void)by;
	if (inquire(in, &q, e) < 0)
		return -1;
	return says(&in->manual->answer, "cannot") ? refused(&in->manual->answer, e) : 0;
}

static void manual_describe(const struct model *m, const struct point *p, bool set, double value, struct buf *out)
{
	const char *text = texts_pick(set ? &p->manual.set : &p->manual.read, "en");
	const char *place = set ? strstr(text, "{}") : NULL;
	char number[NUMBER_TEXT];

	(void)m;
	if (!place) {
		buf_printf(out, "asks a person: %s\n", text);
		return;
	}
	number_format(value == 0 ? 0 : value, number);
	buf_printf(out, "asks a person: %.*s%s %s%s\n", (int)(place - text), text, number, p->unit, place + 2);
}

const struct driver driver_manual = {
	.name = "manual", .connect = manual_connect, .attach = manual_attach, .check = manual_check,
	.measure = manual_measure, .set = manual_set, .safe = manual_safe, .describe = manual_describe,
};
