/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_power.c - a power-on, or a reset: noticed before anything is changed and before anything is
 * believed; then the warm-up is waited for and what it undid is done again (rule 4). */
#include "lines_parts.h"
#include "number.h"
#include "reply.h"

/* 1: it was switched on since it was last asked; 0: it was not, or cannot say so. */
static int ask_power(struct instrument *in, instant by, struct err *e)
{
	const struct power_on *p = &in->model->power_on;
	struct talk t = { .why = "state" };
	char text[REPLY_QUOTE];
	struct err why;
	double x;

	if (lines_ask_quietly(in, &t, p->ask, driver_deadline(in->model, NULL, by), e) < 0)
		return -1;
	if (p->shows.text)
		return pattern_matches(&p->shows, t.reply.p, t.reply.n, NULL, 0);
	if (number_parse(t.reply.p, t.reply.n, &x, &why) == 0 && x >= 0 && x <= UINT32_MAX)
		return (uint32_t)x >> p->bit & 1 ? 1 : 0;
	err_set(e, ERR_PROTOCOL, "%s answers %s, expected a number", p->ask, reply_quote(text, t.reply.p, t.reply.n));
	lines_report(in, &t, e);
	link_distrust(in->link);
	return -1;
}

int lines_remember(struct instrument *in, struct err *e)
{
	return in->remember ? in->remember(in->who, &in->past, e) : 0;
}

static void note(struct instrument *in, const char *event, const char *text)
{
	if (in->noted)
		in->noted(in->who, event, text);
}

int lines_power_look(struct instrument *in, instant by, struct err *e)
{
	int on;

	if (in->recall && !in->recalled && in->recall(in->who, &in->past, e) < 0)
		return -1;
	in->recalled = true;
	if (!in->model->power_on.ask)
		return 0;
	on = ask_power(in, by, e);
	if (on < 0)
		return -1;
	if (!on && !in->switched_on)
		return 0;
	note(in, "instrument.power_on", "it was switched on, or reset, since it was last attached");
	in->switched_on = true;                 /* until that is remembered */
	in->past.powered_on_ns = utc_now();
	in->past.owed = in->model->after_power_on.commands.n > 0;
	if (lines_remember(in, e) < 0)
		return -1;
	in->switched_on = false;
	return 0;
}

int lines_power_warm(struct instrument *in, struct err *e)
{
	int64_t since = utc_now() - in->past.powered_on_ns, left = in->model->after_power_on.warm_up_ns - since;
	char on[UTC_TEXT], until[UTC_TEXT];

	/* A clock set back must not make it longer than it is. */
	if (!in->past.powered_on_ns || left <= 0 || since < 0)
		return 0;
	in->warm_at = instant_after(left);
	return err_set(e, ERR_WARM_UP, "it warms up until %.19sZ: its power-on was noticed at %.19sZ",
		       utc_format(utc_now() + left, until), utc_format(in->past.powered_on_ns, on));
}

int lines_power_restore(struct instrument *in, instant by, struct err *e)
{
	const struct strings *s = &in->model->after_power_on.commands;

	if (!in->past.owed)
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct model_command *k = model_command_find(&in->model->commands, s->list[i]);

		if (lines_command(in, k, NULL, 0, by, e) < 0)
			return err_wrap(e, "%s", s->list[i]);
	}
	in->past.owed = false;
	return lines_remember(in, e);
}

int lines_power_unbroken(struct instrument *in, instant by, struct err *e)
{
	int on;

	if (!in->model->power_on.ask || in->model->power_on.when != POWER_MEASUREMENT)
		return 0;
	on = ask_power(in, by, e);
	if (on <= 0)
		return on;
	in->switched_on = true;
	return err_set(e, ERR_PROTOCOL, "it was switched on, or reset, in the meantime: what it said is not believed");
}
