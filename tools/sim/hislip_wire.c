/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hislip_wire.h"

#include <string.h>

#include "wire.h"
#include "xdr.h"

#define HEADER   16
#define PROLOGUE 0x4853          /* "HS" */

int hislip_read(int fd, struct hislip_message *m)
{
	char head[HEADER];
	struct xdr x = { head, sizeof head, false };
	uint32_t first;

	if (wire_read(fd, head, sizeof head))
		return -1;
	first = xdr_get(&x);
	*m = (struct hislip_message){ .type = (uint8_t)(first >> 8), .control = (uint8_t)first };
	m->parameter = xdr_get(&x);
	m->length = xdr_get_hyper(&x);
	if (first >> 16 == PROLOGUE)
		return 0;
	hislip_complain(fd, HISLIP_FATAL_ERROR, HISLIP_FATAL_HEADER, "this is no HiSLIP message");
	return -1;
}

int hislip_read_payload(int fd, struct hislip_message *m, struct buf *b)
{
	size_t n = (size_t)m->length;

	buf_reserve(b, n + 1);
	if (wire_read(fd, b->data + b->len, n))
		return -1;
	b->len += n;
	m->length = 0;
	return 0;
}

int hislip_skip_payload(int fd, struct hislip_message *m)
{
	char rubbish[4096];

	while (m->length > 0) {
		size_t n = m->length < sizeof rubbish ? (size_t)m->length : sizeof rubbish;

		if (wire_read(fd, rubbish, n))
			return -1;
		m->length -= n;
	}
	return 0;
}

void hislip_compose(struct buf *b, enum hislip_type type, uint8_t control, uint32_t parameter, const void *payload,
		    size_t n)
{
	xdr_put(b, (uint32_t)PROLOGUE << 16 | (uint32_t)type << 8 | control);
	xdr_put(b, parameter);
	xdr_put_hyper(b, n);
	buf_add(b, payload, n);
}

int hislip_send(int fd, enum hislip_type type, uint8_t control, uint32_t parameter, const void *payload, size_t n)
{
	struct buf b = { 0 };
	int bad;

	hislip_compose(&b, type, control, parameter, payload, n);
	bad = wire_write(fd, b.data, b.len);
	buf_release(&b);
	return bad;
}

int hislip_complain(int fd, enum hislip_type type, uint8_t code, const char *text)
{
	return hislip_send(fd, type, code, 0, text, strlen(text));
}
