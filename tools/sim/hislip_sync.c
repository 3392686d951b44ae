/* SPDX-License-Identifier: GPL-3.0-or-later
 * hislip_sync.c - the synchronous channel: whole messages are carried out one after the other, and each
 * answer carries the number of the message that asked for it. */
#include "hislip_parts.h"
#include "message.h"

#define HEADER     16
#define HEARD_MOST (16 * 1024 * 1024)
#define DELIVERED  1             /* control code: our answer was read to its end */

/* An answer in as many messages as the client wants; one that is cut off has no end. */
static void compose(struct hislip_session *s, uint32_t number)
{
	const struct buf *text = &s->said.text;
	size_t most = (size_t)s->most - HEADER, at = 0;
	bool cut = s->said.fault.kind == FAULT_TRUNCATED;

	buf_clear(&s->out);
	do {
		size_t n = text->len - at < most ? text->len - at : most;
		bool last = at + n == text->len && !cut;

		hislip_compose(&s->out, last ? HISLIP_DATA_END : HISLIP_DATA, 0, number, text->data + at, n);
		at += n;
	} while (at < text->len);
}

/* -1: the connection is to be dropped. */
static int answer(struct hislip_session *s)
{
	struct talk *t = s->server->talk;
	bool other = s->said.fault.kind == FAULT_CRC;

	if (s->said.fault.kind == FAULT_CLOSE)
		return -1;
	if (!s->said.answered || s->said.fault.kind == FAULT_SILENCE || s->clearing)
		return 0;
	message_end(talk_device(t), &s->said);
	compose(s, other ? s->number - 2 : s->number);
	s->message = true;
	return wire_deliver(talk_device(t), &s->said.fault, s->sync, s->out.data, s->out.len);
}

static int carry_out(struct hislip_session *s)
{
	char *line, *rest;
	int bad = 0;

	if (!hislip_lock(s, false, INSTANT_NEVER))
		return -1;
	buf_putc(&s->heard, '\0');
	for (rest = s->heard.data; !bad && !s->clearing && (line = strsep(&rest, "\r\n")); ) {
		if (!*line)
			continue;
		talk_line(s->server->talk, line, strlen(line), &s->said);
		bad = answer(s);
	}
	buf_clear(&s->heard);
	return bad;
}

/* A question while an answer waits: IEEE 488.2, 6.3.2.3. */
static int begin(struct hislip_session *s, const struct hislip_message *m)
{
	bool interrupted = s->message && !(m->control & DELIVERED);

	s->message = false;
	s->number = m->parameter;
	if (!interrupted)
		return 0;
	device_error(talk_device(s->server->talk), "-410,\"Query INTERRUPTED\"");
	return hislip_send(s->sync, HISLIP_INTERRUPTED, 0, s->number, "", 0) ||
	       hislip_send_async(s, HISLIP_ASYNC_INTERRUPTED, 0, s->number, "", 0) ? -1 : 0;
}

static int hear(struct hislip_session *s, struct hislip_message *m)
{
	if (m->length > HISLIP_MESSAGE_MOST - HEADER || s->heard.len + m->length > HEARD_MOST) {
		buf_clear(&s->heard);
		return hislip_complain(s->sync, HISLIP_ERROR, HISLIP_ERROR_TOO_LONG, "this message is too long");
	}
	if (begin(s, m) || hislip_read_payload(s->sync, m, &s->heard))
		return -1;
	return m->type == HISLIP_DATA_END ? carry_out(s) : 0;
}

static int trigger(struct hislip_session *s, struct hislip_message *m)
{
	buf_clear(&s->heard);
	buf_puts(&s->heard, "*TRG");
	return begin(s, m) ? -1 : carry_out(s);
}

static int clear(struct hislip_session *s)
{
	buf_clear(&s->heard);
	s->message = false;
	s->number = HISLIP_FIRST - 2;
	s->clearing = false;
	return hislip_send(s->sync, HISLIP_DEVICE_CLEAR_ACKNOWLEDGE, 0, 0, "", 0);
}

/* -1: the session ends. */
static int attend(struct hislip_session *s, struct hislip_message *m)
{
	bool alone;

	pthread_mutex_lock(&s->server->lock);
	alone = s->async < 0;
	pthread_mutex_unlock(&s->server->lock);
	if (alone)
		return hislip_complain(s->sync, HISLIP_FATAL_ERROR, HISLIP_FATAL_ALONE, "AsyncInitialize comes first"), -1;
	switch (m->type) {
	case HISLIP_DATA:
	case HISLIP_DATA_END:
		return hear(s, m);
	case HISLIP_TRIGGER:
		return trigger(s, m);
	case HISLIP_DEVICE_CLEAR_COMPLETE:
		return clear(s);
	case HISLIP_FATAL_ERROR:
		return -1;
	case HISLIP_ERROR:
		return 0;
	default:
		return hislip_complain(s->sync, HISLIP_ERROR, HISLIP_ERROR_TYPE, "no message of the synchronous channel");
	}
}

void hislip_serve_sync(struct hislip_session *s, int fd)
{
	struct hislip_message m;

	while (!hislip_read(fd, &m) && !attend(s, &m) && !hislip_skip_payload(fd, &m))
		;
}
