/* SPDX-License-Identifier: GPL-3.0-or-later
 * progress.h - how far a run is: one line that is drawn again on a terminal, plain lines elsewhere. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <jansson.h>
#include <stdbool.h>

struct progress {
	bool quiet;             /* --json: nothing at all */
	bool terminal;          /* stdout is one and can clear a line */
	bool drawn;             /* the bar stands on the line of the cursor */
	char before[256];       /* the plain line printed last */
};

void progress_begin(struct progress *p, bool quiet);
void progress_show(struct progress *p, const json_t *status);     /* an answer of run.status */
void progress_say(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void progress_end(struct progress *p);                            /* takes the bar away */

#endif
