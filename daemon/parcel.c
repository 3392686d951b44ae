/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parcel.h"

#include <string.h>

struct lengths { uint32_t topic, header, body; };

void parcel_add(struct buf *parcel, const struct record *r)
{
	char topic[RUN_NAME + CHANNEL_NAME + 16];
	struct lengths n = {
		.topic = (uint32_t)record_topic(topic, sizeof topic, r->run, r->kind, r->channel),
		.header = (uint32_t)r->header.n,
		.body = (uint32_t)r->body_len,
	};

	buf_add(parcel, &n, sizeof n);
	buf_add(parcel, topic, n.topic);
	buf_add(parcel, r->header.p, n.header);
	buf_add(parcel, r->body, n.body);
}

const char *parcel_next(const char *p, struct parcel_record *r)
{
	struct lengths n;

	memcpy(&n, p, sizeof n);
	p += sizeof n;
	r->topic = (struct span){ p, n.topic };
	r->header = (struct span){ r->topic.p + n.topic, n.header };
	r->body = (struct span){ r->header.p + n.header, n.body };
	return r->body.p + n.body;
}
