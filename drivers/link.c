/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "link_own.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "fd.h"
#include "paced.h"

#define CHUNK 4096             /* least room for one read */

struct link *link_over(const struct transport *t, void *state, int cancel)
{
	struct link *l = mem_new(sizeof *l);

	l->t = t;
	l->state = state;
	l->cancel = cancel;
	buf_reserve(&l->in, 4 * CHUNK);
	return l;
}

int link_open(struct link **out, const char *text, const struct line *line, int cancel,
	      instant by, struct err *e)
{
	const struct transport *t;
	struct address a;
	void *state;

	if (address_parse(&a, text, line, e) < 0)
		return -1;
	if (a.modbus)
		return err_set(e, ERR_CONFIG, "%s: a Modbus bus is no link", text);
	if (a.manual)
		return err_set(e, ERR_CONFIG, "%s: a person reads it: there is nothing to connect to", text);
	t = transport_find(a.scheme);
	if (t->open(&state, a.place, &a.line, cancel, by, e) < 0)
		return err_wrap(e, "%s", text);
	paced_over(&t, &state, &a.line);
	*out = link_over(t, state, cancel);
	return 0;
}

int link_cancel_of(const struct link *l)
{
	return l->urgent ? -1 : l->cancel;
}

/* What had waited for us may have come at any time since nothing did. */
static void note_arrival(struct link *l, bool waited)
{
	arrivals_add(&l->arrivals, l->in.len, waited ? l->emptied : INSTANT_NEVER);
	if (l->t->waiting(l->state) == 0)
		l->emptied = instant_now();
}

static ssize_t receive(struct link *l, instant by, struct err *e)
{
	bool waited = l->talks && l->t->waiting(l->state) > 0;
	ssize_t got;

	buf_reserve(&l->in, CHUNK);
	got = l->t->read(l->state, l->in.data + l->in.len, l->in.cap - l->in.len - 1, &l->ended,
			 link_cancel_of(l), by, e);
	if (got > 0 && l->talks)
		note_arrival(l, waited);
	if (got > 0)
		l->in.len += (size_t)got;
	l->heard = instant_now();
	return got;
}

size_t link_excess(const struct link *l)
{
	return l->in.len - l->taken;
}

/* Forgets everything received. */
void link_forget(struct link *l)
{
	buf_clear(&l->in);
	l->taken = l->looked = l->marks = 0;
	l->ended = false;
	l->arrivals.n = 0;
}

/* Out of step from here on; what had arrived is kept for the record. */
int link_lose_step(struct link *l)
{
	l->out_of_step = true;
	buf_add(&l->pending, l->in.data + l->taken, link_excess(l));
	link_forget(l);
	return -1;
}

/* Whatever is there before a question is asked would be taken for its answer.  In an emergency it
 * is thrown away, and not waited for; else nothing is asked until the line has been cleared. */
int link_nothing_waits(struct link *l, instant by, struct err *e)
{
	size_t n;

	if (l->talks)
		return 0;
	if (l->t->waiting(l->state) > 0 && receive(l, l->urgent ? instant_now() : by, e) < 0 &&
	    !(l->urgent && e->code != ERR_CLOSED))
		return link_lose_step(l);
	n = link_excess(l);
	l->stray += n;
	link_forget(l);
	if (n == 0 || l->urgent)
		return 0;
	l->unasked += n;
	l->out_of_step = true;
	return err_set(e, ERR_PROTOCOL, "%zu bytes had come before the question was asked", n);
}

int link_refuse_out_of_step(const struct link *l, struct err *e)
{
	return l->out_of_step && !l->urgent ? err_set(e, ERR_STATE, "out of step since an exchange failed") : 0;
}

int link_write(struct link *l, const void *data, size_t n, instant by, struct err *e)
{
	const char *p = data;

	buf_clear(&l->pending);
	if (link_refuse_out_of_step(l, e) < 0 || link_nothing_waits(l, by, e) < 0)
		return -1;
	while (n > 0) {
		ssize_t sent = l->t->write(l->state, p, n, link_cancel_of(l), by, e);

		if (sent < 0) {
			link_lose_step(l);
			return err_wrap(e, "after sending %zu bytes", (size_t)(p - (const char *)data));
		}
		p += sent;
		n -= (size_t)sent;
	}
	return 0;
}

/* Is the reply at the head of the buffer whole, and how long is it without its mark? */
static enum seen find_end(struct link *l, struct until end, size_t *len)
{
	struct until_view v = { .p = l->in.data + l->taken, .n = link_excess(l), .looked = l->looked, .marks = l->marks,
				.ended = l->ended, .ends = l->t->ends };
	enum seen s = until_find(end, &v, len);

	l->looked = v.looked;
	l->marks = v.marks;
	return s;
}

/* Hands out the reply and steps over its mark. */
static ssize_t take(struct link *l, const char **reply, size_t len, const char *mark)
{
	size_t rest = link_excess(l) - len, skip = mark ? strlen(mark) : 0;

	l->arrived = arrivals_of(&l->arrivals, l->taken);
	*reply = l->in.data + l->taken;
	if (skip && rest >= skip && !memcmp(*reply + len, mark, skip)) {
		l->in.data[l->taken + len] = '\0';
		rest -= skip;
	}
	l->taken = l->in.len - rest;
	l->looked = l->marks = 0;
	arrivals_drop(&l->arrivals, l->taken);
	return (ssize_t)len;
}

/* A talker may never leave us with an empty buffer. */
static void make_room(struct link *l)
{
	if (link_excess(l) == 0)
		link_forget(l);
	if (l->taken < 4 * CHUNK)
		return;
	arrivals_shift(&l->arrivals, l->taken);
	buf_consume(&l->in, l->taken);
	l->taken = 0;
}

static int nonsense(struct link *l, struct err *e)
{
	size_t n = link_excess(l);

	link_lose_step(l);
	return err_set(e, ERR_PROTOCOL, "%zu bytes came that are not the reply agreed on", n);
}

ssize_t link_try(struct link *l, const char **message, struct until end, struct err *e)
{
	size_t len;

	if (link_refuse_out_of_step(l, e) < 0)
		return -1;
	make_room(l);
	for (;;) {
		enum seen s = find_end(l, end, &len);

		if (s == SEEN_WHOLE && link_excess(l) > 0)
			return take(l, message, len, end.whole ? NULL : end.mark);
		if (s == SEEN_NONSENSE)
			return nonsense(l, e);
		if (l->t->waiting(l->state) == 0)
			return err_set(e, ERR_TIMEOUT, "no whole message has come");
		if (receive(l, instant_now(), e) < 0)
			return link_lose_step(l);
	}
}

/* When the next byte must have come: where only a pause ends a reply, once it has begun. */
static instant next_by(struct until end, size_t n, instant by)
{
	instant quiet = end.pause_ns && n ? instant_after(end.pause_ns) : INSTANT_NEVER;

	return quiet < by ? quiet : by;
}

ssize_t link_read(struct link *l, const char **reply, struct until end, instant by, struct err *e)
{
	size_t len;
	bool more = false;

	if (link_refuse_out_of_step(l, e) < 0)
		return -1;
	make_room(l);
	for (;;) {
		enum seen s = find_end(l, end, &len);
		size_t n = link_excess(l);
		instant next = next_by(end, n, by);

		if (s == SEEN_WHOLE && (n > 0 || l->ended))
			return take(l, reply, len, end.whole ? NULL : end.mark);
		if (s == SEEN_NONSENSE)
			return nonsense(l, e);
		/* Bytes that keep trickling in must not carry a read past its deadline. */
		if (more && instant_passed(by))
			err_set(e, ERR_TIMEOUT, "timed out");
		else if (receive(l, next, e) >= 0) {
			more = true;
			continue;
		}
		if (next < by && e->code == ERR_TIMEOUT)
			return take(l, reply, n, NULL);
		link_lose_step(l);
		return err_wrap(e, "after %zu bytes of the reply", n);
	}
}

void link_let_talk(struct link *l, bool on)
{
	l->talks = on;
	l->emptied = instant_now();
}

int link_await(struct link *l, instant by, struct err *e)
{
	if (link_refuse_out_of_step(l, e) < 0)
		return -1;
	if (receive(l, by, e) >= 0)
		return 0;
	return e->code == ERR_TIMEOUT ? -1 : link_lose_step(l);
}

struct arrival link_arrived(const struct link *l)
{
	return l->arrived;
}

instant link_heard(const struct link *l)
{
	return l->heard;
}

size_t link_waiting(const struct link *l)
{
	return link_excess(l) + l->t->waiting(l->state);
}

int link_restart(struct link *l, struct err *e)
{
	size_t here = l->t->waiting(l->state);

	link_forget(l);
	l->out_of_step = false;
	for (size_t thrown = 0; thrown < here && l->t->waiting(l->state) > 0; link_forget(l)) {
		if (receive(l, instant_now(), e) < 0)
			return link_lose_step(l);
		thrown += l->in.len;
	}
	return 0;
}

size_t link_unasked(struct link *l)
{
	size_t n = l->unasked;

	l->unasked = 0;
	l->stray -= n;
	return n;
}

void link_distrust(struct link *l)
{
	link_lose_step(l);
}

bool link_in_step(const struct link *l)
{
	return !l->out_of_step;
}

int link_look(const struct link *l, struct err *e)
{
	return fd_look((l->t->wire ? l->t->wire : l->t->fd)(l->state), e);
}

void link_urgent(struct link *l, bool on)
{
	l->urgent = on;
}

const struct buf *link_pending(const struct link *l)
{
	return &l->pending;
}

void link_close(struct link **l)
{
	if (!*l)
		return;
	(*l)->t->close((*l)->state);
	buf_release(&(*l)->in);
	buf_release(&(*l)->pending);
	arrivals_release(&(*l)->arrivals);
	free(*l);
	*l = NULL;
}
