/* SPDX-License-Identifier: GPL-3.0-or-later
 * rig.h - the daemon's way of a reading in this process: the stream, and runs that players play. */
#ifndef RIG_H
#define RIG_H

#include "player.h"
#include "stream.h"

struct rig {
	void *main;
	struct stream *stream;
	char *endpoint;              /* where it publishes: tcp, loopback */
	struct player *players;
	unsigned n;
};

/* `runs` runs with n instruments each, which take their addresses in turn; n 0: only journals and
 * the stream.  Ports run on `core`, the rest on `others`, where this thread stays. */
void rig_open(struct rig *r, unsigned runs, unsigned n, const char *model, char *const *addresses, int core,
	      int others);
void rig_close(struct rig *r);

#endif
