/* SPDX-License-Identifier: GPL-3.0-or-later
 * session.h - libmodbus at one connection, or at a line: it receives and answers for the units there.
 *
 * It is handed the registers of a unit, filled from the world for each request (image.h).  It knows no ASCII: such
 * a request is made into one of RTU, and its answer back.  An answer that a fault is to spoil is caught, spoilt and
 * sent by us. */
#ifndef SESSION_H
#define SESSION_H

#include "image.h"
#include "modbus_frame.h"

struct modbus_unit {
	int id;
	struct image *image;
};

struct units { struct modbus_unit *list; size_t n; };
struct modbus_unit *units_find(const struct units *u, int id);

struct session {
	const struct units *units;
	const struct modbus_frame *framing;
	modbus_t *modbus;
	int fd;
	int pair[2];                 /* catches what libmodbus answers */
	size_t head;                 /* of its frames: bytes before the function code */
};

int  session_open(struct session *s, const struct units *u, enum modbus how, int fd, const char *name, struct err *e);
/* Takes one request and answers it.  -1: the connection is gone, or is to be dropped. */
int  session_next(struct session *s);
void session_close(struct session *s);

#endif
