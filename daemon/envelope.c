/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "envelope.h"

#include <string.h>

#include "post.h"

bool envelope_receive(void *socket, struct envelope *in)
{
	int more = 1;

	*in = (struct envelope){ 0 };
	while (more) {
		zmq_msg_t m;

		if (!post_receive(socket, &m))
			return false;
		more = zmq_msg_more(&m);
		if (in->n < ENVELOPE_FRAMES)
			in->frames[in->n++] = m;
		else
			zmq_msg_close(&m);
		in->too_many |= in->n == ENVELOPE_FRAMES;
	}
	return true;
}

bool envelope_request(struct envelope *in, struct span *request)
{
	bool plain = in->n == 2 || (in->n == 3 && zmq_msg_size(&in->frames[1]) == 0);
	zmq_msg_t *last = &in->frames[in->n - 1];

	*request = (struct span){ zmq_msg_data(last), zmq_msg_size(last) };
	return plain && !in->too_many;
}

void envelope_answer(void *socket, struct envelope *in, const char *text, struct replay *p)
{
	size_t len = strlen(text);

	for (int i = 0; i < in->n - 1; i++)
		if (zmq_msg_send(&in->frames[i], socket, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
			return;
	if (zmq_send(socket, text, len, ZMQ_DONTWAIT | (p->n ? ZMQ_SNDMORE : 0)) < 0)
		return;
	for (size_t i = 0; i < p->n; i++)
		if (zmq_msg_send(&p->frames[i], socket, ZMQ_DONTWAIT | (i + 1 < p->n ? ZMQ_SNDMORE : 0)) < 0)
			return;
}

void envelope_close(struct envelope *in)
{
	for (int i = 0; i < in->n; i++)
		zmq_msg_close(&in->frames[i]);
}
