/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player.h"

#include <stdlib.h>

#include "post.h"

#define PORTS_A_RUN 10000

/* Phases are spread over the interval, so that instruments do not all fall due at once. */
static instant start_of(const struct player *p, unsigned i)
{
	return p->start + (p->together ? 0 : p->interval_ns / p->n * i);
}

static void keep(struct player *p, const struct ack *a)
{
	if (p->kept == p->room)
		return;
	p->delays[p->kept] = aid_seconds(a->mono_ns);
	p->lateness[p->kept++] = (double)(a->mono_ns - start_of(p, a->tag) - a->k * p->interval_ns) / 1e9;
}

void player_keep(struct player *p, size_t room)
{
	p->delays = mem_resize(p->delays, room, sizeof *p->delays);
	p->lateness = mem_resize(p->lateness, room, sizeof *p->lateness);
	p->room = room;
	p->kept = 0;
}

static void take(struct player *p, const struct ack *a)
{
	switch (a->what) {
	case ACK_MARK:
		if (a->outcome != OUTCOME_DONE)
			err_set(&aid_err, a->code, "%s", a->text);
		must(a->outcome == OUTCOME_DONE, "a request");
		p->marks++;
		break;
	case ACK_READING:
		must(a->status == READING_OK, "a reading");
		p->readings++;
		keep(p, a);
		break;
	case ACK_ENDED:
		p->ended = true;
		break;
	default:
		must(false, "the journal");
	}
}

void player_listen_once(struct player *p)
{
	zmq_pollitem_t item = { .socket = p->inbox, .events = ZMQ_POLLIN };
	zmq_msg_t m;

	zmq_poll(&item, 1, -1);
	while (post_receive(p->inbox, &m)) {
		take(p, zmq_msg_data(&m));
		zmq_msg_close(&m);
	}
}

void player_listen(struct player *p)
{
	while (p->marks < p->requests)
		player_listen_once(p);
}

static struct port_request request(struct player *p, unsigned i, enum port_what what)
{
	return (struct port_request){ .what = what, .run = p->run, .station = i + 1, .request = ++p->requests,
				      .start = instant_now() };
}

static void start_ports(struct player *p, int core, int others)
{
	p->ports = mem_array(p->n, sizeof(void *));
	p->lines = mem_array(p->n, sizeof *p->lines);
	aid_pin(core);
	for (unsigned i = 0; i < p->n; i++) {
		uint32_t port = p->run * PORTS_A_RUN + i;

		port_start(&p->ports[i], port, "bench");
		port_line_open(&p->lines[i], port, port_cancel(p->ports[i]));
	}
	aid_pin(others);
	for (unsigned i = 0; i < p->n; i++) {
		struct port_request q = request(p, i, PORT_BIND);

		q.setup = setup_share(p->setup);
		q.role = i;
		port_send(&p->lines[i], &q);
	}
	player_listen(p);
	for (unsigned i = 0; i < p->n; i++) {
		struct port_request q = request(p, i, PORT_ATTACH);

		port_send(&p->lines[i], &q);
	}
	player_listen(p);
}

void player_open(struct player *p, uint32_t run, const char *model, char *const *addresses, unsigned n,
		 int core, int others)
{
	static unsigned number;
	char name[32];
	struct journal *j;

	*p = (struct player){ .run = run, .n = n };
	snprintf(name, sizeof name, "journal%u", ++number);
	p->journal = aid_path(name);
	p->inbox = post_inbox("run/%u", run);
	must(journal_create(&j, p->journal, "BENCH-20261124-0001", NULL, &aid_err) == 0, "journal");
	logbook_start(&p->logbook, run, j);
	scribe_open(&p->scribe, run, 0);
	if (n == 0)
		return;
	p->setup = aid_setup(model, addresses, n);
	start_ports(p, core, others);
}

double player_measure(struct player *p, int64_t count, int64_t interval_ns)
{
	instant began = instant_now();

	p->interval_ns = interval_ns;
	p->start = began + (interval_ns ? 50 * NS_PER_MS : 0);  /* every port knows by then */
	for (unsigned i = 0; i < p->n; i++) {
		struct port_request q = request(p, i, PORT_MEASURE);

		q.count = count;
		q.interval_ns = interval_ns;
		q.start = start_of(p, i);
		q.tags[0] = i;
		q.n = 1;
		q.settle = p->room > 0;     /* then every reading is told of by itself */
		port_send(&p->lines[i], &q);
	}
	player_listen(p);
	return aid_seconds(began);
}

void player_close(struct player *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		struct port_request q = request(p, i, PORT_RELEASE);

		port_send(&p->lines[i], &q);
	}
	player_listen(p);
	for (unsigned i = 0; i < p->n; i++)
		port_send(&p->lines[i], &(struct port_request){ .what = PORT_FORGET, .run = p->run });
	scribe_send(&p->scribe, &(struct entry){ .what = ENTRY_END }, NULL, 0);
	while (!p->ended)
		player_listen_once(p);
	logbook_join(&p->logbook);
	for (unsigned i = 0; i < p->n; i++) {
		port_line_close(&p->lines[i]);
		port_stop(&p->ports[i]);
	}
	scribe_close(&p->scribe);
	post_close(&p->inbox);
	setup_leave(&p->setup);
	free(p->delays);
	free(p->lateness);
	free(p->ports);
	free(p->lines);
	free(p->journal);
}
