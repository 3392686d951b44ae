/* SPDX-License-Identifier: GPL-3.0-or-later
 * link.h - one conversation with one instrument, over any transport.
 *
 * A link owns its transport and its receive buffer.  It hides partial writes, replies that
 * arrive in pieces or two at a time, and how each transport marks the end of a message.  A
 * reply is returned whole or not at all.
 *
 *     tcp://host:port    serial:/dev/ttyUSB0?baud=9600&parity=even    pty:/run/bench/dmm
 *
 * After any failed exchange - a read, or a write that was only half sent - the link is out of
 * step: ordinary writes are refused until link_clear has drained it and heard silence for the
 * device's longest latency, so that a late reply never answers the next question.  Bytes that
 * are there before a question is asked put it out of step as well.  Safe-state commands do
 * not wait for that: link_urgent lets them through.
 *
 * A link belongs to one thread. */
#ifndef LINK_H
#define LINK_H

#include "mem.h"
#include "transport.h"

#define LINK_REPLY_MAX (64 * 1024 * 1024)

struct link;

/* Where a reply ends: at a mark, after a count, as an IEEE 488.2 block (#<n><length> and its
 * bytes, then the mark), or - none given - where the transport itself says so. */
struct until {
	const char *mark;
	size_t count;
	bool block;
};

int link_open(struct link **l, const char *address, const struct line *line, int cancel,
	      instant by, struct err *e);
int link_write(struct link *l, const void *data, size_t n, instant by, struct err *e);

/* The reply without its mark, valid until the next call on this link. */
ssize_t link_read(struct link *l, const char **reply, struct until end, instant by, struct err *e);

/* Drains, then waits until nothing has come for `silence`.  Returns the bytes thrown away. */
ssize_t link_clear(struct link *l, int64_t silence_ns, instant by, struct err *e);
bool    link_in_step(const struct link *l);
void    link_urgent(struct link *l, bool on);      /* ignore cancel and out of step */
/* Bytes of the exchange that failed, for the record. */
const struct buf *link_pending(const struct link *l);
void    link_close(struct link **l);

#endif
