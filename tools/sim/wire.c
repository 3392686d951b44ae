/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_PAUSE (2 * NS_PER_MS)

int wire_read(int fd, void *data, size_t n)
{
	char *p = data;

	while (n > 0) {
		ssize_t got = read(fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

int wire_write(int fd, const void *data, size_t n)
{
	const char *p = data;

	while (n > 0) {
		ssize_t sent = write(fd, p, n);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return -1;
		p += sent;
		n -= (size_t)sent;
	}
	return 0;
}

static int pieces(int fd, const char *p, size_t n, int64_t pause)
{
	for (size_t i = 0; i < n; i++) {
		if (wire_write(fd, p + i, 1))
			return -1;
		instant_sleep_until(instant_after(pause));
	}
	return 0;
}

/* Without a delay in one write: a client of a Modbus line may ask again between two. */
static int twice(int fd, const char *p, size_t n, int64_t delay)
{
	char *both;
	int bad;

	if (delay > 0) {
		bad = wire_write(fd, p, n);
		instant_sleep_until(instant_after(delay));
		return bad ? bad : wire_write(fd, p, n);
	}
	both = mem_array(2, n);
	memcpy(both, p, n);
	memcpy(both + n, p, n);
	bad = wire_write(fd, both, 2 * n);
	free(both);
	return bad;
}

/* After the client's deadline, but within the silence that it keeps afterwards. */
static int64_t usual_lateness(const struct model *m)
{
	const struct point *p = m->points.items;
	int64_t timeout = m->timeout_ns;

	for (size_t i = 0; i < m->points.n; i++)
		if (p[i].timeout_ns > timeout)
			timeout = p[i].timeout_ns;
	return timeout + (m->latency_ns < timeout ? m->latency_ns : timeout) / 2;
}

int64_t wire_lateness(const struct device *d, const struct fault *f)
{
	return f->delay_ns >= 0 ? f->delay_ns : usual_lateness(d->model);
}

int wire_deliver(const struct device *d, const struct fault *f, int fd, const void *data, size_t n)
{
	switch (f->kind) {
	case FAULT_LATE:
		instant_sleep_until(instant_after(wire_lateness(d, f)));
		return wire_write(fd, data, n);
	case FAULT_PIECES:
		return pieces(fd, data, n, f->delay_ns >= 0 ? f->delay_ns : PIECE_PAUSE);
	case FAULT_TWICE:
		return twice(fd, data, n, f->delay_ns);
	case FAULT_SILENCE:
		return 0;
	case FAULT_CLOSE:
		return -1;
	default:
		return wire_write(fd, data, n);
	}
}

struct client {
	void (*serve)(void *who, int fd);
	void *who;
	int fd;
};

static void *client_thread(void *arg)
{
	struct client c = *(struct client *)arg;

	free(arg);
	c.serve(c.who, c.fd);
	return NULL;
}

void wire_accept(int listener, void (*serve)(void *who, int fd), void *who)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1;
		struct client *c;
		pthread_t thread;

		if (fd < 0) {
			instant_sleep_until(instant_after_ms(10));     /* no descriptors left, say */
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		c = mem_new(sizeof *c);
		*c = (struct client){ serve, who, fd };
		if (pthread_create(&thread, NULL, client_thread, c)) {
			close(fd);
			free(c);
			continue;
		}
		pthread_detach(thread);
	}
}

void wires_init(struct wires *w)
{
	*w = (struct wires){ 0 };
	pthread_mutex_init(&w->lock, NULL);
}

void wires_add(struct wires *w, int fd)
{
	pthread_mutex_lock(&w->lock);
	w->fds = mem_grow(w->fds, w->n, sizeof *w->fds);
	w->fds[w->n++] = fd;
	pthread_mutex_unlock(&w->lock);
}

void wires_close(struct wires *w, int fd)
{
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->n; i++) {
		if (w->fds[i] == fd) {
			w->fds[i] = w->fds[--w->n];
			break;
		}
	}
	close(fd);
	pthread_mutex_unlock(&w->lock);
}

void wires_hang_up(struct wires *w)
{
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->n; i++)
		shutdown(w->fds[i], SHUT_RDWR);
	pthread_mutex_unlock(&w->lock);
}
