/* SPDX-License-Identifier: GPL-3.0-or-later
 * hislip_wire.h - HiSLIP messages on a connection (IVI-6.1, 2.5): a header of sixteen bytes and a payload. */
#ifndef HISLIP_WIRE_H
#define HISLIP_WIRE_H

#include <stdint.h>

#include "mem.h"

enum hislip_type {
	HISLIP_INITIALIZE, HISLIP_INITIALIZE_RESPONSE, HISLIP_FATAL_ERROR, HISLIP_ERROR, HISLIP_ASYNC_LOCK,
	HISLIP_ASYNC_LOCK_RESPONSE, HISLIP_DATA, HISLIP_DATA_END, HISLIP_DEVICE_CLEAR_COMPLETE,
	HISLIP_DEVICE_CLEAR_ACKNOWLEDGE, HISLIP_ASYNC_REMOTE_LOCAL, HISLIP_ASYNC_REMOTE_LOCAL_RESPONSE, HISLIP_TRIGGER,
	HISLIP_INTERRUPTED, HISLIP_ASYNC_INTERRUPTED, HISLIP_ASYNC_MAXIMUM_SIZE, HISLIP_ASYNC_MAXIMUM_SIZE_RESPONSE,
	HISLIP_ASYNC_INITIALIZE, HISLIP_ASYNC_INITIALIZE_RESPONSE, HISLIP_ASYNC_DEVICE_CLEAR,
	HISLIP_ASYNC_SERVICE_REQUEST, HISLIP_ASYNC_STATUS_QUERY, HISLIP_ASYNC_STATUS_RESPONSE,
	HISLIP_ASYNC_DEVICE_CLEAR_ACKNOWLEDGE, HISLIP_ASYNC_LOCK_INFO, HISLIP_ASYNC_LOCK_INFO_RESPONSE,
};
enum { HISLIP_FATAL_HEADER = 1, HISLIP_FATAL_ALONE, HISLIP_FATAL_ORDER };            /* of FatalError */
enum { HISLIP_ERROR_TYPE = 1, HISLIP_ERROR_TOO_LONG = 4 };                           /* of Error */

struct hislip_message {
	uint8_t type, control;
	uint32_t parameter;
	uint64_t length;         /* of the payload, which is still to be read */
};

/* -1: the connection is gone, or the header is none, which the other end is told. */
int hislip_read(int fd, struct hislip_message *m);
int hislip_read_payload(int fd, struct hislip_message *m, struct buf *b);    /* behind what is in b */
int hislip_skip_payload(int fd, struct hislip_message *m);

void hislip_compose(struct buf *b, enum hislip_type type, uint8_t control, uint32_t parameter, const void *payload,
		    size_t n);                                           /* behind what is in b */
int hislip_send(int fd, enum hislip_type type, uint8_t control, uint32_t parameter, const void *payload, size_t n);
/* An Error or FatalError that explains itself. */
int hislip_complain(int fd, enum hislip_type type, uint8_t code, const char *text);

#endif
