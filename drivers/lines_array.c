/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_array.c - readings that are arrays (block.h): taken apart, counted, and what in them is no number. */
#include <math.h>

#include "lines_parts.h"
#include "reply.h"

/* Its words are the reading's raw, its bytes its block. */
static int take_apart(struct instrument *in, const struct point *p, const struct talk *t, struct reading *r,
		      struct err *e)
{
	size_t words = in->raw.len, bytes = in->blocks.len;

	driver_stamp(r, p, &t->timing);
	r->value = NAN;
	if (block_split(&p->block, t->raw, &in->raw, &in->blocks, e) < 0)
		return -1;
	r->raw.n = in->raw.len - words;
	r->block.n = in->blocks.len - bytes;
	reply_array(in->model, &p->block, (struct span){ in->blocks.data + bytes, r->block.n }, &r->marks);
	r->status = r->marks.first;
	return block_counted(&p->block, r->block.n, (uint64_t)p->block.count, e);
}

/* Asked behind the array: before it, it would stand between the trigger and the measurement.  A count that differs
 * says that the setting, or the array, is not what it should be; nobody knows which, so neither is believed. */
static int ask_count(struct instrument *in, const struct point *p, struct reading *r, instant by, struct err *e)
{
	struct talk t = { .why = "count" };
	uint64_t wanted;

	if (!p->block.count_ask)
		return 0;
	if (lines_ask_quietly(in, &t, p->block.count_ask, driver_deadline(in->model, NULL, by), e) < 0)
		return -1;
	if (reply_count(t.reply, &wanted, e) < 0 || block_counted(&p->block, r->block.n, wanted, e) < 0)
		return lines_distrusted(in, &t, e);
	lines_report(in, &t, NULL);
	r->counted = in->exchanges;
	return 0;
}

int lines_array(struct instrument *in, const struct point *p, struct talk *t, struct reading *r, instant by,
		struct err *e)
{
	if (take_apart(in, p, t, r, e) < 0)
		return lines_distrusted(in, t, e);
	return ask_count(in, p, r, by, e);
}
