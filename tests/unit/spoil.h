/* SPDX-License-Identifier: GPL-3.0-or-later
 * spoil.h - for testing readers of files: a good text, edits that spoil it, and the place and
 * words that must be complained of. */
#ifndef SPOIL_H
#define SPOIL_H

#include "problem.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Replaces `find`, which must stand exactly once, by `with`; then the first problem must be at
 * `place` ("3:7") and its sentence contain `says`. */
struct spoiling { const char *find, *with, *place, *says; };

typedef void reading(const char *path, const char *text, size_t n, struct problems *ps);

void assert_good(const char *text, reading *read);
void assert_spoiled(const char *good, const struct spoiling *list, size_t n, reading *read);
void assert_problem(const struct problems *ps, size_t i, const char *place, const char *says);

#endif
