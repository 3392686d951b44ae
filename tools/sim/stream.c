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
	struct talk **talks;         /* one, or the units of a line */
	size_t n;
	struct outlet *outlet;
	struct wires wires;
	int wake;                    /* eventfd: the terminal is to hang up */
};

/* One client's conversation. */
struct session {
	struct stream *stream;
	struct talk *talk;           /* of the unit that was spoken to last */
	int fd;
	struct buf heard;
	struct said said;
	bool held;                   /* said waits to be asked for */
	struct speech *speech;       /* of a talker */
};

static int deliver(struct session *s)
{
	struct device *d = talk_device(s->talk);

	if (!s->said.answered)
		return s->said.fault.kind == FAULT_CLOSE ? -1 : 0;
	message_end(d, &s->said);
	return wire_deliver(d, &s->said.fault, s->fd, s->said.text.data, s->said.text.len);
}

static int say(struct session *s, const char *text)
{
	return text ? wire_write(s->fd, text, strlen(text)) : 0;
}

/* Another unit answers in the place of the one that was asked, to the same question and as itself. */
static void hand_over(struct session *s, struct span command)
{
	struct buf theirs = { 0 };

	for (size_t i = 0; i < s->stream->n; i++) {
		struct talk *t = s->stream->talks[i];

		if (t == s->talk || talk_translate(s->talk, command, t, &theirs) < 0)
			continue;
		s->talk = t;
		talk_line(t, theirs.data, theirs.len, &s->said);
		break;
	}
	buf_release(&theirs);
}

/* Where commands are acknowledged the answer may have to be asked for, and is kept until then. */
static int obey(struct session *s, struct span command)
{
	const struct model *m = talk_device(s->talk)->model;

	talk_line(s->talk, command.p, command.n, &s->said);
	s->held = false;
	if (s->said.fault.kind == FAULT_NEIGHBOUR)
		hand_over(s, command);
	if (s->said.fault.kind == FAULT_NAK)
		return say(s, m->acknowledge.nak);
	if (!message_acknowledged(m, s->said.answered))
		return deliver(s);
	if (say(s, m->acknowledge.ack))
		return -1;
	s->held = m->acknowledge.then_ask && s->said.answered;
	return s->held ? 0 : deliver(s);
}

static int release(struct session *s)
{
	bool held = s->held;

	s->held = false;
	return held ? deliver(s) : 0;
}

/* The next message, as the unit it is for understands it; what is for none is nobody's. */
static enum heard next_message(struct session *s, struct span heard, struct span *command, size_t *taken)
{
	const struct stream *line = s->stream;
	enum heard h = HEARD_PART;

	for (size_t i = 0; i < line->n; i++) {
		h = message_next(talk_device(line->talks[i])->model, heard, command, taken);
		if (line->n > 1 && h == HEARD_COMMAND && !talk_knows(line->talks[i], *command))
			continue;
		if (line->n > 1 && h == HEARD_SPOILED)
			continue;
		if (h != HEARD_ENQUIRY)
			s->talk = line->talks[i];
		return h;
	}
	command->n = 0;
	return HEARD_COMMAND;
}

/* Whole commands are carried out one after the other; what follows the last waits for its end. */
static int carry_out(struct session *s)
{
	size_t from = 0, taken;
	int failed = 0;

	while (!failed) {
		struct span command, rest = { s->heard.data + from, s->heard.len - from };
		enum heard h = next_message(s, rest, &command, &taken);

		from += taken;
		if (h == HEARD_PART)
			break;
		if (h == HEARD_ENQUIRY)
			failed = release(s);
		else if (h == HEARD_SPOILED)
			failed = say(s, talk_device(s->talk)->model->acknowledge.nak);
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

	s->talk = s->stream->talks[0];
	s->speech = s->stream->n == 1 ? speech_new(talk_device(s->talk)) : NULL;
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

struct stream *stream_new(struct outlet *o)
{
	struct stream *s = mem_new(sizeof *s);

	s->outlet = o;
	s->wake = eventfd(0, EFD_CLOEXEC);
	wires_init(&s->wires);
	return s;
}

void stream_add(struct stream *s, struct talk *t)
{
	s->talks = mem_grow(s->talks, s->n, sizeof *s->talks);
	s->talks[s->n++] = t;
	talk_device(t)->hang_up = hang_up;
	talk_device(t)->line = s;
}

int stream_start(struct stream *s, struct err *e)
{
	pthread_t thread;

	if (s->wake < 0 || pthread_create(&thread, NULL, s->outlet->tcp ? listen_thread : terminal_thread, s))
		return err_set(e, ERR_IO, "%s: cannot start a thread", s->outlet->address);
	pthread_detach(thread);
	return 0;
}
