/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fd.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRAIN_MOST (1024 * 1024)       /* a device that never stops talking must not hold us */

int fd_wait(int fd, short events, int cancel, instant by, struct err *e)
{
	struct pollfd p[2] = {
		{ .fd = fd, .events = events },
		{ .fd = cancel, .events = POLLIN },
	};

	for (;;) {
		int n = poll(p, 2, instant_ms_left(by));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, ERR_IO, "poll: %s", strerror(errno));
		if (n == 0)
			return err_set(e, ERR_TIMEOUT, "timed out");
		if (p[1].revents)
			return err_set(e, ERR_CANCELLED, "cancelled");
		if (p[0].revents & events)
			return 0;
		return err_set(e, ERR_CLOSED, "the other end hung up");
	}
}

static ssize_t send_quietly(int fd, const void *data, size_t n)
{
	return send(fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Waits only if the bytes do not go out at once. */
static ssize_t put(ssize_t (*out)(int fd, const void *data, size_t n), int fd, const void *data, size_t n,
		   int cancel, instant by, struct err *e)
{
	for (;;) {
		ssize_t sent = out(fd, data, n);

		if (sent > 0)
			return sent;
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return err_set(e, ERR_CLOSED, "write: %s", strerror(errno));
		if (fd_wait(fd, POLLOUT, cancel, by, e) < 0)
			return -1;
	}
}

ssize_t fd_write(int fd, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	return put(write, fd, data, n, cancel, by, e);
}

ssize_t fd_send(int fd, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	return put(send_quietly, fd, data, n, cancel, by, e);
}

ssize_t fd_read(int fd, void *data, size_t max, int cancel, instant by, struct err *e)
{
	for (;;) {
		ssize_t got;

		if (fd_wait(fd, POLLIN, cancel, by, e) < 0)
			return -1;
		got = read(fd, data, max);
		if (got > 0)
			return got;
		if (got == 0)
			return err_set(e, ERR_CLOSED, "the other end closed the connection");
		if (errno != EAGAIN && errno != EINTR)
			return err_set(e, ERR_CLOSED, "read: %s", strerror(errno));
	}
}

size_t fd_waiting(int fd)
{
	int n = 0;

	return ioctl(fd, FIONREAD, &n) < 0 || n < 0 ? 0 : (size_t)n;
}

int fd_look(int fd, struct err *e)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	if (poll(&p, 1, 0) == 1 && p.revents & (POLLHUP | POLLRDHUP))
		return err_set(e, ERR_CLOSED, "the other end hung up");
	return 0;
}

size_t fd_drain(int fd)
{
	char rubbish[4096];
	size_t total = 0;

	while (total < DRAIN_MOST && fd_waiting(fd) > 0) {
		ssize_t got = read(fd, rubbish, sizeof rubbish);

		if (got <= 0)
			break;
		total += (size_t)got;
	}
	return total;
}
