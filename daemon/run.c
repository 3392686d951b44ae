/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "post.h"
#include "run_own.h"

#define CLOCK_LOOK_NS  NS_PER_S          /* at least so often the clocks are compared */
#define CLOCK_STEP_NS  (2 * NS_PER_MS)   /* more than any slewing within that time */

static const char *const state_names[RUN_STATES] = {
	"starting", "running", "paused", "holding", "stopping", "ended",
};

const char *run_state_name(enum run_state s)
{
	return state_names[s];
}

void run_show(struct run *r)
{
	struct notice n = { .what = NOTICE_VIEW, .run = r->order.number, .view = r->view };

	post_send(r->to_main, &n, sizeof n);
}

static void enter(struct run *r, enum run_state s, const char *reason)
{
	r->view.state = s;
	if (reason != r->view.reason)
		snprintf(r->view.reason, sizeof r->view.reason, "%.*s",
			 (int)sizeof r->view.reason - 1, reason);
	run_show(r);
}

void run_keys(struct run *r, int32_t step)
{
	struct buf *b = &r->scribe.keys;

	json_key(b, "point");
	json_int(b, r->view.point);
	json_key(b, "attempt");
	json_int(b, r->view.attempt);
	if (step < 0)
		return;
	json_key(b, "step");
	json_int(b, step);
}

static void event(struct run *r, enum journal_class c, const char *name, const char *text)
{
	scribe_event(&r->scribe, c, name, "%s", text);
}

/* Listening. */

static void obey(struct run *r, const struct ack *a)
{
	static const char *const events[] = {
		[ORDER_PAUSE] = "pause", [ORDER_RESUME] = "resume",
		[ORDER_STOP] = "stop.requested", [ORDER_ABORT] = "abort.requested",
	};

	json_key(&r->scribe.keys, "operator");
	json_text(&r->scribe.keys, a->who);
	json_key(&r->scribe.keys, "reason");
	json_text(&r->scribe.keys, a->text);
	event(r, JOURNAL_RESERVED, events[a->tag], a->text);
	memcpy(r->who, a->who, sizeof r->who);
	memcpy(r->reason, a->text, sizeof r->reason);
	switch ((enum order)a->tag) {
	case ORDER_PAUSE:
		r->pause = true;
		break;
	case ORDER_RESUME:
		r->resume = true;
		r->pause = false;
		break;
	case ORDER_STOP:
		r->stop = true;
		break;
	case ORDER_ABORT:
		r->abort = true;
		break;
	}
}

/* An instrument that proved to be another one has been told nothing and is told nothing more. */
static void settle_mark(struct run *r, const struct ack *a)
{
	size_t i = 0;

	while (i < r->n_pending && r->pending[i].request != a->request)
		i++;
	if (i == r->n_pending)
		return;
	if (a->code == ERR_IDENTITY && r->pending[i].seat)
		r->pending[i].seat->attached = false;
	r->pending[i] = r->pending[--r->n_pending];
	r->records = a->records;
	if (a->outcome == OUTCOME_LOST || a->outcome == OUTCOME_REFUSED)
		err_set(&r->why, a->code ? a->code : ERR_TIMEOUT, "%s", a->text);
}

static void take(struct run *r, const struct ack *a)
{
	switch (a->what) {
	case ACK_READING:
		if (r->watch && a->request == r->watched)
			r->watch(r, a);
		break;
	case ACK_MARK:
		settle_mark(r, a);
		break;
	case ACK_FULL:
		r->full = true;
		err_set(&r->why, a->code, "%s", a->text);
		break;
	case ACK_SPACE:
		r->full = false;
		break;
	case ACK_DEAD:
		r->dead = true;
		err_set(&r->why, a->code, "%s", a->text);
		break;
	case ACK_ENDED:
		r->ended = true;
		break;
	case ACK_ORDER:
		obey(r, a);
		break;
	case ACK_DOUBT:
		err_set(&r->doubt, ERR_CLOSED, "%s", a->text);
		break;
	case ACK_SAFE:
		r->unsafe -= r->unsafe > 0 && a->request == r->safe_round;
		break;
	}
}

/* A step of the realtime clock is put on record: utc_ns before and after do not belong together. */
static void watch_clock(struct run *r)
{
	int64_t offset = utc_now() - instant_now(), step = offset - r->clock_offset;

	if (r->clock_offset && llabs(step) > CLOCK_STEP_NS) {
		json_key(&r->scribe.keys, "step_ns");
		json_int(&r->scribe.keys, step);
		event(r, JOURNAL_ORDINARY, "clock.step", "the realtime clock was moved");
	}
	r->clock_offset = offset;
}

static enum verdict verdict(const struct run *r)
{
	if (r->closing)
		return r->dead ? FAIL : GO_ON;
	return r->dead ? FAIL : r->abort ? ABORT : r->full || r->why.code ? HOLD
		: r->doubt.code ? AGAIN : r->stop ? STOP : GO_ON;
}

enum verdict run_listen(struct run *r, instant by)
{
	zmq_pollitem_t item = { .socket = r->inbox, .events = ZMQ_POLLIN };
	instant look = instant_after(CLOCK_LOOK_NS);
	zmq_msg_t m;

	zmq_poll(&item, 1, instant_ms_left(by < look ? by : look));
	watch_clock(r);
	while (post_receive(r->inbox, &m)) {
		take(r, zmq_msg_data(&m));
		zmq_msg_close(&m);
	}
	return verdict(r);
}

uint64_t run_request(struct run *r, struct run_seat *seat)
{
	r->pending = mem_grow(r->pending, r->n_pending, sizeof *r->pending);
	r->pending[r->n_pending++] = (struct pending){ ++r->requests, seat };
	return r->requests;
}

/* Marks that still come belong to nothing. */
static void give_up_pending(struct run *r)
{
	for (size_t i = 0; i < r->n_pending; i++) {
		struct port_request q = { .what = PORT_CANCEL, .run = r->order.number,
					  .request = r->pending[i].request };

		if (r->pending[i].seat)
			port_send(&r->pending[i].seat->line, &q);
	}
	r->n_pending = 0;
}

/* An order to stop lets the step in hand finish. */
enum verdict run_await(struct run *r)
{
	enum verdict v = verdict(r);

	while (r->n_pending && (v == GO_ON || v == STOP))
		v = run_listen(r, INSTANT_NEVER);
	give_up_pending(r);
	return v;
}

enum verdict run_flush(struct run *r)
{
	scribe_mark(&r->scribe, run_request(r, NULL), OUTCOME_DONE, NULL);
	return run_await(r);
}

/* Holding. */

/* Waits in the safe state for somebody, or for space if that is all that is missing. */
enum verdict run_hold(struct run *r)
{
	struct err why = r->why;
	bool for_space = r->full;
	enum verdict v;

	run_safe(r);
	run_keys(r, -1);
	event(r, JOURNAL_RESERVED, "hold", why.text);
	enter(r, RUN_HOLDING, why.text);
	run_ask_safe(r, false);
	r->resume = false;
	r->why.code = ERR_NONE;
	do {
		v = run_listen(r, INSTANT_NEVER);
		r->why.code = r->doubt.code = ERR_NONE;
	} while (v != ABORT && v != FAIL && !r->stop && !(for_space ? !r->full : r->resume && !r->full));
	if (v == ABORT || v == FAIL || r->stop)
		return v == ABORT || v == FAIL ? v : STOP;
	run_keys(r, -1);
	event(r, JOURNAL_ORDINARY, "release", for_space ? "there is space again" : r->reason);
	enter(r, RUN_RUNNING, "");
	return GO_ON;
}

enum verdict run_pause(struct run *r)
{
	enum verdict v = GO_ON;

	if (!r->pause)
		return verdict(r);
	enter(r, RUN_PAUSED, r->reason);
	while (r->pause && v == GO_ON)
		v = run_listen(r, INSTANT_NEVER);
	enter(r, RUN_RUNNING, "");
	return v;
}

/* Beginning and end. */

static void say_recovered(struct run *r)
{
	json_key(&r->scribe.keys, "cut_bytes");
	json_int(&r->scribe.keys, (int64_t)r->order.cut_bytes);
	event(r, JOURNAL_RESERVED, "recovered", r->order.go_on
		? "the daemon came back; the run goes on at its next point"
		: "the daemon came back; the run ends here");
}

static enum verdict begin(struct run *r)
{
	enum verdict v;

	if (r->order.recovered)
		say_recovered(r);
	else
		ledger_open(r);
	v = run_flush(r);
	if (v != GO_ON)
		return v;
	run_bind(r);
	v = run_await(r);
	if (r->order.recovered && v == GO_ON)
		run_safe(r);
	if (v != GO_ON || (r->order.recovered && !r->order.go_on))
		return v == GO_ON ? STOP : v;
	v = run_attach(r);
	if (v != GO_ON)
		return v;
	enter(r, RUN_RUNNING, "");
	steps_watch_environment(r);
	return points_walk(r);
}

static const char *status_of(const struct run *r, enum verdict v)
{
	if (r->order.recovered && !r->order.go_on)
		return "interrupted";
	return v == GO_ON ? "complete" : v == STOP ? "stopped" : v == ABORT ? "aborted" : "failed";
}

static void finish(struct run *r, enum verdict v)
{
	const char *status = status_of(r, v);
	char reason[200] = "";

	if (v == HOLD || v == FAIL)
		snprintf(reason, sizeof reason, "%.*s", (int)sizeof reason - 1, r->why.text);
	else if (v == STOP || v == ABORT)
		snprintf(reason, sizeof reason, "%.*s", (int)sizeof reason - 1, r->reason);
	if (!strcmp(status, "interrupted"))
		snprintf(reason, sizeof reason, "the daemon ended in the middle of the run");
	r->closing = true;
	enter(r, RUN_STOPPING, reason);
	run_safe(r);
	run_ask_safe(r, true);
	run_release(r);
	if (r->full)
		scribe_send(&r->scribe, &(struct entry){ .what = ENTRY_DROP }, NULL, 0);
	else if (!r->dead)
		ledger_results(r);
	ledger_stop(r, status, reason);
	snprintf(r->view.status, sizeof r->view.status, "%s", status);
}

static void *live(void *arg)
{
	struct run *r = arg;
	struct notice gone = { .what = NOTICE_ENDED, .run = r->order.number };

	finish(r, begin(r));
	scribe_send(&r->scribe, &(struct entry){ .what = ENTRY_END }, NULL, 0);
	while (!r->ended)
		run_listen(r, INSTANT_NEVER);
	r->view.left_ns = 0;
	enter(r, RUN_ENDED, r->view.reason);
	gone.view = r->view;
	post_send(r->to_main, &gone, sizeof gone);
	return NULL;
}

/* From the main thread. */

static void find_channels(struct run *r)
{
	struct procedure_channel list[256];

	r->n_channels = procedure_channels(r->procedure, list, sizeof list / sizeof *list);
	r->channels = mem_array(r->n_channels, sizeof *r->channels);
	for (size_t i = 0; i < r->n_channels; i++) {
		struct run_channel *c = &r->channels[i];
		const struct bench_role *role = list[i].ref->bench_role;

		*c = (struct run_channel){ .ref = list[i].ref, .environment = list[i].environment,
					   .every_ns = list[i].every_ns };
		c->point = (uint16_t)(list[i].ref->point - (struct point *)role->model->points.items);
		while (r->seats[c->seat].role != role)
			c->seat++;
	}
}

static void take_seats(struct run *r)
{
	const struct bench_role *roles = r->order.setup->bench->roles.items;

	r->n_seats = r->procedure->roles.n;
	r->seats = mem_array(r->n_seats, sizeof *r->seats);
	for (size_t i = 0; i < r->n_seats; i++) {
		struct run_seat *s = &r->seats[i];

		s->at = r->order.seats[i];
		s->role = &roles[s->at.role];
		port_line_open(&s->line, s->at.port, s->at.cancel);
	}
}

void run_start(struct run **out, struct run_order *o)
{
	struct run *r = mem_new(sizeof *r);

	r->order = *o;
	r->procedure = o->setup->procedure;
	r->inbox = post_inbox("run/%u", o->number);
	r->orders = post_outlet("run/%u", o->number);
	r->to_main = post_outlet("main");
	logbook_start(&r->logbook, o->number, o->journal);
	scribe_open(&r->scribe, o->number, 0);
	take_seats(r);
	find_channels(r);
	r->view.points = (int32_t)r->procedure->points.n;
	r->view.started_ns = utc_now();
	r->view.left_ns = -1;
	r->view.done_points = o->next_point;
	if (pthread_create(&r->thread, NULL, live, r))
		abort();
	*out = r;
}

void run_order(struct run *r, enum order what, const char *who, const char *why)
{
	struct ack a = { .what = ACK_ORDER, .tag = what };

	snprintf(a.who, sizeof a.who, "%.*s", (int)sizeof a.who - 1, who);
	snprintf(a.text, sizeof a.text, "%.*s", (int)sizeof a.text - 1, why);
	post_send(r->orders, &a, sizeof a);
}

void run_override_release(struct run_override *o)
{
	free(o->by);
	free(o->why);
	problems_release(&o->refused);
	*o = (struct run_override){ 0 };
}

void run_join(struct run **out)
{
	struct run *r = *out;

	if (!r)
		return;
	pthread_join(r->thread, NULL);
	logbook_join(&r->logbook);
	scribe_close(&r->scribe);
	for (size_t i = 0; i < r->n_seats; i++)
		port_line_close(&r->seats[i].line);
	post_close(&r->inbox);
	post_close(&r->orders);
	post_close(&r->to_main);
	free(r->pending);
	setup_leave(&r->order.setup);
	free(r->order.seats);
	free(r->order.validated);
	run_override_release(&r->order.override);
	free(r->seats);
	free(r->channels);
	free(r);
	*out = NULL;
}
