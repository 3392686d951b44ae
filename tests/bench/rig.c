/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rig.h"

#include <stdlib.h>

#include "post.h"

#define RUN 1

/* Phases are spread over the interval, so that instruments do not all fall due at once. */
static instant start_of(const struct rig *r, unsigned i)
{
	return r->start + r->interval_ns / r->n * i;
}

static void keep(struct rig *r, const struct ack *a)
{
	if (r->kept == r->room)
		return;
	r->delays[r->kept] = aid_seconds(a->mono_ns);
	r->lateness[r->kept++] = (double)(a->mono_ns - start_of(r, a->tag) - a->k * r->interval_ns) / 1e9;
}

void rig_keep(struct rig *r, size_t room)
{
	r->delays = mem_resize(r->delays, room, sizeof *r->delays);
	r->lateness = mem_resize(r->lateness, room, sizeof *r->lateness);
	r->room = room;
	r->kept = 0;
}

static void take(struct rig *r, const struct ack *a)
{
	switch (a->what) {
	case ACK_MARK:
		if (a->outcome != OUTCOME_DONE)
			err_set(&aid_err, a->code, "%s", a->text);
		must(a->outcome == OUTCOME_DONE, "a request");
		r->marks++;
		break;
	case ACK_READING:
		must(a->status == READING_OK, "a reading");
		keep(r, a);
		break;
	case ACK_ENDED:
		r->ended = true;
		break;
	default:
		must(false, "the journal");
	}
}

static void drain(void *inbox)
{
	zmq_msg_t m;

	while (post_receive(inbox, &m))
		zmq_msg_close(&m);
}

void rig_listen_once(struct rig *r)
{
	zmq_pollitem_t item = { .socket = r->inbox, .events = ZMQ_POLLIN };
	zmq_msg_t m;

	zmq_poll(&item, 1, -1);
	while (post_receive(r->inbox, &m)) {
		take(r, zmq_msg_data(&m));
		zmq_msg_close(&m);
	}
	drain(r->main);
}

void rig_listen(struct rig *r)
{
	while (r->marks < r->requests)
		rig_listen_once(r);
}

static struct port_request request(struct rig *r, unsigned i, enum port_what what)
{
	return (struct port_request){ .what = what, .run = RUN, .station = i + 1, .request = ++r->requests,
				      .start = instant_now() };
}

static void start_ports(struct rig *r, int core, int others)
{
	r->ports = mem_array(r->n, sizeof(void *));
	r->lines = mem_array(r->n, sizeof *r->lines);
	aid_pin(core);
	for (unsigned i = 0; i < r->n; i++) {
		port_start(&r->ports[i], i + 1, "bench");
		port_line_open(&r->lines[i], i + 1, port_cancel(r->ports[i]));
	}
	aid_pin(others);
	for (unsigned i = 0; i < r->n; i++) {
		struct port_request q = request(r, i, PORT_BIND);

		q.setup = setup_share(r->setup);
		q.role = i;
		port_send(&r->lines[i], &q);
	}
	rig_listen(r);
	for (unsigned i = 0; i < r->n; i++) {
		struct port_request q = request(r, i, PORT_ATTACH);

		port_send(&r->lines[i], &q);
	}
	rig_listen(r);
}

void rig_open(struct rig *r, const char *model, char *const *addresses, unsigned n, int core, int others)
{
	static unsigned number;
	char name[32];
	struct journal *j;

	*r = (struct rig){ .n = n };
	aid_pin(others);
	post_start();
	snprintf(name, sizeof name, "journal%u", ++number);
	r->journal = aid_path(name);
	r->endpoint = mem_format("ipc://%s/stream%u", aid_folder, number);
	r->main = post_inbox("main");
	r->inbox = post_inbox("run/%u", RUN);
	must(stream_start(&r->stream, (const char *const *)&r->endpoint, 1, &aid_err) == 0, "stream");
	must(journal_create(&j, r->journal, "BENCH-20261124-0001", NULL, &aid_err) == 0, "journal");
	logbook_start(&r->logbook, RUN, j);
	scribe_open(&r->scribe, RUN, 0);
	if (n == 0)
		return;
	r->setup = aid_setup(model, addresses, n);
	start_ports(r, core, others);
}

double rig_measure(struct rig *r, int64_t count, int64_t interval_ns)
{
	instant began = instant_now();

	r->interval_ns = interval_ns;
	r->start = began + (interval_ns ? 5 * NS_PER_MS : 0);   /* every port knows by then */
	for (unsigned i = 0; i < r->n; i++) {
		struct port_request q = request(r, i, PORT_MEASURE);

		q.count = count;
		q.interval_ns = interval_ns;
		q.start = start_of(r, i);
		q.tags[0] = i;
		q.n = 1;
		port_send(&r->lines[i], &q);
	}
	rig_listen(r);
	return aid_seconds(began);
}

void rig_close(struct rig *r)
{
	for (unsigned i = 0; i < r->n; i++) {
		struct port_request q = request(r, i, PORT_RELEASE);

		port_send(&r->lines[i], &q);
	}
	rig_listen(r);
	for (unsigned i = 0; i < r->n; i++)
		port_send(&r->lines[i], &(struct port_request){ .what = PORT_FORGET, .run = RUN });
	scribe_send(&r->scribe, &(struct entry){ .what = ENTRY_END }, NULL, 0);
	while (!r->ended)
		rig_listen_once(r);
	logbook_join(&r->logbook);
	for (unsigned i = 0; i < r->n; i++) {
		port_line_close(&r->lines[i]);
		port_stop(&r->ports[i]);
	}
	stream_stop(&r->stream);
	scribe_close(&r->scribe);
	drain(r->main);
	post_close(&r->inbox);
	post_close(&r->main);
	post_stop();
	setup_leave(&r->setup);
	free(r->delays);
	free(r->lateness);
	free(r->ports);
	free(r->lines);
	free(r->journal);
	free(r->endpoint);
}
