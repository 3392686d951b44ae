/* SPDX-License-Identifier: GPL-3.0-or-later
 * stream.h - serves an instrument that speaks in lines, on TCP or on a terminal, each in its own
 * threads: over TCP any number of clients at once, which all talk to the one instrument. */
#ifndef STREAM_H
#define STREAM_H

#include "outlet.h"
#include "talk.h"

struct stream;

/* The outlet stays the caller's and must outlive the process's threads. */
struct stream *stream_new(struct outlet *o);
/* Takes the talk.  Several share a line as units do (model_unit.h): each hears everything and minds what is its own. */
void stream_add(struct stream *s, struct talk *t);
int  stream_start(struct stream *s, struct err *e);

#endif
