/* SPDX-License-Identifier: GPL-3.0-or-later
 * talker.h - instruments that speak without being asked: balances set to print continuously, gauges,
 * weather stations.  What is known of one between two readings.
 *
 * A reading is a message, and belongs to the moment of its first byte.  The moment is taken when the byte is
 * read: on a serial line at least one character time after its start bit (1 ms at 9600 baud), later by the
 * receiver's buffer (a 16550 hands over 8 to 14 characters at a time, or after 4 character times of silence; a
 * USB adapter up to 16 ms).  What had waited in the kernel while nobody listened has an interval
 * in place of a moment, the reading's span.  heard_delay of the model file leads from there to the measurement.
 *
 * What is taken for a reading:
 *  - nothing that began before the step did: instrument_fresh throws away what is here, and the message under
 *    way with it.  With `newest` every reading waits like that;
 *  - else messages that follow each other, none twice and none left out.  When more waits than a line
 *    keeps, some may be lost or torn, and that is an error;
 *  - the half message that is under way when we begin to listen is thrown away;
 *  - a message that is none of the model file's puts the link out of step, as a wrong answer does.
 *
 * A message said twice by a disturbed line cannot be told from two equal readings.  A talker that has
 * not said what is waited for within `every` is a lost link (ERR_CLOSED: it is connected anew).
 *
 * With talk_off it is made silent before it is asked anything; without, answers are told from talk by what the
 * points hear, and after a failure nothing but talk may come for the model's latency. */
#ifndef TALKER_H
#define TALKER_H

#include "instrument.h"

struct talker {
	bool speaks;             /* it has not been told to be silent */
	bool skip;               /* the message under way began before we listened */
	struct buf raw;          /* messages of the readings in hand */
	size_t *at;              /* where in raw each begins */
	size_t n_at;
};

static inline bool talker_speaks(const struct instrument *in)
{
	return in->talker && in->talker->speaks;
}

/* Is the message that has just been read the one to be thrown away? */
bool talker_skip(struct instrument *in);
/* Is this text a message of any of its points, or of its identity? */
bool talker_knows(const struct model *m, struct span text);
void talker_free(struct talker **t);

#endif
