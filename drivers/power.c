/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "power.h"

#include <stdio.h>

#define SEEN_NS   (60 * NS_PER_S)        /* between two times that it is put on file that it was seen */
#define SPAN_TEXT 24

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
	in->past.before_ns = in->past.seen_ns;
	in->past.powered_on_ns = in->past.seen_ns = utc_now();
	in->past.since_ns = 0;
	in->past.since_by[0] = '\0';
	in->past.owed = in->model->after_power_on.commands.n > 0;
	if (power_remember(in, e) < 0)
		return -1;
	in->switched_on = false;
	return 0;
}

int power_unnoticed(struct instrument *in, struct err *e)
{
	int64_t last = in->past.seen_ns;

	in->past.seen_ns = utc_now();
	return in->past.seen_ns - last >= SEEN_NS ? power_remember(in, e) : 0;
}

int64_t power_since(const struct past *p)
{
	return p->since_ns ? p->since_ns : p->powered_on_ns;
}

/* "4 h": as a model file would have it. */
static const char *span_text(int64_t ns, char text[SPAN_TEXT])
{
	double s = (double)ns / NS_PER_S;
	bool hours = s >= 3600, minutes = s >= 60;

	snprintf(text, SPAN_TEXT, "%.4g %s", hours ? s / 3600 : minutes ? s / 60 : s, hours ? "h" : minutes ? "min" : "s");
	return text;
}

/* Short: it must fit where a run says why it holds. */
static int still_cold(const struct instrument *in, int64_t left, struct err *e)
{
	const struct past *p = &in->past;
	char until[UTC_TEXT], since[UTC_TEXT], long_[SPAN_TEXT];

	utc_format(utc_now() + left, until);
	utc_format(power_since(p), since);
	span_text(in->model->after_power_on.warm_up_ns, long_);
	if (p->since_ns)
		return err_set(e, ERR_WARM_UP, "it warms up until %.19sZ, %s from %.19sZ, since when it is on as %s says",
			       until, long_, since, p->since_by);
	return err_set(e, ERR_WARM_UP, "it warms up until %.19sZ, %s from %.19sZ, when its power-on was noticed; "
		       "on for longer? etalon instrument since %s TIME", until, long_, since, in->role);
}

/* Whoever measures with it now rests on what somebody else was told. */
static void note_warm(struct instrument *in)
{
	char since[UTC_TEXT], text[2 * UTC_TEXT + PAST_NAME];

	snprintf(text, sizeof text, "it has warmed up: it is on since %.19sZ, as %s says",
		 utc_format(in->past.since_ns, since), in->past.since_by);
	note(in, "warm", text);
}

int power_warm(struct instrument *in, struct err *e)
{
	int64_t warm_up = in->model->after_power_on.warm_up_ns, now = utc_now();
	int64_t noticed = now - in->past.powered_on_ns, left = warm_up - (now - power_since(&in->past));

	/* A clock set back must not make it longer than it is. */
	if (!in->past.powered_on_ns || noticed < 0 || noticed >= warm_up)
		return 0;
	if (left > 0) {
		in->warm_at = instant_after(left);
		return still_cold(in, left, e);
	}
	if (!in->served_before)
		note_warm(in);
	return 0;
}

static const char *utc_short(int64_t ns, char text[UTC_TEXT])
{
	snprintf(utc_format(ns, text) + 19, UTC_TEXT - 19, "Z");
	return text;
}

/* What speaks against it. */
static int check_since(const struct instrument *in, int64_t since, struct err *e)
{
	const struct past *p = &in->past;
	char text[UTC_TEXT], noticed[UTC_TEXT];

	if (since > utc_now())
		return err_set(e, ERR_CONFIG, "%s is still to come", utc_short(since, text));
	if (!in->recalled)
		return err_set(e, ERR_STATE, "it has not said yet which instrument it is");
	if (!in->model->after_power_on.warm_up_ns || !p->powered_on_ns)
		return err_set(e, ERR_STATE, "it need not warm up: %s", p->powered_on_ns ?
			       "its model file states none" : "no power-on of it was ever noticed");
	if (since > p->powered_on_ns)
		return err_set(e, ERR_CONFIG, "it was on before %s: its power-on was noticed at %s",
			       utc_short(since, text), utc_short(p->powered_on_ns, noticed));
	if (p->before_ns && since <= p->before_ns)
		return err_set(e, ERR_CONFIG, "it was switched off, or reset, after %s, when its last power-on had not "
			       "been yet", utc_short(p->before_ns, text));
	return 0;
}

int power_stated(struct instrument *in, int64_t since, const char *by, struct err *e)
{
	struct past before = in->past;

	if (check_since(in, since, e) < 0)
		return -1;
	in->past.since_ns = since;
	snprintf(in->past.since_by, sizeof in->past.since_by, "%s", by);
	if (power_remember(in, e) == 0)
		return 0;
	in->past = before;
	return -1;
}
