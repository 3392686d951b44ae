/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_set.c - a value is sourced: sent, waited for, errors looked for, read back. */
#include <string.h>

#include "lines_parts.h"
#include "number.h"
#include "reply.h"

void lines_compose(struct buf *out, const char *template, double value)
{
	const char *place = strstr(template, "{}");
	char number[NUMBER_TEXT];

	buf_clear(out);
	buf_add(out, template, (size_t)(place - template));
	number_format(value == 0 ? 0 : value, number);          /* never "-0" */
	buf_puts(out, number);
	buf_puts(out, place + 2);
}

/* What was set, as the instrument says it back, in the point's unit. */
int lines_read_back(struct instrument *in, const char *why, const struct point *p, double wanted,
		     instant by, struct err *e)
{
	struct talk t = { .why = why };
	struct point said = { .suffix = p->suffix, .to_quantity = p->to_quantity,
			      .reply = p->readback_reply, .field = p->readback_field };
	enum reading_status status;
	double got;

	if (lines_ask(in, &t, p->readback, by, e) < 0)
		return -1;
	if (reply_parse(in->model, &said, t.raw.p, t.raw.n, &got, &status, e) < 0) {
		link_distrust(in->link);
		return err_wrap(e, "%s", p->readback);
	}
	return driver_compare(p, conversion_apply(&p->to_quantity, wanted), got, status, e);
}

int lines_still_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e)
{
	return p->readback ? lines_read_back(in, "confirm", p, value, by, e) : 0;
}

static const struct range **range_in_force(struct instrument *in, const struct point *p)
{
	return &in->ranges[p - (const struct point *)in->model->points.items];
}

void lines_forget_ranges(struct instrument *in)
{
	for (size_t i = 0; i < in->model->points.n; i++)
		in->ranges[i] = NULL;
}

int lines_select(struct instrument *in, const char *why, const struct point *p, const struct range *r,
		 instant by, struct err *e)
{
	const struct range **now = range_in_force(in, p);

	if (!r)
		return err_set(e, ERR_CONFIG, "no range of %s holds this value", p->quantity);
	if (r == *now)
		return 0;
	*now = NULL;
	if (r->select && lines_tell(in, why, r->select, by, e) < 0)
		return -1;
	*now = r;
	return 0;
}

/* Completion may take as long as the caller allows, not only one exchange's time. */
static int wait_done(struct instrument *in, const struct point *p, instant by, struct err *e)
{
	instant end = p->timeout_ns && p->done.once ? driver_deadline(in->model, p, by) : by;

	return lines_wait(in, "set", &p->done, end, e);
}

int lines_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e)
{
	struct buf command = { 0 };
	int failed;

	if (p->ranges.n && lines_select(in, "set", p, point_range(p, value), by, e) < 0)
		return -1;
	lines_compose(&command, p->set, value);
	failed = lines_tell(in, "set", command.data, by, e);
	buf_release(&command);
	if (failed || (model_wait_given(&p->done) && wait_done(in, p, by, e) < 0) || lines_errors(in, OCCASION_SET, by, e) < 0)
		return -1;
	if (p->readback && lines_read_back(in, "readback", p, value, by, e) < 0)
		return -1;
	return lines_power_unbroken(in, by, e);
}
