/* SPDX-License-Identifier: GPL-3.0-or-later
 * tcp.c - a plain TCP connection: SCPI raw sockets, serial servers, Modbus TCP. */
#include "fd.h"
#include "host.h"
#include "transport.h"

static int tcp_open(void **state, const char *place, const struct line *line, int cancel,
		    instant by, struct err *e)
{
	struct sockaddr_storage to;
	socklen_t n;
	int fd;

	(void)line;
	if (host_numeric(place, &to, &n, e) < 0 || (fd = host_connect(&to, n, cancel, by, e)) < 0)
		return -1;
	*state = stream_state(fd);
	return 0;
}

static ssize_t tcp_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	return fd_send(stream_fd(state), data, n, cancel, by, e);
}

static ssize_t tcp_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	*end = false;
	return host_read(stream_fd(state), data, max, cancel, by, e);
}

const struct transport transport_tcp = {
	.scheme = "tcp", .open = tcp_open, .write = tcp_write, .read = tcp_read, .waiting = stream_waiting,
	.close = stream_close, .fd = stream_fd,
};
