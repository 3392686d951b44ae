/* SPDX-License-Identifier: GPL-3.0-or-later
 * tcp.c - a plain TCP connection: SCPI raw sockets, serial servers, Modbus TCP. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "fd.h"
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
}

static int tcp_open(void **state, const char *place, const struct line *line, int cancel,
		    instant by, struct err *e)
{
	struct sockaddr_storage to;
	socklen_t n;
	int fd;

	(void)line;
	if (address_numeric(place, &to, &n, e) < 0)
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
	*state = stream_state(fd);
	return 0;
fail:
	close(fd);
	return -1;
}

const struct transport transport_tcp = {
	"tcp", tcp_open, stream_write, stream_read, stream_close, stream_fd
};
