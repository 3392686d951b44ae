/* SPDX-License-Identifier: GPL-3.0-or-later
 * counterpart_link.c - the driver's end: a transport over one end of a socketpair. */
#include "counterpart_own.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fd.h"

static uint64_t next_end(struct counterpart *c)
{
	uint64_t at = UINT64_MAX;

	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->n_ends && at == UINT64_MAX; i++)
		if (c->ends[i] > c->taken)
			at = c->ends[i];
	pthread_mutex_unlock(&c->lock);
	return at;
}

static ssize_t end_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	struct counterpart *c = state;

	return fd_send(c->driver_end, data, n, cancel, by, e);
}

/* Bytes up to the end of a message and none behind it, as a transport that knows messages would have it. */
static ssize_t end_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	struct counterpart *c = state;
	uint64_t stop;
	ssize_t n;

	*end = false;
	if (fd_waiting(c->driver_end) == 0)
		eventfd_write(c->wanted, 1);
	if (fd_wait(c->driver_end, POLLIN, cancel, by, e) < 0)
		return -1;
	stop = next_end(c);
	if (stop - c->taken < max)
		max = (size_t)(stop - c->taken);
	n = fd_read(c->driver_end, data, max, cancel, by, e);
	if (n > 0) {
		c->taken += (uint64_t)n;
		*end = c->taken == stop;
	}
	return n;
}

static size_t end_waiting(void *state)
{
	struct counterpart *c = state;

	return fd_waiting(c->driver_end);
}

static void end_close(void *state)
{
	struct counterpart *c = state;

	close(c->driver_end);
	c->driver_end = -1;
}

static int end_fd(void *state)
{
	struct counterpart *c = state;

	return c->driver_end;
}

/* ---- beside the messages ---- */

/* It is the instrument's turn; its thread sees what is wanted once it has seen the bytes before. */
static int want(struct counterpart *c, enum saying_kind what, uint8_t *status, int cancel, instant by, struct err *e)
{
	bool hung_up;

	pthread_mutex_lock(&c->lock);
	if (!c->hung_up)
		counterpart_forget(c->told);
	c->wants = what;
	eventfd_write(c->asked, 1);
	pthread_mutex_unlock(&c->lock);
	if (fd_wait(c->told, POLLIN, cancel, by, e) < 0)
		return -1;
	pthread_mutex_lock(&c->lock);
	hung_up = c->hung_up;
	*status = c->status;
	pthread_mutex_unlock(&c->lock);
	return hung_up ? err_set(e, ERR_CLOSED, "the transcript is not followed") : 0;
}

static int end_status(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	return want(state, SAYING_STATUS, status, cancel, by, e);
}

static int end_wait_srq(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	return want(state, SAYING_SRQ, status, cancel, by, e);
}

static int end_trigger(void *state, int cancel, instant by, struct err *e)
{
	uint8_t none;

	return want(state, SAYING_TRIGGER, &none, cancel, by, e);
}

enum saying_kind counterpart_wanted(struct counterpart *c)
{
	enum saying_kind what;

	pthread_mutex_lock(&c->lock);
	what = c->wants;
	pthread_mutex_unlock(&c->lock);
	return what;
}

void counterpart_tell(struct counterpart *c, uint8_t status)
{
	pthread_mutex_lock(&c->lock);
	counterpart_forget(c->asked);
	c->wants = SAYING_BYTES;
	c->status = status;
	eventfd_write(c->told, 1);
	pthread_mutex_unlock(&c->lock);
}

void counterpart_hang_up(struct counterpart *c)
{
	pthread_mutex_lock(&c->lock);
	c->hung_up = true;
	eventfd_write(c->told, 1);
	pthread_mutex_unlock(&c->lock);
}

void counterpart_forget(int fd)
{
	uint64_t before;

	if (read(fd, &before, sizeof before) < 0)
		return;                  /* nothing had */
}

#define MESSAGES .scheme = "transcript", .write = end_write, .read = end_read, .waiting = end_waiting, .close = end_close, \
	.fd = end_fd

const struct transport counterpart_plain = { MESSAGES };
const struct transport counterpart_bus = {
	MESSAGES, .status = end_status, .wait_srq = end_wait_srq, .trigger = end_trigger,
};
