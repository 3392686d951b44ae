/* SPDX-License-Identifier: GPL-3.0-or-later
 * port_work.c - what a job has its instrument do: attached if need be, then set, measured, or asked whether it still
 * stands.  An instrument that has to be waited for (its model file says so) is left meanwhile, as an errand: the line
 * is its neighbours'. */
#include "port_own.h"

#include <stdlib.h>

#include "errand.h"

#define TURN_NS (10 * NS_PER_S)  /* most that the turn of one neighbour may take from who waits */

static int leave(void *who, instant until, struct err *e)
{
	const struct station *s = who;

	return errand_leave(s->errand, until, e);
}

static int set(struct work *w, instant by)
{
	struct station *s = w->station;

	return instrument_set(s->instrument, station_point(s, w->r.points[0]), w->r.value, by, &w->why);
}

/* What was set may be set no longer, and no connection show it: a power cut on a serial line, an output that tripped.
 * Of an instrument that was lost nothing is asked, and nothing is set again: too late for what others have read. */
static void confirm(struct work *w)
{
	struct station *s = w->station;
	int64_t patience = model_check_patience(s->instrument->model) + instrument_settings_patience(s->instrument);

	w->ready = 1;
	station_look(s);
	s->asking = station_service(s, w->r.run);
	w->got = instrument_confirm(s->instrument, instant_after(w->neighbours * TURN_NS + patience), &w->why);
	s->asking = NULL;
}

static ssize_t measure(struct work *w, instant by)
{
	struct station *s = w->station;
	const struct point *points[PORT_POINTS];

	for (unsigned i = 0; i < w->r.n; i++)
		points[i] = station_point(s, w->r.points[i]);
	s->instrument->trigger_at = w->at;
	if (w->fresh)
		instrument_fresh(s->instrument);
	return instrument_measure(s->instrument, points, w->r.n, w->readings, by, &w->why);
}

/* How long it may take; neighbours' turns beside. */
static int64_t patience(const struct work *w)
{
	const struct station *s = w->station;
	bool sets = w->r.what == PORT_SET;
	int64_t sum = w->neighbours * TURN_NS + (sets ? 0 : station_arming(s, &w->r));

	for (unsigned i = 0; i < w->r.n; i++)
		sum += point_patience(s->instrument->model, station_point(s, w->r.points[i]), sets);
	return sum;
}

static void carry_out(void *arg)
{
	struct work *w = arg;
	struct station *s = w->station;
	instant by;

	if (w->r.what == PORT_CONFIRM) {
		confirm(w);
		return;
	}
	w->ready = station_ready(s, w->neighbours * TURN_NS, &w->why);
	if (w->ready <= 0 || w->r.what == PORT_ATTACH)
		return;
	s->asking = s->shared && w->r.what != PORT_SET ? NULL : station_service(s, w->r.run);
	by = instant_after(patience(w));
	w->got = w->r.what == PORT_SET ? set(w, by) : measure(w, by);
	s->asking = NULL;
}

struct work *work_begin(struct port *p, const struct job *j, instant at)
{
	struct station *s = j->station;
	bool waits = model_waits(s->instrument->model, instrument_on_gpib(s->instrument));
	struct work *w = waits ? mem_new(sizeof *w) : &p->work;

	w->station = s;
	w->r = j->r;
	w->at = at;
	w->neighbours = (int64_t)p->n_stations - 1;
	w->fresh = j->k == 0 || j->r.interval_ns || j->r.what == PORT_WATCH;    /* only readings back to back follow each other */
	if (w->r.what == PORT_ATTACH)
		station_look(s);
	if (!waits)
		return w;
	errand_new(&w->errand, carry_out, w);
	s->errand = w->errand;
	s->instrument->leave = leave;
	return w;
}

bool work_go_on(struct work *w)
{
	if (w->errand)
		return errand_go_on(w->errand);
	carry_out(w);
	return true;
}

instant work_due(const struct work *w)
{
	return errand_due(w->errand);
}

void work_end(struct work **out)
{
	struct work *w = *out;

	*out = NULL;
	if (!w || !w->errand)
		return;
	errand_free(&w->errand);
	w->station->errand = NULL;
	w->station->instrument->leave = NULL;
	free(w);
}
