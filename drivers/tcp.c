/* SPDX-License-Identifier: GPL-3.0-or-later
 * tcp.c - a plain TCP connection: SCPI raw sockets, serial servers, Modbus TCP. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"
#include "host.h"
#include "transport.h"

static int finish_connect(int fd, int cancel, instant by, struct err *e)
{
	int failed = 0;
	socklen_t n = sizeof failed;

	if (fd_wait(fd, POLLOUT, cancel, by, e) < 0 && e->code != ERR_CLOSED)
		return err_wrap(e, "connect");
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &n);
	if (failed)
		return err_set(e, ERR_CLOSED, "connect: %s", strerror(failed));
	return 0;
}

#define PATIENCE_US 10000                /* of a read that nothing can cancel */

/* A half-open peer (power cut, pulled cable) is found by keep-alive even while nobody asks. */
static void tune(int fd)
{
	const struct { int level, name, value; } options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 }, { SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 10 }, { IPPROTO_TCP, TCP_KEEPINTVL, 5 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 3 },
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_usec = PATIENCE_US },
		   sizeof(struct timeval));
}

static int tcp_open(void **state, const char *place, const struct line *line, int cancel,
		    instant by, struct err *e)
{
	struct sockaddr_storage to;
	socklen_t n;
	int fd;

	(void)line;
	if (host_numeric(place, &to, &n, e) < 0)
		return -1;
	fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, ERR_IO, "socket: %s", strerror(errno));
	tune(fd);
	if (connect(fd, (struct sockaddr *)&to, n) < 0 && errno != EINPROGRESS) {
		err_set(e, ERR_CLOSED, "connect: %s", strerror(errno));
		goto fail;
	}
	if (finish_connect(fd, cancel, by, e) < 0)
		goto fail;
	fcntl(fd, F_SETFL, O_RDWR);             /* blocking, but see tcp_read */
	*state = stream_state(fd);
	return 0;
fail:
	close(fd);
	return -1;
}

static ssize_t tcp_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	return fd_send(stream_fd(state), data, n, cancel, by, e);
}

/* Most replies come within PATIENCE_US: for them a blocking read, which the socket's own timeout
 * ends, saves the poll that costs a fast instrument a seventh of its speed.  Only what takes
 * longer is waited for where cancel and deadline end the wait exactly. */
static ssize_t tcp_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	ssize_t got;

	if (by < instant_after(PATIENCE_US * 1000))
		return stream_read(state, data, max, end, cancel, by, e);
	got = recv(stream_fd(state), data, max, 0);
	if (got <= 0)                           /* nothing yet, or an error to be named */
		return stream_read(state, data, max, end, cancel, by, e);
	*end = false;
	return got;
}

const struct transport transport_tcp = {
	"tcp", tcp_open, tcp_write, tcp_read, stream_waiting, stream_close, stream_fd
};
