/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "port_own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "post.h"

/* A look into an empty inbox costs two system calls.  While exchanges go well they need no looking
 * more often than this; what must not wait breaks the exchange in hand. */
#define LOOK_NS NS_PER_MS

/* An idle connection that the other end closed says nothing by itself: a source may stand idle for hours.  So often it
 * is looked at, that its loss is on record within a second. */
#define IDLE_NS (400 * NS_PER_MS)

struct station *port_station(const struct port *p, uint32_t number)
{
	for (size_t i = 0; i < p->n_stations; i++)
		if (p->stations[i]->number == number)
			return p->stations[i];
	return NULL;
}

struct client *port_client(const struct port *p, uint32_t run)
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

static void admit(struct port *p, const struct port_request *r)
{
	const struct bench_role *role = (struct bench_role *)r->setup->bench->roles.items + r->role;
	struct setup *setup = r->setup;
	struct station *s = port_station(p, r->station);
	struct client *c = port_client(p, r->run);
	struct err why = { 0 };

	if (!c)
		c = client_new(p, r->run);
	if (!s) {
		struct instrument *sibling = p->n_stations ? p->stations[0]->instrument : NULL;

		s = station_new(p->number, r, sibling, p->cancel, &why);
		if (s) {
			p->stations = mem_grow(p->stations, p->n_stations, sizeof *p->stations);
			p->stations[p->n_stations++] = s;
			p->look = instant_after(IDLE_NS);
		}
	}
	if (s)
		station_serve(s, c, role->name);
	scribe_mark(&c->scribe, r->request, s ? OUTCOME_DONE : OUTCOME_REFUSED, &why);
	setup_leave(&setup);
}

static void release(struct port *p, const struct port_request *r)
{
	struct station *s = port_station(p, r->station);
	struct client *c = port_client(p, r->run);
	size_t i = 0;

	if (s) {
		jobs_drop(p, r->run, s, true);
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
	struct station *s = port_station(p, r->station);
	eventfd_t n;

	if (eventfd_read(p->cancel, &n) < 0 && errno != EAGAIN)
		abort();
	if (!s)
		return;
	jobs_drop(p, r->run, s, false);
	jobs_halt(p, s);
	if (s->person)
		job_safe(p, r);
	else
		station_safe(s, r);
}

static void answer(struct port *p, const struct port_answer *a)
{
	struct station *s = port_station(p, a->request.station);

	if (s && s->person)
		job_answer(p, s, a);
}

static void since(struct port *p, const struct port_since *said)
{
	struct station *s = port_station(p, said->request.station);
	struct client *c = port_client(p, said->request.run);
	struct err why;
	int failed;

	if (!s || !c)
		return;                         /* the run has ended: its end answers */
	failed = station_since(s, said, &why);
	if (!failed)
		jobs_retry(p, s);
	scribe_tell(&c->scribe, JOURNAL_ORDINARY, s->number, said->ticket, failed ? &why : NULL);
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
	case PORT_ANSWER:
		answer(p, (const struct port_answer *)r);
		break;
	case PORT_SINCE:
		since(p, (const struct port_since *)r);
		break;
	case PORT_CANCEL:
		jobs_cancel(p, r);
		break;
	case PORT_FORGET:
		c = port_client(p, r->run);
		if (c)
			client_free(p, c);
		break;
	case PORT_CREDIT:
		c = port_client(p, r->run);
		if (c)
			c->scribe.credit += r->credit;
		break;
	case PORT_QUIT:
		p->quit = true;
		break;
	case PORT_ATTACH:
	case PORT_SET:
	case PORT_CONFIRM:
	case PORT_MEASURE:
	case PORT_WATCH:
		job_new(p, r);
		break;
	}
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

static void look_at_idle(struct port *p)
{
	if (!instant_passed(p->look))
		return;
	for (size_t i = 0; i < p->n_stations; i++)
		station_look(p->stations[i]);
	p->look = p->n_stations ? instant_after(IDLE_NS) : INSTANT_NEVER;
}

static void idle(struct port *p, instant until)
{
	post_wait(p->inbox, until < p->look ? until : p->look);
	look_at_idle(p);
	p->looked = 0;
}

static void *serve(void *arg)
{
	struct port *p = arg;

	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	read_all(p);
	while (!p->quit) {
		struct job *j = jobs_earliest(p);

		if (!j || !instant_passed(j->due))
			idle(p, j ? j->due : INSTANT_NEVER);
		else
			job_work(p, j);
		if (!p->looked || instant_passed(p->looked + LOOK_NS))
			read_all(p);
	}
	for (size_t i = 0; i < p->n_stations; i++)
		jobs_halt(p, p->stations[i]);
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
	p->look = INSTANT_NEVER;
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

void port_send_answer(struct port_line *l, const struct port_answer *a, const char *more)
{
	zmq_msg_t m;
	char *p = post_begin(&m, sizeof *a + a->more);

	memcpy(p, a, sizeof *a);
	if (a->more)
		memcpy(p + sizeof *a, more, a->more);
	post_end(l->outlet, &m);
}

void port_send_since(struct port_line *l, const struct port_since *s)
{
	post_send(l->outlet, s, sizeof *s);
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
