/* SPDX-License-Identifier: GPL-3.0-or-later
 * caller.h - a link over VXI-11 to a peer, for tests.  Steps that must succeed fail the test with their
 * reason. */
#ifndef CALLER_H
#define CALLER_H

#include "dialogue.h"
#include "peer.h"

#define BLOCK ((struct until){ .mark = "\n", .block = true })
#define COUNT(a) (sizeof(a) / sizeof *(a))

#define PART(text, reason) { text, sizeof text - 1, reason, 0, SPOIL_NOT, 0 }
#define SPOILT(text, spoil, arg) { text, sizeof text - 1, PEER_END, 0, spoil, arg }
#define FAILS(error) { "", 0, 0, error, SPOIL_NOT, 0 }
#define SILENT { "", 0, 0, 0, SPOIL_SILENT, 0 }

struct caller {
	struct peer p;
	struct link *l;
	int cancel;              /* eventfd */
	struct err e;
};

/* Ready to be changed before the peer is started and the link opened. */
void caller_prepare(struct caller *s, const struct part *script);
int  caller_open(struct caller *s);
void caller_begin(struct caller *s, const struct part *script);          /* all three */
void caller_finish(struct caller *s);

void caller_ask(struct caller *s);
void caller_expect(struct caller *s, struct until end, const char *reply, size_t n);
/* The read fails like that, and the link is out of step. */
void caller_expect_failure(struct caller *s, struct until end, int ms, enum err_code code);
void caller_clear(struct caller *s);

#endif
