/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "advice.h"
#include "host.h"
#include "modbus_bus.h"
#include "paced.h"

#define SILENCE_NS (100 * NS_PER_MS)     /* that ends what a person no longer waits for */
#define STEP_MS    5000                  /* to bring the line back into step */
#define REST_NS    (50 * NS_PER_MS)      /* an answer has no more lines when nothing has come for so long */

struct session {
	int cancel;
	int64_t timeout_ns, silence_ns;
	char *command_end, *reply_end, *resolved;
	int64_t pause_ns;                /* the model's reply_pause; 0: replies end with reply_end */
	bool served;                     /* it has answered something */
	bool unsaid;                     /* nobody has said how answers end: they may have several lines */
	struct address address;
	const struct transport *transport;
	void *state;                     /* the transport's: the link's, but for a look at what waits */
	struct link *link;               /* NULL: Modbus, or the other end has gone */
	struct bus *bus;
	struct unit unit;
	struct transcript *transcript;
	struct buf unasked, heard;
	instant sent;
};

/* ---- opening ---- */

static int open_link(struct session *s, struct err *e)
{
	const struct address *a = &s->address;

	s->transport = transport_find(a->scheme);
	if (!s->transport)
		return err_set(e, ERR_CONFIG, "%s: there is nothing to connect to: a person reads it", s->resolved);
	if (s->transport->open(&s->state, a->place, &a->line, s->cancel, instant_after(s->timeout_ns), e) < 0) {
		advice_add(s->resolved, false, e);
		return err_wrap(e, "%s", s->resolved);
	}
	paced_over(&s->transport, &s->state, &a->line);
	s->link = link_over(s->transport, s->state, s->cancel);
	link_select(s->link, &a->gpib);
	return 0;
}

static int open_bus(struct session *s, const struct line *line, struct err *e)
{
	s->bus = bus_new(s->resolved, line, s->cancel);
	bus_latency(s->bus, s->silence_ns);
	if (bus_connect(s->bus, instant_after(s->timeout_ns), e) == 0)
		return 0;
	advice_add(s->resolved, false, e);
	return -1;
}

static int dial(struct session *s, const struct session_options *o, struct err *e)
{
	struct line line = o->model ? o->model->line : line_usual;

	if (address_parse(&s->address, o->address, &line, e) < 0 || !(s->resolved = host_resolve(o->address, e)) ||
	    address_parse(&s->address, s->resolved, &line, e) < 0)
		return -1;
	s->unit = (struct unit){ .number = s->address.unit, .latency_ns = s->silence_ns,
				 .turnaround_ns = o->model ? o->model->modbus.turnaround_ns : 0 };
	return s->address.modbus ? open_bus(s, &line, e) : open_link(s, e);
}

static const char *first_of(const char *a, const char *b, const char *c)
{
	return a ? a : b ? b : c;
}

int session_open(struct session **out, const struct session_options *o, int cancel, struct err *e)
{
	const struct model *m = o->model;
	struct session *s = mem_new(sizeof *s);

	*s = (struct session){
		.cancel = cancel, .timeout_ns = o->timeout_ns, .transcript = mem_new(sizeof *s->transcript),
		.silence_ns = m && m->latency_ns < SILENCE_NS ? m->latency_ns : SILENCE_NS,
		.command_end = mem_string(first_of(o->command_end, m ? m->command_end : NULL, "\n")),
		.reply_end = mem_string(first_of(o->reply_end, m ? m->reply_end : NULL, "\n")),
		.pause_ns = m && !o->reply_end ? m->reply_pause_ns : 0, .unsaid = !m && !o->reply_end,
	};
	transcript_add_turn(s->transcript, TURN_TALK);
	s->transcript->address = mem_string(o->address);
	*out = s;
	if (dial(s, o, e) == 0)
		return 0;
	session_close(out);
	return -1;
}

void session_close(struct session **p)
{
	struct session *s = *p;

	if (!s)
		return;
	link_close(&s->link);
	bus_free(&s->bus);
	transcript_free(&s->transcript);
	buf_release(&s->unasked);
	buf_release(&s->heard);
	free(s->command_end);
	free(s->reply_end);
	free(s->resolved);
	free(s);
	*p = NULL;
}

/* ---- small things ---- */

bool session_modbus(const struct session *s)
{
	return s->bus != NULL;
}

struct transcript *session_transcript(struct session *s)
{
	return s->transcript;
}

void session_timeout(struct session *s, int64_t ns)
{
	s->timeout_ns = ns;
}

static void replace(char **to, const char *with)
{
	char *copy = mem_string(with);

	if (!copy)
		return;
	free(*to);
	*to = copy;
}

void session_ends(struct session *s, const char *command_end, const char *reply_end)
{
	replace(&s->command_end, command_end);
	replace(&s->reply_end, reply_end);
	if (!reply_end)
		return;
	s->pause_ns = 0;
	s->unsaid = false;
}

struct until session_line(const struct session *s)
{
	return (struct until){ .mark = s->reply_end[0] ? s->reply_end : NULL, .pause_ns = s->pause_ns };
}

static instant by(const struct session *s)
{
	return instant_after(s->timeout_ns);
}

static struct saying *note(struct session *s, bool sent, const void *bytes, size_t n)
{
	return turn_add_saying(&s->transcript->turns[0], sent, bytes, n);
}

static void note_beside(struct session *s, enum saying_kind kind, uint8_t status)
{
	turn_add_beside(&s->transcript->turns[0], kind, status);
}

/* A link that was closed from the other end is opened anew. */
static int need_link(struct session *s, const char *what, struct err *e)
{
	if (s->bus)
		return err_set(e, ERR_STATE, "Modbus has no %s", what);
	return s->link ? 0 : open_link(s, e);
}

/* Out of what went wrong, or was cancelled: the next command may be tried.  Returns -1. */
static int recover(struct session *s, const struct err *why)
{
	uint64_t cancelled;
	struct err e;

	if (read(s->cancel, &cancelled, sizeof cancelled) < 0)
		cancelled = 0;           /* it had not been asked for */
	if (why->code == ERR_CLOSED || (!link_in_step(s->link) &&
	    link_clear(s->link, s->silence_ns, instant_after_ms(STEP_MS), &e) < 0))
		link_close(&s->link);
	return -1;
}

/* ---- lines ---- */

/* Whether something waits, where looking is no question to the instrument. */
static bool waits(const struct session *s)
{
	return link_excess(s->link) || (s->transport->fd && s->transport->fd(s->state) >= 0 &&
					s->transport->waiting(s->state));
}

/* What has come of a reply that failed since there were `before` bytes of such. */
static void add_pending(struct session *s, struct buf *to, size_t before)
{
	const struct buf *p = link_pending(s->link);

	buf_add(to, p->data + before, p->len - before);
}

/* What came is no whole reply, so the link hands it out as pending. */
struct span session_unasked(struct session *s)
{
	const char *reply;
	size_t before;
	struct err e;

	buf_clear(&s->unasked);
	if (!s->link || !waits(s))
		return (struct span){ "", 0 };
	before = link_pending(s->link)->len;
	if (link_read(s->link, &reply, (struct until){ .count = LINK_REPLY_MAX }, instant_now(), &e) < 0)
		add_pending(s, &s->unasked, before);
	recover(s, &e);
	if (s->unasked.len)
		note(s, false, s->unasked.data, s->unasked.len);
	return (struct span){ s->unasked.data, s->unasked.len };
}

int session_send(struct session *s, const struct buf *bytes, bool with_end, struct err *e)
{
	struct buf all = { 0 };
	int bad;

	if (need_link(s, "lines", e) < 0)
		return -1;
	buf_add(&all, bytes->data, bytes->len);
	if (with_end)
		buf_puts(&all, s->command_end);
	bad = link_write(s->link, all.data, all.len, by(s), e);
	s->sent = instant_now();
	if (bad)
		recover(s, e);
	else
		note(s, true, all.data, all.len);
	buf_release(&all);
	return bad;
}

/* The transcript has the end of the reply as well. */
static void note_reply(struct session *s, const char *end, int64_t took_ns)
{
	struct buf all = { 0 };

	buf_add(&all, s->heard.data, s->heard.len);
	buf_puts(&all, end);
	note(s, false, all.data, all.len)->after_ns = took_ns - took_ns % 1000;
	buf_release(&all);
}

/* What has come of a reply that failed, behind what was heard of it. */
static int read_part(struct session *s, size_t before, struct span *reply, struct err *why)
{
	add_pending(s, &s->heard, before);
	if (s->heard.len)
		note(s, false, s->heard.data, s->heard.len);
	else if (!s->served)
		advice_add(s->resolved, true, why);
	*reply = (struct span){ s->heard.data, s->heard.len };
	return recover(s, why);
}

/* The next reply goes behind what was heard. */
static int hear(struct session *s, struct until until, int64_t *took_ns, struct err *e)
{
	const char *p;
	ssize_t n = link_read(s->link, &p, until, by(s), e);

	if (n >= 0)
		buf_add(&s->heard, p, (size_t)n);
	*took_ns = (until.pause_ns && n >= 0 ? link_heard(s->link) : instant_now()) - s->sent;
	return n < 0 ? -1 : 0;
}

/* Does more of the answer come?  Where the transport knows where a message ends, nothing need be waited for. */
static bool goes_on(struct session *s)
{
	struct err e;

	if (s->transport->fd(s->state) < 0 || link_excess(s->link))
		return link_waiting(s->link) > 0;
	if (link_await(s->link, instant_after(REST_NS), &e) == 0)
		return true;
	if (e.code != ERR_TIMEOUT)
		recover(s, &e);
	return false;
}

/* The lines behind the first; the end of the last belongs to it no more than that of the first does.  Sets the end that
 * the last had. */
static int hear_rest(struct session *s, const char **end, int64_t *took_ns, struct err *e)
{
	size_t n = strlen(s->reply_end);

	buf_puts(&s->heard, s->reply_end);
	if (hear(s, (struct until){ .pause_ns = REST_NS }, took_ns, e) < 0)
		return -1;
	if (n && s->heard.len >= n && !memcmp(s->heard.data + s->heard.len - n, s->reply_end, n))
		s->heard.data[s->heard.len -= n] = '\0';
	else
		*end = "";
	return 0;
}

static int read_reply(struct session *s, struct until until, bool with_rest, struct span *reply, int64_t *took_ns,
		      struct err *e)
{
	const char *end = until.mark && !until.count ? until.mark : "";
	size_t before;

	*reply = (struct span){ "", 0 };
	if (need_link(s, "lines", e) < 0)
		return -1;
	before = link_pending(s->link)->len;
	buf_clear(&s->heard);
	if (hear(s, until, took_ns, e) < 0 || (with_rest && goes_on(s) && hear_rest(s, &end, took_ns, e) < 0))
		return read_part(s, before, reply, e);
	s->served = true;
	note_reply(s, end, *took_ns);
	*reply = (struct span){ s->heard.data, s->heard.len };
	return 0;
}

int session_read(struct session *s, struct until until, struct span *reply, int64_t *took_ns, struct err *e)
{
	return read_reply(s, until, false, reply, took_ns, e);
}

int session_answer(struct session *s, size_t lines, struct span *reply, int64_t *took_ns, struct err *e)
{
	struct until until = session_line(s);

	until.lines = lines;
	return read_reply(s, until, s->unsaid && until.mark, reply, took_ns, e);
}

int session_status(struct session *s, uint8_t *status, struct err *e)
{
	if (need_link(s, "status byte", e) < 0)
		return -1;
	if (link_status(s->link, status, by(s), e))
		return recover(s, e);
	note_beside(s, SAYING_STATUS, *status);
	return 0;
}

int session_service(struct session *s, uint8_t *status, struct err *e)
{
	if (need_link(s, "service request", e) < 0)
		return -1;
	if (link_wait_srq(s->link, status, by(s), e))
		return recover(s, e);
	note_beside(s, SAYING_SRQ, *status);
	return 0;
}

int session_trigger(struct session *s, struct err *e)
{
	if (need_link(s, "trigger", e) < 0)
		return -1;
	if (link_trigger(s->link, by(s), e))
		return recover(s, e);
	note_beside(s, SAYING_TRIGGER, 0);
	return 0;
}

int session_clear(struct session *s, size_t *thrown, struct err *e)
{
	ssize_t n;

	if (need_link(s, "clear", e) < 0)
		return -1;
	n = link_clear(s->link, s->silence_ns, instant_after_ms(STEP_MS), e);
	*thrown = n > 0 ? (size_t)n : 0;
	return n < 0 ? recover(s, e) : 0;
}

/* ---- Modbus ---- */

/* As a transcript has it: the unit first. */
static struct saying *note_pdu(struct session *s, bool sent, const uint8_t *pdu, size_t n)
{
	uint8_t all[1 + PDU_MAX] = { (uint8_t)s->unit.number };

	memcpy(all + 1, pdu, n);
	return note(s, sent, all, n + 1);
}

/* Out of an exchange that failed. */
static ssize_t failed(struct session *s, struct err *e)
{
	uint64_t cancelled;

	if (!s->served)
		advice_add(s->resolved, true, e);
	if (e->code == ERR_CLOSED)
		bus_disconnect(s->bus);
	if (read(s->cancel, &cancelled, sizeof cancelled) < 0)
		cancelled = 0;           /* it had not been asked for */
	return -1;
}

ssize_t session_transact(struct session *s, const uint8_t *request, size_t n, uint8_t *reply, int64_t *took_ns,
			 struct err *e)
{
	instant began;
	ssize_t got;

	if (!s->bus)
		return err_set(e, ERR_STATE, "this address does not speak Modbus");
	if (bus_connect(s->bus, by(s), e) < 0)
		return -1;
	if (bus_ready(s->bus, &s->unit, instant_after_ms(STEP_MS), e) < 0)
		return failed(s, e);
	began = instant_now();
	got = bus_transact(s->bus, &s->unit, request, n, reply, by(s), e);
	*took_ns = instant_now() - began;
	note_pdu(s, true, request, n);
	s->served |= got >= 0 || e->code == ERR_INSTRUMENT;
	if (got > 0)
		note_pdu(s, false, reply, (size_t)got)->after_ns = *took_ns - *took_ns % 1000;
	return got < 0 ? failed(s, e) : got;
}
