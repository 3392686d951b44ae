/* SPDX-License-Identifier: GPL-3.0-or-later
 * stream.h - serves an instrument that speaks in lines, on TCP or on a terminal, each in its own
 * threads: over TCP any number of clients at once, which all talk to the one instrument. */
#ifndef STREAM_H
#define STREAM_H

#include "outlet.h"
#include "talk.h"

struct stream;

/* Takes the talk; the outlet stays the caller's and must outlive the process's threads. */
int stream_start(struct stream **s, struct talk *t, struct outlet *o, struct err *e);

#endif
