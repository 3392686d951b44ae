/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "device.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

const char *const device_schemes[] = { "tcp", "pty", "serial", NULL };
const char *const device_ways[] = { "tcp", "pty", "serial", "hislip", "vxi11", NULL };

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

void device_shim(char **argv)
{
	const char *build = getenv("ETALON_BUILD"), *before = getenv("LD_PRELOAD");
	const char *options = getenv("ASAN_OPTIONS");
	char shim[256], all[512];

	alarm(300);                     /* a test that hangs has failed */
	if (before && strstr(before, "serial_on_pty"))
		return;
	snprintf(shim, sizeof shim, "%s/tests/shim/serial_on_pty.so", build ? build : "build");
	must(access(shim, R_OK) == 0, shim);
	snprintf(all, sizeof all, "%s%s%s", before ? before : "", before ? ":" : "", shim);
	setenv("LD_PRELOAD", all, 1);
	snprintf(all, sizeof all, "%s:verify_asan_link_order=0", options ? options : "");
	setenv("ASAN_OPTIONS", all, 1);      /* the sanitizer wants to come first; it need not */
	execv("/proc/self/exe", argv);
	must(false, "exec");
}

static int listen_tcp(struct device *d)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	d->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(!bind(d->listening, (void *)&a, sizeof a) && !listen(d->listening, 4) &&
	     !getsockname(d->listening, (void *)&a, &n), "listen");
	snprintf(d->address, sizeof d->address, "tcp://127.0.0.1:%d", ntohs(a.sin_port));
	return ntohs(a.sin_port);
}

static void listen_hislip(struct device *d)
{
	d->slip = malloc(sizeof *d->slip);
	must(d->slip != NULL, "memory");
	slip_prepare(d->slip, NULL);
	d->slip->behind = listen_tcp(d);
	slip_start(d->slip);
	snprintf(d->address, sizeof d->address, "%s", d->slip->address);
}

static void listen_vxi11(struct device *d)
{
	d->peer = malloc(sizeof *d->peer);
	must(d->peer != NULL, "memory");
	*d->peer = (struct peer){ .most = 4096, .registered = UINT32_MAX, .behind = listen_tcp(d) };
	peer_start(d->peer);
	snprintf(d->address, sizeof d->address, "%s", d->peer->address);
}

void device_send(struct device *d, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0 && d->fd >= 0) {
		ssize_t sent = d->listening >= 0 ? send(d->fd, p, n, MSG_NOSIGNAL) : write(d->fd, p, n);

		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

void device_say(struct device *d, const char *text)
{
	device_send(d, text, strlen(text));
}

/* Ends early when the device is stopped. */
void device_pause(struct device *d, int ms)
{
	struct pollfd p = { .fd = d->stop[0], .events = POLLIN };

	poll(&p, 1, ms);
}

void device_hang_up(struct device *d)
{
	d->len = 0;
	if (d->listening >= 0) {
		close(d->fd);
		d->fd = -1;
	} else {
		terminal_renew(&d->terminal);
		d->fd = d->terminal.master;
	}
}

static char *find_end(const struct device *d)
{
	for (size_t i = 0; i < d->len; i++)
		if (d->in[i] == '\n' || (d->other_end && d->in[i] == d->other_end))
			return (char *)&d->in[i];
	return NULL;
}

/* Hands whole commands to the test, keeps the rest. */
static void serve(struct device *d)
{
	while (d->len > 0) {
		char *end = find_end(d), ask[sizeof d->in];
		size_t n = d->count ? d->count : end ? (size_t)(end - d->in) : d->len;
		size_t whole = d->count ? n : n + 1;

		if (whole > d->len)
			return;
		d->ended_by = end ? *end : 0;
		memcpy(ask, d->in, n);
		ask[n] = '\0';
		d->len -= whole;
		memmove(d->in, d->in + whole, d->len);
		d->asked++;
		d->answer(d, ask, n);
	}
}

static void *play(void *arg)
{
	struct device *d = arg;

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = d->fd >= 0 ? d->fd : d->listening, .events = POLLIN },
			{ .fd = d->stop[0], .events = POLLIN },
		};
		ssize_t got;

		if (poll(p, 2, -1) < 0 || p[1].revents)
			return NULL;
		if (d->fd < 0) {
			d->fd = accept(d->listening, NULL, NULL);
			continue;
		}
		got = read(d->fd, d->in + d->len, sizeof d->in - 1 - d->len);
		if (got > 0) {
			d->len += (size_t)got;
			serve(d);
		} else {
			device_hang_up(d);
		}
	}
}

void device_start(struct device *d, const char *scheme)
{
	d->listening = d->fd = -1;
	d->slip = NULL;
	d->peer = NULL;
	must(!pipe(d->stop), "pipe");
	if (!strcmp(scheme, "tcp")) {
		listen_tcp(d);
	} else if (!strcmp(scheme, "hislip")) {
		listen_hislip(d);
	} else if (!strcmp(scheme, "vxi11")) {
		listen_vxi11(d);
	} else {
		terminal_make(&d->terminal, scheme);
		d->fd = d->terminal.master;
		snprintf(d->address, sizeof d->address, "%s:%s", scheme, d->terminal.path);
	}
	must(!pthread_create(&d->thread, NULL, play, d), "thread");
}

void device_drop(struct device *d)
{
	shutdown(d->fd, SHUT_RDWR);
}

void device_stop(struct device *d)
{
	if (d->slip) {
		slip_stop(d->slip);
		free(d->slip);
		d->slip = NULL;
	}
	if (d->peer) {
		peer_stop(d->peer);
		free(d->peer);
		d->peer = NULL;
	}
	must(write(d->stop[1], "x", 1) == 1, "stop");
	pthread_join(d->thread, NULL);
	if (d->listening >= 0) {
		close(d->listening);
		close(d->fd);
	} else {
		terminal_remove(&d->terminal);
	}
	close(d->stop[0]);
	close(d->stop[1]);
}
