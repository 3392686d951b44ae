/* SPDX-License-Identifier: GPL-3.0-or-later
 * hislip_channel.h - one of the two connections of a HiSLIP session (IVI-6.1, revisions 1.0 and 2.0): messages
 * of a header of sixteen bytes - "HS", type, control code, parameter, length - and a payload.
 *
 * A message that has come in part is kept: the next call goes on where the deadline of an earlier one had
 * passed.  What cannot be a message, and one of ours that was cut off half-way through sending, leave
 * the channel torn: from then on every call fails with ERR_CLOSED, and the owner connects anew. */
#ifndef HISLIP_CHANNEL_H
#define HISLIP_CHANNEL_H

#include <sys/socket.h>

#include "instant.h"
#include "mem.h"

enum hislip_type {                       /* IVI-6.1, table 4 */
	HISLIP_INITIALIZE, HISLIP_INITIALIZE_RESPONSE, HISLIP_FATAL_ERROR, HISLIP_ERROR, HISLIP_ASYNC_LOCK,
	HISLIP_ASYNC_LOCK_RESPONSE, HISLIP_DATA, HISLIP_DATA_END, HISLIP_DEVICE_CLEAR_COMPLETE,
	HISLIP_DEVICE_CLEAR_ACKNOWLEDGE, HISLIP_TRIGGER = 12, HISLIP_INTERRUPTED, HISLIP_ASYNC_INTERRUPTED,
	HISLIP_ASYNC_MAXIMUM_SIZE, HISLIP_ASYNC_MAXIMUM_SIZE_RESPONSE, HISLIP_ASYNC_INITIALIZE,
	HISLIP_ASYNC_INITIALIZE_RESPONSE, HISLIP_ASYNC_DEVICE_CLEAR, HISLIP_ASYNC_SERVICE_REQUEST,
	HISLIP_ASYNC_STATUS_QUERY, HISLIP_ASYNC_STATUS_RESPONSE, HISLIP_ASYNC_DEVICE_CLEAR_ACKNOWLEDGE,
};

#define HISLIP_HEADER 16                 /* bytes before each payload */

struct hislip_head {
	uint8_t type, control;
	uint32_t parameter;
	uint64_t length;                 /* of the payload */
};

struct hislip_channel {
	int fd;                          /* -1: not connected */
	bool torn;
	struct hislip_head head;         /* of the message in hand */
	uint64_t left;                   /* bytes of its payload that nobody has had */
	struct buf out;
	char raw[8192];                  /* what has come behind the message in hand */
	size_t from, to;                 /* raw[from .. to) is not taken apart yet */
};

/* ERR_TIMEOUT, ERR_CANCELLED, ERR_CLOSED. */
int  hislip_channel_open(struct hislip_channel *c, const struct sockaddr_storage *to, socklen_t n, int cancel,
			 instant by, struct err *e);
void hislip_channel_close(struct hislip_channel *c);

/* length of h is n. */
int  hislip_channel_send(struct hislip_channel *c, enum hislip_type type, uint8_t control, uint32_t parameter,
			 const void *payload, size_t n, int cancel, instant by, struct err *e);
/* The header of the next message is in c->head.  What nobody has had of the message before is thrown away. */
int  hislip_channel_next(struct hislip_channel *c, int cancel, instant by, struct err *e);
/* Some of the payload in hand, at least one byte; there must be some left. */
ssize_t hislip_channel_take(struct hislip_channel *c, void *data, size_t max, int cancel, instant by, struct err *e);
/* All that is left of it, behind what is in b. */
int  hislip_channel_take_all(struct hislip_channel *c, struct buf *b, int cancel, instant by, struct err *e);
/* Bytes that have come, at no cost. */
size_t hislip_channel_waiting(const struct hislip_channel *c);

/* If the message in hand is Error or FatalError: -1 and what it says, as a sentence.  ERR_STATE: the
 * server does not know the message that was sent to it. */
int  hislip_channel_judge(struct hislip_channel *c, int cancel, instant by, struct err *e);
/* What came is against the protocol: the server is told so, and the channel is torn. */
int  hislip_channel_refuse(struct hislip_channel *c, const char *what, struct err *e);

#endif
