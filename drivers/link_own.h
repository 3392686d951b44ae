/* SPDX-License-Identifier: GPL-3.0-or-later
 * link_own.h - between link.c, which moves messages, and link_beside.c, which has what is none.  For these two
 * alone. */
#ifndef LINK_OWN_H
#define LINK_OWN_H

#include "link.h"

struct link {
	const struct transport *t;
	void *state;
	int cancel;
	bool out_of_step;      /* a reply may still be owed to us */
	bool urgent;
	bool ended;            /* the transport closed a message at the end of in */
	size_t taken;          /* bytes of in that the caller has had */
	size_t looked, marks;  /* of what is behind taken, as until_view has it */
	instant heard;         /* bytes were read last */
	size_t stray;          /* bytes nobody asked for, to be reported by link_clear */
	size_t unasked;        /* of those, what came while no answer was owed; until link_unasked */
	struct buf in;
	struct buf pending;

	bool talks;            /* it speaks by itself */
	instant emptied;       /* nothing waited then */
	struct arrivals arrivals;
	struct arrival arrived;
};

int  link_cancel_of(const struct link *l);
void link_forget(struct link *l);                /* everything received */
/* Out of step from here on; what had arrived is kept for the record.  -1. */
int  link_lose_step(struct link *l);
int  link_refuse_out_of_step(const struct link *l, struct err *e);
/* Whatever is there before a question is asked would be taken for its answer. */
int  link_nothing_waits(struct link *l, instant by, struct err *e);

#endif
