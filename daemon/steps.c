/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run_own.h"

#define SETTLE_READINGS 4096         /* most that a settling window can hold */
#define START_DELAY_NS  (5 * NS_PER_MS)  /* so that every port knows before reading 0 is due, or arms for it */

static const char *const kinds[] = { "set", "settle", "measure", "wait" };

static struct run_channel *channel(struct run *r, const struct channel_ref *ref)
{
	for (size_t i = 0; i < r->n_channels; i++)
		if (!strcmp(r->channels[i].ref->text, ref->text))
			return &r->channels[i];
	abort();                     /* procedure_bind has resolved every name */
}

static struct run_seat *seat_of(struct run *r, const struct channel_ref *ref)
{
	for (size_t i = 0; i < r->n_seats; i++)
		if (r->seats[i].role == ref->bench_role)
			return &r->seats[i];
	abort();
}

static struct port_request request(struct run *r, struct run_seat *s, enum port_what what, int32_t step)
{
	struct port_request q = {
		.what = what, .run = r->order.number, .station = s->at.station,
		.request = run_request(r, s), .start = instant_now(),
		.bound_ns = r->procedure->link_loss_ns,
		.point = r->view.point, .attempt = r->view.attempt, .step = step,
	};

	memcpy(q.point_name, r->view.point_name, sizeof q.point_name);
	return q;
}

/* What the point sets of that quantity, wherever: what a person may expect to read. */
static double nominal(const struct run *r, const struct channel_ref *ref)
{
	const struct procedure_point *p = (const struct procedure_point *)r->procedure->points.items + r->view.point;
	const struct assignment *a;
	double found = NAN;

	if (r->view.point < 0 || (size_t)r->view.point >= r->procedure->points.n)
		return NAN;
	a = p->values.items;
	for (size_t i = 0; i < p->values.n; i++)
		if (!strcmp(a[i].channel.text, ref->text) ||
		    (isnan(found) && !strcmp(a[i].channel.quantity, ref->quantity)))
			found = a[i].bound;
	return found;
}

static void add_channel(struct port_request *q, const struct run *r, const struct run_channel *c)
{
	q->nominals[q->n] = nominal(r, c->ref);
	q->points[q->n] = c->point;
	q->tags[q->n++] = (uint32_t)(c - r->channels);
}

/* Set. */

/* The step's own value, or the one the point has for the channel, in the quantity's unit. */
static double target(const struct run *r, const struct step *s)
{
	const struct procedure_point *p;
	const struct assignment *a;

	if (s->to.unit)
		return s->to_value;
	p = (const struct procedure_point *)r->procedure->points.items + r->view.point;
	a = p->values.items;
	for (size_t i = 0; i < p->values.n; i++)
		if (!strcmp(a[i].channel.text, s->channel.text))
			return a[i].bound;
	abort();                     /* procedure_bind has looked */
}

static enum verdict set(struct run *r, const struct step *s, int32_t step)
{
	struct run_seat *seat = seat_of(r, &s->channel);
	struct port_request q = request(r, seat, PORT_SET, step);
	const struct point *points = seat->role->model->points.items;

	q.value = target(r, s);
	q.points[0] = (uint16_t)(s->channel.point - points);
	q.n = 1;
	seat->sources = true;
	port_send(&seat->line, &q);
	return run_await(r);
}

/* Settle. */

struct window {
	const struct step *step;
	struct { instant at; double value; } *seen;      /* the readings of the last window */
	size_t n;
	instant since;               /* oldest reading without a gap */
	bool settled;
};

static void forget_before(struct window *w, instant edge)
{
	size_t i = 0;

	while (i < w->n && w->seen[i].at < edge)
		i++;
	w->n -= i;
	memmove(w->seen, w->seen + i, w->n * sizeof *w->seen);
}

/* Settled once all readings of a whole window lie within the band, peak to peak. */
static void settle_reading(struct run *r, const struct ack *a)
{
	struct window *w = r->watching;
	double low = INFINITY, high = -INFINITY;

	if (a->status != READING_OK) {
		w->n = 0;
		w->since = 0;
		return;
	}
	if (!w->since)
		w->since = a->mono_ns;
	forget_before(w, a->mono_ns - w->step->window_ns);
	if (w->n == SETTLE_READINGS)
		forget_before(w, w->seen[1].at);
	w->seen[w->n].at = a->mono_ns;
	w->seen[w->n++].value = a->value;
	for (size_t i = 0; i < w->n; i++) {
		low = fmin(low, w->seen[i].value);
		high = fmax(high, w->seen[i].value);
	}
	w->settled = w->n > 1 && a->mono_ns - w->since >= w->step->window_ns &&
		high - low <= w->step->band_value;
}

static enum verdict settle_until(struct run *r, struct window *w, instant by)
{
	enum verdict v = GO_ON;

	while (v == GO_ON && !w->settled && !instant_passed(by) && r->n_pending)
		v = run_listen(r, by);
	return v;
}

static enum verdict timed_out(struct run *r, const struct step *s)
{
	if (s->on_timeout == TIMEOUT_GO_ON)
		return GO_ON;
	err_set(&r->why, ERR_TIMEOUT, "%s did not settle in time", s->channel.text);
	if (s->on_timeout == TIMEOUT_HOLD)
		return HOLD;
	r->abort = true;
	memcpy(r->reason, r->why.text, sizeof r->reason);
	r->reason[sizeof r->reason - 1] = '\0';
	return ABORT;
}

static enum verdict settle(struct run *r, const struct step *s, int32_t step)
{
	struct run_seat *seat = seat_of(r, &s->channel);
	struct port_request q = request(r, seat, PORT_MEASURE, step);
	struct window w = { .step = s, .seen = mem_array(SETTLE_READINGS, sizeof *w.seen) };
	enum verdict v;

	q.settle = true;
	q.interval_ns = s->interval_ns;
	add_channel(&q, r, channel(r, &s->channel));
	r->watched = q.request;
	r->watch = settle_reading;
	r->watching = &w;
	port_send(&seat->line, &q);
	v = settle_until(r, &w, instant_after(s->timeout_ns));
	r->watch = NULL;
	q.what = PORT_CANCEL;
	port_send(&seat->line, &q);
	if (v == GO_ON || v == STOP)
		v = run_await(r);
	if (v == GO_ON && !w.settled)
		v = timed_out(r, s);
	free(w.seen);
	return v;
}

/* Measure. */

/* So that the slowest of the triggered ones is armed by then. */
static int64_t arming(const struct step *s)
{
	const struct channel_ref *refs = s->channels.items;
	int64_t longest = 0;

	for (size_t i = 0; i < s->channels.n; i++) {
		int64_t own = point_arming(refs[i].bench_role->model, refs[i].point);

		longest = own > longest ? own : longest;
	}
	return longest;
}

/* One request a station; all begin at the same instant, so readings of equal k are simultaneous. */
static enum verdict measure(struct run *r, const struct step *s, int32_t step)
{
	const struct channel_ref *refs = s->channels.items;
	instant start = instant_after(START_DELAY_NS + arming(s));

	for (size_t i = 0; i < r->n_seats; i++) {
		struct port_request q = { 0 };

		for (size_t c = 0; c < s->channels.n; c++) {
			if (refs[c].bench_role != r->seats[i].role)
				continue;
			if (q.n == 0)
				q = request(r, &r->seats[i], PORT_MEASURE, step);
			add_channel(&q, r, channel(r, &refs[c]));
		}
		if (q.n == 0)
			continue;
		q.start = start;
		q.interval_ns = s->interval_ns;
		q.count = s->count;
		port_send(&r->seats[i].line, &q);
	}
	return run_await(r);
}

static enum verdict wait(struct run *r, const struct step *s, int32_t step)
{
	instant by = instant_after(s->duration_ns);
	enum verdict v = GO_ON;

	(void)step;
	while (v == GO_ON && !instant_passed(by))
		v = run_listen(r, by);
	return v;
}

/* A list of them. */

static enum verdict (*const doers[])(struct run *, const struct step *, int32_t) = {
	[STEP_SET] = set, [STEP_SETTLE] = settle, [STEP_MEASURE] = measure, [STEP_WAIT] = wait,
};

static enum verdict one(struct run *r, const struct step *s, int32_t i)
{
	enum verdict v;

	r->view.step = i;
	snprintf(r->view.step_kind, sizeof r->view.step_kind, "%s", kinds[s->kind]);
	run_show(r);
	run_keys(r, i);
	scribe_event(&r->scribe, JOURNAL_ORDINARY, "step.begin", "%s", kinds[s->kind]);
	v = doers[s->kind](r, s, i);
	json_key(&r->scribe.keys, "outcome");
	json_text(&r->scribe.keys, v == GO_ON || v == STOP ? "done" : "broken");
	run_keys(r, i);
	scribe_event(&r->scribe, JOURNAL_ORDINARY, "step.end", "%s", kinds[s->kind]);
	return v;
}

enum verdict steps_walk(struct run *r, const struct list *steps)
{
	const struct step *s = steps->items;
	enum verdict v = GO_ON;

	r->view.steps = (int32_t)steps->n;
	for (size_t i = 0; i < steps->n && v == GO_ON; i++) {
		v = run_pause(r);
		if (v == GO_ON)
			v = one(r, &s[i], (int32_t)i);
	}
	return v;
}

int64_t steps_duration(const struct list *steps)
{
	const struct step *s = steps->items;
	int64_t sum = 0;

	for (size_t i = 0; i < steps->n; i++)
		sum += s[i].kind == STEP_WAIT ? s[i].duration_ns
			: s[i].kind == STEP_SETTLE ? s[i].window_ns
			: s[i].kind == STEP_MEASURE ? s[i].count * s[i].interval_ns : 0;
	return sum;
}

/* Environment. */

static void watch_seat(struct run *r, struct run_seat *seat, int64_t every_ns)
{
	struct port_request q = { .what = PORT_WATCH, .run = r->order.number, .station = seat->at.station,
				  .start = instant_now(), .interval_ns = every_ns };

	for (size_t i = 0; i < r->n_channels; i++) {
		const struct run_channel *c = &r->channels[i];

		if (c->environment && &r->seats[c->seat] == seat && c->every_ns == every_ns && q.n < PORT_POINTS)
			add_channel(&q, r, c);
	}
	port_send(&seat->line, &q);
}

/* Channels of one instrument that are due together are asked for together. */
void steps_watch_environment(struct run *r)
{
	for (size_t i = 0; i < r->n_channels; i++) {
		const struct run_channel *c = &r->channels[i];
		bool first = c->environment;

		for (size_t k = 0; k < i && first; k++)
			first = !r->channels[k].environment || r->channels[k].seat != c->seat ||
				r->channels[k].every_ns != c->every_ns;
		if (first)
			watch_seat(r, &r->seats[c->seat], c->every_ns);
	}
}
