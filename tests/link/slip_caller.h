/* SPDX-License-Identifier: GPL-3.0-or-later
 * slip_caller.h - a link over HiSLIP to such a server, for tests.  Steps that must succeed fail the test with their
 * reason. */
#ifndef SLIP_CALLER_H
#define SLIP_CALLER_H

#include "dialogue.h"
#include "slip.h"

#define BLOCK ((struct until){ .mark = "\n", .block = true })
#define COUNT(a) (sizeof(a) / sizeof *(a))

#define ANSWER(text) { text, sizeof text - 1, true, SLIP_NOT, 0 }
#define PART(text) { text, sizeof text - 1, false, SLIP_NOT, 0 }
#define SPOILT(text, spoil, arg) { text, sizeof text - 1, true, spoil, arg }
#define SPOILT_PART(text, spoil, arg) { text, sizeof text - 1, false, spoil, arg }

struct slip_caller {
	struct slip p;
	struct link *l;
	int cancel;              /* eventfd */
	atomic_bool requested;   /* the test's own */
	struct err e;
};

/* Ready to be changed before the server is started and the link opened. */
void slip_caller_prepare(struct slip_caller *s, const struct slip_row *script);
int  slip_caller_open(struct slip_caller *s);
void slip_caller_begin(struct slip_caller *s, const struct slip_row *script);         /* all three */
void slip_caller_finish(struct slip_caller *s);

void slip_caller_ask(struct slip_caller *s);
void slip_caller_expect(struct slip_caller *s, struct until end, const char *reply, size_t n);
/* The read fails like that, and the link is out of step. */
void slip_caller_expect_failure(struct slip_caller *s, struct until end, int ms, enum err_code code);
void slip_caller_clear(struct slip_caller *s);
void slip_caller_wait_for(struct slip_caller *s, const atomic_int *seen, int n);

#endif
