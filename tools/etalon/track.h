/* SPDX-License-Identifier: GPL-3.0-or-later
 * track.h - the readings of one channel of a run, in order, as a series in time.
 *
 * Those that count are the measured ones and those taken at an interval; not what was read to settle.  A reading
 * without a value, and a step from point to point or to another attempt, cut the series: piece counts the pieces. */
#ifndef TRACK_H
#define TRACK_H

#include "record.h"

struct track {
	char run[RUN_NAME], channel[CHANNEL_NAME], unit[64];
	double *value;
	int64_t *at_ns;                 /* UTC, centre of the aperture where the model file says how to find it */
	uint32_t *piece;
	size_t n;
};

/* what: as records_open has it.  channel: NULL, the only one that has such readings.  ERR_CONFIG names those there
 * are. */
int track_load(struct track *t, const char *what, const char *channel, struct err *e);
void track_release(struct track *t);

#endif
