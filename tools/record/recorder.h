/* SPDX-License-Identifier: GPL-3.0-or-later
 * recorder.h - everything etalon-record has in hand: the daemon, the runs, one sealing process.
 *
 * It may be killed at any moment: nothing it holds is the only copy.  At start it asks which
 * runs there are, follows the active ones from their first record and seals the ended ones. */
#ifndef RECORDER_H
#define RECORDER_H

#include "client.h"
#include "followed.h"
#include "sealing.h"

struct recorder {
	char *state, *live;            /* folders */
	int64_t live_ns;
	struct client *client;
	void *stream;                  /* SUB socket; the client's */

	struct followed *runs;
	size_t n;
	struct sealing sealing;
	char sealing_run[RUN_NAME];    /* whose archive it makes */

	instant ask_again;             /* which runs there are */
	instant flush_again;
	struct complaint silence;      /* the daemon does not answer */
};

int  recorder_open(struct recorder *r, const char *control, const char *stream, const char *state,
		   struct err *e);
void recorder_hear(struct recorder *r);            /* what the stream has brought */
bool recorder_turn(struct recorder *r);            /* everything that is due; true: there is more to do at once */
void recorder_sealing_said(struct recorder *r);    /* its pipe can be read */
instant recorder_next(const struct recorder *r);   /* when the next thing is due */
void recorder_finish(struct recorder *r);          /* seals what has stopped, before the end */
void recorder_close(struct recorder *r);

#endif
