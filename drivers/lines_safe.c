/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_safe.c - the safe state: sent blindly and at once, then proven. */
#include "lines_parts.h"

/* The range in force will do, if it is known to hold the safe value. */
static int select_safe(struct instrument *in, const struct point *p, instant by, struct err *e)
{
	const struct range *now = in->ranges[p - (const struct point *)in->model->points.items];

	if (!p->ranges.n || (now && p->safe_value >= now->from && p->safe_value <= now->to))
		return 0;
	return lines_select(in, "safe", p, point_range(p, p->safe_value), by, e);
}

/* Everything that makes it safe, blindly; the first failure is reported, the rest still sent. */
static int send_safe(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;
	const struct point *p = m->points.items;
	struct buf command = { 0 };
	struct err other;
	int failed = 0;

	/* Ends whatever command was cut off half-way. */
	if (!link_in_step(in->link))
		failed = lines_tell(in, "safe", "", by, e);
	for (size_t i = 0; i < m->safe.n; i++)
		failed |= lines_tell(in, "safe", m->safe.list[i], by, failed ? &other : e);
	for (size_t i = 0; i < m->points.n; i++) {
		if (!p[i].set || !p[i].safe.unit)
			continue;
		failed |= select_safe(in, &p[i], by, failed ? &other : e);
		lines_compose(&command, p[i].set, p[i].safe_value);
		failed |= lines_tell(in, "safe", command.data, by, failed ? &other : e);
	}
	buf_release(&command);
	return failed;
}

/* What it says now.  A model without any check at least answers who it is, behind the commands. */
static int prove_safe(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;
	const struct point *p = m->points.items;
	size_t proofs = m->safe_check.n;

	if (!link_in_step(in->link) && lines_clear(in, by, e) < 0)
		return -1;
	if (lines_expect_all(in, "safe", &m->safe_check, ERR_INSTRUMENT, by, e) < 0 ||
	    lines_errors(in, OCCASION_SAFE, by, e) < 0)
		return -1;
	for (size_t i = 0; i < m->points.n; i++) {
		if (!p[i].readback || !p[i].safe.unit)
			continue;
		proofs++;
		if (lines_read_back(in, "safe", &p[i], p[i].safe_value, by, e) < 0)
			return err_wrap(e, "%s", p[i].quantity);
	}
	if (proofs)
		return 0;
	if (m->identity.ask)
		return lines_expect(in, "safe", m->identity.ask, &m->identity.expect, ERR_INSTRUMENT, by, e);
	return err_set(e, ERR_INSTRUMENT, "nothing in its model file can show that it is safe");
}

/* Anew on a fresh connection if the old one turns out to be dead. */
static int send_safe_somehow(struct instrument *in, instant by, struct err *e)
{
	for (int try = 0;; try++) {
		if (lines_connect(in, by, e) < 0)
			return -1;
		link_urgent(in->link, true);
		if (send_safe(in, by, e) == 0)
			return 0;
		if (e->code != ERR_CLOSED || try > 0)
			return -1;
		instrument_lost(in);
	}
}

static int make_safe(struct instrument *in, instant by, struct err *e)
{
	for (int try = 0;; try++) {
		if (send_safe_somehow(in, by, e) < 0)
			return -1;
		if (prove_safe(in, by, e) == 0)
			return 0;
		/* A dead connection may swallow the commands and only then say so. */
		if (e->code != ERR_CLOSED || try > 0)
			return -1;
		instrument_lost(in);
	}
}

int lines_safe(struct instrument *in, instant by, struct err *e)
{
	int cancel = in->cancel, failed;

	in->cancel = -1;                /* for the pause between commands and a new connection */
	failed = make_safe(in, by, e);
	in->cancel = cancel;
	if (in->link)
		link_urgent(in->link, false);
	return failed;
}
