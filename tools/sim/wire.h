/* SPDX-License-Identifier: GPL-3.0-or-later
 * wire.h - sending an answer the way a fault has it. */
#ifndef WIRE_H
#define WIRE_H

#include "device.h"

int64_t wire_lateness(const struct device *d, const struct fault *f);      /* of a FAULT_LATE, in ns */
int  wire_read(int fd, void *data, size_t n);              /* all of it; -1: the other end is gone */
int  wire_write(int fd, const void *data, size_t n);       /* all of it; -1: the other end is gone */

/* Sends the n bytes of an answer, or what the fault makes of them: late, in pieces, twice, not at
 * all.  What depends on the protocol (truncated, garbage, ...) was done to the bytes before.
 * -1: the connection is gone, or is to be dropped. */
int  wire_deliver(const struct device *d, const struct fault *f, int fd, const void *data, size_t n);

/* Calls serve(who, fd) in a thread of its own for every client of a listening socket. */
void wire_accept(int listener, void (*serve)(void *who, int fd), void *who);

/* The connections of one listener, so that all can be hung up at once. */
struct wires {
	pthread_mutex_t lock;
	int *fds;
	size_t n;
};
void wires_init(struct wires *w);
void wires_add(struct wires *w, int fd);
void wires_close(struct wires *w, int fd);       /* and forgets it */
void wires_hang_up(struct wires *w);             /* their threads find the end of file */

#endif
