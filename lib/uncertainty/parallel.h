/* SPDX-License-Identifier: GPL-3.0-or-later
 * parallel.h - the same work in several threads at once, for as long as one call lasts.
 *
 * The threads of lib/uncertainty: each takes pieces by number until none is left, writes what belongs to its piece
 * and nothing else, so that who did which piece cannot be told from the result. */
#ifndef PARALLEL_H
#define PARALLEL_H

#include <stddef.h>

struct pieces {
	size_t next, end;               /* the caller sets both */
};

/* The number of a piece nobody else gets; -1: none is left. */
long parallel_take(struct pieces *p);

/* Calls work(with) in this many threads, the caller's among them, and returns when all have returned.  Where the system
 * gives fewer threads, fewer do it.  0: as many as there are processors. */
void parallel_run(unsigned threads, void *(*work)(void *with), void *with);

#endif
