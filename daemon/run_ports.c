/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_ports.c - a run and the ports of its instruments: bound at its beginning, attached, released at its end. */
#include "run_own.h"

void run_ask(struct run *r, struct run_seat *seat, enum port_what what)
{
	struct port_request q = { .what = what, .run = r->order.number, .station = seat->at.station,
				  .request = run_request(r, seat), .bound_ns = r->procedure->link_loss_ns };

	port_send(&seat->line, &q);
}

void run_bind(struct run *r)
{
	for (size_t i = 0; i < r->n_seats; i++) {
		struct run_seat *s = &r->seats[i];
		struct port_request q = { .what = PORT_BIND, .run = r->order.number,
					  .station = s->at.station, .request = run_request(r, s),
					  .setup = setup_share(r->order.setup), .role = s->at.role,
					  .asked = r->order.asked,
					  .shared = s->at.shared };

		port_send(&s->line, &q);
		s->bound = true;
	}
}

/* Marked: after this nothing of a port can follow in the journal. */
void run_release(struct run *r)
{
	instant by = instant_after(r->procedure->safe_ns + SAFE_GRACE_NS);

	r->n_pending = 0;
	for (size_t i = 0; i < r->n_seats && r->seats[i].bound; i++) {
		struct port_request q = { .what = PORT_RELEASE, .run = r->order.number,
					  .station = r->seats[i].at.station, .request = run_request(r, &r->seats[i]) };

		port_send(&r->seats[i].line, &q);
	}
	while (r->n_pending && !r->dead && !instant_passed(by))
		run_listen(r, by);
	r->n_pending = 0;
	for (size_t i = 0; i < r->n_seats; i++) {
		struct port_request q = { .what = PORT_FORGET, .run = r->order.number };

		port_send(&r->seats[i].line, &q);
	}
}

static enum verdict attach(struct run *r)
{
	enum verdict v = run_await(r);

	for (size_t i = 0; i < r->n_seats && v == GO_ON; i++) {
		run_ask(r, &r->seats[i], PORT_ATTACH);
		r->seats[i].attached = true;
	}
	return v == GO_ON ? run_await(r) : v;
}

/* Whoever must only warm up is no reason to fail: the run holds and says until when. */
enum verdict run_attach(struct run *r)
{
	enum verdict v = attach(r);

	while (v == HOLD && r->why.code == ERR_WARM_UP) {
		v = run_hold(r);
		if (v == GO_ON)
			v = attach(r);
	}
	return v;
}
