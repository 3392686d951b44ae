/* SPDX-License-Identifier: GPL-3.0-or-later
 * problem.h - everything that is wrong with a file, found in one pass.
 *
 * Loaders go on after an error and collect; the caller shows them all, one line each:
 *     FILE:LINE:COLUMN: error: SENTENCE */
#ifndef PROBLEM_H
#define PROBLEM_H

#include <stddef.h>

#include "err.h"
#include "mem.h"

#define PROBLEMS_MOST 100          /* beyond it only counted */

struct problem {
	char *file;
	int line, column;          /* from 1; 0 where the file as a whole is meant */
	char *text;
};

struct problems {
	struct problem *list;
	size_t n, total;
};

void problem_add(struct problems *ps, const char *file, int line, int column, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void problems_text(const struct problems *ps, struct buf *out);   /* in order of line */
void problems_release(struct problems *ps);

/* ERR_CONFIG with the first problem and how many more; 0 if there is none. */
int problems_err(const struct problems *ps, struct err *e);

#endif
