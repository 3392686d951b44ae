/* SPDX-License-Identifier: GPL-3.0-or-later
 * points.c - the way of a run: the baseline, then point after point; and what is measured again, because
 * somebody had to be waited for, or because a source was away while others measured what it sources. */
#include <string.h>

#include "run_own.h"

#define DOUBTS 3                 /* at one point; then the run holds */

static void event(struct run *r, const char *name, const char *text)
{
	scribe_event(&r->scribe, JOURNAL_ORDINARY, name, "%s", text);
}

/* One that was cut off a moment ago may not have been looked at since; one on a serial line shows nothing until it is
 * asked.  Of what a person has set the person would say the same again. */
static void ask_source(struct run *r, struct run_seat *s)
{
	run_ask(r, s, s->role->model->manner == MANNER_MANUAL ? PORT_ATTACH : PORT_CONFIRM);
}

/* What does not stand as it was set is in doubt like one that was cut off. */
static enum verdict prove_sources(struct run *r)
{
	enum verdict v;

	for (size_t i = 0; i < r->n_seats; i++)
		if (r->seats[i].sources)
			ask_source(r, &r->seats[i]);
	v = run_await(r);
	if (v != HOLD || r->full)
		return v;
	r->doubt = r->why;
	r->why.code = ERR_NONE;
	return AGAIN;
}

static enum verdict baseline(struct run *r)
{
	enum verdict v;

	event(r, "baseline.begin", "baseline");
	v = steps_walk(r, &r->procedure->baseline);
	if (v == GO_ON)
		v = prove_sources(r);
	if (v == GO_ON || v == STOP)
		event(r, "baseline.end", "baseline");
	return v;
}

static enum verdict attempt(struct run *r, int32_t superseded)
{
	enum verdict v;

	if (superseded) {
		json_key(&r->scribe.keys, "supersedes");
		json_int(&r->scribe.keys, superseded);
	}
	run_keys(r, -1);
	event(r, "point.begin", r->view.point_name);
	v = steps_walk(r, &r->procedure->steps);
	if (v == GO_ON)
		v = prove_sources(r);
	if (v != GO_ON)
		return v;
	run_keys(r, -1);
	event(r, "point.end", r->view.point_name);
	return run_flush(r);
}

static void estimate(struct run *r)
{
	int32_t left = r->view.points - r->view.point;
	int64_t each = r->view.done_points ? r->points_ns / r->view.done_points
		: steps_duration(&r->procedure->steps);

	r->view.left_ns = each * left;
}

/* A source that was away for a moment is set again and all is measured again, without asking anybody: but not for
 * ever.  times: how often this has been so. */
static enum verdict doubt(struct run *r, int *times)
{
	struct err why = r->doubt;

	run_keys(r, -1);
	event(r, "doubt", why.text);
	r->doubt.code = ERR_NONE;
	if (++*times < DOUBTS)
		return GO_ON;
	r->why = why;
	return run_hold(r);
}

/* What has to come before it begins anew, once v has cut it short. */
static enum verdict before_anew(struct run *r, enum verdict v, int *doubts)
{
	return v == AGAIN ? doubt(r, doubts) : run_hold(r);
}

/* Between two points nothing is measured, and whatever a point needs is set by it. */
static enum verdict between_points(struct run *r)
{
	enum verdict v;

	do {
		r->doubt.code = ERR_NONE;
		v = run_pause(r);
	} while (v == AGAIN);
	return v;
}

/* What the baseline sets, and the zeros it takes, hold until all is made safe: then it comes again first. */
static enum verdict stand_on_baseline(struct run *r)
{
	enum verdict v = GO_ON;
	int doubts = 0;

	if (r->based || !r->procedure->baseline.n)
		return GO_ON;
	r->view.point = -1;
	r->view.attempt = 0;
	snprintf(r->view.point_name, sizeof r->view.point_name, "baseline");
	while (v == GO_ON && !r->based) {
		v = baseline(r);
		r->based = v == GO_ON;
		if (v == HOLD || v == AGAIN)
			v = before_anew(r, v, &doubts);
	}
	return v;
}

static enum verdict new_attempt(struct run *r, int32_t point, int32_t number, int32_t superseded)
{
	const struct procedure_point *p = (struct procedure_point *)r->procedure->points.items + point;
	enum verdict v = stand_on_baseline(r);

	if (v != GO_ON)
		return v;
	r->view.point = point;
	r->view.attempt = number;
	snprintf(r->view.point_name, sizeof r->view.point_name, "%s", p->name);
	estimate(r);
	run_show(r);
	return attempt(r, superseded);
}

/* A point that was cut short is measured again as a new attempt. */
static enum verdict point(struct run *r, int32_t i)
{
	int32_t superseded = r->order.recovered && i == r->order.next_point ? r->order.last_attempt : 0;
	int32_t number = superseded + 1;
	enum verdict v = between_points(r);
	int doubts = 0;

	while (v == GO_ON || v == HOLD || v == AGAIN) {
		instant began = instant_now();

		if (v != GO_ON) {
			v = before_anew(r, v, &doubts);
			if (v != GO_ON)
				break;
			superseded = number++;
		}
		v = new_attempt(r, i, number, superseded);
		if (v != GO_ON)
			continue;
		r->view.done_points++;
		r->points_ns += instant_now() - began;
		return GO_ON;
	}
	return v;
}

/* What was held before a crash is still held after it. */
static enum verdict hold_again(struct run *r)
{
	if (!r->order.held)
		return GO_ON;
	err_set(&r->why, ERR_STATE, "it was on hold when the daemon ended");
	return run_hold(r);
}

enum verdict points_walk(struct run *r)
{
	enum verdict v = hold_again(r);

	if (v == GO_ON)
		v = stand_on_baseline(r);
	for (int32_t i = r->order.next_point; v == GO_ON && i < r->view.points; i++)
		v = point(r, i);
	return v;
}
