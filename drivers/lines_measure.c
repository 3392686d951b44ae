/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_measure.c - readings: the question of each point, and what its answer says. */
#include "lines_parts.h"
#include "reply.h"

/* One reading; its raw bytes go to the end of in->raw. */
static int measure_one(struct instrument *in, const struct point *p, struct reading *r, instant by, struct err *e)
{
	struct talk t = { .why = "measure" };

	if (lines_ask_quietly(in, &t, p->ask, driver_deadline(in->model, p, by), e) < 0)
		return -1;
	driver_stamp(r, p, &t.timing);
	if (reply_parse(in->model, p, t.reply.p, t.reply.n, &r->value, &r->status, e) < 0) {
		lines_report(in, &t, e);
		link_distrust(in->link);
		return -1;
	}
	r->raw.n = t.reply.n;
	buf_add(&in->raw, t.reply.p, t.reply.n);
	if (in->trace_measure)
		lines_report(in, &t, NULL);
	return 0;
}

ssize_t lines_measure(struct instrument *in, const struct point *const *points, size_t n,
			     struct reading *out, instant by, struct err *e)
{
	size_t at = 0;

	buf_clear(&in->raw);
	for (size_t i = 0; i < n; i++)
		if (measure_one(in, points[i], &out[i], by, e) < 0)
			return err_wrap(e, "%s", points[i]->quantity);
	for (size_t i = 0; i < n; at += out[i++].raw.n)
		out[i].raw.p = in->raw.data + at;
	return (ssize_t)n;
}
