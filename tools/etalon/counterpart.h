/* SPDX-License-Identifier: GPL-3.0-or-later
 * counterpart.h - the instrument's part of a transcript, played to a driver over a real socket.
 *
 * A thread a turn: it takes what the driver sends and compares each byte, answers where the transcript does, and
 * at the first difference hangs up, so that nobody waits for an answer that will not come.  Lines go through
 * one end of a socketpair that becomes a link; Modbus through a TCP connection, where it puts the MBAP
 * header around what the transcript says.  A transcript that has status bytes, service requests or triggers in it is
 * of a transport that knows them: then the driver finds them beside the messages, each where the transcript has it. */
#ifndef COUNTERPART_H
#define COUNTERPART_H

#include "link.h"
#include "transcript.h"

struct difference {
	int line;                        /* of the transcript; 0: there is none */
	char text[400];
};

struct counterpart;

int  counterpart_new(struct counterpart **c, const struct transcript *t, bool modbus, struct err *e);
/* Lines: a link to it, once.  The link closes what it needs. */
struct link *counterpart_link(struct counterpart *c);
/* Modbus: where it listens. */
const char *counterpart_address(const struct counterpart *c);

void counterpart_begin(struct counterpart *c, const struct turn *u);
/* The driver has come back: was all said, and nothing else? */
struct difference counterpart_end(struct counterpart *c);
void counterpart_free(struct counterpart **c);

#endif
