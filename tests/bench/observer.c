/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "record.h"

#define SILENCE_MS   200
#define SUBSCRIBE_US 200000      /* nothing tells a subscriber that it is one */
#define MONO         "\"mono_ns\":"

static void look(struct observer *o, const char *header)
{
	const char *at = strstr(header, MONO);

	if (!at || !strstr(header, "\"kind\":\"reading\""))
		return;
	if (o->readings < o->room)
		o->delays[o->readings] = aid_seconds(strtoll(at + strlen(MONO), NULL, 10));
	o->readings++;
}

/* Topic, header, body.  False when nothing came for a while. */
static bool receive(struct observer *o, void *sub)
{
	char frame[RECORD_HEADER_MAX + 1];
	int n, more = 1;

	for (int i = 0; more; i++) {
		size_t size = sizeof more;

		n = zmq_recv(sub, frame, sizeof frame - 1, 0);
		if (n < 0)
			return false;
		if (i == 1) {
			frame[(size_t)n < sizeof frame ? n : RECORD_HEADER_MAX] = '\0';
			look(o, frame);
		}
		zmq_getsockopt(sub, ZMQ_RCVMORE, &more, &size);
	}
	return true;
}

static void *observe(void *arg)
{
	struct observer *o = arg;
	int patience = SILENCE_MS;
	void *context, *sub;

	aid_pin(o->core);
	context = zmq_ctx_new();
	sub = zmq_socket(context, ZMQ_SUB);
	zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "", 0);
	zmq_setsockopt(sub, ZMQ_RCVTIMEO, &patience, sizeof patience);
	must(zmq_connect(sub, o->endpoint) == 0, o->endpoint);
	while (receive(o, sub) || !__atomic_load_n(&o->ending, __ATOMIC_ACQUIRE))
		;
	zmq_close(sub);
	zmq_ctx_term(context);
	return NULL;
}

void observer_start(struct observer *o, const char *endpoint, int core, size_t room)
{
	*o = (struct observer){ .endpoint = endpoint, .core = core, .room = room,
				.delays = mem_array(room, sizeof(double)) };
	must(pthread_create(&o->thread, NULL, observe, o) == 0, "pthread_create");
	usleep(SUBSCRIBE_US);
}

void observer_stop(struct observer *o)
{
	__atomic_store_n(&o->ending, 1, __ATOMIC_RELEASE);
	pthread_join(o->thread, NULL);
}
