/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream.h"

#include <pthread.h>
#include <stdlib.h>

#include "mem.h"
#include "post.h"

#define HIGH_WATER 20000         /* messages an observer may lag behind */
#define LINGER_MS  1000          /* at the end: so long may the last messages take to leave */

struct stream {
	void *inbox, *out, *stop;
	pthread_t thread;
};

/* Passes on a whole record; frames move, nothing is copied. */
static bool forward(struct stream *s)
{
	int more = 1;

	while (more) {
		zmq_msg_t m;

		if (!post_receive(s->inbox, &m))
			return false;
		more = zmq_msg_more(&m);
		if (zmq_msg_send(&m, s->out, more ? ZMQ_SNDMORE : 0) < 0)
			zmq_msg_close(&m);
	}
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
		{ .socket = s->stop, .events = ZMQ_POLLIN },
	};
	bool stopping = false;

	while (!stopping) {
		zmq_poll(items, 3, -1);
		stopping = items[2].revents;
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
	s->stop = post_inbox("stream/stop");
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
		void *stop = post_outlet("stream/stop");

		post_send(stop, "", 0);
		pthread_join(s->thread, NULL);
		post_close(&stop);
	}
	post_close(&s->inbox);
	post_close(&s->stop);
	post_close(&s->out);
	free(s);
	*out = NULL;
}
