/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "mem.h"

int host_numeric(const char *place, struct sockaddr_storage *to, socklen_t *n, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	struct host h;

	if (address_host(place, &h, e) < 0)
		return -1;
	if (getaddrinfo(h.name, h.port[0] ? h.port : NULL, &hints, &found))
		return err_set(e, ERR_CONFIG, "'%s' is not a numeric address", h.name);
	memcpy(to, found->ai_addr, found->ai_addrlen);
	*n = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

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
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_usec = HOST_PATIENCE_NS / 1000 },
		   sizeof(struct timeval));
}

int host_connect(const struct sockaddr_storage *to, socklen_t n, int cancel, instant by, struct err *e)
{
	int fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(e, ERR_IO, "socket: %s", strerror(errno));
	tune(fd);
	if (connect(fd, (const struct sockaddr *)to, n) < 0 && errno != EINPROGRESS)
		err_set(e, ERR_CLOSED, "connect: %s", strerror(errno));
	else if (finish_connect(fd, cancel, by, e) == 0) {
		fcntl(fd, F_SETFL, O_RDWR);
		return fd;
	}
	close(fd);
	return -1;
}

static const struct addrinfo *prefer_ipv4(const struct addrinfo *all)
{
	for (const struct addrinfo *ai = all; ai; ai = ai->ai_next)
		if (ai->ai_family == AF_INET)
			return ai;
	return all;
}

static int look_up(const struct host *h, char number[ADDRESS_HOST], bool *six, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all;
	const struct addrinfo *best;
	int bad = getaddrinfo(h->name, h->port[0] ? h->port : NULL, &hints, &all);

	if (bad)
		return err_set(e, ERR_CONFIG, "host '%s': %s", h->name, gai_strerror(bad));
	best = prefer_ipv4(all);
	getnameinfo(best->ai_addr, best->ai_addrlen, number, ADDRESS_HOST, NULL, 0, NI_NUMERICHOST);
	*six = best->ai_family == AF_INET6;
	freeaddrinfo(all);
	return 0;
}

char *host_resolve(const char *text, struct err *e)
{
	char number[ADDRESS_HOST];
	struct address a;
	struct host h;
	bool six = false;

	if (address_parse(&a, text, NULL, e) < 0)
		return NULL;
	if (!a.network)
		return address_plain(text);
	address_host(a.place, &h, e);           /* address_parse has checked it */
	if (look_up(&h, number, &six, e) < 0) {
		err_wrap(e, "%.80s", text);
		return NULL;
	}
	return mem_format(six ? "%s://[%s]%s%s%s%s?unit=%d" : "%s://%s%s%s%s%s?unit=%d", a.scheme, number,
			  h.port[0] ? ":" : "", h.port, h.path[0] ? "/" : "", h.path, a.unit);
}
