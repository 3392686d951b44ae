/* SPDX-License-Identifier: GPL-3.0-or-later
 * transport.h - moves bytes and knows nothing of instruments, lines or SCPI; everything above
 * moving bytes is in link.c, once. */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <stdbool.h>
#include <sys/types.h>

#include "instant.h"

/* Settings of a serial line; an address may override what the model file says. */
enum parity { PARITY_NONE, PARITY_EVEN, PARITY_ODD };
enum flow { FLOW_NONE, FLOW_RTS_CTS, FLOW_XON_XOFF };
struct line { int baud, bits, stop; enum parity parity; enum flow flow; };

struct transport {
	const char *scheme;             /* "tcp" of tcp://host:port */

	/* Connects, sets *state.  where: the address after the scheme's colon.  line: defaults. */
	int (*open)(void **state, const char *where, const struct line *line, int cancel,
		    instant by, struct err *e);
	/* Sends some of the bytes, at least one, and returns how many. */
	ssize_t (*write)(void *state, const void *data, size_t n, int cancel, instant by, struct err *e);
	/* Returns what has arrived, at least one byte.  Sets *end when these bytes close a message
	 * and the transport knows it. */
	ssize_t (*read)(void *state, void *data, size_t max, bool *end, int cancel,
			instant by, struct err *e);
	void (*close)(void *state);
};

extern const struct transport transport_tcp, transport_serial, transport_pty;
extern const struct transport *const transports[];      /* NULL-terminated */

#endif
