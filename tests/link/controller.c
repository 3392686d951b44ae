/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "controller.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "instant.h"
#include "mem.h"

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

static void rest(struct controller *c, int64_t ms)
{
	struct pollfd p = { .fd = c->stop[0], .events = POLLIN };

	poll(&p, 1, ms < 0 ? 0 : (int)ms);
}

/* ---- to the host ---- */

static void put(struct controller *c, const void *data, size_t n)
{
	const char *p = data;

	while (n > 0 && c->fd >= 0 && !c->deaf) {
		ssize_t sent = c->listening >= 0 ? send(c->fd, p, n, MSG_NOSIGNAL) : write(c->fd, p, n);

		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

static void say(struct controller *c, const char *text)
{
	put(c, text, strlen(text));
	put(c, "\r\n", 2);
}

static void say_number(struct controller *c, int v)
{
	char text[16];

	snprintf(text, sizeof text, "%d", v);
	say(c, text);
}

/* ---- the bus ---- */

static struct bus_device *device_at(struct controller *c, int primary, int secondary)
{
	for (int i = 0; i < BUS_DEVICES; i++)
		if (c->devices[i].identity && c->devices[i].primary == primary && c->devices[i].secondary == secondary)
			return &c->devices[i];
	return NULL;
}

static void answer(struct bus_device *d, const char *text, size_t n)
{
	d->overtaken += d->answer_n > 0;         /* IEEE 488.2: a query interrupted */
	memcpy(d->answer, text, n);
	d->answer_n = n;
	d->eoi = true;
	d->ready = 0;
}

static void answer_text(struct bus_device *d, const char *text)
{
	answer(d, text, strlen(text));
}

static void read_question(struct bus_device *d)
{
	char text[32];

	snprintf(text, sizeof text, "%d\n", 1000 * d->primary + ++d->reads);
	answer_text(d, text);
	switch (atomic_exchange(&d->fault, BUS_FINE)) {
	case BUS_LATE:
		d->ready = instant_after_ms(d->late_ms);
		break;
	case BUS_NO_EOI:
		d->eoi = false;
		break;
	case BUS_CUT:
		d->answer_n = 3;
		d->eoi = false;
		break;
	case BUS_SILENT:
		d->answer_n = 0;
		break;
	case BUS_OTHER:
		answer_text(d, "7777\n");
		break;
	case BUS_TWICE:
		d->again = true;
		break;
	default:
		break;
	}
}

/* A binary block with every byte in it, then the terminator. */
static void block_question(struct bus_device *d)
{
	static char block[7 + 65536 + 1];

	memcpy(block, "#565536", 7);
	for (int i = 0; i < 65536; i++)
		block[7 + i] = (char)(i * 7);
	block[7 + 65536] = '\n';
	answer(d, block, sizeof block);
}

/* One message, its end marked by EOI. */
static void hear(struct bus_device *d, const char *data, size_t n)
{
	memcpy(d->heard, data, n);
	d->heard_n = n;
	while (n && (data[n - 1] == '\n' || data[n - 1] == '\r'))
		n--;
	if (n == 5 && !memcmp(data, "*IDN?", 5))
		answer_text(d, d->identity);
	else if (n == 5 && !memcmp(data, "READ?", 5))
		read_question(d);
	else if (n == 6 && !memcmp(data, "BLOCK?", 6))
		block_question(d);
	else if (n == 5 && !memcmp(data, "BARE?", 5))
		answer(d, "no terminator", 13);
}

/* The addressed device talks until EOI, or until nothing comes for read_tmo. */
static void read_device(struct controller *c)
{
	struct bus_device *d = device_at(c, c->primary, c->secondary);
	int64_t left = d && d->ready ? (d->ready - instant_now()) / NS_PER_MS + 1 : 0;
	size_t at = 0;

	if (!d || !d->answer_n || left > c->read_tmo) {
		rest(c, c->read_tmo);
		return;
	}
	rest(c, left);
	while (at < d->answer_n) {
		size_t n = d->answer_n - at;
		const char *mark = c->piece_behind < 0 ? NULL : memchr(d->answer + at, c->piece_behind, n);

		n = mark ? (size_t)(mark - d->answer) + 1 - at : n;
		put(c, d->answer + at, n);
		at += n;
		if (mark)
			rest(c, 1);
	}
	if (d->eoi && c->eot_enable)
		put(c, &(char){ (char)c->eot_char }, 1);
	if (!d->eoi)
		rest(c, c->read_tmo);
	d->answer_n = d->again ? d->answer_n : 0;
	d->again = false;
}

/* ---- commands ---- */

static struct setting { const char *name; size_t offset; } const settings[] = {
	{ "mode", offsetof(struct controller, mode) },       { "auto", offsetof(struct controller, automatic) },
	{ "eoi", offsetof(struct controller, eoi) },         { "eos", offsetof(struct controller, eos) },
	{ "eot_enable", offsetof(struct controller, eot_enable) },
	{ "eot_char", offsetof(struct controller, eot_char) },
	{ "read_tmo_ms", offsetof(struct controller, read_tmo) },
};

static void save(struct controller *c)
{
	c->eeprom_writes += c->savecfg != 0;
}

static bool carry_out_setting(struct controller *c, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		int *field = (int *)(void *)((char *)c + settings[i].offset);

		if (strcmp(settings[i].name, name))
			continue;
		if (*value) {
			*field = (int)strtol(value, NULL, 10);
			save(c);
		} else {
			say_number(c, *field);
		}
		return true;
	}
	return false;
}

static void address(struct controller *c, const char *value)
{
	char text[32];
	int primary, secondary = -1;

	if (!*value) {
		snprintf(text, sizeof text, c->secondary < 0 ? "%d" : "%d %d", c->primary, c->secondary);
		say(c, text);
		return;
	}
	must(sscanf(value, "%d %d", &primary, &secondary) >= 1, "++addr");
	c->primary = primary;
	c->secondary = secondary;
	save(c);
}

static void poll_device(struct controller *c)
{
	struct bus_device *d = device_at(c, c->primary, c->secondary);

	say_number(c, d ? d->status : 0);
	if (d)
		d->status &= ~0x40;
}

static int service_requested(struct controller *c)
{
	for (int i = 0; i < BUS_DEVICES; i++)
		if (c->devices[i].identity && c->devices[i].status & 0x40)
			return 1;
	return 0;
}

static void clear_device(struct bus_device *d)
{
	d->clears++;
	d->answer_n = 0;
	d->again = false;
}

static bool act_on_device(struct controller *c, const char *name)
{
	struct bus_device *d = device_at(c, c->primary, c->secondary);

	if (!strcmp(name, "clr") && d)
		clear_device(d);
	else if (!strcmp(name, "trg") && d)
		d->triggers++;
	else if (!strcmp(name, "loc") && d)
		d->locals++;
	return !strcmp(name, "clr") || !strcmp(name, "trg") || !strcmp(name, "loc");
}

static void save_config(struct controller *c, const char *value)
{
	if (c->ar488)
		c->eeprom_writes++;                      /* whatever stands behind it */
	else
		c->savecfg = *value == '1';
}

static void command(struct controller *c, char *text)
{
	char *value = strchr(text, ' ');

	if (value)
		*value++ = '\0';
	else
		value = text + strlen(text);
	if (c->unknown && !strcmp(text, c->unknown))
		say(c, "Unrecognized command");
	else if (!strcmp(text, "addr"))
		address(c, value);
	else if (!strcmp(text, "read") && !strcmp(value, "eoi"))
		read_device(c);
	else if (!strcmp(text, "ver"))
		say(c, c->version);
	else if (!strcmp(text, "savecfg"))
		save_config(c, value);
	else if (!strcmp(text, "ifc"))
		c->clears_of_bus++;
	else if (!strcmp(text, "spoll"))
		poll_device(c);
	else if (!strcmp(text, "srq"))
		say_number(c, service_requested(c));
	else if (!act_on_device(c, text) && !carry_out_setting(c, text, value))
		say(c, "Unrecognized command");
}

static void defaults(struct controller *c)
{
	c->mode = c->automatic = c->eoi = c->savecfg = 1;        /* as the factory has a GPIB-USB */
	c->eos = c->eot_enable = c->eot_char = 0;
	c->read_tmo = 200;
	c->primary = 5;
	c->secondary = -1;
	c->line_n = 0;
	c->escaped = c->is_data = false;
}

static void carry_out(struct controller *c)
{
	struct bus_device *d = device_at(c, c->primary, c->secondary);

	c->line[c->line_n] = '\0';
	if (!c->is_data && c->line_n >= 2 && !memcmp(c->line, "++", 2)) {
		command(c, c->line + 2);
	} else if (c->line_n && c->mode == 1) {
		if (c->eos == 0 || c->eos == 1)
			c->line[c->line_n++] = '\r';
		if (c->eos == 0 || c->eos == 2)
			c->line[c->line_n++] = '\n';
		if (d)
			hear(d, c->line, c->line_n);
		if (c->automatic)
			read_device(c);
	}
	c->line_n = 0;
	c->is_data = false;
}

static void note(struct controller *c, char byte)
{
	if ((size_t)c->log_n < sizeof c->log - 1)
		c->log[c->log_n++] = byte;
}

/* An escaped byte is data, whatever it is; a line that begins with one is no command. */
static void take(struct controller *c, char byte)
{
	note(c, byte);
	if (!c->escaped && byte == '\x1b') {
		c->escaped = true;
		return;
	}
	if (!c->escaped && (byte == '\n' || byte == '\r')) {
		carry_out(c);
		return;
	}
	must(c->line_n + 4 < sizeof c->line, "a long line");
	c->is_data |= c->escaped && c->line_n < 2;
	c->line[c->line_n++] = byte;
	c->escaped = false;
}

static void hang_up(struct controller *c)
{
	c->line_n = 0;
	if (c->listening >= 0) {
		close(c->fd);
		c->fd = -1;
	} else {
		terminal_renew(&c->terminal);
		c->fd = c->terminal.master;
	}
}

static bool lose_power(struct controller *c)
{
	int power = atomic_exchange(&c->power, 0);

	if (power)
		defaults(c);
	if (power == 2)
		hang_up(c);
	return power == 2;
}

static void welcome(struct controller *c)
{
	int on = 1;

	c->fd = accept(c->listening, NULL, NULL);
	must(c->fd >= 0, "accept");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	c->connects++;
	if (c->banner)
		put(c, c->banner, strlen(c->banner));
}

static void *play(void *arg)
{
	struct controller *c = arg;
	char in[65536];

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = c->fd >= 0 ? c->fd : c->listening, .events = POLLIN },
			{ .fd = c->stop[0], .events = POLLIN },
		};
		ssize_t got;

		if (poll(p, 2, c->power ? 0 : 20) < 0 || p[1].revents)
			return NULL;
		if (lose_power(c) || !p[0].revents)
			continue;
		if (c->fd < 0) {
			welcome(c);
			continue;
		}
		got = read(c->fd, in, sizeof in);
		if (got <= 0)
			hang_up(c);
		for (ssize_t i = 0; i < got && c->fd >= 0; i++)
			take(c, in[i]);
	}
}

static void listen_tcp(struct controller *c)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	c->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(!bind(c->listening, (void *)&a, sizeof a) && !listen(c->listening, 4) &&
	     !getsockname(c->listening, (void *)&a, &n), "listen");
	snprintf(c->address, sizeof c->address, "prologix://127.0.0.1:%d", ntohs(a.sin_port));
}

void controller_prepare(struct controller *c)
{
	*c = (struct controller){ .piece_behind = -1 };
	c->devices[0] = (struct bus_device){ .primary = 22, .secondary = -1, .identity = "ETALON,M1,A,1\n" };
	c->devices[1] = (struct bus_device){ .primary = 9, .secondary = -1, .identity = "ETALON,M1,B,1\n" };
	c->devices[2] = (struct bus_device){ .primary = 9, .secondary = 99, .identity = "ETALON,M1,C,1\n" };
}

char *controller_at(const struct controller *c, const char *where)
{
	return mem_format("%s/%s", c->address, where);
}

void controller_start(struct controller *c, const char *scheme)
{
	bool tcp = !strcmp(scheme, "tcp");

	if (!c->version)
		c->version = tcp ? "Prologix GPIB-ETHERNET Controller version 01.06.06.00"
				 : "Prologix GPIB-USB Controller version 6.107";
	c->listening = c->fd = -1;
	defaults(c);
	for (int i = 0; i < BUS_DEVICES; i++)
		must((c->devices[i].answer = malloc(BUS_ANSWER)) != NULL, "malloc");
	must(!pipe(c->stop), "pipe");
	if (tcp) {
		listen_tcp(c);
	} else {
		terminal_make(&c->terminal, scheme);
		c->fd = c->terminal.master;
		snprintf(c->address, sizeof c->address, "prologix:%s", c->terminal.path);
		if (c->banner)
			put(c, c->banner, strlen(c->banner));
	}
	must(!pthread_create(&c->thread, NULL, play, c), "thread");
}

void controller_power(struct controller *c, bool connection_too)
{
	c->power = connection_too ? 2 : 1;
	while (c->power)
		rest(c, 5);
}

void controller_stop(struct controller *c)
{
	must(write(c->stop[1], "x", 1) == 1, "stop");
	pthread_join(c->thread, NULL);
	if (c->listening >= 0) {
		close(c->listening);
		close(c->fd);
	} else {
		terminal_remove(&c->terminal);
	}
	for (int i = 0; i < BUS_DEVICES; i++)
		free(c->devices[i].answer);
	close(c->stop[0]);
	close(c->stop[1]);
}
