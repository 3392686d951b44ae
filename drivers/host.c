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

#define LAG_NS (100 * NS_PER_MS)        /* for the way, out of the time there is; or an eighth of it */

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

void host_set_port(struct sockaddr_storage *to, uint16_t port)
{
	if (to->ss_family == AF_INET6)
		((struct sockaddr_in6 *)to)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)to)->sin_port = htons(port);
}

/* Most replies come within HOST_PATIENCE_NS: for them a blocking read, which the socket's own timeout
 * ends, saves the poll that costs a fast instrument a seventh of its speed.  Only what takes
 * longer is waited for where cancel and deadline end the wait exactly. */
ssize_t host_read(int fd, void *data, size_t max, int cancel, instant by, struct err *e)
{
	ssize_t got;

	if (by < instant_after(HOST_PATIENCE_NS))
		return fd_read(fd, data, max, cancel, by, e);
	got = recv(fd, data, max, 0);
	return got > 0 ? got : fd_read(fd, data, max, cancel, by, e);    /* nothing yet, or an error to be named */
}

uint32_t host_patience(instant by)
{
	int64_t left = by - instant_now(), lag = left / 8 < LAG_NS ? left / 8 : LAG_NS;
	int64_t ms = (left - lag) / NS_PER_MS;

	return ms <= 0 ? 0 : ms > INT32_MAX ? INT32_MAX : (uint32_t)ms;
}

int host_pause(int64_t ns, int cancel, instant by, struct err *e)
{
	instant over = instant_after(ns);

	if (over > by)
		return err_set(e, ERR_TIMEOUT, "no silence of %lld ms before the deadline", (long long)(ns / NS_PER_MS));
	return fd_wait(-1, 0, cancel, over, e) < 0 && e->code != ERR_TIMEOUT ? -1 : 0;
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

/* What stands behind host and port. */
static const char *rest_of(const char *plain)
{
	const char *host = strstr(plain, "//") + 2;

	return host + strcspn(host, "/?");
}

char *host_resolve(const char *text, struct err *e)
{
	char number[ADDRESS_HOST], *plain, *resolved;
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
	plain = address_plain(text);
	resolved = mem_format("%s://%s%s%s%s%s%s", a.scheme, six ? "[" : "", number, six ? "]" : "", h.port[0] ? ":" : "",
			      h.port, rest_of(plain));
	free(plain);
	return resolved;
}
