/* SPDX-License-Identifier: GPL-3.0-or-later
 * rig.h - the daemon's way of a reading in this process: ports, journal thread, stream; the
 * benchmark plays the run.  run.c uses them the same way. */
#ifndef RIG_H
#define RIG_H

#include "aid.h"
#include "entry.h"
#include "logbook.h"
#include "port.h"
#include "stream.h"

struct rig {
	void *main, *inbox;
	struct stream *stream;
	struct logbook *logbook;
	struct scribe scribe;
	struct setup *setup;
	struct port **ports;
	struct port_line *lines;
	unsigned n;
	uint64_t requests, marks;    /* asked for; answered */
	double *delays, *lateness;   /* s, of the first `room` readings: centre of the exchange to
	                                acknowledged; due to centre of the exchange */
	size_t kept, room;
	instant start;               /* of the measurement in hand */
	int64_t interval_ns;
	char *journal, *endpoint;
	bool ended;
};

/* n instruments; 0: none, only the journal and the stream.  Ports run on `core`, the
 * rest on `others`, where this thread stays. */
void rig_open(struct rig *r, const char *model, char *const *addresses, unsigned n, int core, int others);
/* `count` readings of every instrument, all acknowledged; seconds. */
double rig_measure(struct rig *r, int64_t count, int64_t interval_ns);
void rig_listen_once(struct rig *r);     /* waits for something from the journal */
void rig_listen(struct rig *r);          /* until every mark is there */
void rig_keep(struct rig *r, size_t room);       /* empties delays and lateness, makes room */
void rig_close(struct rig *r);

#endif
