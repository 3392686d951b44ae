/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slave.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "session.h"
#include "wire.h"

struct slaves {
	struct outlet *outlet;
	enum modbus framing;
	struct units units;
	struct wires wires;          /* of a network */
	int wake;                    /* of a line: eventfd, the terminal is to hang up */
	int near, far;               /* of a line: the session's end of the pair, the relay's */
};

static enum modbus framing_of(const struct outlet *o)
{
	const char *how = strchr(o->scheme, '+') + 1;

	return !strcmp(how, "tcp") ? MODBUS_TCP : !strcmp(how, "rtu") ? MODBUS_RTU : MODBUS_ASCII;
}

struct slaves *slaves_new(struct outlet *o)
{
	struct slaves *s = mem_new(sizeof *s);

	s->outlet = o;
	s->framing = framing_of(o);
	wires_init(&s->wires);
	return s;
}

/* Until the other end is gone, or to be dropped. */
static int serve(struct slaves *slaves, int fd)
{
	struct session s;
	struct err e;

	if (session_open(&s, &slaves->units, slaves->framing, fd, slaves->outlet->address, &e)) {
		log_line(LOG_ERROR, "%s", e.text);
		session_close(&s);
		return -1;
	}
	while (!session_next(&s))
		;
	session_close(&s);
	return 0;
}

static void serve_client(void *who, int fd)
{
	struct slaves *slaves = who;

	wires_add(&slaves->wires, fd);
	serve(slaves, fd);
	wires_close(&slaves->wires, fd);
}

static void *listen_thread(void *arg)
{
	struct slaves *s = arg;

	wire_accept(s->outlet->fd, serve_client, s);
	return NULL;
}

static void hang_up(void *line)
{
	struct slaves *s = line;
	uint64_t one = 1;

	if (s->outlet->tcp)
		wires_hang_up(&s->wires);
	else
		(void)!write(s->wake, &one, sizeof one);
}

/* A session that drops its line: the terminal hangs up, and there is another. */
static void *line_thread(void *arg)
{
	struct slaves *s = arg;

	while (!serve(s, s->near))
		hang_up(s);
	return NULL;
}

static int pass_on(int from, int to)
{
	char bytes[512];
	ssize_t n = read(from, bytes, sizeof bytes);

	return n <= 0 ? -1 : wire_write(to, bytes, (size_t)n);
}

/* Between the line and its session, until somebody hangs up. */
static void relay(struct slaves *s)
{
	struct pollfd p[] = {
		{ .fd = s->outlet->fd, .events = POLLIN }, { .fd = s->far, .events = POLLIN },
		{ .fd = s->wake, .events = POLLIN },
	};
	uint64_t count;

	for (;;) {
		poll(p, 3, -1);
		if (p[2].revents) {
			(void)!read(s->wake, &count, sizeof count);
			return;
		}
		if (p[0].revents && pass_on(s->outlet->fd, s->far))
			return;
		if (p[1].revents && pass_on(s->far, s->outlet->fd))
			return;
	}
}

static void *relay_thread(void *arg)
{
	struct slaves *s = arg;
	struct err e;

	do
		relay(s);
	while (!outlet_reopen(s->outlet, &e));
	log_line(LOG_ERROR, "%s", e.text);
	return NULL;
}

int slaves_add(struct slaves *s, struct device *d, int id, struct err *e)
{
	struct modbus_unit *u;

	if (units_find(&s->units, id))
		return err_set(e, ERR_CONFIG, "%s: unit %d is there already", d->role->name, id);
	s->units.list = mem_grow(s->units.list, s->units.n, sizeof *s->units.list);
	u = &s->units.list[s->units.n];
	u->id = id;
	if (image_new(&u->image, d, e))
		return -1;
	s->units.n++;
	d->hang_up = hang_up;
	d->line = s;
	return 0;
}

static int start(struct slaves *s, void *(*run)(void *), struct err *e)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, s))
		return err_set(e, ERR_IO, "%s: cannot start a thread", s->outlet->address);
	pthread_detach(thread);
	return 0;
}

int slaves_start(struct slaves *s, struct err *e)
{
	int pair[2];

	if (s->outlet->tcp)
		return start(s, listen_thread, e);
	s->wake = eventfd(0, EFD_CLOEXEC);
	if (s->wake < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_set(e, ERR_IO, "%s: %s", s->outlet->address, strerror(errno));
	s->near = pair[0];
	s->far = pair[1];
	return start(s, relay_thread, e) || start(s, line_thread, e) ? -1 : 0;
}
