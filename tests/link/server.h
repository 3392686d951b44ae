/* SPDX-License-Identifier: GPL-3.0-or-later
 * server.h - a real libmodbus server in a thread, every way Modbus goes.  It knows no ASCII: there it sits behind a
 * relay that gives RTU frames to it, written for the tests alone. */
#ifndef SERVER_H
#define SERVER_H

#include <modbus/modbus.h>
#include <pthread.h>
#include <stdatomic.h>

#include "terminal.h"

#define SERVER_UNIT 5
#define SERVER_BAUD 115200

/* Every way to a Modbus device: how it is framed, and over what (schemes of device.h). */
struct way { const char *name; enum { WAY_TCP, WAY_RTU, WAY_ASCII } framing; const char *scheme; };
extern const struct way ways[];
#define EACH_MODBUS_WAY(way) for (const struct way *way = ways; way->name; way++)
/* "modbus+rtu:PATH?baud=115200&unit=5" for what a device or server calls "pty:PATH". */
void way_address(const struct way *way, const char *place, int unit, char *out, size_t size);

struct server {
	const struct way *way;
	modbus_t *modbus;
	modbus_mapping_t *map;   /* 16 coils and inputs, 128 holding and 64 input registers: the test's own */
	struct terminal terminal;
	int listening, fd, stop[2];      /* listening: -1 on a terminal; fd: the line or connection */
	int pair[2];             /* ASCII: the relay's end, libmodbus's */
	void (*before)(struct server *s, const uint8_t *request, int n);     /* each answer; may be NULL */
	void *script;            /* the test's own */
	atomic_int requests;
	pthread_t thread;
	char address[128];
};

void server_start(struct server *s, const struct way *way);
void server_stop(struct server *s);

#endif
