/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "modbus_lines.h"

#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "server_parts.h"

#define FAST_BAUD 4000000                /* the most that an address takes: 3.5 characters are 9 us */
#define FAST_BAUD_TEXT "4000000"
#define TURN_CHARACTERS 3.5              /* before an answer, and in RTU before a request */

static const int64_t character_ns = 10 * NS_PER_S / PACED_BAUD;

struct exchanged exchanged_of(enum modbus how, int unit)
{
	static const uint8_t ask[] = { 4, 0, 0, 0, 1 }, answer[] = { 4, 2, 0, 123 };
	const struct modbus_frame *f = modbus_frame_of(how);
	struct exchanged x;

	x.ask_n = f->wrap(x.ask, 0, unit, ask, sizeof ask);
	x.answer_n = f->wrap(x.answer, 0, unit, answer, sizeof answer);
	return x;
}

static bool read_all(int fd, uint8_t got[FRAME_MAX], size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t more = read(fd, got + at, n - at);

		if (more <= 0)
			return false;
		at += (size_t)more;
	}
	return true;
}

static void *answer(int fd, enum modbus how)
{
	struct exchanged units[4];
	uint8_t got[FRAME_MAX];

	for (int unit = 1; unit < 4; unit++)
		units[unit] = exchanged_of(how, unit);
	while (read_all(fd, got, units[1].ask_n)) {
		int unit = how == MODBUS_RTU ? got[0] : got[2] - '0';

		if (unit < 1 || unit > 3)
			break;
		if (unit != SILENT_UNIT && write(fd, units[unit].answer, units[unit].answer_n) < 0)
			break;
	}
	close(fd);
	return NULL;
}

static void *answer_rtu(void *fd)
{
	return answer((int)(intptr_t)fd, MODBUS_RTU);
}

static void *answer_ascii(void *fd)
{
	return answer((int)(intptr_t)fd, MODBUS_ASCII);
}

struct server server_line_over_tcp(enum modbus how, int core)
{
	bool rtu = how == MODBUS_RTU;
	struct server s;

	server_listen(&s, 1, rtu ? "modbus+rtu" : "modbus+ascii", "/1?baud=" FAST_BAUD_TEXT);
	if (server_child(&s, core))
		server_serve(&s, rtu ? answer_rtu : answer_ascii);
	server_leave(&s);
	return s;
}

/* The request is on the line from its first byte on; each byte of the answer is there when it has been sent. */
static void answer_paced(int fd, enum modbus how)
{
	struct exchanged x = exchanged_of(how, 1);
	uint8_t got[FRAME_MAX];

	while (read_all(fd, got, 1)) {
		instant at = instant_now() + (int64_t)(((double)x.ask_n + TURN_CHARACTERS) * (double)character_ns);

		if (!read_all(fd, got, x.ask_n - 1))
			return;
		for (size_t i = 0; i < x.answer_n; i++) {
			at += character_ns;
			instant_sleep_until(at);
			if (write(fd, x.answer + i, 1) != 1)
				return;
		}
	}
}

struct server server_paced(enum modbus how, int core)
{
	struct server s = { .n = 1, .ports = mem_array(1, sizeof(int)), .addresses = mem_array(1, sizeof(char *)) };
	struct termios raw = { .c_cc = { [VMIN] = 1 } };
	char name[64];
	int master;

	cfmakeraw(&raw);
	raw.c_cflag |= CREAD | CLOCAL | CS8;
	must(openpty(&master, &s.ports[0], name, &raw, NULL) == 0, "openpty");
	s.addresses[0] = mem_format("modbus+%s:%s?baud=%d&unit=1", how == MODBUS_RTU ? "rtu" : "ascii", name, PACED_BAUD);
	if (server_child(&s, core)) {
		prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
		answer_paced(master, how);
		_exit(0);
	}
	close(master);
	return s;
}

double paced_most(enum modbus how)
{
	struct exchanged x = exchanged_of(how, 1);
	double silence = how == MODBUS_RTU ? 2 * TURN_CHARACTERS : TURN_CHARACTERS;

	return (double)NS_PER_S / ((double)(x.ask_n + x.answer_n) + silence) / (double)character_ns;
}

struct bare_line bare_line_of(enum modbus how, int fd)
{
	double gap = how == MODBUS_RTU ? TURN_CHARACTERS * 10 * NS_PER_S / FAST_BAUD : 0;

	return (struct bare_line){ fd, exchanged_of(how, 1), (int64_t)gap };
}

double bare_exchanges(void *with, unsigned n)
{
	struct bare_line *b = with;
	instant start = instant_now();
	uint8_t got[FRAME_MAX];

	for (unsigned i = 0; i < n; i++) {
		instant free_at = instant_after(b->gap_ns);

		while (!instant_passed(free_at))
			;
		must(write(b->fd, b->x.ask, b->x.ask_n) == (ssize_t)b->x.ask_n, "write");
		must(read_all(b->fd, got, b->x.answer_n), "read");
	}
	return aid_seconds(start);
}
