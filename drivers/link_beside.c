/* SPDX-License-Identifier: GPL-3.0-or-later
 * link_beside.c - what of a conversation is no message: status byte, service request, trigger, clear, and whose
 * turn it is. */
#include "link_own.h"

/* What a transport says of something beside its messages. */
static int beside(struct link *l, int failed, const char *what, struct err *e)
{
	if (!failed)
		return 0;
	if (e->code != ERR_STATE)
		link_lose_step(l);
	return err_wrap(e, "%s", what);
}

int link_status(struct link *l, uint8_t *status, instant by, struct err *e)
{
	if (link_refuse_out_of_step(l, e) < 0)
		return -1;
	if (!l->t->status)
		return err_set(e, ERR_STATE, "%s has no status byte beside its messages", l->t->scheme);
	return beside(l, l->t->status(l->state, status, link_cancel_of(l), by, e), "status byte", e);
}

int link_wait_srq(struct link *l, uint8_t *status, instant by, struct err *e)
{
	if (link_refuse_out_of_step(l, e) < 0)
		return -1;
	if (!l->t->wait_srq)
		return err_set(e, ERR_STATE, "%s has no service requests", l->t->scheme);
	return beside(l, l->t->wait_srq(l->state, status, link_cancel_of(l), by, e), "service request", e);
}

/* An answer that waits would be taken for the one to the trigger. */
int link_trigger(struct link *l, instant by, struct err *e)
{
	if (link_refuse_out_of_step(l, e) < 0)
		return -1;
	if (!l->t->trigger)
		return err_set(e, ERR_STATE, "%s has no trigger beside its messages", l->t->scheme);
	buf_clear(&l->pending);
	if (link_nothing_waits(l, by, e) < 0)
		return -1;
	return beside(l, l->t->trigger(l->state, link_cancel_of(l), by, e), "trigger", e);
}

static ssize_t quieten(struct link *l, ssize_t (*how)(void *, int64_t, int, instant, struct err *),
		       int64_t silence_ns, instant by, struct err *e)
{
	ssize_t thrown;

	l->stray += link_excess(l);
	link_forget(l);
	thrown = how ? how(l->state, silence_ns, link_cancel_of(l), by, e)
		     : transport_drain(l->t, l->state, silence_ns, link_cancel_of(l), by, e);
	if (thrown < 0)
		return -1;
	thrown += (ssize_t)l->stray;
	l->stray = l->unasked = 0;
	l->out_of_step = false;
	return thrown;
}

ssize_t link_clear(struct link *l, int64_t silence_ns, instant by, struct err *e)
{
	return quieten(l, l->t->clear, silence_ns, by, e);
}

ssize_t link_settle(struct link *l, int64_t silence_ns, instant by, struct err *e)
{
	return quieten(l, l->t->settle, silence_ns, by, e);
}

void link_select(struct link *l, const struct gpib *at)
{
	if (l->t->select)
		l->t->select(l->state, at);
}

void link_cancel_by(struct link *l, int cancel)
{
	l->cancel = cancel;
}
