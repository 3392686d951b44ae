/* SPDX-License-Identifier: GPL-3.0-or-later
 * followed.h - one run on its way into HDF5: its live file while it goes on, its archive after.
 *
 * The live file is made of the stream's records, in order; a gap makes it lag until a replay
 * has filled it.  The archive is made from the journal alone, whatever was or was not heard. */
#ifndef FOLLOWED_H
#define FOLLOWED_H

#include "live.h"
#include "log.h"

struct followed {
	char run[RUN_NAME];
	uint64_t seen;                 /* records there are, as far as is known */

	struct live *live;             /* NULL: there is none at present */
	uint64_t next;                 /* the record it needs next */
	bool dirty;                    /* it has rows that readers do not see yet */
	instant live_again;            /* when to try anew after a failure */
	int64_t live_interval;         /* grows from failure to failure */
	struct complaint live_trouble;

	bool stopped;                  /* its stop record was heard, or the daemon says it has ended */
	instant seal_again;            /* when to try next */
	int64_t seal_interval;
	struct complaint seal_trouble;
	char digest[HASH_TEXT], head[HASH_TEXT];   /* once sealed: the daemon is still to be told */
};

/* A record, from the stream or a replay.  One that comes too early is only noted. */
void followed_take(struct followed *f, const struct record *r);
/* Would a replay bring its live file forward?  Makes the file in this folder if there is none. */
bool followed_lags(struct followed *f, const char *folder);
void followed_flush(struct followed *f);
/* The run has ended: its archive is due now. */
void followed_stop(struct followed *f);
/* Sealing did not succeed: it is tried again, at growing intervals. */
void followed_not_sealed(struct followed *f, const struct err *e);
/* The archive is durable: the live file goes. */
void followed_sealed(struct followed *f, const char *folder, const char *head, const char *digest);
void followed_release(struct followed *f);

#endif
