/* SPDX-License-Identifier: GPL-3.0-or-later
 * port_jobs.c - what runs have asked of a port and have not got yet: whose turn it is, how an
 * exchange ends, what becomes of a job when its link is lost. */
#include "port_own.h"

#include <stdlib.h>
#include <string.h>

/* Jobs that found their instrument taken look again. */
static void wake(struct port *p, const struct station *s)
{
	for (size_t i = 0; i < p->n_jobs; i++)
		if (p->jobs[i].station == s && p->jobs[i].due == INSTANT_NEVER)
			p->jobs[i].due = instant_now();
}

/* Its instrument is not waited for any more. */
static void come_back(struct port *p, struct job *j)
{
	if (!j->work)
		return;
	work_end(&j->work);
	j->due = instant_now();
	wake(p, j->station);
}

/* Whoever had the word at an instrument that a person reads has it no longer: the next may ask. */
static void turn_over(struct port *p, struct job *j, const char *why)
{
	struct station *s = j->station;

	if (s->person && person_leave(s->person, &j->r, why))
		wake(p, s);
}

void job_end(struct port *p, struct job *j, enum outcome o, const struct err *why)
{
	if (j->r.request && j->r.what != PORT_SAFE)
		scribe_mark(&port_client(p, j->r.run)->scribe, j->r.request, o, why);
	come_back(p, j);
	turn_over(p, j, "the run no longer waits for it");
	*j = p->jobs[--p->n_jobs];
	p->looked = 0;
}

void jobs_drop(struct port *p, uint32_t run, const struct station *s, bool watches)
{
	for (size_t i = p->n_jobs; i-- > 0; ) {
		struct job *j = &p->jobs[i];

		if (j->r.run != run || (s && j->station != s) || (!watches && j->r.what == PORT_WATCH))
			continue;
		come_back(p, j);
		turn_over(p, j, "the run no longer waits for it");
		*j = p->jobs[--p->n_jobs];
	}
}

void jobs_halt(struct port *p, const struct station *s)
{
	for (size_t i = 0; i < p->n_jobs; i++)
		if (p->jobs[i].station == s)
			come_back(p, &p->jobs[i]);
}

/* Whoever wants to work with it again does not wait for its safe state any more. */
static void forget_safe(struct port *p, const struct station *s)
{
	for (size_t i = p->n_jobs; i-- > 0; )
		if (p->jobs[i].station == s && p->jobs[i].r.what == PORT_SAFE)
			job_end(p, &p->jobs[i], OUTCOME_CANCELLED, NULL);
}

/* The instant at which every port of the step takes its next reading; 0: each when it can. */
static instant common_instant(const struct job *j)
{
	if (j->r.what != PORT_MEASURE || (j->k && !j->r.interval_ns))
		return 0;
	return j->r.start + j->k * j->r.interval_ns;
}

void job_new(struct port *p, const struct port_request *r)
{
	struct job j = { .r = *r, .station = port_station(p, r->station), .due = r->start };

	if (!j.station)
		return;
	if (r->what == PORT_MEASURE)
		j.due -= station_arming(j.station, r);
	if (r->what != PORT_WATCH)
		forget_safe(p, j.station);
	p->jobs = mem_fit(p->jobs, p->n_jobs, &p->cap_jobs, sizeof *p->jobs);
	p->jobs[p->n_jobs++] = j;
}

void jobs_cancel(struct port *p, const struct port_request *r)
{
	for (size_t i = 0; i < p->n_jobs; i++) {
		if (p->jobs[i].r.request != r->request || p->jobs[i].r.run != r->run)
			continue;
		job_end(p, &p->jobs[i], OUTCOME_CANCELLED, NULL);
		return;
	}
}

static bool gives_up(const struct job *j)
{
	return j->r.what != PORT_WATCH && j->lost_since && j->r.bound_ns &&
		instant_now() - j->lost_since >= j->r.bound_ns;
}

/* To be tried when the station may be, or when the job gives up, whichever comes first. */
static void job_later(struct port *p, struct job *j)
{
	if (!j->lost_since)
		j->lost_since = instant_now();
	j->due = j->station->next_try;
	if (gives_up(j))
		job_end(p, j, OUTCOME_LOST, &j->station->why);
	else if (j->r.what != PORT_WATCH && j->r.bound_ns && j->due > j->lost_since + j->r.bound_ns)
		j->due = j->lost_since + j->r.bound_ns;
}

void jobs_retry(struct port *p, const struct station *s)
{
	for (size_t i = 0; i < p->n_jobs; i++)
		if (p->jobs[i].station == s && p->jobs[i].lost_since)
			p->jobs[i].due = instant_now();
}

static void job_failed(struct port *p, struct job *j, const struct err *why)
{
	bool refused = why->code == ERR_IDENTITY || why->code == ERR_CONFIG ||
		(why->code == ERR_INSTRUMENT && j->r.what != PORT_MEASURE);

	p->looked = 0;
	if (why->code == ERR_AWAITED)
		j->due = person_serve(j->station->person) ? instant_now() : person_due(j->station->person);
	else if (refused && j->r.what != PORT_WATCH)
		job_end(p, j, OUTCOME_REFUSED, why);
	else
		job_later(p, j);
}

/* A shared instrument's reading also goes to every other run whose turn is near. */
static void share(struct port *p, const struct job *taken, const struct work *w)
{
	for (size_t i = 0; i < p->n_jobs; i++) {
		struct job *j = &p->jobs[i];

		if (j == taken || j->station != taken->station || j->r.what != PORT_WATCH ||
		    j->due > instant_now() + j->r.interval_ns / 2 || j->r.n != taken->r.n ||
		    memcmp(j->r.points, taken->r.points, sizeof j->r.points))
			continue;
		for (unsigned r = 0; r < w->got; r++)
			station_record(station_service(j->station, j->r.run), &j->r, r, 0, &w->readings[r]);
		j->due += j->r.interval_ns;
		j->lost_since = 0;
	}
}

static instant next_due(const struct job *j)
{
	instant due, now = instant_now();

	if (j->r.what == PORT_MEASURE)
		return j->r.interval_ns ? common_instant(j) - station_arming(j->station, &j->r) : now;
	due = j->due + j->r.interval_ns;
	return due > now ? due : now + j->r.interval_ns;     /* turns missed are not made up for */
}

static void measured(struct port *p, struct job *j, const struct work *w)
{
	if (w->got < 0) {
		station_failed(j->station, &w->why);
		job_failed(p, j, &w->why);
		return;
	}
	for (unsigned i = 0; i < w->got; i++)
		station_record(station_service(j->station, j->r.run), &j->r, i, j->k, &w->readings[i]);
	if (j->station->shared)
		share(p, j, w);
	j->lost_since = 0;
	j->k++;
	turn_over(p, j, "");
	j->due = next_due(j);
	if (j->r.what == PORT_MEASURE && j->k == j->r.count)
		job_end(p, j, OUTCOME_DONE, NULL);
}

static void was_set(struct port *p, struct job *j, const struct work *w)
{
	if (w->got == 0) {
		job_end(p, j, OUTCOME_DONE, NULL);
		return;
	}
	if (!j->station->instrument->attached)
		station_failed(j->station, &w->why);
	job_failed(p, j, &w->why);
}

static void was_confirmed(struct port *p, struct job *j, const struct work *w)
{
	struct err why = w->why;

	if (w->got == 0) {
		job_end(p, j, OUTCOME_DONE, NULL);
		return;
	}
	if (!j->station->instrument->attached && !j->station->lost)
		station_failed(j->station, &why);
	if (why.code == ERR_IDENTITY)           /* it has lost its state, but is no stranger */
		why.code = ERR_PROTOCOL;
	job_end(p, j, OUTCOME_REFUSED, &why);
}

/* How long a person may take is not how long their safe state may stay unconfirmed: then it is an alarm,
 * and the question stays. */
static void await_safe(struct port *p, struct job *j)
{
	instant by = j->r.start + j->r.bound_ns;
	bool said = j->k > 0, late = instant_passed(by);
	struct err why;
	int failed = station_make_safe(j->station, &j->r, &why);

	if (!failed || why.code != ERR_AWAITED) {
		station_say_safe(j->station, &j->r, failed ? &why : NULL, !said);
		job_end(p, j, OUTCOME_DONE, NULL);
		return;
	}
	if (late && !said) {
		err_set(&why, ERR_TIMEOUT, "nobody has confirmed it yet");
		station_say_safe(j->station, &j->r, &why, true);
		j->k++;
	}
	j->due = person_due(j->station->person);
	if (!late && by < j->due)
		j->due = by;
}

void job_safe(struct port *p, const struct port_request *r)
{
	struct station *s = port_station(p, r->station);
	struct port_request q = *r;

	q.start = instant_now();
	person_clear(s->person, "the run goes to its safe state");
	for (size_t i = 0; i < p->n_jobs; i++)
		if (p->jobs[i].station == s)
			p->jobs[i].due = INSTANT_NEVER;
	job_new(p, &q);
}

void job_answer(struct port *p, struct station *s, const struct port_answer *a)
{
	struct err why;
	int failed = person_answer(s->person, a, &why);

	for (size_t i = 0; !failed && i < p->n_jobs; i++) {
		if (p->jobs[i].station != s || !person_turn(s->person, &p->jobs[i].r, p->jobs[i].k))
			continue;
		job_work(p, &p->jobs[i]);
		break;
	}
	person_receipt(s->person, a, failed ? &why : NULL);
}

/* What comes of it for the job. */
static void worked(struct port *p, struct job *j, const struct work *w)
{
	if (w->ready < 0) {
		station_failed(j->station, &w->why);
		job_failed(p, j, &w->why);
	} else if (w->ready == 0) {
		job_later(p, j);
	} else if (j->r.what == PORT_ATTACH) {
		job_end(p, j, OUTCOME_DONE, NULL);
	} else if (j->r.what == PORT_SET) {
		was_set(p, j, w);
	} else if (j->r.what == PORT_CONFIRM) {
		was_confirmed(p, j, w);
	} else {
		measured(p, j, w);
	}
}

static void go_on(struct port *p, struct job *j)
{
	struct station *s = j->station;
	struct work *w = j->work ? j->work : work_begin(p, j, common_instant(j));

	j->work = work_go_on(w) ? NULL : w;
	if (j->work) {
		j->due = work_due(w);
	} else {
		worked(p, j, w);
		work_end(&w);
		wake(p, s);
	}
	station_note_stray(s);
}

/* Somebody else's job waits for this instrument, or for the person who reads it. */
static bool is_taken(const struct port *p, const struct job *j)
{
	if (j->station->person)
		return !person_turn(j->station->person, &j->r, j->k);
	for (size_t i = 0; i < p->n_jobs; i++)
		if (p->jobs[i].station == j->station && p->jobs[i].work && &p->jobs[i] != j)
			return true;
	return false;
}

void job_work(struct port *p, struct job *j)
{
	if (is_taken(p, j))
		j->due = INSTANT_NEVER;
	else if (j->r.what == PORT_SAFE)
		await_safe(p, j);
	else
		go_on(p, j);
}

static bool may_work(const struct port *p, const struct job *j)
{
	bool measures = j->r.what == PORT_MEASURE || j->r.what == PORT_WATCH;

	return !measures || j->work || port_client(p, j->r.run)->scribe.credit > 0;
}

struct job *jobs_earliest(struct port *p)
{
	struct job *first = NULL;

	for (size_t i = 0; i < p->n_jobs; i++)
		if (may_work(p, &p->jobs[i]) && (!first || p->jobs[i].due < first->due))
			first = &p->jobs[i];
	return first;
}
