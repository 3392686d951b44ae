/* SPDX-License-Identifier: GPL-3.0-or-later
 * player.h - plays a run: asks ports for readings and waits until the journal thread acknowledges
 * them, as run.c does.  It belongs to one thread at a time. */
#ifndef PLAYER_H
#define PLAYER_H

#include "aid.h"
#include "entry.h"
#include "logbook.h"
#include "port.h"

struct player {
	uint32_t run;
	void *inbox;
	struct logbook *logbook;
	struct scribe scribe;
	struct setup *setup;
	struct port **ports;
	struct port_line *lines;
	unsigned n;
	uint64_t requests, marks;    /* asked for; answered */
	uint64_t readings;           /* acknowledged */
	double *delays, *lateness;   /* s, of the first `room` readings: centre of the exchange to
	                                acknowledged; due to centre of the exchange */
	size_t kept, room;
	instant start;               /* of the measurement in hand */
	int64_t interval_ns;
	bool together;               /* all instruments at the same instant, not in turn */
	char *journal;
	bool ended;
};

/* Run number `run`; where post.h and the stream are up already. */
void player_open(struct player *p, uint32_t run, const char *model, char *const *addresses, unsigned n,
		 int core, int others);
/* `count` readings of every instrument, all acknowledged; seconds. */
double player_measure(struct player *p, int64_t count, int64_t interval_ns);
void player_listen_once(struct player *p);       /* waits for something from the journal */
void player_listen(struct player *p);            /* until every mark is there */
void player_keep(struct player *p, size_t room); /* empties delays and lateness, makes room */
void player_close(struct player *p);

#endif
