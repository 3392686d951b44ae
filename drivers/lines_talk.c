/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_talk.c - one question and its answer, reported for the record. */
#include <string.h>

#include "lines_parts.h"
#include "reply.h"
#include "talker.h"

static struct span sent_of(const struct instrument *in)
{
	return (struct span){ in->sent.data, in->sent.len };
}

void lines_report(struct instrument *in, const struct talk *t, const struct err *why_not)
{
	driver_report(in, t->why, &t->timing, sent_of(in), t->raw, why_not);
}

int lines_failed(struct instrument *in, struct talk *t, struct err *e)
{
	const struct buf *part = link_pending(in->link);

	timing_end(&t->timing);
	if (!t->raw.n)
		t->raw = (struct span){ part->data, part->len };
	lines_report(in, t, e);
	return -1;
}

/* A command that is answered: with what means that it is carried out, or it is refused. */
static int tell_answered(struct instrument *in, const char *why, const char *command, instant by, struct err *e)
{
	struct talk t = { .why = why };
	char text[REPLY_QUOTE];

	if (lines_ask(in, &t, command, by, e) < 0)
		return -1;
	if (pattern_matches(&in->model->answered, t.reply.p, t.reply.n, NULL, 0))
		return 0;
	return err_set(e, ERR_INSTRUMENT, "%s is refused: it answers %s, expected %s", command,
		       reply_quote(text, t.reply.p, t.reply.n), in->model->answered.text);
}

int lines_tell(struct instrument *in, const char *why, const char *command, instant by, struct err *e)
{
	struct talk t = { .why = why };

	/* An empty line ends a command that was cut off, whatever it is answered with. */
	if (in->model->answered.text && *command)
		return tell_answered(in, why, command, by, e);
	if (lines_send(in, &t, command, false, by, e) < 0)
		return err_wrap(e, "%s", command);
	lines_report(in, &t, NULL);
	return 0;
}

int lines_trigger(struct instrument *in, const char *command, struct timing *timing, instant by, struct err *e)
{
	struct talk t = { .why = "trigger" };
	bool bus = !strcmp(command, "bus");

	timing_begin(timing);
	if (bus && link_trigger(in->link, by, e) == 0)
		return 0;
	if (bus && (e->code != ERR_STATE || !link_in_step(in->link)))
		return -1;
	if (lines_send(in, &t, bus ? "*TRG" : command, false, by, e) < 0)
		return err_wrap(e, "%s", command);
	lines_report(in, &t, NULL);
	*timing = t.timing;
	return 0;
}

/* Leaves the reporting of an answer that came to the caller, who knows whether it is one. */
int lines_ask_quietly(struct instrument *in, struct talk *t, const char *question, instant by, struct err *e)
{
	if (lines_send(in, t, question, true, by, e) < 0 || lines_hear(in, t, by, e) < 0)
		return err_wrap(e, "%s", question);
	return 0;
}

int lines_ask(struct instrument *in, struct talk *t, const char *question, instant by, struct err *e)
{
	if (lines_ask_quietly(in, t, question, driver_deadline(in->model, NULL, by), e) < 0)
		return -1;
	lines_report(in, t, NULL);
	return 0;
}

static int judge(const char *question, struct span reply, const struct pattern *p, enum err_code otherwise,
		 struct err *e)
{
	char text[REPLY_QUOTE];

	if (pattern_matches(p, reply.p, reply.n, NULL, 0))
		return 0;
	return err_set(e, otherwise, "%s answers %s, expected %s", question,
		       reply_quote(text, reply.p, reply.n), p->text);
}

int lines_expect(struct instrument *in, const char *why, const char *question, const struct pattern *p,
		  enum err_code otherwise, instant by, struct err *e)
{
	struct talk t = { .why = why };

	if (lines_ask(in, &t, question, by, e) < 0)
		return -1;
	return judge(question, t.reply, p, otherwise, e);
}

int lines_expect_within(struct instrument *in, const char *why, const char *question, const struct pattern *p,
			int64_t timeout_ns, instant by, struct err *e)
{
	instant end = timeout_ns ? instant_after(timeout_ns) : driver_deadline(in->model, NULL, by);
	struct talk t = { .why = why };

	if (lines_ask_quietly(in, &t, question, end < by ? end : by, e) < 0)
		return -1;
	lines_report(in, &t, NULL);
	return judge(question, t.reply, p, ERR_INSTRUMENT, e);
}

int lines_expect_all(struct instrument *in, const char *why, const struct list *l, enum err_code otherwise,
		      instant by, struct err *e)
{
	const struct expectation *x = l->items;

	for (size_t i = 0; i < l->n; i++)
		if (lines_expect(in, why, x[i].ask, &x[i].expect, otherwise, by, e) < 0)
			return -1;
	return 0;
}

int lines_clear(struct instrument *in, instant by, struct err *e)
{
	ssize_t stray;

	if (talker_speaks(in))
		return lines_settle(in, by, e);
	in->unasked_bytes += link_unasked(in->link);
	stray = link_clear(in->link, in->model->latency_ns, by, e);
	if (stray < 0)
		return -1;
	in->stray_bytes += (size_t)stray;
	return 0;
}
