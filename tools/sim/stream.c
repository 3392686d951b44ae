/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"
#include "message.h"
#include "speech.h"
#include "wire.h"

#define LINE_MOST (1024 * 1024)

struct stream {
	struct talk *talk;
	struct outlet *outlet;
	struct wires wires;
	int wake;                    /* eventfd: the terminal is to hang up */
};

/* One client's conversation. */
struct session {
	struct stream *stream;
	int fd;
	struct buf heard;
	struct said said;
	bool held;                   /* said waits to be asked for */
	struct speech *speech;       /* of a talker */
};

static int deliver(struct session *s)
{
	struct device *d = talk_device(s->stream->talk);

	if (!s->said.answered)
		return s->said.fault.kind == FAULT_CLOSE ? -1 : 0;
	message_end(d, &s->said);
	return wire_deliver(d, &s->said.fault, s->fd, s->said.text.data, s->said.text.len);
}

static int say(struct session *s, const char *text)
{
	return text ? wire_write(s->fd, text, strlen(text)) : 0;
}

/* Where commands are acknowledged the answer may have to be asked for, and is kept until then. */
static int obey(struct session *s, struct span command)
{
	const struct acknowledge *a = &talk_device(s->stream->talk)->model->acknowledge;

	talk_line(s->stream->talk, command.p, command.n, &s->said);
	s->held = false;
	if (s->said.fault.kind == FAULT_NAK)
		return say(s, a->nak);
	if (!message_acknowledged(talk_device(s->stream->talk)->model, s->said.answered))
		return deliver(s);
	if (say(s, a->ack))
		return -1;
	s->held = a->then_ask && s->said.answered;
	return s->held ? 0 : deliver(s);
}

static int release(struct session *s)
{
	bool held = s->held;

	s->held = false;
	return held ? deliver(s) : 0;
}

/* Whole commands are carried out one after the other; what follows the last waits for its end. */
static int carry_out(struct session *s)
{
	const struct model *m = talk_device(s->stream->talk)->model;
	size_t from = 0, taken;
	int failed = 0;

	while (!failed) {
		struct span command, rest = { s->heard.data + from, s->heard.len - from };
		enum heard h = message_next(m, rest, &command, &taken);

		from += taken;
		if (h == HEARD_PART)
			break;
		if (h == HEARD_ENQUIRY)
			failed = release(s);
		else if (h == HEARD_SPOILED)
			failed = say(s, m->acknowledge.nak);
		else if (command.n > 0)
			failed = obey(s, command);
	}
	buf_consume(&s->heard, from);
	return failed || s->heard.len > LINE_MOST ? -1 : 0;
}

static int hear(struct session *s)
{
	char *room;
	ssize_t n;

	buf_reserve(&s->heard, 4096);
	room = s->heard.data + s->heard.len;
	n = read(s->fd, room, 4096);
	if (n <= 0)
		return -1;
	s->heard.len += (size_t)n;
	return carry_out(s);
}

/* A line that is full has no room for a message: it is lost whole. */
static int speak(struct session *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };

	if (!instant_passed(speech_due(s->speech)))
		return 0;
	speech_say(s->speech, &s->said);
	s->held = false;
	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return 0;
	return deliver(s);
}

/* Until the other end has gone, or we are to hang up. */
static void converse(struct session *s, int wake)
{
	struct pollfd p[] = { { .fd = s->fd, .events = POLLIN }, { .fd = wake, .events = POLLIN } };

	s->speech = speech_new(talk_device(s->stream->talk));
	do
		poll(p, 2, instant_ms_left(speech_due(s->speech)));
	while (!p[1].revents && !(p[0].revents && hear(s)) && !(s->speech && speak(s)));
	speech_free(&s->speech);
	buf_release(&s->heard);
	buf_release(&s->said.text);
}

static void serve_client(void *who, int fd)
{
	struct session s = { .stream = who, .fd = fd };

	wires_add(&s.stream->wires, fd);
	converse(&s, -1);
	wires_close(&s.stream->wires, fd);
}

static void *listen_thread(void *arg)
{
	struct stream *s = arg;

	wire_accept(s->outlet->fd, serve_client, s);
	return NULL;
}

static void serve_terminal(struct stream *stream)
{
	struct session s = { .stream = stream, .fd = stream->outlet->fd };
	struct pollfd woken = { .fd = stream->wake, .events = POLLIN };
	uint64_t count;

	converse(&s, stream->wake);
	if (poll(&woken, 1, 0) == 1)
		(void)!read(stream->wake, &count, sizeof count);
}

static void *terminal_thread(void *arg)
{
	struct stream *s = arg;
	struct err e;

	do
		serve_terminal(s);
	while (!outlet_reopen(s->outlet, &e));
	log_line(LOG_ERROR, "%s", e.text);
	return NULL;
}

static void hang_up(void *line)
{
	struct stream *s = line;
	uint64_t one = 1;

	if (s->outlet->tcp)
		wires_hang_up(&s->wires);
	else
		(void)!write(s->wake, &one, sizeof one);
}

int stream_start(struct stream **out, struct talk *t, struct outlet *o, struct err *e)
{
	struct stream *s = *out = mem_new(sizeof *s);
	pthread_t thread;

	s->talk = t;
	s->outlet = o;
	s->wake = eventfd(0, EFD_CLOEXEC);
	wires_init(&s->wires);
	talk_device(t)->hang_up = hang_up;
	talk_device(t)->line = s;
	if (s->wake < 0 || pthread_create(&thread, NULL, o->tcp ? listen_thread : terminal_thread, s))
		return err_set(e, ERR_IO, "%s: cannot start a thread", o->address);
	pthread_detach(thread);
	return 0;
}
