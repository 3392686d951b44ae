/* SPDX-License-Identifier: GPL-3.0-or-later
 * instruments.c - commands about the instruments of runs.  What a person says of one goes to its port, and the
 * answer to the command comes when it is on disk, or is refused. */
#include "control_own.h"

int instrument_since_(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	struct port_since said = { .request.what = PORT_SINCE, .since_ns = int_arg(args, "since_ns", 0) };
	struct place_taken at;
	const struct active *a;

	if (copy_arg(said.by, sizeof said.by, args, "by", e) < 0 ||
	    copy_arg(said.reason, sizeof said.reason, args, "reason", e) < 0)
		return -1;
	if (!said.by[0])
		return err_set(e, ERR_CONFIG, "by: who says so?");
	if (said.since_ns <= 0)
		return err_set(e, ERR_CONFIG, "since_ns: a UTC time in nanoseconds");
	if (ports_find(h->ports, string_arg(args, "run", ""), string_arg(args, "role", ""), &at, e) < 0)
		return -1;
	a = runs_find(h, at.run);
	if (!a || !a->run)
		return err_set(e, ERR_STATE, "%s has ended", at.run);
	r->run = (uint32_t)(a - h->runs) + 1;
	r->ticket = said.ticket = ++h->desk.tickets;
	said.request.run = r->run;
	said.request.station = at.station;
	ports_since(h->ports, at.port, &said);
	return 0;
}
