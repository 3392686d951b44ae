/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "link_own.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
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
	l->taken = l->looked = 0;
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

enum seen { SEEN_PART, SEEN_WHOLE, SEEN_NONSENSE };

/* One block's header and bytes at the head of n bytes: *size, if they are all there. */
static enum seen find_block(const char *p, size_t n, size_t *size)
{
	size_t length = 0, digits;

	if (n < 2)
		return n == 1 && p[0] != '#' ? SEEN_NONSENSE : SEEN_PART;
	if (p[0] != '#' || p[1] < '1' || p[1] > '9')
		return SEEN_NONSENSE;
	digits = (size_t)(p[1] - '0');
	for (size_t i = 0; i < digits && 2 + i < n; i++) {
		if (p[2 + i] < '0' || p[2 + i] > '9')
			return SEEN_NONSENSE;
		length = 10 * length + (size_t)(p[2 + i] - '0');
	}
	if (n < 2 + digits)
		return SEEN_PART;
	if (length > LINK_REPLY_MAX)
		return SEEN_NONSENSE;
	*size = 2 + digits + length;
	return n < *size ? SEEN_PART : SEEN_WHOLE;
}

/* Blocks in a row, then the mark, or in its place the end of the message. */
static enum seen find_blocks(const char *p, size_t n, const char *mark, bool ended, size_t *len)
{
	size_t at = 0, size, mark_len = mark ? strlen(mark) : 0;

	for (;;) {
		enum seen s = find_block(p + at, n - at, &size);

		if (s != SEEN_WHOLE)
			return s;
		at += size;
		*len = at;
		if (!mark || (ended && at == n))
			return SEEN_WHOLE;
		size = n - at < mark_len ? n - at : mark_len;
		if (!memcmp(p + at, mark, size))
			return size == mark_len ? SEEN_WHOLE : SEEN_PART;
		if (p[at] == ',')
			at++;
	}
}

static enum seen find_mark(struct link *l, const char *p, size_t n, struct until end, size_t *len)
{
	size_t mark_len = strlen(end.mark);
	const char *at = memmem(p + l->looked, n - l->looked, end.mark, mark_len);

	if (at) {
		*len = (size_t)(at - p) + (end.whole ? mark_len + end.behind : 0);
		return *len <= n ? SEEN_WHOLE : SEEN_PART;
	}
	l->looked = n < mark_len ? 0 : n - mark_len + 1;
	if (l->ended) {
		*len = n;
		return SEEN_WHOLE;
	}
	return n > LINK_LINE_MAX ? SEEN_NONSENSE : SEEN_PART;
}

/* One of the words, or as much of it as has come. */
static enum seen find_word(const char *p, size_t n, const char *const words[2], size_t *len)
{
	enum seen best = SEEN_NONSENSE;

	for (int i = 0; i < 2 && words[i]; i++) {
		size_t word_len = strlen(words[i]);

		if (memcmp(p, words[i], n < word_len ? n : word_len))
			continue;
		*len = word_len;
		if (n >= word_len)
			return SEEN_WHOLE;
		best = SEEN_PART;
	}
	return best;
}

static enum seen look(struct link *l, struct until end, size_t *len)
{
	const char *p = l->in.data + l->taken;
	size_t n = link_excess(l);

	*len = n;
	if (end.block && l->t->ends && n > 1 && !memcmp(p, "#0", 2))
		return l->ended ? SEEN_WHOLE : n > LINK_REPLY_MAX ? SEEN_NONSENSE : SEEN_PART;
	if (end.block)
		return find_blocks(p, n, end.mark, l->ended, len);
	if (end.count) {
		*len = end.count;
		return end.count > LINK_REPLY_MAX ? SEEN_NONSENSE : n < end.count ? SEEN_PART : SEEN_WHOLE;
	}
	if (end.either[0])
		return find_word(p, n, end.either, len);
	if (end.mark && !end.block)
		return find_mark(l, p, n, end, len);
	return l->ended ? SEEN_WHOLE : SEEN_PART;
}

/* Is the reply at the head of the buffer whole, and how long is it without its mark?  Where the
 * message has ended, what is a part will stay one. */
static enum seen find_end(struct link *l, struct until end, size_t *len)
{
	enum seen s = look(l, end, len);

	return s == SEEN_PART && l->ended ? SEEN_NONSENSE : s;
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
	l->looked = 0;
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

		if (s == SEEN_WHOLE && (n > 0 || l->ended))
			return take(l, reply, len, end.whole ? NULL : end.mark);
		if (s == SEEN_NONSENSE)
			return nonsense(l, e);
		/* Bytes that keep trickling in must not carry a read past its deadline. */
		if (more && instant_passed(by))
			err_set(e, ERR_TIMEOUT, "timed out");
		else if (receive(l, by, e) >= 0) {
			more = true;
			continue;
		}
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

size_t link_waiting(const struct link *l)
{
	return link_excess(l) + l->t->waiting(l->state);
}

int link_restart(struct link *l, struct err *e)
{
	link_forget(l);
	l->out_of_step = false;
	while (l->t->waiting(l->state) > 0) {
		if (receive(l, instant_now(), e) < 0)
			return link_lose_step(l);
		link_forget(l);
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
