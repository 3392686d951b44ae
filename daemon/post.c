/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "post.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"

static void *context;

/* ThreadSanitizer does not see into libzmq, which orders what two threads do with a message: what
 * came before it was sent comes before all that follows its receipt.  Said here in its own words. */
#if SANITIZED_THREAD
#include <sanitizer/tsan_interface.h>
#define handing_over(bytes) __tsan_release(bytes)
#define handed_over(bytes)  __tsan_acquire(bytes)
#else
#define handing_over(bytes) ((void)0)
#define handed_over(bytes)  ((void)0)
#endif

void post_start(void)
{
	context = zmq_ctx_new();
	if (!context)
		abort();
	zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 65535);
}

void post_stop(void)
{
	zmq_ctx_term(context);
	context = NULL;
}

void *post_context(void)
{
	return context;
}

__attribute__((format(printf, 3, 0)))
static void *make(int type, bool bind, const char *name, va_list ap)
{
	void *s = zmq_socket(context, type);
	char endpoint[160] = "inproc://";
	size_t n = strlen(endpoint);
	int none = 0;

	if (!s)
		abort();
	zmq_setsockopt(s, ZMQ_LINGER, &none, sizeof none);
	zmq_setsockopt(s, ZMQ_SNDHWM, &none, sizeof none);
	zmq_setsockopt(s, ZMQ_RCVHWM, &none, sizeof none);
	vsnprintf(endpoint + n, sizeof endpoint - n, name, ap);
	if (bind ? zmq_bind(s, endpoint) : zmq_connect(s, endpoint))
		abort();
	return s;
}

void *post_inbox(const char *fmt, ...)
{
	va_list ap;
	void *s;

	va_start(ap, fmt);
	s = make(ZMQ_PULL, true, fmt, ap);
	va_end(ap);
	return s;
}

void *post_outlet(const char *fmt, ...)
{
	va_list ap;
	void *s;

	va_start(ap, fmt);
	s = make(ZMQ_PUSH, false, fmt, ap);
	va_end(ap);
	return s;
}

void post_close(void **socket)
{
	if (*socket)
		zmq_close(*socket);
	*socket = NULL;
}

void *post_begin(zmq_msg_t *m, size_t n)
{
	if (zmq_msg_init_size(m, n))
		abort();
	return zmq_msg_data(m);
}

void post_copy(zmq_msg_t *m, const void *data, size_t n)
{
	void *room = post_begin(m, n);

	if (n)
		memcpy(room, data, n);
}

void post_end(void *outlet, zmq_msg_t *m)
{
	handing_over(zmq_msg_data(m));
	if (zmq_msg_send(m, outlet, ZMQ_DONTWAIT) < 0)
		zmq_msg_close(m);
}

void post_send(void *outlet, const void *message, size_t n)
{
	zmq_msg_t m;

	post_copy(&m, message, n);
	post_end(outlet, &m);
}

bool post_receive(void *inbox, zmq_msg_t *m)
{
	int n;

	zmq_msg_init(m);
	do
		n = zmq_msg_recv(m, inbox, ZMQ_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		zmq_msg_close(m);
	else
		handed_over(zmq_msg_data(m));
	return n >= 0;
}

void post_wait(void *inbox, instant by)
{
	struct pollfd p = { .events = POLLIN };
	size_t size = sizeof p.fd;
	int64_t left = by - instant_now();
	struct timespec t = { .tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S };

	zmq_getsockopt(inbox, ZMQ_FD, &p.fd, &size);
	if (left > 0)
		ppoll(&p, 1, by == INSTANT_NEVER ? NULL : &t, NULL);
}
