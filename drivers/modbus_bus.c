/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "modbus_bus.h"

#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "mem.h"
#include "modbus_exception.h"
#include "paced.h"

#define STUTTER_NS (200 * NS_PER_MS)     /* pauses within a frame that buffers and adapters make */

#define BEHIND 64                        /* bytes that may come behind a reply and be seen at once */
#define SLEPT_NS (20 * NS_PER_MS)        /* a wait shorter than this needs not be cancelled */
#define WOKEN_NS (60 * NS_PER_MS / 1000) /* how late one is woken */

struct bus {
	struct address address;
	const struct modbus_frame *framing;
	int cancel;
	unsigned users, generation;
	const struct transport *transport;
	void *state;                     /* of the transport */
	int fd;                          /* -1: not connected */
	unsigned transaction;
	int64_t slowest_ns;              /* longest latency of its units */
	int64_t owed_ns;                 /* silence to be kept before the next request; 0: none */
	enum urgency urgency;
	size_t stray, unasked;
	uint8_t exception;               /* the last one; 0: the last answer was none */
	instant last;                    /* the last byte came, or an exchange failed */
};

struct reply {                           /* as it comes in */
	uint8_t bytes[FRAME_MAX + BEHIND];
	size_t n;
};

struct bus *bus_new(const char *resolved, const struct line *line, int cancel)
{
	struct bus *b = mem_new(sizeof *b);
	struct err e;

	address_parse(&b->address, resolved, line, &e);         /* instrument_new has checked it */
	b->framing = modbus_frame_of(b->address.modbus);
	b->cancel = cancel;
	b->users = 1;
	b->fd = -1;
	return b;
}

struct bus *bus_share(struct bus *b)
{
	b->users++;
	return b;
}

void bus_free(struct bus **p)
{
	struct bus *b = *p;

	*p = NULL;
	if (!b || --b->users > 0)
		return;
	bus_disconnect(b);
	free(b);
}

void bus_latency(struct bus *b, int64_t ns)
{
	if (ns > b->slowest_ns)
		b->slowest_ns = ns;
}

int bus_look(const struct bus *b, struct err *e)
{
	return b->fd < 0 ? err_set(e, ERR_CLOSED, "it is not connected") : fd_look(b->fd, e);
}

unsigned bus_generation(const struct bus *b)
{
	return b->generation;
}

static void owe_silence(struct bus *b, int64_t ns)
{
	if (ns > b->owed_ns)
		b->owed_ns = ns;
	b->last = instant_now();
}

void bus_distrust(struct bus *b)
{
	owe_silence(b, b->slowest_ns);
}

void bus_urgent(struct bus *b, enum urgency u)
{
	b->urgency = u;
}

bool bus_busy(const struct bus *b)
{
	return b->exception == EXCEPTION_ACKNOWLEDGE || b->exception == EXCEPTION_BUSY;
}

size_t bus_stray(struct bus *b)
{
	size_t n = b->stray;

	b->stray = 0;
	return n;
}

size_t bus_unasked(struct bus *b)
{
	size_t n = b->unasked;

	b->unasked = 0;
	return n;
}

static int cancel_of(const struct bus *b)
{
	return b->urgency == BUS_ORDINARY ? b->cancel : -1;
}

static const struct transport *transport_of(const struct bus *b)
{
	return b->address.network ? &transport_tcp : transport_of_line(b->address.place);
}

void bus_disconnect(struct bus *b)
{
	if (b->fd < 0)
		return;
	b->transport->close(b->state);
	b->fd = -1;
}

int bus_connect(struct bus *b, instant by, struct err *e)
{
	if (b->fd >= 0)
		return 0;
	b->transport = transport_of(b);
	if (b->transport->open(&b->state, b->address.place, &b->address.line, cancel_of(b), by, e) < 0)
		return err_wrap(e, "%s:%s", b->address.scheme, b->address.place);
	paced_over(&b->transport, &b->state, &b->address.line);
	b->fd = b->transport->fd(b->state);
	b->generation++;
	b->last = instant_now();
	/* Where a reply has a number a new connection brings no old one; a line, or what is behind a terminal server, may. */
	b->owed_ns = b->framing->anonymous ? b->slowest_ns : 0;
	return 0;
}

/* How long so many characters take on the line; behind a terminal server it is as fast as the address or the model
 * file says. */
static int64_t characters_ns(const struct bus *b, double characters)
{
	const struct line *l = &b->address.line;
	int64_t bits = 1 + l->bits + (l->parity != PARITY_NONE) + l->stop;

	return b->framing->anonymous ? (int64_t)(characters * (double)(bits * NS_PER_S) / (double)l->baud) : 0;
}

/* Throws away what arrives until nothing has for `silence` since the failure or the last byte.  A line on which somebody
 * speaks without pause is given up at the deadline. */
static int wait_silence(struct bus *b, int64_t silence, instant by, struct err *e)
{
	char rubbish[512];

	do {
		instant quiet = b->last + silence;
		ssize_t got = fd_read(b->fd, rubbish, sizeof rubbish, cancel_of(b), quiet < by ? quiet : by, e);

		if (got < 0 && (e->code != ERR_TIMEOUT || quiet <= by))
			return e->code == ERR_TIMEOUT ? 0 : -1;
		if (got > 0) {
			b->stray += (size_t)got;
			b->last = instant_now();
		}
	} while (!instant_passed(by));
	return err_set(e, ERR_TIMEOUT, "no silence of %lld ms before the deadline", (long long)(silence / NS_PER_MS));
}

static int64_t gap_before(const struct bus *b, const struct unit *u)
{
	int64_t gap = characters_ns(b, b->framing->gap);

	return gap > u->turnaround_ns ? gap : u->turnaround_ns;
}

/* Sleeps as far as the kernel can be relied on to wake us in time: on a fast line the rest is longer than the gap. */
static void sleep_exactly(instant when)
{
	if (when - WOKEN_NS > instant_now())
		instant_sleep_until(when - WOKEN_NS);
	while (!instant_passed(when))
		;
}

static int wait_gap(struct bus *b, const struct unit *u, instant by, struct err *e)
{
	instant free_at = b->last + gap_before(b, u);

	if (instant_passed(free_at))
		return 0;
	if (free_at > by)
		return err_set(e, ERR_TIMEOUT, "timed out");
	if (free_at - instant_now() > SLEPT_NS &&
	    fd_wait(-1, 0, cancel_of(b), free_at - SLEPT_NS, e) < 0 && e->code != ERR_TIMEOUT)
		return -1;
	sleep_exactly(free_at);
	return 0;
}

int64_t bus_patience(const struct bus *b, const struct unit *u)
{
	return 2 * b->slowest_ns + gap_before(b, u);
}

int bus_ready(struct bus *b, const struct unit *u, instant by, struct err *e)
{
	if (b->fd < 0)
		return err_set(e, ERR_CLOSED, "not connected");
	if (b->owed_ns && b->urgency != BUS_AT_ONCE) {
		if (wait_silence(b, b->owed_ns, by, e) < 0)
			return -1;
		b->owed_ns = 0;
	}
	return wait_gap(b, u, by, e);
}

/* Bytes that nobody asked for might begin what would be taken for an answer, unless that has a number. */
static int nothing_waits(struct bus *b, struct err *e)
{
	size_t n = b->framing->anonymous && b->transport->waiting(b->state) ? fd_drain(b->fd) : 0;

	if (n == 0)
		return 0;
	b->unasked += n;
	return err_set(e, ERR_PROTOCOL, "%zu bytes came before the request was sent", n);
}

static int put_request(struct bus *b, int unit, const uint8_t *request, size_t n, instant by, struct err *e)
{
	uint8_t frame[FRAME_MAX];
	size_t whole = b->framing->wrap(frame, ++b->transaction, unit, request, n);

	for (size_t at = 0; at < whole;) {
		ssize_t sent = b->transport->write(b->state, frame + at, whole - at, cancel_of(b), by, e);

		if (sent < 0)
			return -1;
		at += (size_t)sent;
	}
	return 0;
}

/* Once a reply has begun, dribbled bytes do not stretch it. */
static instant frame_deadline(const struct bus *b, bool first, instant frame_by)
{
	if (b->framing->pause_ns)
		return instant_after(b->framing->pause_ns);
	return first ? instant_after(STUTTER_NS + characters_ns(b, FRAME_MAX / 2)) : frame_by;
}

/* Reads until a frame is whole; returns its length.  What is behind it is in the reply too. */
static ssize_t get_frame(struct bus *b, struct reply *r, instant by, struct err *e)
{
	instant frame_by = by;
	ssize_t whole = 0;

	for (r->n = 0; whole == 0;) {
		bool end;
		ssize_t got = b->transport->read(b->state, r->bytes + r->n, sizeof r->bytes - r->n, &end, cancel_of(b),
						 frame_by < by ? frame_by : by, e);

		if (got < 0)
			return r->n ? err_wrap(e, "after %zu bytes of the reply", r->n) : -1;
		frame_by = frame_deadline(b, r->n == 0, frame_by);
		r->n += (size_t)got;
		whole = b->framing->measure(r->bytes, r->n, e);
	}
	b->last = instant_now();
	return whole;
}

/* A second copy, or another speaker.  What comes later keeps the next request from being sent. */
static int nothing_behind(struct bus *b, const struct reply *r, ssize_t whole, struct err *e)
{
	size_t n = r->n - (size_t)whole;

	if (n == 0)
		return 0;
	b->stray += n;
	return err_set(e, ERR_PROTOCOL, "%zu bytes came behind the reply", n);
}

/* Does the reply answer the request?  Its PDU goes to `pdu`. */
static ssize_t judge(struct bus *b, int unit, const uint8_t *request, size_t n, const struct reply *r, ssize_t whole,
		     uint8_t pdu[PDU_MAX], struct err *e)
{
	int from;
	ssize_t got = b->framing->unwrap(r->bytes, (size_t)whole, b->transaction, &from, pdu, e);

	if (got < 0)
		return -1;
	if (from != unit)
		return err_set(e, ERR_PROTOCOL, "unit %d answered instead of unit %d", from, unit);
	if (got == 2 && pdu[0] == (request[0] | 0x80)) {
		b->exception = pdu[1];
		return exception_explain(pdu[1], request, n, e);
	}
	if (pdu[0] != request[0])
		return err_set(e, ERR_PROTOCOL, "function %d answers function %d", pdu[0], request[0]);
	return got;
}

static ssize_t exchange(struct bus *b, const struct unit *u, const uint8_t *request, size_t n, uint8_t *reply,
			instant by, struct err *e)
{
	struct reply r;
	ssize_t whole;

	b->exception = 0;
	if (nothing_waits(b, e) < 0 && b->urgency != BUS_AT_ONCE)
		return -1;
	if (put_request(b, u->number, request, n, by, e) < 0)
		return -1;
	whole = get_frame(b, &r, by, e);
	if (whole < 0 || nothing_behind(b, &r, whole, e) < 0)
		return -1;
	return judge(b, u->number, request, n, &r, whole, reply, e);
}

/* Whoever was asked may still answer; what nobody was asked for may be anybody's. */
static int64_t silence_after(const struct bus *b, const struct unit *u, const struct err *e)
{
	bool unheard = e->code == ERR_TIMEOUT || e->code == ERR_CANCELLED;

	return unheard ? u->latency_ns : b->slowest_ns;
}

ssize_t bus_transact(struct bus *b, const struct unit *u, const uint8_t *request, size_t n, uint8_t reply[PDU_MAX],
		     instant by, struct err *e)
{
	ssize_t got;

	if (bus_ready(b, u, by, e) < 0)
		return -1;
	got = exchange(b, u, request, n, reply, by, e);
	if (got < 0 && e->code != ERR_INSTRUMENT)
		owe_silence(b, silence_after(b, u, e));
	return got;
}
