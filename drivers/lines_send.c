/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_send.c - a command and its answer as bytes: frames, acknowledgements, ends. */
#include <string.h>

#include "lines_parts.h"
#include "reply.h"
#include "talker.h"

/* The empty command ends one that was cut off half-way; it has no frame. */
static void compose(struct instrument *in, const char *command)
{
	const struct model *m = in->model;
	bool framed = framing_on_commands(&m->frame);

	buf_clear(&in->sent);
	if (framed && *command)
		framing_wrap(&m->frame, (struct span){ command, strlen(command) }, &in->sent);
	else
		buf_puts(&in->sent, framed && m->frame.end ? m->frame.end : command);
	buf_puts(&in->sent, m->command_end);
}

static void rest_from_now(struct instrument *in, const struct talk *t)
{
	if (in->model->pause_ns)
		in->rested = t->timing.ended + in->model->pause_ns;
}

/* What is in in->sent. */
static int send_bytes(struct instrument *in, struct talk *t, instant by, struct err *e)
{
	t->raw = t->reply = (struct span){ "", 0 };
	if (driver_rest(in, by, e) < 0)
		return -1;
	timing_begin(&t->timing);
	if (in->sent.len && link_write(in->link, in->sent.data, in->sent.len, by, e) < 0)
		return lines_failed(in, t, e);
	timing_end(&t->timing);
	rest_from_now(in, t);
	return 0;
}

static bool acknowledged(const struct model *m, const char *command, bool question)
{
	const struct acknowledge *a = &m->acknowledge;

	return a->given && *command && a->applies != (question ? APPLIES_COMMANDS : APPLIES_REPLIES);
}

/* 1: ack, 0: nak. */
static int await_ack(struct instrument *in, struct talk *t, instant by, struct err *e)
{
	const struct acknowledge *a = &in->model->acknowledge;
	struct until end = { .either = { a->ack, a->nak } };
	const char *said;
	ssize_t n = link_read(in->link, &said, end, by, e);

	if (n < 0)
		return lines_failed(in, t, e);
	timing_end(&t->timing);
	t->raw = t->reply = (struct span){ said, (size_t)n };
	return !strncmp(said, a->ack, (size_t)n);
}

/* With then_ask the acknowledgement is an exchange of its own, and the answer is that to then_ask.  Its time begins
 * with the command all the same: nobody knows when between the two it measured. */
static int ask_behind_ack(struct instrument *in, struct talk *t, instant by, struct err *e)
{
	const char *then_ask = in->model->acknowledge.then_ask;
	instant began = t->timing.began;
	int sent;

	if (!then_ask)
		return 0;
	if (strcmp(t->why, "measure") || in->trace_measure)
		lines_report(in, t, NULL);
	buf_clear(&in->sent);
	buf_puts(&in->sent, then_ask);
	sent = send_bytes(in, t, by, e);
	t->timing.began = began;
	return sent;
}

/* A command is sent again only after a nak: by that the instrument says that it has not taken it (ISO 1745),
 * so that nothing is carried out twice.  After silence nobody knows. */
int lines_send(struct instrument *in, struct talk *t, const char *command, bool question, instant by, struct err *e)
{
	const struct model *m = in->model;

	for (int64_t refused = 0;; refused++) {
		int ack;

		compose(in, command);
		if (send_bytes(in, t, by, e) < 0)
			return -1;
		if (!acknowledged(m, command, question))
			return 0;
		ack = await_ack(in, t, driver_deadline(m, NULL, by), e);
		if (ack < 0)
			return -1;
		if (ack)
			return question ? ask_behind_ack(in, t, by, e) : 0;
		err_set(e, ERR_INSTRUMENT, "it does not take the command (NAK)");
		lines_report(in, t, e);
		if (refused == m->acknowledge.retries)
			return -1;
	}
}

/* The frame must be whole and right before anything in it is looked at. */
int lines_open(struct instrument *in, struct talk *t, struct err *e)
{
	const struct model *m = in->model;
	size_t end = framing_on_replies(&m->frame) ? strlen(m->reply_end) : 0;

	if (t->block) {
		t->reply = t->raw;
		return 0;
	}
	if (t->raw.n < end || memcmp(t->raw.p + t->raw.n - end, m->reply_end, end))
		return err_set(e, ERR_PROTOCOL, "the message does not end as its frame should");
	t->raw.n -= end;
	t->reply = t->raw;
	return reply_open(m, t->raw, &t->reply, e);
}

int lines_distrusted(struct instrument *in, struct talk *t, struct err *e)
{
	lines_report(in, t, e);
	link_distrust(in->link);
	return -1;
}

static int nothing_behind(struct instrument *in, struct err *e)
{
	size_t n = link_excess(in->link);

	if (n == 0 || talker_speaks(in))
		return 0;
	in->unasked_bytes += n;
	return err_set(e, ERR_PROTOCOL, "%zu bytes came behind the reply", n);
}

static struct until blocks_until(const struct model *m)
{
	return (struct until){ .mark = m->reply_end, .block = true };
}

struct until lines_until(const struct model *m)
{
	bool framed = m->frame.mark != NULL;

	if (m->reply_pause_ns)
		return (struct until){ .pause_ns = m->reply_pause_ns };
	return (struct until){ .mark = framed ? m->frame.mark : m->reply_end, .whole = framed,
			       .behind = m->frame.behind };
}

static struct until answer_until(const struct model *m, const struct talk *t)
{
	struct until end = t->block ? blocks_until(m) : lines_until(m);

	end.lines = (size_t)t->lines;
	return end;
}

/* The pause that ended an answer is no part of the exchange. */
static void end_at_last_byte(struct instrument *in, struct talk *t)
{
	int64_t pause;

	timing_end(&t->timing);
	if (!in->model->reply_pause_ns)
		return;
	pause = t->timing.ended - link_heard(in->link);
	t->timing.ended -= pause;
	t->timing.utc -= pause;
}

static int never_answered(struct instrument *in, struct talk *t, struct err *e)
{
	err_set(e, ERR_TIMEOUT, "timed out");
	link_distrust(in->link);
	return lines_failed(in, t, e);
}

/* A talker goes on speaking while it is asked: what is none of its messages is the answer. */
int lines_hear(struct instrument *in, struct talk *t, instant by, struct err *e)
{
	const char *reply;
	bool answer;

	do {
		ssize_t n = link_read(in->link, &reply, answer_until(in->model, t), by, e);

		if (n < 0)
			return lines_failed(in, t, e);
		answer = !talker_speaks(in) || !talker_skip(in);
		t->raw = (struct span){ reply, (size_t)n };
		if (answer && lines_open(in, t, e) < 0)
			return lines_distrusted(in, t, e);
		answer = answer && !(talker_speaks(in) && talker_knows(in->model, t->reply));
		if (!answer && instant_passed(by))
			return never_answered(in, t, e);
	} while (!answer);
	end_at_last_byte(in, t);
	rest_from_now(in, t);
	return nothing_behind(in, e) < 0 ? lines_distrusted(in, t, e) : 0;
}
