/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flood.h"

#include <setjmp.h>
#include <stdarg.h>

#include <arpa/inet.h>
#include <poll.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static bool send_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static void await_close(int fd)
{
	char told[256];

	while (recv(fd, told, sizeof told, 0) > 0)
		;
}

static void *pour(void *arg)
{
	struct flood *f = arg;

	while ((f->fd = accept(f->listening, NULL, NULL)) >= 0) {
		while (send_all(f->fd, f->bytes, f->n) && !f->ends)
			;
		f->sent = true;
		await_close(f->fd);
		close(f->fd);
	}
	return NULL;
}

void flood_start(struct flood *f)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	for (f->n = 0; f->n + f->pattern_n <= sizeof f->bytes; f->n += f->pattern_n)
		memcpy(f->bytes + f->n, f->pattern, f->pattern_n);
	f->fd = -1;
	f->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f->listening, (void *)&a, sizeof a) | listen(f->listening, 1) |
			 getsockname(f->listening, (void *)&a, &n), 0);
	f->port = ntohs(a.sin_port);
	snprintf(f->address, sizeof f->address, "tcp://127.0.0.1:%u", f->port);
	assert_int_equal(pthread_create(&f->thread, NULL, pour, f), 0);
}

void flood_await(const struct flood *f)
{
	int left = 1;

	while (!f->sent || ioctl(f->fd, SIOCOUTQ, &left) < 0 || left > 0)
		poll(NULL, 0, 1);
}

/* The client has closed its connection. */
void flood_stop(struct flood *f)
{
	shutdown(f->listening, SHUT_RDWR);
	pthread_join(f->thread, NULL);
	close(f->listening);
}
