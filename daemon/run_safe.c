/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_safe.c - the safe state of a run: first everything on a wire, all at once; then what people
 * have to do, for which nothing on a wire waits. */
#include "run_own.h"

static bool by_person(const struct run_seat *s)
{
	return s->role->model->manner == MANNER_MANUAL;
}

/* Asks all instruments on wires, or all that people handle.  Returns when they must have answered. */
static instant ask_safe(struct run *r, bool people)
{
	int64_t longest = 0;

	r->unsafe = 0;
	r->safe_round = ++r->requests;
	for (size_t i = 0; i < r->n_seats; i++) {
		struct run_seat *s = &r->seats[i];
		struct port_request q = { .what = PORT_SAFE, .run = r->order.number, .station = s->at.station,
					  .request = r->safe_round,
					  .bound_ns = people ? s->role->model->manual.safe_within_ns
							     : r->procedure->safe_ns };

		if (!s->bound || s->at.shared || by_person(s) != people || (!s->attached && !r->order.recovered))
			continue;
		port_interrupt(&s->line, &q);
		longest = q.bound_ns > longest ? q.bound_ns : longest;
		r->unsafe++;
	}
	return instant_after(longest + SAFE_GRACE_NS);
}

void run_safe(struct run *r)
{
	instant by = ask_safe(r, false);

	r->based = false;
	while (r->unsafe && !instant_passed(by))
		run_listen(r, by);
	if (r->unsafe)
		scribe_event(&r->scribe, JOURNAL_RESERVED, "alarm",
			     "a port did not answer whether its instruments are safe");
}

/* Whoever aborts once more does not wait for a person. */
void run_ask_safe(struct run *r, bool wait)
{
	instant by = ask_safe(r, true);

	r->abort &= !wait;
	while (wait && r->unsafe && !r->abort && !instant_passed(by))
		run_listen(r, by);
	if (wait && r->unsafe)
		scribe_event(&r->scribe, JOURNAL_RESERVED, "alarm",
			     "nobody has confirmed that what people handle is safe");
}
