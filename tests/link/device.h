/* SPDX-License-Identifier: GPL-3.0-or-later
 * device.h - an instrument played by a thread at the other end of a real socket or terminal.
 *
 * Each whole command (a line, or `count` bytes) is handed to `answer`, which says what it
 * likes, when it likes.  Clients may come back: a TCP device accepts again, and a terminal that
 * was pulled is replaced by a new one under the same symlink. */
#ifndef DEVICE_H
#define DEVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "peer.h"
#include "slip.h"
#include "terminal.h"

/* Every way to a device that speaks in lines; all of them, or those that are mere streams of bytes. */
#define EACH_DEVICE(scheme) \
	for (const char *const *p_ = device_ways, *scheme; (scheme = *p_); p_++)
#define EACH_SCHEME(scheme) \
	for (const char *const *p_ = device_schemes, *scheme; (scheme = *p_); p_++)
extern const char *const device_schemes[], *const device_ways[];

struct device {
	void (*answer)(struct device *d, const char *ask, size_t n);
	size_t count;            /* bytes of a command; 0: it ends at "\n", which is not handed on */
	char other_end;          /* a byte that ends commands as well; 0: none */
	char ended_by;           /* which of the two it was */
	const void *script;      /* the test's own */
	atomic_int asked;        /* commands so far */
	atomic_int fault;        /* the test's own */

	char address[128];       /* "tcp://127.0.0.1:port", "pty:/tmp/.../line", "serial:/tmp/.../ttyS" */
	struct terminal terminal;
	struct slip *slip;       /* speaks HiSLIP for it */
	struct peer *peer;       /* speaks VXI-11 for it */
	int listening, fd, stop[2];      /* listening: -1 on a terminal */
	pthread_t thread;
	char in[4096];
	size_t len;
};

/* First in main: runs the program again with the shim that lets "serial:" open a terminal. */
void device_shim(char **argv);

void device_start(struct device *d, const char *scheme);
void device_stop(struct device *d);
void device_drop(struct device *d);              /* from the test: ends the TCP connection */

/* Within answer. */
void device_say(struct device *d, const char *text);
void device_send(struct device *d, const void *bytes, size_t n);
void device_pause(struct device *d, int ms);
void device_hang_up(struct device *d);           /* closes the connection, pulls the cable */

#endif
