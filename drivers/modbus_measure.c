/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_measure.c - readings: what begins them is written, what ends them awaited, then the registers are read in
 * the fewest requests (modbus_plan.h).  Values that come in one reply are of one moment. */
#include "modbus_parts.h"
#include "modbus_plan.h"
#include "reply.h"

static bool same_trigger(const struct point *a, const struct point *b)
{
	const struct register_write *x = &a->modbus.trigger, *y = &b->modbus.trigger;

	return a->modbus.has_trigger && registers_same(&x->registers, &y->registers) && x->value == y->value;
}

static bool same_wait(const struct point *a, const struct point *b)
{
	const struct register_poll *x = &a->modbus.ready, *y = &b->modbus.ready;

	return a->modbus.has_ready && registers_same(&x->registers, &y->registers) && x->is == y->is;
}

/* Does a point before this one do it for both? */
static bool is_done(const struct point *const *points, size_t i, bool (*same)(const struct point *, const struct point *))
{
	for (size_t k = 0; k < i; k++)
		if (same(points[k], points[i]))
			return true;
	return false;
}

/* began: set where a trigger was written. */
static int begin(struct instrument *in, const struct point *const *points, size_t n, instant *began,
		 instant by, struct err *e)
{
	*began = 0;
	for (size_t i = 0; i < n; i++) {
		const struct register_write *w = &points[i]->modbus.trigger;

		if (!points[i]->modbus.has_trigger || is_done(points, i, same_trigger))
			continue;
		if (!*began)
			*began = instant_now();
		if (modbus_write_number(in, "measure", &w->registers, w->function, w->value, by, e) < 0)
			return err_wrap(e, "%s: trigger", points[i]->quantity);
	}
	for (size_t i = 0; i < n; i++)
		if (points[i]->modbus.has_ready && !is_done(points, i, same_wait) &&
		    modbus_await(in, "measure", &points[i]->modbus.ready, by, e) < 0)
			return err_wrap(e, "%s: ready", points[i]->quantity);
	return 0;
}

/* Room for the raw readings, one behind the other in in->raw. */
static void make_room(struct instrument *in, const struct point *const *points, size_t n, struct reading *out)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += reply_registers_bytes(points[i]);
	buf_clear(&in->raw);
	buf_reserve(&in->raw, total);
	total = 0;
	for (size_t i = 0; i < n; i++) {
		out[i].raw = (struct span){ in->raw.data + total, reply_registers_bytes(points[i]) };
		total += out[i].raw.n;
	}
	in->raw.len = total;
}

/* Hands the bytes of a reply to the readings; the moment of a reading is that of its own registers. */
static void hand_out(struct instrument *in, const struct plan_request *q, const struct ask *a, instant began,
		     struct reading *out)
{
	const struct plan *p = in->plan;

	for (const struct plan_item *x = p->items + q->first; x < p->items + q->first + q->n; x++) {
		struct timing t = a->timing;

		if (x->watched)
			continue;
		modbus_cut(a, q->from, x->registers, (uint8_t *)in->raw.data + (out[x->point].raw.p - in->raw.data) + x->at);
		if (x->at > 0)
			continue;
		if (began && p->points[x->point]->modbus.has_trigger)
			t.began = began;
		driver_stamp(&out[x->point], p->points[x->point], &t);
	}
}

/* Values of the readings that are whole with request k. */
static int parse(struct instrument *in, size_t k, const struct ask *a, struct reading *out, struct err *e)
{
	const struct plan *p = in->plan;

	for (size_t i = 0; i < p->n_points; i++) {
		if (p->last[i] != k ||
		    reply_parse(in->model, p->points[i], out[i].raw.p, out[i].raw.n, &out[i].value, &out[i].status, e) == 0)
			continue;
		err_wrap(e, "%s", p->points[i]->quantity);
		return modbus_refuse(in, a, e);
	}
	return 0;
}

/* A device whose power was cut may answer as if nothing had been. */
static int still_in_state(struct instrument *in, const struct plan_request *q, const struct ask *a, struct err *e)
{
	for (const struct plan_item *x = in->plan->items + q->first; x < in->plan->items + q->first + q->n; x++) {
		uint8_t bytes[REGISTERS_NUMBER];
		double said;

		if (!x->watched)
			continue;
		modbus_cut(a, q->from, x->registers, bytes);
		said = registers_decode(x->registers, bytes);
		if (said == x->watched->is)
			continue;
		modbus_differs(x->registers, said, x->watched->is, ERR_PROTOCOL, e);
		err_wrap(e, "it has lost its state");
		modbus_report(in, a, e);
		return -1;
	}
	return 0;
}

/* Readings whose own registers came in one reply name its exchange, which then is on record too. */
static void tie(struct instrument *in, const struct plan_request *q, const struct ask *a, struct reading *out)
{
	const struct plan_item *items = in->plan->items + q->first;
	size_t own = 0;

	for (size_t i = 0; i < q->n; i++)
		own += !items[i].watched && items[i].at == 0;
	if (own > 1 || in->trace_measure)
		modbus_report(in, a, NULL);
	for (size_t i = 0; own > 1 && i < q->n; i++)
		if (!items[i].watched && items[i].at == 0)
			out[items[i].point].exchange = in->exchanges;
}

static const char *name_of(const struct plan *p, const struct plan_request *q)
{
	const struct plan_item *first = &p->items[q->first];

	return first->watched ? "state" : p->points[first->point]->quantity;
}

static int carry_out(struct instrument *in, size_t k, instant began, struct reading *out, instant by, struct err *e)
{
	const struct plan *p = in->plan;
	const struct plan_request *q = &p->requests[k];
	struct ask a = { .why = "measure" };

	if (modbus_read_table(in, &a, q->table, q->from, q->count, by, e) < 0)
		return err_wrap(e, "%s", name_of(p, q));
	if (still_in_state(in, q, &a, e) < 0)
		return -1;
	hand_out(in, q, &a, began, out);
	if (parse(in, k, &a, out, e) < 0)
		return -1;
	tie(in, q, &a, out);
	return 0;
}

ssize_t modbus_measure(struct instrument *in, const struct point *const *points, size_t n, struct reading *out,
		       instant by, struct err *e)
{
	instant began;

	plan_make(in->plan, &in->model->modbus, points, n);
	if (begin(in, points, n, &began, by, e) < 0)
		return -1;
	make_room(in, points, n, out);
	for (size_t k = 0; k < in->plan->n_requests; k++)
		if (carry_out(in, k, began, out, by, e) < 0)
			return -1;
	return (ssize_t)n;
}
