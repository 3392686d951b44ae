/* SPDX-License-Identifier: GPL-3.0-or-later
 * server.h - a real libmodbus server in a thread, over TCP or at the other end of a terminal. */
#ifndef SERVER_H
#define SERVER_H

#include <modbus/modbus.h>
#include <pthread.h>
#include <stdatomic.h>

#include "terminal.h"

#define SERVER_UNIT 5
#define SERVER_BAUD 115200

struct server {
	modbus_t *modbus;
	modbus_mapping_t *map;   /* 16 coils and inputs, 128 holding and 64 input registers: the test's own */
	struct terminal terminal;
	int listening, stop[2];  /* listening: -1 on a terminal */
	void (*before)(struct server *s, const uint8_t *request, int n);     /* each answer; may be NULL */
	void *script;            /* the test's own */
	atomic_int requests;
	pthread_t thread;
	char address[128];
};

void server_start(struct server *s, const char *scheme);
void server_stop(struct server *s);

#endif
