/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_power.c - a power-on, or a reset: noticed before anything is changed and before anything is
 * believed; then the warm-up is waited for and what it undid is done again (rule 4). */
#include <string.h>

#include "lines_parts.h"
#include "number.h"
#include "power.h"
#include "reply.h"

/* 1: this answer says that it was switched on since it was last asked; 0: that it was not; -1: neither. */
static int shows_power(const struct power_on *p, struct span reply)
{
	struct err why;
	double x;

	if (p->shows.text)
		return pattern_matches(&p->shows, reply.p, reply.n, NULL, 0);
	if (number_parse(reply.p, reply.n, &x, &why) < 0 || x < 0 || x > UINT32_MAX)
		return -1;
	return (uint32_t)x >> p->bit & 1 ? 1 : 0;
}

void lines_power_overhear(struct instrument *in, const char *question, struct span reply)
{
	const struct power_on *p = &in->model->power_on;

	if (p->ask && !strcmp(p->ask, question) && shows_power(p, reply) > 0)
		in->switched_on = true;
}

/* 1: it was switched on since it was last asked; 0: it was not, or cannot say so. */
static int ask_power(struct instrument *in, instant by, struct err *e)
{
	const struct power_on *p = &in->model->power_on;
	struct talk t = { .why = "state" };
	char text[REPLY_QUOTE];
	int on;

	if (lines_ask_quietly(in, &t, p->ask, driver_deadline(in->model, NULL, by), e) < 0)
		return -1;
	on = shows_power(p, t.reply);
	if (on >= 0)
		return on;
	err_set(e, ERR_PROTOCOL, "%s answers %s, expected a number", p->ask, reply_quote(text, t.reply.p, t.reply.n));
	lines_report(in, &t, e);
	link_distrust(in->link);
	return -1;
}

int lines_power_look(struct instrument *in, instant by, struct err *e)
{
	int on;

	if (power_recall(in, e) < 0)
		return -1;
	if (!in->model->power_on.ask)
		return 0;
	on = ask_power(in, by, e);
	if (on < 0)
		return -1;
	return on || in->switched_on ? power_noticed(in, e) : power_unnoticed(in, e);
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
	return power_remember(in, e);
}

int lines_power_unbroken(struct instrument *in, instant by, struct err *e)
{
	int on;

	if (!in->model->power_on.ask || in->model->power_on.when != POWER_MEASUREMENT)
		return 0;
	on = ask_power(in, by, e);
	if (on < 0)
		return -1;
	if (!on && !in->switched_on) {
		in->past.seen_ns = utc_now();   /* put on file when it is attached again or let go */
		return 0;
	}
	in->switched_on = true;
	return err_set(e, ERR_PROTOCOL, "it was switched on, or reset, in the meantime: what it said is not believed");
}
