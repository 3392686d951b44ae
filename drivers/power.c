/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "power.h"

int power_recall(struct instrument *in, struct err *e)
{
	if (in->recall && !in->recalled && in->recall(in->who, &in->past, e) < 0)
		return -1;
	in->recalled = true;
	return 0;
}

int power_remember(struct instrument *in, struct err *e)
{
	return in->remember ? in->remember(in->who, &in->past, e) : 0;
}

static void note(struct instrument *in, const char *event, const char *text)
{
	if (in->noted)
		in->noted(in->who, event, text);
}

int power_noticed(struct instrument *in, struct err *e)
{
	note(in, "instrument.power_on", "it was switched on, or reset, since it was last attached");
	in->switched_on = true;                 /* until that is remembered */
	in->past.powered_on_ns = utc_now();
	in->past.owed = in->model->after_power_on.commands.n > 0;
	if (power_remember(in, e) < 0)
		return -1;
	in->switched_on = false;
	return 0;
}

int power_warm(struct instrument *in, struct err *e)
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
