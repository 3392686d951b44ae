/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_talker.c - what is heard and not asked for (talker.h). */
#include <string.h>

#include "lines_parts.h"
#include "reply.h"
#include "talker.h"

/* A terminal keeps 4096 bytes; when as many as this wait, others may be lost. */
#define WAITING_MOST 3072

void lines_listen(struct instrument *in)
{
	if (!model_talks_every(in->model))
		return;
	if (!in->talker)
		in->talker = mem_new(sizeof *in->talker);
	in->talker->speaks = in->talker->skip = true;
	link_let_talk(in->link, true);
}

int lines_hush(struct instrument *in, instant by, struct err *e)
{
	const struct strings *off = &in->model->talk_off;

	if (!in->talker || !off->n)
		return lines_clear(in, by, e);
	if (link_restart(in->link, e) < 0)
		return -1;
	for (size_t i = 0; i < off->n; i++)
		if (lines_tell(in, "attach", off->list[i], by, e) < 0)
			return -1;
	in->talker->speaks = false;
	link_let_talk(in->link, false);
	return lines_clear(in, by, e);
}

/* Does the model's driver ever ask it anything? */
static bool is_asked(const struct model *m)
{
	const struct point *p = m->points.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (p[i].ask || p[i].set)
			return true;
	return m->identity.ask || m->errors.ask || m->state.n || m->safe_check.n || m->answered.text;
}

/* Throws away the messages that are here, and those that come while it does, but not for longer than `by`.  Returns
 * whether all were talk. */
static bool only_talk(struct instrument *in, instant by, struct err *e)
{
	struct talk t = { .why = "attach" };
	bool only = true;
	const char *message;
	ssize_t n;

	while ((n = link_try(in->link, &message, lines_until(in->model), e)) >= 0) {
		t.raw = (struct span){ message, (size_t)n };
		if (!talker_skip(in) && (lines_open(in, &t, e) < 0 || !talker_knows(in->model, t.reply))) {
			in->stray_bytes += (size_t)n;
			only = false;
		}
		if (!instant_passed(by))
			continue;
		err_set(e, ERR_TIMEOUT, "it speaks without pause");
		break;
	}
	return only;
}

/* A late answer to a question of before would be taken for that to the next. */
static int await_only_talk(struct instrument *in, instant by, struct err *e)
{
	instant quiet = instant_after(in->model->latency_ns);

	for (;;) {
		if (!only_talk(in, quiet < by ? quiet : by, e))
			quiet = instant_after(in->model->latency_ns);
		if (e->code != ERR_TIMEOUT)
			return -1;
		if (quiet > by)
			return err_set(e, ERR_TIMEOUT, "it has not ceased to say what is no message of its model");
		if (instant_passed(quiet) || link_await(in->link, quiet, e) < 0)
			return e->code == ERR_TIMEOUT ? 0 : -1;
	}
}

int lines_settle(struct instrument *in, instant by, struct err *e)
{
	if (link_restart(in->link, e) < 0)
		return -1;
	in->talker->skip = true;
	if (!is_asked(in->model))
		return 0;
	if (await_only_talk(in, by, e) < 0)
		return -1;
	in->talker->skip = in->talker->skip && link_excess(in->link) > 0;       /* after silence a message begins */
	return 0;
}

/* Some put empty lines between their messages. */
static bool blank(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] && strchr(" \t\r\n", p[i]))
		i++;
	return i == n;
}

static int silent(struct instrument *in, struct err *e)
{
	double every = (double)model_talks_every(in->model) / NS_PER_S;

	return err_set(e, ERR_CLOSED, "it has not said what it should say at least every %.12g s", every);
}

/* The next message that is one.  Those that are none must not carry it past its time. */
static ssize_t read_message(struct instrument *in, const char **message, instant last, instant by, struct err *e)
{
	instant limit = last < by ? last : by;
	ssize_t n;

	do {
		if (!instant_passed(limit)) {
			n = link_read(in->link, message, lines_until(in->model), limit, e);
		} else {
			link_distrust(in->link);
			n = err_set(e, ERR_TIMEOUT, "timed out");
		}
		if (n < 0)
			return e->code == ERR_TIMEOUT && limit == last ? silent(in, e) : -1;
	} while (talker_skip(in) || blank(*message, (size_t)n));
	return n;
}

/* The next whole message, as the timing has it: from when its first byte may have come to when it was read.
 * last: by then what is waited for must have been said. */
static int hear(struct instrument *in, struct talk *t, instant last, instant by, struct err *e)
{
	const char *message;
	struct arrival a;
	ssize_t n;

	buf_clear(&in->sent);
	timing_begin(&t->timing);
	t->raw = t->reply = (struct span){ "", 0 };
	n = read_message(in, &message, last, by, e);
	if (n < 0)
		return lines_failed(in, t, e);
	a = link_arrived(in->link);
	t->timing = (struct timing){ .began = a.from, .ended = a.to, .utc = a.utc };
	t->raw = (struct span){ message, (size_t)n };
	return lines_open(in, t, e) < 0 ? lines_distrusted(in, t, e) : 0;
}

static int unknown(struct instrument *in, struct talk *t, struct err *e)
{
	char text[REPLY_QUOTE];

	err_set(e, ERR_PROTOCOL, "%s is no message the model file knows", reply_quote(text, t->reply.p, t->reply.n));
	return lines_distrusted(in, t, e);
}

/* The message that proves who it is; among others that prove nothing. */
static int hear_identity(struct instrument *in, struct talk *t, instant last, instant by, struct err *e)
{
	const struct model *m = in->model;
	bool speaks = false;

	while (hear(in, t, last, by, e) == 0) {
		if (pattern_matches(&m->identity.expect, t->reply.p, t->reply.n, NULL, 0))
			return lines_identify(in, t->reply, e);
		speaks = true;
	}
	if (speaks && e->code == ERR_CLOSED)
		err_set(e, ERR_IDENTITY, "none of its messages says that it is a %s %s", m->manufacturer, m->number);
	return -1;
}

/* Without a proof of identity any message of the model will do. */
static int first_message(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;
	instant last = instant_after(2 * model_talks_every(m));         /* the first may have begun too early */
	struct talk t = { .why = "attach" };

	if (m->identity.heard ? hear_identity(in, &t, last, by, e) : hear(in, &t, last, by, e))
		return -1;
	if (!talker_knows(m, t.reply))
		return unknown(in, &t, e);
	lines_report(in, &t, NULL);
	return 0;
}

int lines_let_talk(struct instrument *in, instant by, struct err *e)
{
	const struct strings *on = &in->model->talk_on;

	if (!in->talker)
		return 0;
	link_let_talk(in->link, true);
	for (size_t i = 0; i < on->n; i++)
		if (lines_tell(in, "attach", on->list[i], by, e) < 0)
			return -1;
	in->talker->skip = in->talker->speaks;          /* told to speak, it begins with a whole message */
	in->talker->speaks = true;
	return first_message(in, by, e);
}

/* What has been said so far is no reading; of the message under way only the end will come. */
static int drop(struct instrument *in, struct err *e)
{
	size_t here = link_waiting(in->link), dropped = 0;
	bool torn = here > WAITING_MOST;
	const char *message;
	ssize_t n = 0;

	while (dropped < here && (n = link_try(in->link, &message, lines_until(in->model), e)) >= 0) {
		in->talker->skip = false;
		dropped += n ? (size_t)n : 1;
	}
	if (n < 0 && e->code != ERR_TIMEOUT)
		return -1;
	if (torn || (n < 0 && link_excess(in->link) > 0))
		in->talker->skip = true;
	return 0;
}

static bool wants_newest(const struct point *const *points, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (points[i]->heard.newest)
			return true;
	return false;
}

static int start(struct instrument *in, const struct point *const *points, size_t n, struct err *e)
{
	bool fresh = in->fresh || wants_newest(points, n);
	size_t waits = link_waiting(in->link);

	in->fresh = false;
	if (fresh)
		return drop(in, e);
	if (waits <= WAITING_MOST)
		return 0;
	link_distrust(in->link);
	return err_set(e, ERR_PROTOCOL, "%zu bytes have waited while nobody listened: some may be lost", waits);
}

static void take(const struct point *p, const struct talk *t, struct reading *r)
{
	driver_stamp(r, p, &t->timing);
	r->at_ns = p->heard.has_delay ? r->utc_ns - p->heard.delay_ns : 0;
	r->raw.n = t->raw.n;
	r->exchange = 0;
}

/* Which of the points that still wait have their reading in this message?  Returns how many. */
static ssize_t fill(struct instrument *in, const struct point *const *points, size_t n, struct reading *out,
		    struct talk *t, struct err *e)
{
	struct talker *k = in->talker;
	size_t count = 0, first = k->raw.len;

	if (!talker_knows(in->model, t->reply))
		return unknown(in, t, e);
	for (size_t i = 0; i < n; i++) {
		if (!points[i]->heard.match.text || k->at[i] != SIZE_MAX || !reply_heard(points[i], t->reply))
			continue;
		if (reply_parse(in->model, points[i], t->raw.p, t->raw.n, &out[i].value, &out[i].status, e) < 0)
			return lines_distrusted(in, t, e);
		take(points[i], t, &out[i]);
		k->at[i] = first;
		count++;
	}
	if (count > 1 || (count && in->trace_measure))
		lines_report(in, t, NULL);
	for (size_t i = 0; i < n && count > 1; i++)
		out[i].exchange = k->at[i] == first ? in->exchanges : out[i].exchange;
	if (count)
		buf_add(&k->raw, t->raw.p, t->raw.n);
	return (ssize_t)count;
}

static size_t count_heard(struct talker *k, const struct point *const *points, size_t n)
{
	size_t heard = 0;

	if (n > k->n_at)
		k->at = mem_resize(k->at, k->n_at = n, sizeof *k->at);
	for (size_t i = 0; i < n; i++) {
		k->at[i] = SIZE_MAX;
		heard += points[i]->heard.match.text != NULL;
	}
	return heard;
}

int lines_measure_heard(struct instrument *in, const struct point *const *points, size_t n, struct reading *out,
		   instant by, struct err *e)
{
	struct talker *k = in->talker;
	struct talk t = { .why = "measure" };
	size_t left = k ? count_heard(k, points, n) : 0;
	instant last;

	if (!left)
		return 0;
	buf_clear(&k->raw);
	if (start(in, points, n, e) < 0)
		return -1;
	last = instant_after((k->skip ? 2 : 1) * model_talks_every(in->model));
	while (left > 0) {
		ssize_t got = hear(in, &t, last, by, e) < 0 ? -1 : fill(in, points, n, out, &t, e);

		if (got < 0)
			return -1;
		left -= (size_t)got;
	}
	for (size_t i = 0; i < n; i++)
		if (k->at[i] != SIZE_MAX)
			out[i].raw.p = k->raw.data + k->at[i];
	return 0;
}
