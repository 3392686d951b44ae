/* SPDX-License-Identifier: GPL-3.0-or-later
 * replay.h - the very records again, a bounded piece at a time, from any run's journal. */
#ifndef REPLAY_H
#define REPLAY_H

#include <zmq.h>

#include "journal.h"

#define REPLAY_BYTES (4 * 1024 * 1024)

struct replays;

/* A piece: header and body of each record, ready to be sent behind the answer. */
struct replay {
	zmq_msg_t *frames;           /* two a record */
	size_t n, cap;               /* of frames */
	uint64_t next;
};

void replays_start(struct replays **r);
void replays_stop(struct replays **r);

/* From record `from` up to and without `to`, at most `bytes`; limit: how many are acknowledged.
 * A reader that stands where the last piece ended goes on from there. */
int  replays_read(struct replays *r, const char *folder, uint64_t from, uint64_t to, size_t bytes,
		  uint64_t limit, struct replay *piece, struct err *e);
void replay_release(struct replay *piece);

#endif
