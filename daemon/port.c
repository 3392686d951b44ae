/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "port.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "post.h"
#include "station.h"

/* What a run asked for and has not got yet. */
struct job {
	struct port_request r;
	struct station *station;
	instant due;
	int32_t k;               /* readings taken */
	instant lost_since;      /* 0: the link is well */
};

struct port {
	uint32_t number;
	char *name;
	int cancel;
	pthread_t thread;

	/* the port thread's own */
	void *inbox;
	struct station **stations;
	size_t n_stations;
	struct client **clients;
	size_t n_clients;
	struct job *jobs;
	size_t n_jobs, cap_jobs;
	struct reading readings[PORT_POINTS];
	instant looked;          /* into the inbox, and found it empty; 0: it is to be looked into now */
	bool quit;
};

/* A look into an empty inbox costs two system calls.  While exchanges go well they need no looking
 * more often than this; what must not wait breaks the exchange in hand. */
#define LOOK_NS NS_PER_MS

static struct station *station(const struct port *p, uint32_t number)
{
	for (size_t i = 0; i < p->n_stations; i++)
		if (p->stations[i]->number == number)
			return p->stations[i];
	return NULL;
}

static struct client *client(const struct port *p, uint32_t run)
{
	for (size_t i = 0; i < p->n_clients; i++)
		if (p->clients[i]->run == run)
			return p->clients[i];
	return NULL;
}

static struct client *client_new(struct port *p, uint32_t run)
{
	struct client *c = mem_new(sizeof *c);

	c->run = run;
	c->to_run = post_outlet("run/%u", run);
	scribe_open(&c->scribe, run, p->number);
	p->clients = mem_grow(p->clients, p->n_clients, sizeof *p->clients);
	p->clients[p->n_clients++] = c;
	return c;
}

static void client_free(struct port *p, struct client *c)
{
	size_t i = 0;

	while (p->clients[i] != c)
		i++;
	p->clients[i] = p->clients[--p->n_clients];
	scribe_close(&c->scribe);
	post_close(&c->to_run);
	free(c);
}

static void job_end(struct port *p, struct job *j, enum outcome o, const struct err *why)
{
	if (j->r.request && j->r.what != PORT_SAFE)
		scribe_mark(&client(p, j->r.run)->scribe, j->r.request, o, why);
	*j = p->jobs[--p->n_jobs];
	p->looked = 0;
}

/* Ends jobs without a mark: the run that asked no longer waits for them. */
static void drop_jobs(struct port *p, uint32_t run, const struct station *s, bool watches)
{
	for (size_t i = p->n_jobs; i-- > 0; ) {
		struct job *j = &p->jobs[i];

		if (j->r.run == run && (!s || j->station == s) && (watches || j->r.what != PORT_WATCH))
			*j = p->jobs[--p->n_jobs];
	}
}

static void job_new(struct port *p, const struct port_request *r)
{
	struct job j = { .r = *r, .station = station(p, r->station), .due = r->start };

	if (!j.station)
		return;
	p->jobs = mem_fit(p->jobs, p->n_jobs, &p->cap_jobs, sizeof *p->jobs);
	p->jobs[p->n_jobs++] = j;
}

static void admit(struct port *p, const struct port_request *r)
{
	const struct bench_role *role = (struct bench_role *)r->setup->bench->roles.items + r->role;
	struct setup *setup = r->setup;
	struct station *s = station(p, r->station);
	struct client *c = client(p, r->run);
	struct err why = { 0 };

	if (!c)
		c = client_new(p, r->run);
	if (!s) {
		struct instrument *sibling = p->n_stations ? p->stations[0]->instrument : NULL;

		s = station_new(p->number, r, sibling, p->cancel, &why);
		if (s) {
			p->stations = mem_grow(p->stations, p->n_stations, sizeof *p->stations);
			p->stations[p->n_stations++] = s;
		}
	}
	if (s)
		station_serve(s, c, role->name);
	scribe_mark(&c->scribe, r->request, s ? OUTCOME_DONE : OUTCOME_REFUSED, &why);
	setup_leave(&setup);
}

static void release(struct port *p, const struct port_request *r)
{
	struct station *s = station(p, r->station);
	struct client *c = client(p, r->run);
	size_t i = 0;

	if (s) {
		drop_jobs(p, r->run, s, true);
		station_leave(s, r->run);
		if (s->n == 0) {
			while (p->stations[i] != s)
				i++;
			p->stations[i] = p->stations[--p->n_stations];
			station_free(&s);
		}
	}
	if (c)
		scribe_mark(&c->scribe, r->request, OUTCOME_DONE, NULL);
}

static void make_safe(struct port *p, const struct port_request *r)
{
	struct station *s = station(p, r->station);
	eventfd_t n;

	if (eventfd_read(p->cancel, &n) < 0 && errno != EAGAIN)
		abort();
	if (!s)
		return;
	drop_jobs(p, r->run, s, false);
	station_safe(s, r);
}

static void cancel_request(struct port *p, const struct port_request *r)
{
	for (size_t i = 0; i < p->n_jobs; i++) {
		if (p->jobs[i].r.request != r->request || p->jobs[i].r.run != r->run)
			continue;
		job_end(p, &p->jobs[i], OUTCOME_CANCELLED, NULL);
		return;
	}
}

static void obey(struct port *p, const struct port_request *r)
{
	struct client *c;

	switch (r->what) {
	case PORT_BIND:
		admit(p, r);
		break;
	case PORT_RELEASE:
		release(p, r);
		break;
	case PORT_SAFE:
		make_safe(p, r);
		break;
	case PORT_CANCEL:
		cancel_request(p, r);
		break;
	case PORT_FORGET:
		c = client(p, r->run);
		if (c)
			client_free(p, c);
		break;
	case PORT_CREDIT:
		c = client(p, r->run);
		if (c)
			c->scribe.credit += r->credit;
		break;
	case PORT_QUIT:
		p->quit = true;
		break;
	case PORT_ATTACH:
	case PORT_SET:
	case PORT_MEASURE:
	case PORT_WATCH:
		job_new(p, r);
		break;
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

static void job_failed(struct port *p, struct job *j, const struct err *why)
{
	bool refused = why->code == ERR_IDENTITY || why->code == ERR_CONFIG ||
		(why->code == ERR_INSTRUMENT && j->r.what != PORT_MEASURE);

	p->looked = 0;
	if (refused && j->r.what != PORT_WATCH)
		job_end(p, j, OUTCOME_REFUSED, why);
	else
		job_later(p, j);
}

/* A shared instrument's reading also goes to every other run whose turn is near. */
static void share(struct port *p, const struct job *taken, size_t n)
{
	for (size_t i = 0; i < p->n_jobs; i++) {
		struct job *j = &p->jobs[i];

		if (j == taken || j->station != taken->station || j->r.what != PORT_WATCH ||
		    j->due > instant_now() + j->r.interval_ns / 2 || j->r.n != taken->r.n ||
		    memcmp(j->r.points, taken->r.points, sizeof j->r.points))
			continue;
		for (unsigned r = 0; r < n; r++)
			station_record(station_service(j->station, j->r.run), &j->r, r, 0, &p->readings[r]);
		j->due += j->r.interval_ns;
		j->lost_since = 0;
	}
}

static instant next_due(const struct job *j)
{
	instant due, now = instant_now();

	if (j->r.what == PORT_MEASURE)
		return j->r.interval_ns ? j->r.start + j->k * j->r.interval_ns : now;
	due = j->due + j->r.interval_ns;
	return due > now ? due : now + j->r.interval_ns;     /* turns missed are not made up for */
}

static void measure(struct port *p, struct job *j)
{
	const struct model *m = j->station->instrument->model;
	const struct point *points[PORT_POINTS];
	int64_t patience = 0;
	struct err why;
	ssize_t n;

	for (unsigned i = 0; i < j->r.n; i++) {
		points[i] = station_point(j->station, j->r.points[i]);
		patience += point_patience(m, points[i], false);
	}
	j->station->asking = j->station->shared ? NULL : station_service(j->station, j->r.run);
	n = instrument_measure(j->station->instrument, points, j->r.n, p->readings,
			       instant_after(patience), &why);
	j->station->asking = NULL;
	if (n < 0) {
		station_failed(j->station, &why);
		job_failed(p, j, &why);
		return;
	}
	for (unsigned i = 0; i < (unsigned)n; i++)
		station_record(station_service(j->station, j->r.run), &j->r, i, j->k, &p->readings[i]);
	if (j->station->shared)
		share(p, j, (size_t)n);
	j->lost_since = 0;
	j->k++;
	j->due = next_due(j);
	if (j->r.what == PORT_MEASURE && j->k == j->r.count)
		job_end(p, j, OUTCOME_DONE, NULL);
}

static void set(struct port *p, struct job *j)
{
	struct instrument *in = j->station->instrument;
	const struct point *point = station_point(j->station, j->r.points[0]);
	int64_t patience = point_patience(in->model, point, true);
	struct err why;
	int failed;

	j->station->asking = station_service(j->station, j->r.run);
	failed = instrument_set(in, point, j->r.value, instant_after(patience), &why);
	j->station->asking = NULL;
	if (!failed) {
		job_end(p, j, OUTCOME_DONE, NULL);
		return;
	}
	if (!in->attached)
		station_failed(j->station, &why);
	job_failed(p, j, &why);
}

static void work(struct port *p, struct job *j)
{
	struct station *s = j->station;
	struct err why;
	int ready = station_ready(s, &why);

	if (ready < 0) {
		station_failed(j->station, &why);
		job_failed(p, j, &why);
	} else if (ready == 0) {
		job_later(p, j);
	} else if (j->r.what == PORT_ATTACH) {
		job_end(p, j, OUTCOME_DONE, NULL);
	} else if (j->r.what == PORT_SET) {
		set(p, j);
	} else {
		measure(p, j);
	}
	station_note_stray(s);
}

static bool may_work(const struct port *p, const struct job *j)
{
	bool measures = j->r.what == PORT_MEASURE || j->r.what == PORT_WATCH;

	return !measures || client(p, j->r.run)->scribe.credit > 0;
}

static struct job *earliest(struct port *p)
{
	struct job *first = NULL;

	for (size_t i = 0; i < p->n_jobs; i++)
		if (may_work(p, &p->jobs[i]) && (!first || p->jobs[i].due < first->due))
			first = &p->jobs[i];
	return first;
}

static bool read_inbox(struct port *p)
{
	zmq_msg_t m;

	if (!post_receive(p->inbox, &m))
		return false;
	obey(p, zmq_msg_data(&m));
	zmq_msg_close(&m);
	return true;
}

static void read_all(struct port *p)
{
	while (read_inbox(p))
		;
	p->looked = instant_now();
}

static void *serve(void *arg)
{
	struct port *p = arg;

	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	read_all(p);
	while (!p->quit) {
		struct job *j = earliest(p);

		if (!j || !instant_passed(j->due)) {
			post_wait(p->inbox, j ? j->due : INSTANT_NEVER);
			p->looked = 0;
		} else {
			work(p, j);
		}
		if (!p->looked || instant_passed(p->looked + LOOK_NS))
			read_all(p);
	}
	while (p->n_stations)
		station_free(&p->stations[--p->n_stations]);
	while (p->n_clients)
		client_free(p, p->clients[0]);
	return NULL;
}

void port_start(struct port **out, uint32_t number, const char *name)
{
	struct port *p = mem_new(sizeof *p);

	p->number = number;
	p->name = mem_string(name);
	p->cancel = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->cancel < 0)
		abort();
	p->inbox = post_inbox("port/%u", number);
	if (pthread_create(&p->thread, NULL, serve, p))
		abort();
	*out = p;
}

int port_cancel(const struct port *p)
{
	return p->cancel;
}

void port_line_open(struct port_line *l, uint32_t port, int cancel)
{
	l->outlet = post_outlet("port/%u", port);
	l->cancel = cancel;
}

void port_line_close(struct port_line *l)
{
	post_close(&l->outlet);
}

void port_send(struct port_line *l, const struct port_request *r)
{
	post_send(l->outlet, r, sizeof *r);
}

void port_interrupt(struct port_line *l, const struct port_request *r)
{
	/* In this order: who reads the request resets a descriptor that has been written. */
	eventfd_write(l->cancel, 1);
	port_send(l, r);
}

void port_stop(struct port **out)
{
	struct port *p = *out;
	struct port_line line;

	if (!p)
		return;
	port_line_open(&line, p->number, p->cancel);
	port_interrupt(&line, &(struct port_request){ .what = PORT_QUIT });
	pthread_join(p->thread, NULL);
	port_line_close(&line);
	post_close(&p->inbox);
	close(p->cancel);
	free(p->name);
	free(p->stations);
	free(p->clients);
	free(p->jobs);
	free(p);
	*out = NULL;
}
