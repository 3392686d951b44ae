/* SPDX-License-Identifier: GPL-3.0-or-later
 * slip_wire.h - the bytes of HiSLIP messages, for the server of the tests. */
#ifndef SLIP_WIRE_H
#define SLIP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLIP_HEADER 16

/* IVI-6.1, table 4. */
enum { INITIALIZE = 0, FATAL_ERROR = 2, ERROR = 3, ASYNC_LOCK = 4, ASYNC_LOCK_RESPONSE = 5, DATA = 6, DATA_END = 7,
       DEVICE_CLEAR_COMPLETE = 8, DEVICE_CLEAR_ACKNOWLEDGE = 9, TRIGGER = 12, INTERRUPTED = 13, ASYNC_INTERRUPTED = 14,
       ASYNC_MAXIMUM = 15, ASYNC_MAXIMUM_RESPONSE = 16, ASYNC_INITIALIZE = 17, ASYNC_INITIALIZE_RESPONSE = 18,
       ASYNC_DEVICE_CLEAR = 19, ASYNC_SERVICE_REQUEST = 20, ASYNC_STATUS_QUERY = 21, ASYNC_STATUS_RESPONSE = 22,
       ASYNC_DEVICE_CLEAR_ACKNOWLEDGE = 23 };

struct slip_message {
	unsigned type, control;
	uint32_t parameter;
	uint64_t length;
};

void slip_must(bool ok, const char *what);       /* else the test ends */

void slip_put(unsigned char *at, uint64_t v, int bytes);
uint64_t slip_get(const unsigned char *at, int bytes);
void slip_head(unsigned char h[SLIP_HEADER], unsigned type, unsigned control, uint32_t parameter, uint64_t length);
void slip_send_all(int fd, const void *data, size_t n);
void slip_send(int fd, unsigned type, unsigned control, uint32_t parameter, const void *payload, size_t n);
bool slip_read_all(int fd, void *data, size_t n);
bool slip_read_head(int fd, struct slip_message *m);

#endif
