/* SPDX-License-Identifier: GPL-3.0-or-later
 * dialogue.h - questions and what must come of them, over any link, for tests.  Steps that must succeed fail
 * the test with their reason; e holds what else went wrong last. */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include "link.h"

#define LINE  ((struct until){ .mark = "\n" })
#define GUARD_MS 10000                  /* of things that take no time */

void dialogue_ask(struct link *l, struct err *e);
void dialogue_expect(struct link *l, struct until end, const char *reply, size_t n, struct err *e);
/* The read fails like that, and the link is out of step. */
void dialogue_expect_failure(struct link *l, struct until end, int ms, enum err_code code, struct err *e);
/* The same, at once, with these words in it. */
void dialogue_expect_failure_saying(struct link *l, enum err_code code, const char *words, struct err *e);
void *dialogue_cancel_soon(void *cancel);       /* a thread; cancel: int *, an eventfd */

#endif
