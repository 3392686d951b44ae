/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_selfcal.c - an instrument's self-calibration: how old it is, at what temperature it was done,
 * and that it is done again where that is too long ago or too far away. */
#include <math.h>

#include "lines_parts.h"
#include "moment.h"
#include "power.h"
#include "reply.h"

#define LOOK_NS (60 * NS_PER_S)         /* between two looks at it while it measures */

/* A number of the instrument's own, converted to the unit that is wanted of it. */
int lines_number(struct instrument *in, const char *why, const struct model_number *a, double *x, instant by, struct err *e)
{
	struct point said = { .reply = a->reply, .field = a->field,
			      .to_quantity = a->convert.factor != 0 ? a->convert : (struct conversion){ .factor = 1 } };
	struct talk t = { .why = why };
	enum reading_status status;

	if (lines_ask(in, &t, a->ask, by, e) < 0)
		return -1;
	if (reply_parse(in->model, &said, t.raw.p, t.raw.n, x, &status, e) < 0) {
		link_distrust(in->link);
		return err_wrap(e, "%s", a->ask);
	}
	if (status == READING_OK)
		return 0;
	return err_set(e, ERR_INSTRUMENT, "%s: its answer is no number", a->ask);
}

/* What an instrument's clock says, in its seconds. */
static int ask_moment(struct instrument *in, const char *question, int64_t *seconds, instant by, struct err *e)
{
	struct talk t = { .why = "state" };

	if (lines_ask(in, &t, question, by, e) < 0)
		return -1;
	if (moment_parse(t.reply.p, t.reply.n, seconds, e) == 0)
		return 0;
	link_distrust(in->link);
	return err_wrap(e, "%s", question);
}

/* NAN: it does not say. */
static int told_age(struct instrument *in, double *seconds, instant by, struct err *e)
{
	const struct self_calibration *s = &in->model->self_calibration;
	int64_t then, now;

	*seconds = NAN;
	if (s->has_age_ask)
		return lines_number(in, "state", &s->age_ask, seconds, by, e);
	if (!s->has_time_ask)
		return 0;
	if (ask_moment(in, s->time_ask.ask, &then, by, e) < 0 || ask_moment(in, s->time_ask.now, &now, by, e) < 0)
		return -1;
	*seconds = (double)(now - then);
	return now >= then ? 0 : err_set(e, ERR_IDENTITY, "its self-calibration is still to come by its own clock: set it");
}

static bool tells(const struct self_calibration *s)
{
	return s->has_age_ask || s->has_time_ask || s->has_temperature_ask;
}

/* What is remembered of one that a person did meanwhile is no longer true, and nobody remembers theirs. */
static bool remembers(const struct instrument *in)
{
	const struct self_calibration *s = &in->model->self_calibration;

	return in->past.self_calibrated_ns && (s->command || !tells(s));
}

static int look_at_age(struct instrument *in, instant by, struct err *e)
{
	const struct self_calibration *s = &in->model->self_calibration;
	double told, own = (double)(utc_now() - in->past.self_calibrated_ns) / NS_PER_S, age;

	if (!s->age_ns)
		return 0;
	if (told_age(in, &told, by, e) < 0)
		return -1;
	if (!remembers(in) && isnan(told))
		return err_set(e, ERR_IDENTITY, "its self-calibration was never noticed");
	age = remembers(in) ? fmax(own, told) : told;
	if (age * NS_PER_S <= (double)s->age_ns)
		return 0;
	return err_set(e, ERR_IDENTITY, "its self-calibration is %.1f h old, at most %.1f h", age / 3600,
		       (double)s->age_ns / NS_PER_S / 3600);
}

/* How far it is from where it calibrated itself, at the farther of two; NAN: neither is known. */
static double farther(double now, double told, double own)
{
	return isnan(own) || fabs(now - told) > fabs(now - own) ? now - told : now - own;
}

static int look_at_temperature(struct instrument *in, instant by, struct err *e)
{
	const struct self_calibration *s = &in->model->self_calibration;
	double now, told = NAN, own = remembers(in) ? in->past.self_calibration_k : NAN, change;

	if (!s->has_temperature)
		return 0;
	if (lines_number(in, "state", &s->temperature, &now, by, e) < 0 ||
	    (s->has_temperature_ask && lines_number(in, "state", &s->temperature_ask, &told, by, e) < 0))
		return -1;
	change = farther(now, told, own);
	if (fabs(change) <= s->change_k)
		return 0;
	return isnan(change) ? err_set(e, ERR_IDENTITY, "the temperature of its self-calibration is not known")
	       : err_set(e, ERR_IDENTITY, "its temperature has changed by %.2f K since its self-calibration, at most %.2f K",
			 change, s->change_k);
}

/* Why it must be done again: ERR_IDENTITY; 0: it need not. */
static int look(struct instrument *in, instant by, struct err *e)
{
	in->looked = instant_now();
	return look_at_age(in, by, e) < 0 || look_at_temperature(in, by, e) < 0 ? -1 : 0;
}

int lines_self_calibrated(struct instrument *in, instant by, struct err *e)
{
	const struct self_calibration *s = &in->model->self_calibration;
	double now = NAN;

	if (s->has_temperature && lines_number(in, "state", &s->temperature, &now, by, e) < 0)
		return -1;
	in->past.self_calibrated_ns = utc_now();
	in->past.self_calibration_k = now;
	return power_remember(in, e);
}

static int do_again(struct instrument *in, const struct model_command *k, const char *why, instant by, struct err *e)
{
	if (in->noted)
		in->noted(in->who, "instrument.self_calibration", why);
	if (lines_command(in, k, NULL, 0, by, e) < 0)
		return err_wrap(e, "%s", k->name);
	if (!tells(&in->model->self_calibration) || look(in, by, e) == 0)
		return 0;
	return e->code == ERR_IDENTITY ? err_wrap(e, "after %s was done again", k->name) : -1;
}

static bool wanted(const struct model *m)
{
	return m->self_calibration.age_ns || m->self_calibration.has_temperature;
}

int lines_self_calibrate(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;
	struct err why;

	if (!wanted(m) || look(in, by, &why) == 0)
		return 0;
	if (why.code != ERR_IDENTITY || !m->self_calibration.command) {
		*e = why;
		return -1;
	}
	return do_again(in, model_command_find(&m->commands, m->self_calibration.command), why.text, by, e);
}

int lines_self_calibration_holds(struct instrument *in, instant by, struct err *e)
{
	if (!wanted(in->model) || !instant_passed(in->looked + LOOK_NS))
		return 0;
	if (look(in, by, e) == 0)
		return 0;
	if (e->code == ERR_IDENTITY && in->model->self_calibration.command)
		e->code = ERR_PROTOCOL;         /* attached again, it is done again */
	return -1;
}
