/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paced.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "fd.h"
#include "mem.h"

#define PART    256                     /* sent before its echo is read: less than any buffer on the way holds */
#define ECHO_NS NS_PER_S                /* for adapters and servers; the line's own time comes on top */

struct paced {
	const struct transport *t;
	void *state;
	struct line line;
	instant rested;                 /* nothing is sent before */
};

/* Waits without listening. */
static int rest(instant until, int cancel, instant by, struct err *e)
{
	if (instant_passed(until))
		return 0;
	if (until > by)
		return err_set(e, ERR_TIMEOUT, "the line's pause ends after the deadline");
	return fd_wait(-1, 0, cancel, until, e) < 0 && e->code != ERR_TIMEOUT ? -1 : 0;
}

static int echo_differs(const char *sent, const char *got, struct err *e)
{
	return err_set(e, ERR_PROTOCOL, "the echo differs, 0x%02x came for 0x%02x: somebody else spoke at the same "
		       "time, or the line is bad", (unsigned char)*got, (unsigned char)*sent);
}

static int take_echo(struct paced *p, const char *sent, size_t n, int cancel, instant by, struct err *e)
{
	instant own = instant_after(ECHO_NS + (int64_t)n * 12 * NS_PER_S / p->line.baud);
	char got[PART];
	size_t at = 0;
	bool end;

	while (at < n) {
		ssize_t more = p->t->read(p->state, got, n - at, &end, cancel, own < by ? own : by, e);

		if (more < 0)
			return err_wrap(e, e->code == ERR_TIMEOUT ? "no echo of what was sent" : "echo");
		for (ssize_t i = 0; i < more; i++)
			if (got[i] != sent[at + (size_t)i])
				return echo_differs(sent + at + i, got + i, e);
		at += (size_t)more;
	}
	return 0;
}

static ssize_t paced_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	struct paced *p = state;
	size_t part = p->line.character_delay_ns ? 1 : p->line.echo && n > PART ? PART : n;
	ssize_t sent;

	if (rest(p->rested, cancel, by, e) < 0)
		return -1;
	sent = p->t->write(p->state, data, part, cancel, by, e);
	if (sent < 0)
		return -1;
	p->rested = instant_after(p->line.character_delay_ns);
	if (p->line.echo && take_echo(p, data, (size_t)sent, cancel, by, e) < 0)
		return -1;
	return sent;
}

static ssize_t paced_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	struct paced *p = state;
	ssize_t got = p->t->read(p->state, data, max, end, cancel, by, e);

	if (got > 0)
		p->rested = instant_after(p->line.turnaround_ns);
	return got;
}

static size_t paced_waiting(void *state)
{
	struct paced *p = state;

	return p->t->waiting(p->state);
}

static int paced_fd(void *state)
{
	struct paced *p = state;

	return p->t->fd(p->state);
}

static void paced_close(void *state)
{
	struct paced *p = state;

	p->t->close(p->state);
	free(p);
}

/* A line held at "space" for longer than a character. */
static int send_break(struct paced *p, int cancel, instant by, struct err *e)
{
	int fd = p->t->fd(p->state), failed;

	if (ioctl(fd, TIOCSBRK) < 0)
		return err_set(e, ERR_IO, "break: %s", strerror(errno));
	failed = rest(instant_after(p->line.break_ns), cancel, by, e);
	if (ioctl(fd, TIOCCBRK) < 0 && !failed)
		return err_set(e, ERR_CLOSED, "break: %s", strerror(errno));
	return failed;
}

static ssize_t paced_clear(void *state, int64_t silence_ns, int cancel, instant by, struct err *e)
{
	struct paced *p = state;

	if (p->line.break_ns && send_break(p, cancel, by, e) < 0)
		return -1;
	return transport_drain(p->t, p->state, silence_ns, cancel, by, e);
}

static const struct transport transport_paced = {
	.scheme = "paced", .write = paced_write, .read = paced_read, .waiting = paced_waiting, .close = paced_close,
	.fd = paced_fd, .clear = paced_clear,
};

void paced_over(const struct transport **t, void **state, const struct line *line)
{
	struct paced *p;

	if (!line->echo && !line->turnaround_ns && !line->character_delay_ns && !line->break_ns)
		return;
	p = mem_new(sizeof *p);
	*p = (struct paced){ .t = *t, .state = *state, .line = *line };
	*t = &transport_paced;
	*state = p;
}
