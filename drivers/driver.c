/* SPDX-License-Identifier: GPL-3.0-or-later
 * driver.c - the table of manners, and what they share. */
#include "driver.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "fd.h"

const struct driver *const drivers[] = {
	[MANNER_SCPI] = &driver_scpi, [MANNER_TEXT] = &driver_text, [MANNER_MODBUS] = &driver_modbus,
	[MANNER_MANUAL] = &driver_manual,
};

void driver_describe(const struct model *m, const struct point *p, bool set, double value, struct buf *out)
{
	drivers[m->manner]->describe(m, p, set, set ? conversion_undo(&p->to_quantity, value) : 0, out);
}

void timing_begin(struct timing *t)
{
	t->began = instant_now();
}

void timing_end(struct timing *t)
{
	t->utc = utc_now();
	t->ended = instant_now();
}

int driver_rest(struct instrument *in, instant by, struct err *e)
{
	if (in->model->pause_ns == 0 || instant_passed(in->rested))
		return 0;
	if (in->rested > by)
		return err_set(e, ERR_TIMEOUT, "its pause between commands ends after the deadline");
	return fd_wait(-1, 0, in->cancel, in->rested, e) < 0 && e->code != ERR_TIMEOUT ? -1 : 0;
}

int driver_pause(struct instrument *in, int64_t ns, instant *by, struct err *e)
{
	instant until = instant_after(ns);

	if (!in->leave)
		return fd_wait(-1, 0, in->cancel, until, e) < 0 && e->code != ERR_TIMEOUT ? -1 : 0;
	if (in->leave(in->who, until, e) < 0)
		return -1;
	return in->driver->join ? in->driver->join(in, by, e) : 0;
}

void driver_report(struct instrument *in, const char *why, const struct timing *t, struct span sent,
		   struct span received, const struct err *failed)
{
	int64_t length = t->ended - t->began;
	struct exchange x = {
		.number = ++in->exchanges, .why = why, .sent = sent, .received = received, .failed = failed,
		.span_ns = length, .mono_ns = t->began + length / 2, .utc_ns = t->utc - length / 2,
	};

	if (in->exchanged)
		in->exchanged(in->who, &x);
}

void driver_stamp(struct reading *r, const struct point *p, const struct timing *t)
{
	int64_t length = t->ended - t->began;

	r->point = p;
	r->exchange = r->counted = 0;
	r->field = 0;
	r->block = (struct span){ NULL, 0 };
	r->marks = (struct block_marks){ .first = READING_OK };
	r->span_ns = length;
	r->mono_ns = t->began + length / 2;
	r->utc_ns = t->utc - length / 2;
	r->at_ns = p->aperture_ns ? t->utc - length + p->aperture_delay_ns + p->aperture_ns / 2 : 0;
}

instant driver_deadline(const struct model *m, const struct point *p, instant by)
{
	instant own = instant_after(p && p->timeout_ns ? p->timeout_ns : m->timeout_ns);

	return own < by ? own : by;
}

int driver_judge_serial(const struct instrument *in, struct err *e)
{
	if (!in->serial_expected || !strcmp(in->serial, in->serial_expected))
		return 0;
	return err_set(e, ERR_IDENTITY, "its serial number is '%s', the bench file says '%s'", in->serial,
		       in->serial_expected);
}

/* What the instrument may round to, in the point's unit: half a step of the range that holds the value. */
static double half_step(const struct point *p, double wanted)
{
	const struct range *r = p->ranges.n ? point_range(p, conversion_undo(&p->to_quantity, wanted)) : NULL;

	return r ? r->resolution / 2 : 0;
}

int driver_compare(const struct point *p, double wanted, double got, enum reading_status status,
		   struct err *e)
{
	const char *unit = p->known ? p->known->unit : "";
	double tolerance = fabs(conversion_scale(&p->to_quantity, p->set_tolerance + half_step(p, wanted)));

	if (status != READING_OK)
		return err_set(e, ERR_INSTRUMENT, "after %.12g %s was set it reads back as %s", wanted, unit,
			       reading_status_name(status));
	/* Two conversions between units may each round once. */
	if (fabs(got - wanted) <= tolerance + 4 * DBL_EPSILON * fabs(wanted))
		return 0;
	return err_set(e, ERR_INSTRUMENT, "%.12g %s was set, but %.12g %s reads back", wanted, unit, got, unit);
}
