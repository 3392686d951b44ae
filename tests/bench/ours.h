/* SPDX-License-Identifier: GPL-3.0-or-later
 * ours.h - one side of the rows of links: an instrument as a port has it, all points of which are measured. */
#ifndef OURS_H
#define OURS_H

#include "aid.h"
#include "instrument.h"

#define OURS_MOST 64

struct ours {
	struct setup *setup;
	struct instrument *instrument;
	const struct point *points[OURS_MOST];
	size_t n;
	struct reading readings[OURS_MOST];
	int cancel;
};

void   ours_connect(struct ours *o, const char *model, char *address);
/* The same on the line of another. */
void   ours_join(struct ours *o, const char *model, char *address, struct ours *sibling);
void   ours_release(struct ours *o);
double ours_measure(void *ours, unsigned n);     /* a side */

#endif
