/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

const struct way ways[] = {
	{ "TCP", WAY_TCP, "tcp" }, { "RTU, pty", WAY_RTU, "pty" }, { "RTU, serial", WAY_RTU, "serial" },
	{ "RTU over TCP", WAY_RTU, "tcp" }, { "ASCII, pty", WAY_ASCII, "pty" },
	{ "ASCII, serial", WAY_ASCII, "serial" }, { "ASCII over TCP", WAY_ASCII, "tcp" }, { NULL, 0, NULL },
};

void way_address(const struct way *way, const char *place, int unit, char *out, size_t size)
{
	static const char *const names[] = { "tcp", "rtu", "ascii" };
	const char *where = strchr(place, ':') + 1;

	snprintf(out, size, way->framing == WAY_TCP ? "modbus+%s:%s?unit=%d" : "modbus+%s:%s?baud=%d&unit=%d",
		 names[way->framing], where, way->framing == WAY_TCP ? unit : SERVER_BAUD, unit);
}

/* Modbus over Serial Line V1.02, appendix B. */
static void add_crc(uint8_t *p, size_t n)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
	}
	p[n] = (uint8_t)crc;
	p[n + 1] = (uint8_t)(crc >> 8);
}

/* An ASCII frame in, an RTU frame to libmodbus. */
static bool relay_in(struct server *s)
{
	uint8_t bytes[300];
	char text[600];
	size_t n = 0, count = 0;
	unsigned byte;

	do {
		if (read(s->fd, text + n, 1) != 1)
			return false;
	} while (text[n++] != '\n');
	text[n] = '\0';
	assert_true(text[0] == ':' && !strcmp(text + n - 2, "\r\n"));
	for (const char *p = text + 1; sscanf(p, "%2X", &byte) == 1; p += 2)
		bytes[count++] = (uint8_t)byte;
	byte = 0;
	for (size_t i = 0; i < count; i++)
		byte += bytes[i];
	assert_int_equal(byte & 0xFF, 0);
	add_crc(bytes, count - 1);
	assert_int_equal(write(s->pair[0], bytes, count + 1), count + 1);
	return true;
}

static void relay_out(struct server *s)
{
	uint8_t bytes[300];
	char text[600];
	size_t at = 1;
	unsigned sum = 0;
	ssize_t n = recv(s->pair[0], bytes, sizeof bytes, 0) - 2;

	text[0] = ':';
	for (ssize_t i = 0; i < n; i++, at += 2) {
		snprintf(text + at, 3, "%02X", bytes[i]);
		sum += bytes[i];
	}
	at += (size_t)snprintf(text + at, 5, "%02X\r\n", -sum & 0xFF);
	assert_int_equal(write(s->fd, text, at), at);
}

static void *serve(void *arg)
{
	struct server *s = arg;
	bool ascii = s->way->framing == WAY_ASCII;
	uint8_t q[MODBUS_MAX_ADU_LENGTH];

	if (s->listening >= 0)
		s->fd = accept(s->listening, NULL, NULL);
	modbus_set_socket(s->modbus, ascii ? s->pair[1] : s->fd);
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = s->fd, .events = POLLIN },
			{ .fd = s->stop[0], .events = POLLIN },
		};
		int n;

		if (poll(p, 2, -1) < 0 || p[1].revents || (ascii && !relay_in(s)) || (n = modbus_receive(s->modbus, q)) < 0)
			return NULL;
		if (n == 0)
			continue;
		s->requests++;
		if (s->before)
			s->before(s, q, n);
		modbus_reply(s->modbus, q, n, s->map);
		if (ascii)
			relay_out(s);
	}
}

static void serve_line(struct server *s)
{
	char place[160];

	terminal_make(&s->terminal, s->way->scheme);
	s->fd = s->terminal.master;
	snprintf(place, sizeof place, "%s:%s", s->way->scheme, s->terminal.path);
	way_address(s->way, place, SERVER_UNIT, s->address, sizeof s->address);
}

static void serve_tcp(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	char place[160];

	s->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listening, (void *)&a, sizeof a) | listen(s->listening, 1) |
			 getsockname(s->listening, (void *)&a, &n), 0);
	snprintf(place, sizeof place, "tcp://127.0.0.1:%d", ntohs(a.sin_port));
	way_address(s->way, place, SERVER_UNIT, s->address, sizeof s->address);
}

void server_start(struct server *s, const struct way *way)
{
	*s = (struct server){ .way = way, .listening = -1, .fd = -1 };
	if (strcmp(way->scheme, "tcp"))
		serve_line(s);
	else
		serve_tcp(s);
	s->modbus = way->framing == WAY_TCP ? modbus_new_tcp("127.0.0.1", 502)
		: modbus_new_rtu("/dev/null", SERVER_BAUD, 'N', 8, 1);
	modbus_set_slave(s->modbus, SERVER_UNIT);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->pair), 0);
	s->map = modbus_mapping_new(16, 16, 128, 64);
	assert_int_equal(pipe(s->stop), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

void server_stop(struct server *s)
{
	assert_int_equal(write(s->stop[1], "x", 1), 1);
	pthread_join(s->thread, NULL);
	if (s->listening >= 0) {
		close(s->fd);
		close(s->listening);
	} else {
		terminal_remove(&s->terminal);
	}
	modbus_mapping_free(s->map);
	modbus_free(s->modbus);
	close(s->pair[0]);
	close(s->pair[1]);
	close(s->stop[0]);
	close(s->stop[1]);
}
