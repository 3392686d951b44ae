/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_measure.c - readings: points that ask the same are asked once, and each value is cut from
 * the one answer.  Every reading keeps that answer whole. */
#include <string.h>

#include "fd.h"
#include "inputs.h"
#include "lines_parts.h"
#include "reply.h"
#include "talker.h"

#define BLOCKS_KEPT (4 * 1024 * 1024)   /* memory for arrays that stays between measurements */

static bool prepared_alike(const struct point *a, const struct point *b)
{
	if (a->arm.n != b->arm.n)
		return false;
	for (size_t i = 0; i < a->arm.n; i++)
		if (strcmp(a->arm.list[i], b->arm.list[i]))
			return false;
	return true;
}

/* What is prepared differently is another measurement, though FETC? fetches either. */
static bool together(const struct point *a, const struct point *b)
{
	if (a == b || a->block.given || b->block.given)         /* an array is an answer of its own */
		return a == b;
	return a->ask && b->ask && !strcmp(a->ask, b->ask) && prepared_alike(a, b);
}

/* The first of the points that asks what the i-th does. */
static size_t first_like(const struct point *const *points, size_t i)
{
	size_t k = 0;

	while (!together(points[k], points[i]))
		k++;
	return k;
}

void lines_question(struct buf *out, const struct point *const *points, size_t n, const struct point *first)
{
	const char *at = strstr(first->ask, INPUTS_HOLE);
	const char *comma = "";

	buf_clear(out);
	if (!at) {
		buf_puts(out, first->ask);
		return;
	}
	buf_add(out, first->ask, (size_t)(at - first->ask));
	for (size_t i = 0; i < n; i++) {
		if (!together(points[i], first))
			continue;
		buf_printf(out, "%s%s", comma, points[i]->input);
		comma = ",";
	}
	buf_puts(out, at + strlen(INPUTS_HOLE));
}

/* Of the slowest of them. */
static instant deadline(const struct instrument *in, const struct point *const *points, size_t n,
			const struct point *first, instant by)
{
	instant last = 0;

	for (size_t i = 0; i < n; i++) {
		instant own = driver_deadline(in->model, points[i], by);

		if (together(points[i], first) && own > last)
			last = own;
	}
	return last;
}

static int parse(const struct instrument *in, const struct point *p, int64_t place, struct span reply,
		 struct reading *r, struct err *e)
{
	if (!point_listed(p))
		return reply_parse(in->model, p, reply.p, reply.n, &r->value, &r->status, e);
	r->field = place;
	return reply_parse_field(in->model, p, place, reply.p, reply.n, &r->value, &r->status, e);
}

/* Cuts every value out of the answer to the question of `first`.  Returns how many they are. */
static int cut(struct instrument *in, const struct point *const *points, size_t n, size_t first,
	       const struct talk *t, struct reading *out, struct err *e)
{
	int count = 0;

	for (size_t i = first; i < n; i++) {
		if (!together(points[i], points[first]))
			continue;
		driver_stamp(&out[i], points[i], &t->timing);
		if (parse(in, points[i], ++count, t->raw, &out[i], e) < 0)
			return -1;
	}
	return count;
}

/* Readings of one answer name its exchange, which then is on record too; so does one whose question named its input,
 * which nothing else would prove. */
static void tie(struct instrument *in, const struct point *const *points, size_t n, size_t first, int count,
		const struct talk *t, struct reading *out)
{
	bool named = count > 1 || point_listed(points[first]);

	if (named || in->trace_measure)
		lines_report(in, t, NULL);
	for (size_t i = first; i < n; i++) {
		if (!together(points[i], points[first]))
			continue;
		out[i].exchange = named ? in->exchanges : 0;
		out[i].raw.n = t->raw.n;
	}
	buf_add(&in->raw, t->raw.p, t->raw.n);
}

/* A wait that can be cancelled counts in milliseconds: the last of them is slept. */
static int await(instant at, int cancel, struct err *e)
{
	if (fd_wait(-1, 0, cancel, at - 2 * NS_PER_MS, e) < 0 && e->code != ERR_TIMEOUT)
		return -1;
	instant_sleep_until(at);
	return 0;
}

/* Prepares, waits for the instant that all ports of a step have in common, and triggers. */
static int trigger(struct instrument *in, const struct point *p, struct timing *t, instant by, struct err *e)
{
	for (size_t i = 0; i < p->arm.n; i++)
		if (lines_tell(in, "arm", p->arm.list[i], by, e) < 0)
			return -1;
	if (in->trigger_at && await(in->trigger_at, in->cancel, e) < 0)
		return -1;
	in->trigger_at = 0;
	return lines_trigger(in, p->trigger, t, by, e);
}

/* Asks, triggered or not.  A triggered exchange lasts from the trigger to the answer. */
static int ask(struct instrument *in, struct talk *t, const struct point *p, instant by, instant end, struct err *e)
{
	struct timing triggered;

	if (p->trigger && trigger(in, p, &triggered, end, e) < 0)
		return -1;
	if (model_wait_given(&p->ready) && lines_wait(in, "ready", &p->ready, end, e) < 0)
		return -1;
	if (lines_ask_quietly(in, t, in->question.data, p->trigger ? driver_deadline(in->model, p, end) : by, e) < 0)
		return -1;
	if (p->trigger)
		t->timing.began = triggered.began;
	return 0;
}

static int measure_together(struct instrument *in, const struct point *const *points, size_t n, size_t first,
			    struct reading *out, instant by, struct err *e)
{
	const struct point *p = points[first];
	struct talk t = { .why = "measure", .block = p->block.given, .lines = p->reply_lines };
	int count;

	lines_question(&in->question, points, n, p);
	if (ask(in, &t, p, deadline(in, points, n, p, by), by, e) < 0)
		return -1;
	if (p->block.given)
		return lines_array(in, p, &t, &out[first], by, e);
	count = cut(in, points, n, first, &t, out, e);
	if (count < 0)
		return lines_distrusted(in, &t, e);
	tie(in, points, n, first, count, &t, out);
	return 0;
}

/* The answers stand one after the other in in->raw, and arrays in in->blocks, which have stopped moving. */
static void point_to_raw(struct instrument *in, const struct point *const *points, size_t n, struct reading *out)
{
	size_t at = 0, block = 0;

	for (size_t i = 0; i < n; i++) {
		size_t first;

		if (!points[i]->ask)
			continue;
		first = first_like(points, i);
		out[i].raw.p = first < i ? out[first].raw.p : in->raw.data + at;
		at += first < i ? 0 : out[i].raw.n;
		out[i].block.p = in->blocks.data + block;
		block += out[i].block.n;
	}
}

ssize_t lines_measure(struct instrument *in, const struct point *const *points, size_t n,
		      struct reading *out, instant by, struct err *e)
{
	buf_clear(&in->raw);
	buf_clear(&in->blocks);
	if (in->blocks.cap > BLOCKS_KEPT)
		buf_release(&in->blocks);
	for (size_t i = 0; i < n; i++)
		if (points[i]->ask && first_like(points, i) == i && measure_together(in, points, n, i, out, by, e) < 0)
			return err_wrap(e, "%s", points[i]->quantity);
	point_to_raw(in, points, n, out);
	if (lines_measure_heard(in, points, n, out, by, e) < 0)
		return -1;
	if (lines_errors(in, OCCASION_MEASURE, by, e) < 0 || lines_power_unbroken(in, by, e) < 0 ||
	    lines_self_calibration_holds(in, by, e) < 0)
		return -1;
	return (ssize_t)n;
}
