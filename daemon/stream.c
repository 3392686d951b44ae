/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "parcel.h"
#include "post.h"

#define HIGH_WATER 20000         /* messages an observer may lag behind */
#define COUNTED    1024          /* bytes of a frame from which on it counts ... */
#define HELD_MOST  (128 * 1024 * 1024)       /* ... towards this: what observers together may leave unread */
#define LINGER_MS  1000          /* at the end: so long may the last messages take to leave */

struct stream {
	void *inbox, *out;
	pthread_t thread;
	bool stopping;
};

/* Bytes of large frames that libzmq still holds for somebody: it keeps one copy for all observers, and says from a
 * thread of its own, perhaps after the stream has stopped, that the last has let go of it. */
static atomic_size_t held;

static void let_go(void *data, void *size)
{
	atomic_fetch_sub(&held, (size_t)(uintptr_t)size);
	free(data);
}

static void make_counted(zmq_msg_t *m, const char *data, size_t n)
{
	char *copy = mem_resize(NULL, n, 1);

	memcpy(copy, data, n);
	atomic_fetch_add(&held, n);
	if (zmq_msg_init_data(m, copy, n, let_go, (void *)(uintptr_t)n))
		abort();
}

static void send_frame(struct stream *s, const char *data, size_t n, int more)
{
	zmq_msg_t m;

	if (n < COUNTED)
		post_copy(&m, data, n);
	else
		make_counted(&m, data, n);
	if (zmq_msg_send(&m, s->out, more) < 0)
		zmq_msg_close(&m);
}

/* Beyond the bound a record that counts is left to replay, for all: the jump of seq says so to each. */
static bool has_room(const struct parcel_record *r)
{
	size_t n = (r->header.n < COUNTED ? 0 : r->header.n) + (r->body.n < COUNTED ? 0 : r->body.n);

	return !n || atomic_load(&held) + n <= HELD_MOST;
}

static void publish(struct stream *s, const char *p, const char *end)
{
	struct parcel_record r;

	while (p < end) {
		p = parcel_next(p, &r);
		if (!has_room(&r))
			continue;
		send_frame(s, r.topic.p, r.topic.n, ZMQ_SNDMORE);
		send_frame(s, r.header.p, r.header.n, ZMQ_SNDMORE);
		send_frame(s, r.body.p, r.body.n, 0);
	}
}

/* False once the inbox is empty. */
static bool forward(struct stream *s)
{
	zmq_msg_t m;
	const char *p;

	if (!post_receive(s->inbox, &m))
		return false;
	p = zmq_msg_data(&m);
	publish(s, p, p + zmq_msg_size(&m));
	s->stopping |= zmq_msg_size(&m) == 0;
	zmq_msg_close(&m);
	return true;
}

static void forget_subscriptions(struct stream *s)
{
	zmq_msg_t m;

	while (post_receive(s->out, &m))
		zmq_msg_close(&m);
}

static void *serve(void *arg)
{
	struct stream *s = arg;
	zmq_pollitem_t items[] = {
		{ .socket = s->inbox, .events = ZMQ_POLLIN },
		{ .socket = s->out, .events = ZMQ_POLLIN },
	};

	while (!s->stopping) {
		zmq_poll(items, 2, -1);
		if (items[1].revents)
			forget_subscriptions(s);
		while (forward(s))
			;
	}
	return NULL;
}

int stream_start(struct stream **out, const char *const *endpoints, size_t n, struct err *e)
{
	int water = HIGH_WATER, linger = LINGER_MS;
	struct stream *s = mem_new(sizeof *s);

	s->inbox = post_inbox("stream");
	s->out = zmq_socket(post_context(), ZMQ_XPUB);
	zmq_setsockopt(s->out, ZMQ_SNDHWM, &water, sizeof water);
	zmq_setsockopt(s->out, ZMQ_LINGER, &linger, sizeof linger);
	*out = s;
	for (size_t i = 0; i < n; i++) {
		if (zmq_bind(s->out, endpoints[i])) {
			err_set(e, ERR_CONFIG, "stream endpoint %s: %s", endpoints[i], zmq_strerror(zmq_errno()));
			stream_stop(out);
			return -1;
		}
	}
	if (pthread_create(&s->thread, NULL, serve, s))
		abort();
	return 0;
}

void stream_stop(struct stream **out)
{
	struct stream *s = *out;

	if (!s)
		return;
	if (s->thread) {
		void *stop = post_outlet("stream");

		post_send(stop, "", 0);          /* an empty parcel */
		pthread_join(s->thread, NULL);
		post_close(&stop);
	}
	post_close(&s->inbox);
	post_close(&s->out);
	free(s);
	*out = NULL;
}
