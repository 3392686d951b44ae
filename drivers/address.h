/* SPDX-License-Identifier: GPL-3.0-or-later
 * address.h - where an instrument is reached, as a bench file writes it.
 *
 *     tcp://192.0.2.7:5025    tcp://[2001:db8::7]:5025    tcp://meter.example:5025
 *     serial:/dev/serial/by-id/usb-0403?baud=9600&bits=7&parity=even&stop=1&flow=rts-cts
 *     pty:/run/bench/meter                        a pseudo-terminal: simulators, bridges
 *     modbus+tcp://192.0.2.8:502/3                unit 3; or ?unit=3
 *     modbus+rtu:/dev/ttyUSB0?baud=19200&parity=even&unit=3
 *
 * The unit is 1 unless stated. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <sys/socket.h>

#include "transport.h"

struct address {
	const char *scheme;
	const struct transport *transport;   /* NULL: modbus+rtu, serial or pty as its path says */
	bool modbus;
	char place[256];                 /* "//host:port" or a path */
	struct line line;
	int unit;                        /* of Modbus: 1 to 247 on a line, 0 to 255 over TCP */
};

/* line: what holds unless the address says otherwise; NULL: 9600 8N1.  ERR_CONFIG. */
int   address_parse(struct address *a, const char *text, const struct line *line, struct err *e);
/* Is it well formed?  ERR_CONFIG explains. */
int   address_check(const char *text, struct err *e);
/* The part that names its port, links followed: two instruments with the same one share a
 * thread.  The caller frees it. */
char *address_port(const char *text);
/* The same address with the host's name replaced by its number (IPv4 preferred), so that no
 * reconnect ever waits for a name server.  NULL: the name is unknown (ERR_CONFIG). */
char *address_resolve(const char *text, struct err *e);
/* Place of a tcp address whose host is a number. */
int   address_numeric(const char *place, struct sockaddr_storage *to, socklen_t *n, struct err *e);

#endif
