/* SPDX-License-Identifier: GPL-3.0-or-later
 * logbook.h - the journal thread of a run: what it has acknowledged has happened.
 *
 * It takes what has queued up, appends, commits once, and only then publishes the records,
 * acknowledges readings and marks to the run, and gives ports their credit back (rules 1, 2).
 * When space runs out it keeps ordinary records in memory - credits bound how many - and
 * goes on storing reserved ones; when storage fails it is dead and says so (rule 6). */
#ifndef LOGBOOK_H
#define LOGBOOK_H

#include "journal.h"

struct logbook;

/* Takes over the journal.  Its inbox is "log/RUN"; it writes to "run/RUN", "port/N", "stream"
 * and "main".  It ends by itself after ENTRY_END. */
void logbook_start(struct logbook **l, uint32_t run, struct journal *j);
void logbook_join(struct logbook **l);

#endif
