/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void *serve(void *arg)
{
	struct server *s = arg;
	uint8_t q[MODBUS_MAX_ADU_LENGTH];

	if (s->listening >= 0)
		modbus_tcp_accept(s->modbus, &s->listening);
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = modbus_get_socket(s->modbus), .events = POLLIN },
			{ .fd = s->stop[0], .events = POLLIN },
		};
		int n;

		if (poll(p, 2, -1) < 0 || p[1].revents || (n = modbus_receive(s->modbus, q)) < 0)
			return NULL;
		if (n > 0) {
			s->requests++;
			if (s->before)
				s->before(s, q, n);
			modbus_reply(s->modbus, q, n, s->map);
		}
	}
}

static void serve_rtu(struct server *s, const char *scheme)
{
	terminal_make(&s->terminal, scheme);
	s->modbus = modbus_new_rtu(s->terminal.path, SERVER_BAUD, 'N', 8, 1);
	modbus_set_socket(s->modbus, s->terminal.master);
	modbus_set_slave(s->modbus, SERVER_UNIT);
	snprintf(s->address, sizeof s->address, "modbus+rtu:%s?baud=%d&unit=%d", s->terminal.path, SERVER_BAUD,
		 SERVER_UNIT);
}

static void serve_tcp(struct server *s)
{
	struct sockaddr_in a;
	socklen_t n = sizeof a;

	s->modbus = modbus_new_tcp("127.0.0.1", 0);
	s->listening = modbus_tcp_listen(s->modbus, 1);
	assert_int_equal(getsockname(s->listening, (void *)&a, &n), 0);
	snprintf(s->address, sizeof s->address, "modbus+tcp://127.0.0.1:%d/%d", ntohs(a.sin_port), SERVER_UNIT);
}

void server_start(struct server *s, const char *scheme)
{
	*s = (struct server){ .listening = -1 };
	if (strcmp(scheme, "tcp"))
		serve_rtu(s, scheme);
	else
		serve_tcp(s);
	s->map = modbus_mapping_new(16, 16, 128, 64);
	assert_int_equal(pipe(s->stop), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

void server_stop(struct server *s)
{
	assert_int_equal(write(s->stop[1], "x", 1), 1);
	pthread_join(s->thread, NULL);
	if (s->listening >= 0) {
		close(modbus_get_socket(s->modbus));
		close(s->listening);
	} else {
		terminal_remove(&s->terminal);
	}
	modbus_mapping_free(s->map);
	modbus_free(s->modbus);
	close(s->stop[0]);
	close(s->stop[1]);
}
