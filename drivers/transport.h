/* SPDX-License-Identifier: GPL-3.0-or-later
 * transport.h - moves bytes and knows nothing of instruments, lines or SCPI; everything above
 * moving bytes is in link.c, once. */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "address.h"
#include "instant.h"

struct transport {
	const char *scheme;             /* "tcp" of tcp://host:port */
	bool ends;                      /* it always knows the end of a message */

	/* Connects, sets *state.  place: the address between the scheme's colon and its options
	 * ("//host:port", "/dev/ttyUSB0").  line: settings of the line, where there is one. */
	int (*open)(void **state, const char *place, const struct line *line, int cancel,
		    instant by, struct err *e);
	/* Sends some of the bytes, at least one, and returns how many. */
	ssize_t (*write)(void *state, const void *data, size_t n, int cancel, instant by, struct err *e);
	/* Returns what has arrived, at least one byte, or none where *end is all that has come.  Sets *end
	 * when these bytes close a message and the transport knows it. */
	ssize_t (*read)(void *state, void *data, size_t max, bool *end, int cancel,
			instant by, struct err *e);
	size_t (*waiting)(void *state); /* bytes that have arrived and not been read, at no cost */
	void (*close)(void *state);
	int (*fd)(void *state);         /* its descriptor; -1 if it is not one */
	int (*wire)(void *state);       /* then: the one that hangs up when the other end has gone; NULL: fd does */
	/* Where the protocol can empty the instrument's buffers: does, and makes sure that nothing said
	 * within `silence` is left in them.  Returns how many bytes it has thrown away.  NULL: link.c reads
	 * until nothing comes (transport_drain). */
	ssize_t (*clear)(void *state, int64_t silence_ns, int cancel, instant by, struct err *e);

	/* Where several instruments are behind one connection; NULL where it has only one.  Turns to this one, for all
	 * that follows. */
	void (*select)(void *state, const struct gpib *at);
	/* There clear is for the selected one alone, and this makes sure, without touching any, that nothing
	 * comes that one of them has said. */
	ssize_t (*settle)(void *state, int64_t silence_ns, int cancel, instant by, struct err *e);

	/* What some protocols have beside their messages; NULL where this one has not.  ERR_STATE: the
	 * instrument has not, though the protocol has, and nothing is owed to us. */
	/* The status byte as a serial poll has it (IEEE 488.2, 11.2): bit 6 is the request for service,
	 * which this takes back. */
	int (*status)(void *state, uint8_t *status, int cancel, instant by, struct err *e);
	/* Waits until it requests service, also if it did so since the wait before; and its status byte then. */
	int (*wait_srq)(void *state, uint8_t *status, int cancel, instant by, struct err *e);
	/* Group execute trigger, what *TRG is as a message. */
	int (*trigger)(void *state, int cancel, instant by, struct err *e);
};

extern const struct transport transport_tcp, transport_serial, transport_pty, transport_vxi11,
	transport_hislip, transport_prologix, transport_usbtmc;
/* By the scheme of an address; NULL: none of that name, as for Modbus, whose place says which it is. */
const struct transport *transport_find(const char *scheme);

/* Of a serial line, by what its path leads to: a port, or a pseudo-terminal. */
const struct transport *transport_of_line(const char *path);

/* Throws away what comes until nothing has for that long; how many bytes. */
ssize_t transport_drain(const struct transport *t, void *state, int64_t silence_ns, int cancel, instant by,
			struct err *e);

/* What every transport that is one descriptor shares (transport.c); state is the descriptor. */
ssize_t stream_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e);
ssize_t stream_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e);
size_t  stream_waiting(void *state);
void    stream_close(void *state);
int     stream_fd(void *state);
void   *stream_state(int fd);

#endif
