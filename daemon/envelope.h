/* SPDX-License-Identifier: GPL-3.0-or-later
 * envelope.h - a request at the ROUTER socket, kept until it is answered: who asked, and the frame
 * in which the question stands. */
#ifndef ENVELOPE_H
#define ENVELOPE_H

#include <stdbool.h>
#include <zmq.h>

#include "json.h"
#include "replay.h"

#define ENVELOPE_FRAMES 4

struct envelope { zmq_msg_t frames[ENVELOPE_FRAMES]; int n; bool too_many; };

bool envelope_receive(void *socket, struct envelope *in);
/* The frame that holds the request; false if there is none, or more around it than belongs there. */
bool envelope_request(struct envelope *in, struct span *request);
/* Identity, an empty delimiter where a REQ sent one, the answer, the records. */
void envelope_answer(void *socket, struct envelope *in, const char *text, struct replay *p);
void envelope_close(struct envelope *in);

#endif
