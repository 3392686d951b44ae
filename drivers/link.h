/* SPDX-License-Identifier: GPL-3.0-or-later
 * link.h - one conversation with one instrument, over any transport.
 *
 * A link owns its transport and its receive buffer.  It hides partial writes, replies that
 * arrive in pieces or two at a time, and how each transport marks the end of a message.  A
 * reply is returned whole or not at all.  Addresses are those of address.h.
 *
 * After any failed exchange - a read, or a write that was only half sent - the link is out of
 * step: ordinary writes are refused until link_clear has drained it and heard silence for the
 * device's longest latency, so that a late reply never answers the next question.  Bytes that
 * are there before a question is asked put it out of step as well.  Safe-state commands do
 * not wait for that: link_urgent lets them through.
 *
 * What no link can see: a second copy of a reply that arrives after the next question has left
 * and before its answer.  On a byte stream without message numbers it is that answer.  A
 * pause between commands (model file, `pause`) longer than the line's jitter shuts that
 * window, because the copy is then there before the next question and is found.
 *
 * Cancel ends a wait at once, or within 10 ms where a TCP reply was due that soon.  A link belongs
 * to one thread. */
#ifndef LINK_H
#define LINK_H

#include "arrivals.h"
#include "mem.h"
#include "transport.h"
#include "until.h"

struct link;

int link_open(struct link **l, const char *address, const struct line *line, int cancel,
	      instant by, struct err *e);
/* Over a transport that is open already; the link closes it. */
struct link *link_over(const struct transport *t, void *state, int cancel);
int link_write(struct link *l, const void *data, size_t n, instant by, struct err *e);

/* The reply without its mark, valid until the next call on this link.  NUL stands behind a
 * reply that had a mark. */
ssize_t link_read(struct link *l, const char **reply, struct until end, instant by, struct err *e);
/* Where the instrument speaks by itself, what is there before a question is no sign of trouble, and it is
 * noted when each byte came. */
void    link_let_talk(struct link *l, bool on);
/* The next message if it is whole and here already.  ERR_TIMEOUT: it is not; the link stays in step. */
ssize_t link_try(struct link *l, const char **message, struct until end, struct err *e);
/* Waits for more of it.  ERR_TIMEOUT: nothing came; likewise. */
int     link_await(struct link *l, instant by, struct err *e);
instant link_heard(const struct link *l);                  /* when the last bytes were read */
struct arrival link_arrived(const struct link *l);         /* of the first byte of the last message */
size_t  link_waiting(const struct link *l);                /* bytes that are here already */
/* Throws away what is here already and is in step again: for talk, of which no reply is owed. */
int     link_restart(struct link *l, struct err *e);

/* Bytes that have come with the last reply and behind it. */
size_t  link_excess(const struct link *l);
/* Refuse what follows until link_clear: the reply was whole, but it was not what was asked. */
void    link_distrust(struct link *l);

/* Beside the messages: the status byte, a request for service and the status byte with it, the trigger.  They
 * fail as an exchange does, except for ERR_STATE: the transport or the instrument has no such
 * thing, and the link is as much in step as before. */
int  link_status(struct link *l, uint8_t *status, instant by, struct err *e);
int  link_wait_srq(struct link *l, uint8_t *status, instant by, struct err *e);
int  link_trigger(struct link *l, instant by, struct err *e);

/* Where it leads to several instruments: turns to this one. */
void    link_select(struct link *l, const struct gpib *at);
/* In step again after another instrument's failure: as link_clear, but touches no instrument. */
ssize_t link_settle(struct link *l, int64_t silence_ns, instant by, struct err *e);
void    link_cancel_by(struct link *l, int cancel);
/* Bytes that came while no answer was owed, since last asked: somebody else uses the line, or the
 * instrument speaks by itself.  Counted here, they are not counted by link_clear. */
size_t  link_unasked(struct link *l);
/* Drains, then waits until nothing has come for `silence`.  Returns the bytes thrown away. */
ssize_t link_clear(struct link *l, int64_t silence_ns, instant by, struct err *e);
bool    link_in_step(const struct link *l);
int     link_look(const struct link *l, struct err *e);    /* is it still connected?  ERR_CLOSED; asks nothing */
void    link_urgent(struct link *l, bool on);      /* ignore cancel, out of step, what had come before */
/* What had arrived of the reply that failed, for the record; until the next write. */
const struct buf *link_pending(const struct link *l);
void    link_close(struct link **l);

#endif
