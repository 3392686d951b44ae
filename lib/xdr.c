/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xdr.h"

#include <arpa/inet.h>
#include <string.h>

void xdr_put(struct buf *b, uint32_t v)
{
	uint32_t sent = htonl(v);

	buf_add(b, &sent, sizeof sent);
}

void xdr_put_hyper(struct buf *b, uint64_t v)
{
	xdr_put(b, (uint32_t)(v >> 32));
	xdr_put(b, (uint32_t)v);
}

static size_t padding(size_t n)
{
	return -n & 3;
}

void xdr_put_bytes(struct buf *b, const void *p, size_t n)
{
	xdr_put(b, (uint32_t)n);
	buf_add(b, p, n);
	buf_add(b, "\0\0\0", padding(n));
}

static const char *take(struct xdr *x, size_t n)
{
	const char *p = x->p;

	if (x->bad || n > x->n) {
		x->bad = true;
		return NULL;
	}
	x->p += n;
	x->n -= n;
	return p;
}

uint32_t xdr_get(struct xdr *x)
{
	const char *p = take(x, 4);
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof v);
	return ntohl(v);
}

uint64_t xdr_get_hyper(struct xdr *x)
{
	uint64_t high = xdr_get(x);

	return high << 32 | xdr_get(x);
}

const char *xdr_get_bytes(struct xdr *x, size_t *n, size_t most)
{
	size_t count = xdr_get(x);
	const char *p;

	x->bad |= count > most;
	p = take(x, count);
	take(x, padding(count));
	*n = x->bad ? 0 : count;
	return x->bad ? "" : p;
}
