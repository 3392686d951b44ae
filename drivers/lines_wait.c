/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_wait.c - until something is done: by a question, by the status byte, by a request for service.
 * Of a question asked many times only the last is reported. */
#include "hub.h"
#include "lines_parts.h"
#include "number.h"
#include "reply.h"

#define MESSAGE_AVAILABLE 0x10           /* of the status byte */
#define LOOK_NS (20 * NS_PER_MS)         /* between two serial polls, where service is or could be requested */

/* The status byte in band. */
static int ask_status(struct instrument *in, const char *question, uint8_t *status, instant by, struct err *e)
{
	struct talk t = { .why = "status" };
	char text[REPLY_QUOTE];
	struct span said;
	struct err why;
	double x;

	if (lines_ask_quietly(in, &t, question, driver_deadline(in->model, NULL, by), e) < 0)
		return -1;
	said = reply_trim(t.reply);
	if (number_parse(said.p, said.n, &x, &why) == 0 && x >= 0 && x <= 255 && x == (uint8_t)x) {
		*status = (uint8_t)x;
		return 0;
	}
	err_set(e, ERR_PROTOCOL, "%s answers %s, expected a status byte", question,
		reply_quote(text, t.reply.p, t.reply.n));
	lines_report(in, &t, e);
	link_distrust(in->link);
	return -1;
}

int lines_status(struct instrument *in, uint8_t *status, instant by, struct err *e)
{
	const struct model *m = in->model;
	const char *question = m->status_ask ? m->status_ask : m->manner == MANNER_SCPI ? "*STB?" : NULL;

	if (link_status(in->link, status, driver_deadline(m, NULL, by), e) == 0)
		return 0;
	if (e->code != ERR_STATE || !question)
		return -1;
	return ask_status(in, question, status, by, e);
}

/* 1: it is done; 0: not yet. */
static int look_at_status(struct instrument *in, const struct model_wait *w, instant by, struct err *e)
{
	int64_t bit = w->has_status_bit ? w->status_bit : 6;
	uint8_t status = 0;

	if (lines_status(in, &status, by, e) < 0)
		return -1;
	return status >> bit & 1;
}

/* Behind a GPIB controller an answer stays with the instrument until it is let talk, and the status byte shows that it is
 * there (MAV, IEEE 488.2, 11.2.1.2): the bus is its neighbours' until then.  On a line an answer comes by itself. */
static int await_message(struct instrument *in, instant *by, struct err *e)
{
	uint8_t status = 0;

	for (;;) {
		if (link_status(in->link, &status, driver_deadline(in->model, NULL, *by), e) < 0)
			return -1;
		if (status & MESSAGE_AVAILABLE)
			return 0;
		if (instant_after(LOOK_NS) > *by)
			return err_set(e, ERR_TIMEOUT, "no answer has come");
		if (driver_pause(in, LOOK_NS, by, e) < 0)
			return -1;
	}
}

/* A question that is answered when it is done, and not before. */
static int ask_once(struct instrument *in, struct talk *t, const char *question, instant by, struct err *e)
{
	if (!instrument_on_gpib(in) || question[0] != '*')
		return lines_ask_quietly(in, t, question, by, e);
	if (lines_send(in, t, question, true, by, e) < 0)
		return err_wrap(e, "%s", question);
	if (await_message(in, &by, e) < 0) {
		link_distrust(in->link);                /* the answer is owed to us */
		lines_failed(in, t, e);
		return err_wrap(e, "%s", question);
	}
	return lines_hear(in, t, by, e) < 0 ? err_wrap(e, "%s", question) : 0;
}

static int judge_answer(struct instrument *in, const struct model_wait *w, struct talk *t, struct err *e)
{
	char text[REPLY_QUOTE];
	struct span said = reply_trim(t->reply);
	int done = model_wait_judge(w, said.p, said.n);

	if (done > 0)
		lines_report(in, t, NULL);
	if (done >= 0)
		return done;
	err_set(e, ERR_PROTOCOL, "%s answers %s, expected %s", w->ask, reply_quote(text, t->reply.p, t->reply.n),
		w->once ? "1" : "a number");
	lines_report(in, t, e);
	link_distrust(in->link);
	return -1;
}

static int look_at_answer(struct instrument *in, const struct model_wait *w, struct talk *t, instant by, struct err *e)
{
	return lines_ask_quietly(in, t, w->ask, by, e) < 0 ? -1 : judge_answer(in, w, t, e);
}

static int not_done(const struct model_wait *w, struct err *e)
{
	return err_set(e, ERR_TIMEOUT, "it was not done within %.12g s", (double)w->within_ns / NS_PER_S);
}

/* A request for service: 1 it came, 0 the transport has no such thing.  One that requests it for other reasons over and
 * over is not listened to for ever. */
static int await_service(struct instrument *in, const struct model_wait *w, instant end, struct err *e)
{
	uint8_t status;

	do {
		if (link_wait_srq(in->link, &status, end, e) < 0)
			return e->code == ERR_STATE && link_in_step(in->link) ? 0 : -1;
		if (!w->has_status_bit || status >> w->status_bit & 1)
			return 1;
	} while (!instant_passed(end));
	return not_done(w, e);
}

static int poll_until(struct instrument *in, struct talk *t, const struct model_wait *w, instant end, instant by,
		      struct err *e)
{
	int64_t every = w->srq && LOOK_NS < w->every_ns ? LOOK_NS : w->every_ns;

	for (;;) {
		int done = w->ask ? look_at_answer(in, w, t, driver_deadline(in->model, NULL, by), e)
				  : look_at_status(in, w, by, e);

		if (done)
			return done < 0 ? -1 : 0;
		if (instant_after(every) > end)
			return not_done(w, e);
		if (driver_pause(in, every, &by, e) < 0)
			return -1;
	}
}

int lines_wait(struct instrument *in, const char *why, const struct model_wait *w, instant by, struct err *e)
{
	struct talk t = { .why = why };
	instant end = instant_after(w->within_ns);
	int served;

	if (w->once)
		return ask_once(in, &t, w->ask, by, e) < 0 || judge_answer(in, w, &t, e) < 0 ? -1 : 0;
	end = end < by ? end : by;
	/* A bus that others share, or may come to share meanwhile, is not held until somebody requests service. */
	served = w->srq && !instrument_on_gpib(in) ? await_service(in, w, end, e) : 0;
	if (served)
		return served < 0 ? -1 : 0;
	return poll_until(in, &t, w, end, by, e);
}
