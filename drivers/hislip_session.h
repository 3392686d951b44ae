/* SPDX-License-Identifier: GPL-3.0-or-later
 * hislip_session.h - a HiSLIP session in synchronous mode (IVI-6.1): its beginning and end, and all that
 * goes over its asynchronous channel.  The messages themselves are in hislip.c.
 *
 * We offer protocol version 1.0, which every server speaks, and take what a server of 2.0 makes of it; encryption
 * is not spoken.  A server that prefers overlapped messages is brought into synchronous mode.
 *
 * Requests on the asynchronous channel have no numbers.  An answer to a status query that came too
 * late is known by the count of those that are owed; where a lock or a clear has failed half-way the
 * session is torn. */
#ifndef HISLIP_SESSION_H
#define HISLIP_SESSION_H

#include "hislip_channel.h"

struct hislip {
	struct hislip_channel sync, async;
	uint16_t id;                     /* the server's number for us */
	bool locked;
	size_t most;                     /* payload of the messages we send */
	bool requested;                  /* service; and nobody has waited for it since */
	unsigned owed;                   /* answers to status queries */

	uint32_t number;                 /* MessageID of the last message sent */
	bool delivered;                  /* an answer was read to its end since (RMT-delivered) */
	bool expecting;                  /* and its answer has not come to its end */
	enum { HISLIP_OTHERS, HISLIP_OURS, HISLIP_HELD } whose;    /* the message in hand */
	bool unfinished;                 /* the end of the answer that was begun has not come */
	struct buf held;                 /* what came without a number, until one says whose it is */
	size_t handed;                   /* bytes of it that were handed out */
	size_t dropped;                  /* bytes of answers thrown away since the last clear of the link */
};

/* device: "hislip0".  The session has the lock, unless the server knows none. */
int  hislip_session_open(struct hislip *h, const char *place, int cancel, instant by, struct err *e);
void hislip_session_close(struct hislip *h);

/* Device clear: both ends forget all messages, ours and theirs. */
int  hislip_session_clear(struct hislip *h, int cancel, instant by, struct err *e);
int  hislip_session_status(struct hislip *h, uint8_t *status, int cancel, instant by, struct err *e);
int  hislip_session_wait_srq(struct hislip *h, int cancel, instant by, struct err *e);
/* Takes what has come unasked, which would fill the asynchronous channel in the end and block the instrument. */
void hislip_session_listen(struct hislip *h);
/* What is known of the messages before does not hold for those that follow. */
void hislip_session_forget(struct hislip *h);

#endif
