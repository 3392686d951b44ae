/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_aid.h - the journal of a whole made-up run: texts, channels, readings with their raw
 * replies, sentinels, exchanges, events, results and stop. */
#ifndef RUN_AID_H
#define RUN_AID_H

#include "journal.h"

#define RUN_AID_NAME "LAB-20261124-0001"

enum run_aid {
	RUN_AID_WHOLE,             /* everything, three points, one of them twice */
	RUN_AID_EMPTY,             /* start and stop */
	RUN_AID_CUT,               /* interrupted within a text, before start */
	RUN_AID_NO_RESULTS,        /* interrupted after readings */
	RUN_AID_OPEN,              /* no stop */
	RUN_AID_WRONG,             /* three readings that are not what their replies say */
};

/* Makes it in a new folder; aborts if that fails. */
void run_aid(const char *folder, enum run_aid what);

/* One more record of a journal in hand; keys without braces, each member with its comma. */
void run_aid_add(struct journal *j, enum record_kind kind, const char *channel, const char *keys,
		 const void *body, size_t n);

extern const char run_aid_model[], run_aid_quantities[];

#endif
