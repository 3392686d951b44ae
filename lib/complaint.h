/* SPDX-License-Identifier: GPL-3.0-or-later
 * complaint.h - trouble that comes again and again: said at once, then at growing intervals, and what
 * was not said in between is counted, so that nothing is lost and no journal is filled. */
#ifndef COMPLAINT_H
#define COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>

#include "instant.h"

struct complaint {
	size_t times, amount;            /* not yet said */
	instant next;                    /* not said again before */
	int64_t interval;
};

/* It has happened. */
void complaint_note(struct complaint *c, size_t amount);
/* Is something to be said by now?  The caller says it, then calls complaint_said. */
bool complaint_due(const struct complaint *c);
void complaint_said(struct complaint *c);

#endif
