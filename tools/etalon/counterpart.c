/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counterpart_own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "escape.h"

#define MBAP      7              /* transaction, protocol, length, unit */
#define GRACE_MS  50             /* that bytes may still be under way over loopback */
#define SHOWN     60             /* bytes of a difference that are shown */

/* ---- the instrument's part ---- */

static int differ(struct counterpart *c, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static int differ(struct counterpart *c, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->difference.text, sizeof c->difference.text, fmt, ap);
	va_end(ap);
	c->difference.line = line;
	counterpart_hang_up(c);
	if (c->fd >= 0)
		shutdown(c->fd, SHUT_RDWR);
	return -1;
}

/* Bytes for a person, from `at` on: as text or in hexadecimal. */
static void show(const struct counterpart *c, struct buf *out, const struct buf *bytes, size_t at)
{
	size_t n = bytes->len - at;

	buf_clear(out);
	if (n > SHOWN)
		n = SHOWN;
	buf_puts(out, "'");
	(c->modbus ? escape_write_hex : escape_write)(out, n ? bytes->data + at : "", n);
	buf_puts(out, bytes->len - at > n ? "...'" : "'");
}

/* What came as whole requests, each unit, function and data; the header's transaction is kept for the answer. */
static void unwrap(struct counterpart *c)
{
	for (;;) {
		const uint8_t *f = (const uint8_t *)c->frame.data;
		size_t n = c->frame.len < MBAP ? SIZE_MAX : 6 + (size_t)(f[4] << 8 | f[5]);

		if (c->frame.len < n)
			return;
		memcpy(c->transaction, f, sizeof c->transaction);
		buf_add(&c->heard, f + 6, n - 6);
		buf_consume(&c->frame, n);
	}
}

/* 0 once the descriptor is ready; -1 when the driver has come back first and the grace has passed, or wants
 * something beside the messages. */
static int await(struct counterpart *c, int fd, short events)
{
	struct pollfd p[3] = { { .fd = fd, .events = events }, { .fd = c->over, .events = POLLIN },
			       { .fd = c->asked, .events = POLLIN } };
	int grace = c->modbus && !c->grace_used ? GRACE_MS : 0;

	while (poll(p, 3, -1) < 0 && errno == EINTR)
		;
	if (p[0].revents)
		return 0;
	c->grace_used = true;
	return poll(p, 1, grace) > 0 ? 0 : -1;
}

/* Some more of what the driver sends; -1: nothing more comes. */
static int hear(struct counterpart *c)
{
	char bytes[4096];
	ssize_t n;

	if (await(c, c->fd >= 0 ? c->fd : c->listening, POLLIN) < 0)
		return -1;
	if (c->fd < 0) {
		c->fd = accept4(c->listening, NULL, NULL, SOCK_CLOEXEC);
		return c->fd < 0 ? -1 : 0;
	}
	n = recv(c->fd, bytes, sizeof bytes, 0);
	if (n <= 0) {
		close(c->fd);
		c->fd = -1;
		return c->modbus ? 0 : -1;       /* it may connect again */
	}
	buf_add(c->modbus ? &c->frame : &c->heard, bytes, (size_t)n);
	if (c->modbus)
		unwrap(c);
	return 0;
}

static const char *wish(enum saying_kind kind)
{
	static const char *const wishes[] = {
		[SAYING_BYTES] = "something is sent", [SAYING_STATUS] = "the status byte is asked for",
		[SAYING_SRQ] = "a request for service is waited for", [SAYING_TRIGGER] = "the trigger is sent",
	};

	return wishes[kind];
}

static size_t common(const struct buf *a, const struct buf *b)
{
	size_t n = 0;

	while (n < a->len && n < b->len && a->data[n] == b->data[n])
		n++;
	return n;
}

/* What is sent must begin with these bytes. */
static int expect(struct counterpart *c, const struct saying *s)
{
	struct buf sent = { 0 }, expected = { 0 };
	bool ends = false;
	int bad = 0;

	while (common(&c->heard, &s->bytes) == c->heard.len && c->heard.len < s->bytes.len && !ends)
		ends = hear(c) < 0;
	if (common(&c->heard, &s->bytes) < s->bytes.len) {
		show(c, &sent, &c->heard, 0);
		show(c, &expected, &s->bytes, 0);
		if (c->heard.len)
			bad = differ(c, s->line, "sent %s, expected %s", sent.data, expected.data);
		else if (counterpart_wanted(c))
			bad = differ(c, s->line, "%s, expected %s", wish(counterpart_wanted(c)), expected.data);
		else
			bad = differ(c, s->line, "expected %s, and nothing was sent", expected.data);
	} else {
		buf_consume(&c->heard, s->bytes.len);
	}
	buf_release(&sent);
	buf_release(&expected);
	return bad;
}

/* Beside the messages: it must be what the driver wants next. */
static int serve(struct counterpart *c, const struct saying *s)
{
	struct buf sent = { 0 };
	int bad = 0;

	while (!c->heard.len && hear(c) == 0)
		;
	if (c->heard.len) {
		show(c, &sent, &c->heard, 0);
		bad = differ(c, s->line, "sent %s, expected that %s", sent.data, wish(s->kind));
		buf_release(&sent);
	} else if (!counterpart_wanted(c)) {
		bad = differ(c, s->line, "expected that %s, and nothing was sent", wish(s->kind));
	} else if (counterpart_wanted(c) != s->kind) {
		bad = differ(c, s->line, "%s, expected that %s", wish(counterpart_wanted(c)), wish(s->kind));
	} else {
		counterpart_tell(c, s->status);
	}
	return bad;
}

static int write_all(struct counterpart *c, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t sent;

		if (c->fd < 0 || await(c, c->fd, POLLOUT) < 0)
			return -1;
		sent = send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN)
			return -1;
		p += sent > 0 ? sent : 0;
		n -= sent > 0 ? (size_t)sent : 0;
	}
	return 0;
}

static void note_end(struct counterpart *c, const struct saying *s)
{
	pthread_mutex_lock(&c->lock);
	c->written += s->bytes.len;
	if (s->end) {
		c->ends = mem_grow(c->ends, c->n_ends, sizeof *c->ends);
		c->ends[c->n_ends++] = c->written;
	}
	pthread_mutex_unlock(&c->lock);
}

static int answer(struct counterpart *c, const struct saying *s)
{
	size_t n = s->bytes.len;

	if (c->modbus && write_all(c, (const char[]){ (char)c->transaction[0], (char)c->transaction[1], 0, 0,
						      (char)(n >> 8), (char)n }, 6) < 0)
		return -1;
	note_end(c, s);
	return write_all(c, s->bytes.data, n);
}

static int nothing_more(struct counterpart *c)
{
	struct buf sent = { 0 };
	const struct turn *u = c->turn;
	int line = u->n_sayings ? u->sayings[u->n_sayings - 1].line : u->line;
	int bad = 0;

	while (!c->heard.len && hear(c) == 0)
		;
	if (c->heard.len) {
		show(c, &sent, &c->heard, 0);
		bad = differ(c, line, "behind it %s was sent, which the transcript does not say", sent.data);
	} else if (counterpart_wanted(c)) {
		bad = differ(c, line, "behind it %s, which the transcript does not say", wish(counterpart_wanted(c)));
	}
	buf_release(&sent);
	return bad;
}

/* What is said unasked is said once the driver listens: before that it would be thrown away. */
static void await_listener(struct counterpart *c)
{
	const struct turn *u = c->turn;

	if (!c->modbus && u->n_sayings && !u->sayings[0].sent && !u->sayings[0].kind)
		await(c, c->wanted, POLLIN);
}

static void *play(void *arg)
{
	struct counterpart *c = arg;

	await_listener(c);
	for (size_t i = 0; i < c->turn->n_sayings; i++) {
		const struct saying *s = &c->turn->sayings[i];

		if ((s->kind ? serve(c, s) : s->sent ? expect(c, s) : answer(c, s)) < 0)
			return NULL;
	}
	nothing_more(c);
	return NULL;
}

void counterpart_begin(struct counterpart *c, const struct turn *u)
{
	counterpart_forget(c->wanted);
	counterpart_forget(c->over);
	c->grace_used = false;
	c->turn = u;
	c->difference = (struct difference){ 0 };
	c->wants = SAYING_BYTES;
	if (pthread_create(&c->thread, NULL, play, c))
		abort();
}

struct difference counterpart_end(struct counterpart *c)
{
	eventfd_write(c->over, 1);
	pthread_join(c->thread, NULL);
	return c->difference;
}

/* ---- from beginning to end ---- */

/* The unit that the transcript speaks to: the first byte of its first request. */
static int unit_of(const struct transcript *t)
{
	for (size_t i = 0; i < t->n_turns; i++)
		for (size_t k = 0; k < t->turns[i].n_sayings; k++)
			if (t->turns[i].sayings[k].bytes.len)
				return (unsigned char)t->turns[i].sayings[k].bytes.data[0];
	return 1;
}

static int listen_here(struct counterpart *c, int unit, struct err *e)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	c->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->listening < 0 || bind(c->listening, (struct sockaddr *)&a, n) || listen(c->listening, 1) ||
	    getsockname(c->listening, (struct sockaddr *)&a, &n))
		return err_set(e, ERR_IO, "cannot listen on loopback: %s", strerror(errno));
	snprintf(c->address, sizeof c->address, "modbus+tcp://127.0.0.1:%d/%d", ntohs(a.sin_port), unit);
	return 0;
}

static int make_pair(struct counterpart *c, struct err *e)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return err_set(e, ERR_IO, "socketpair: %s", strerror(errno));
	c->fd = ends[0];
	c->driver_end = ends[1];
	return 0;
}

struct link *counterpart_link(struct counterpart *c)
{
	return link_over(c->knows_beside ? &counterpart_bus : &counterpart_plain, c, -1);
}

int counterpart_new(struct counterpart **out, const struct transcript *t, bool modbus, struct err *e)
{
	struct counterpart *c = mem_new(sizeof *c);

	*c = (struct counterpart){ .modbus = modbus, .listening = -1, .fd = -1, .driver_end = -1,
				   .knows_beside = transcript_beside(t) > 0 };
	pthread_mutex_init(&c->lock, NULL);
	c->wanted = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->over = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->asked = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	*out = c;
	if (c->wanted < 0 || c->over < 0 || c->asked < 0 || c->told < 0)
		err_set(e, ERR_IO, "eventfd: %s", strerror(errno));
	else if ((modbus ? listen_here(c, unit_of(t), e) : make_pair(c, e)) == 0)
		return 0;
	counterpart_free(out);
	return -1;
}

const char *counterpart_address(const struct counterpart *c)
{
	return c->address;
}

void counterpart_free(struct counterpart **p)
{
	struct counterpart *c = *p;

	if (!c)
		return;
	for (size_t i = 0; i < 7; i++) {
		int fd = (int[]){ c->listening, c->fd, c->driver_end, c->wanted, c->over, c->asked, c->told }[i];

		if (fd >= 0)
			close(fd);
	}
	buf_release(&c->frame);
	buf_release(&c->heard);
	pthread_mutex_destroy(&c->lock);
	free(c->ends);
	free(c);
	*p = NULL;
}
