/* SPDX-License-Identifier: GPL-3.0-or-later
 * prologix.c - instruments on a GPIB behind a controller that talks as Prologix's do, over TCP or on a serial
 * line.  All behind one controller share this connection (hub.h) and take turns: each exchange begins
 * with the address, so that a command never goes to where the last one went.
 *
 * An instrument talks only when the controller lets it (++read), and the controller marks where EOI was.
 * Until that mark has come the answer is not over and nothing else is asked; so nothing an instrument
 * says late can come as another's answer.  A byte that looks like the mark is one only if nothing
 * follows it: in blocks of binary data it may be any byte.  An instrument that sends no EOI is not
 * understood.
 *
 * The controller waits for a byte a second at most, so that whoever is in a hurry - a safe state -
 * waits no longer for it; we ask it again for as long as we have time. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "number.h"
#include "prologix_parts.h"

#define TURN_MS    1000                 /* its longest wait for a byte; it knows 1 to 3000 */
#define STEP_MS    100                  /* our time left, rounded up, so that it seldom has to be told anew */
#define GRACE_NS   (500 * NS_PER_MS)    /* of a connection: only then is its turn surely over */
#define QUIET_NS   (20 * NS_PER_MS)     /* nothing behind a mark for so long: it was the end */
#define POLL_NS    (10 * NS_PER_MS)     /* between two looks for a service request */
#define GOODBYE_NS (200 * NS_PER_MS)
#define REQUESTS_SERVICE 0x40           /* IEEE 488.1: bit 6 of the status byte */

struct prologix *prologix_over(const struct transport *t, void *state)
{
	struct prologix *p = mem_new(sizeof *p);

	p->t = t;
	p->state = state;
	p->keeps_settings = true;
	prologix_turn_to(p, &(struct gpib){ 0, -1 });
	return p;
}

static void give_up(struct prologix *p)
{
	p->t->close(p->state);
	buf_release(&p->address);
	buf_release(&p->out);
	buf_release(&p->in);
	free(p);
}

static int prologix_open(void **state, const char *place, const struct line *line, int cancel, instant by,
			 struct err *e)
{
	const struct transport *t = strncmp(place, "//", 2) ? transport_of_line(place) : &transport_tcp;
	struct prologix *p;
	void *under;

	if (t->open(&under, place, line, cancel, by, e) < 0)
		return -1;
	p = prologix_over(t, under);
	if (prologix_greet(p, cancel, by, e) < 0) {
		give_up(p);
		return -1;
	}
	*state = p;
	return 0;
}

/* Their front panels work again. */
static void let_go(struct prologix *p)
{
	struct err ignored;

	prologix_begin(p);
	for (int i = 0; i < 31; i++)
		if (p->used >> i & 1)
			buf_printf(&p->out, "++addr %d\n++loc\n", i);
	prologix_send(p, -1, instant_after(GOODBYE_NS), &ignored);
}

static void prologix_close(void *state)
{
	struct prologix *p = state;

	let_go(p);
	give_up(p);
}

static void prologix_select(void *state, const struct gpib *at)
{
	struct prologix *p = state;

	if (!gpib_same(&p->at, at))
		prologix_turn_to(p, at);
}

static void message_is_over(struct prologix *p)
{
	p->asked = p->unfinished = p->held = p->unasked = false;
}

/* One message, whose end is its last byte: the rest of an answer before it is void (IEEE 488.2, 6.3.2.3). */
static ssize_t prologix_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	struct prologix *p = state;

	message_is_over(p);
	prologix_begin(p);
	prologix_address(p);
	prologix_data(p, data, n);
	return prologix_send(p, cancel, by, e) < 0 ? -1 : (ssize_t)n;
}

/* Lets the instrument talk, for as long as we have. */
static int let_talk(struct prologix *p, int cancel, instant by, struct err *e)
{
	int left = instant_ms_left(by), ms = left < 0 || left > TURN_MS ? TURN_MS : left;

	ms = (ms + STEP_MS - 1) / STEP_MS * STEP_MS;
	if (ms == 0)
		return err_set(e, ERR_TIMEOUT, "timed out");
	prologix_begin(p);
	if (ms != p->patience_ms)
		buf_printf(&p->out, "++read_tmo_ms %d\n", ms);
	prologix_address(p);
	buf_puts(&p->out, "++read eoi\n");
	if (prologix_send(p, cancel, by, e) < 0)
		return -1;
	p->patience_ms = ms;
	p->asked = true;
	p->over = instant_after(ms * NS_PER_MS + GRACE_NS);
	return 0;
}

/* n bytes of a message; a mark at their end is kept back. */
static ssize_t take(struct prologix *p, const char *data, ssize_t n)
{
	p->unfinished = true;
	p->over = instant_after(p->patience_ms * NS_PER_MS + GRACE_NS);
	p->held = data[n - 1] == PROLOGIX_EOT;
	return n - p->held;
}

/* The end, or a byte like any other with more behind it? */
static ssize_t behind_mark(struct prologix *p, char *data, size_t max, bool *end, int cancel, struct err *e)
{
	ssize_t got;
	bool ignored;

	got = p->t->read(p->state, data + 1, max - 1, &ignored, cancel, instant_after(QUIET_NS), e);
	if (got > 0) {
		data[0] = PROLOGIX_EOT;
		return take(p, data, got + 1);
	}
	if (got < 0 && e->code != ERR_TIMEOUT)
		return -1;
	message_is_over(p);
	*end = true;
	return 0;
}

static ssize_t prologix_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	struct prologix *p = state;
	bool ignored;

	*end = false;
	if (p->unasked)
		return p->t->read(p->state, data, max, &ignored, cancel, by, e);
	while (!p->held) {
		ssize_t got;

		if (!p->asked && let_talk(p, cancel, by, e) < 0)
			return -1;
		got = p->t->read(p->state, data, max, &ignored, cancel, p->over < by ? p->over : by, e);
		if (got > 0 && (got = take(p, data, got)) > 0)
			return got;
		if (got < 0 && (e->code != ERR_TIMEOUT || p->over >= by))
			return -1;
		if (got < 0)
			p->asked = false;               /* it has waited in vain: once more */
	}
	return behind_mark(p, data, max, end, cancel, e);
}

/* Before a question: the answer before was taken, and if nothing has come behind its mark, it was whole. */
static size_t prologix_waiting(void *state)
{
	struct prologix *p = state;
	size_t n = p->t->waiting(p->state);

	if (p->held && n == 0)
		message_is_over(p);
	p->unasked = n > 0 && !p->asked && !p->unfinished;
	return n + p->unfinished;
}

static int prologix_fd(void *state)
{
	(void)state;
	return -1;
}

static int prologix_wire(void *state)
{
	const struct prologix *p = state;

	return p->t->fd(p->state);
}

static int tell(struct prologix *p, const char *command, int cancel, instant by, struct err *e)
{
	prologix_begin(p);
	prologix_address(p);
	buf_puts(&p->out, command);
	return prologix_send(p, cancel, by, e);
}

/* Whatever any of them has said, and not what they may be about to say: nobody lets them. */
static ssize_t prologix_settle(void *state, int64_t silence_ns, int cancel, instant by, struct err *e)
{
	(void)silence_ns;
	return prologix_flush(state, cancel, by, e);
}

/* Selected device clear ends what the instrument is doing and empties its buffers; the second one takes
 * what an old one has made ready in the meantime all the same.  The others are left alone. */
static ssize_t prologix_clear(void *state, int64_t silence_ns, int cancel, instant by, struct err *e)
{
	struct prologix *p = state;
	ssize_t before = prologix_flush(p, cancel, by, e), behind;

	if (before < 0 || prologix_check(p, cancel, by, e) < 0 || tell(p, "++clr\n", cancel, by, e) < 0)
		return -1;
	if (instant_after(silence_ns) > by)
		return err_set(e, ERR_TIMEOUT, "no silence of %lld ms before the deadline",
			       (long long)(silence_ns / NS_PER_MS));
	if (fd_wait(-1, 0, cancel, instant_after(silence_ns), e) < 0 && e->code != ERR_TIMEOUT)
		return -1;
	if (tell(p, "++clr\n", cancel, by, e) < 0)
		return -1;
	behind = prologix_flush(p, cancel, by, e);
	return behind < 0 ? -1 : before + behind;
}

/* The mark behind the answer that was read last may still be on its way.  It comes before whatever the controller answers
 * itself, and is no part of that. */
static int finish_message(struct prologix *p, int cancel, instant by, struct err *e)
{
	bool ignored;
	char last;

	if (!p->asked || !p->unfinished)
		return 0;
	if (!p->held && p->t->read(p->state, &last, 1, &ignored, cancel, by, e) < 0)
		return err_wrap(e, "the end of the answer before");
	if (!p->held && last != PROLOGIX_EOT)
		return err_set(e, ERR_PROTOCOL, "an answer has not been read to its end");
	message_is_over(p);
	return 0;
}

/* A number from 0 to `most`. */
static int ask_number(struct prologix *p, const char *command, int64_t most, int64_t *v, int cancel, instant by,
		      struct err *e)
{
	char answer[PROLOGIX_LINE];
	struct err ignored;

	if (finish_message(p, cancel, by, e) < 0)
		return -1;
	prologix_begin(p);
	prologix_address(p);
	buf_puts(&p->out, command);
	if (prologix_ask(p, 1, answer, cancel, by, e) < 0)
		return -1;
	if (number_parse_int(answer, strcspn(answer, "\n"), v, &ignored) == 0 && *v >= 0 && *v <= most)
		return 0;
	return err_set(e, ERR_PROTOCOL, "the GPIB controller answers '%.40s' to %.*s", answer, (int)strcspn(command, "\n"),
		       command);
}

static int prologix_status(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	int64_t v;

	if (ask_number(state, "++spoll\n", UINT8_MAX, &v, cancel, by, e) < 0)
		return -1;
	*status = (uint8_t)v;
	return 0;
}

/* The line SRQ is common to all; the serial poll shows whether it was this one. */
static int prologix_wait_srq(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	for (;;) {
		int64_t asserted;

		if (ask_number(state, "++srq\n", 1, &asserted, cancel, by, e) < 0)
			return -1;
		if (asserted && prologix_status(state, status, cancel, by, e) < 0)
			return -1;
		if (asserted && *status & REQUESTS_SERVICE)
			return 0;
		if (instant_after(POLL_NS) > by)
			return err_set(e, ERR_TIMEOUT, "no service request");
		if (fd_wait(-1, 0, cancel, instant_after(POLL_NS), e) < 0 && e->code != ERR_TIMEOUT)
			return -1;
	}
}

static int prologix_trigger(void *state, int cancel, instant by, struct err *e)
{
	return tell(state, "++trg\n", cancel, by, e);
}

const struct transport transport_prologix = {
	.scheme = "prologix", .open = prologix_open, .write = prologix_write, .read = prologix_read,
	.waiting = prologix_waiting, .close = prologix_close, .fd = prologix_fd, .wire = prologix_wire,
	.clear = prologix_clear,
	.select = prologix_select, .settle = prologix_settle,
	.status = prologix_status, .wait_srq = prologix_wait_srq, .trigger = prologix_trigger,
};
