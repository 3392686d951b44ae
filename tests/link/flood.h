/* SPDX-License-Identifier: GPL-3.0-or-later
 * flood.h - a peer over TCP that never pauses: whoever connects is sent some bytes, then a pattern over and over, until
 * the connection is closed, or so often that all of it waits to be read at once.  What it is told it never reads. */
#ifndef FLOOD_H
#define FLOOD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOOD_AT_ONCE (48 * 1024)        /* less than a socket holds */

struct flood {
	/* The test's, before it is started. */
	const void *pattern;
	size_t pattern_n;
	bool ends;                       /* after the bytes below */

	uint16_t port;
	char address[64];                /* "tcp://127.0.0.1:port" */
	char bytes[FLOOD_AT_ONCE];       /* as many whole patterns as fit */
	size_t n;
	int listening;
	atomic_int fd;
	atomic_bool sent;
	pthread_t thread;
};

void flood_start(struct flood *f);
void flood_await(const struct flood *f);         /* until all of one that ends is where it is read */
void flood_stop(struct flood *f);

#endif
