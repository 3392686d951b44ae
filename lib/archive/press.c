/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "press.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#define FLETCHER_BYTES 4

struct press {
	z_stream stream;
	struct buf shuffled;
};

/* zlib fails here only for want of memory or by our own mistake. */
static void must(bool ok)
{
	if (!ok)
		abort();
}

struct press *press_new(void)
{
	struct press *p = mem_new(sizeof *p);

	must(deflateInit(&p->stream, PRESS_LEVEL) == Z_OK);
	return p;
}

void press_free(struct press **p)
{
	if (!*p)
		return;
	deflateEnd(&(*p)->stream);
	buf_release(&(*p)->shuffled);
	free(*p);
	*p = NULL;
}

/* First bytes of all elements, then second ones ...: what hardly differs comes together. */
static const void *shuffle(struct press *p, const void *chunk, size_t n, size_t size)
{
	const char *from = chunk;
	char *to;

	if (size == 1)
		return chunk;
	buf_clear(&p->shuffled);
	buf_reserve(&p->shuffled, n);
	to = p->shuffled.data;
	for (size_t byte = 0; byte < size; byte++)
		for (size_t at = byte; at < n; at += size)
			*to++ = from[at];
	return p->shuffled.data;
}

static void deflate_all(struct press *p, const void *data, size_t n, struct buf *out)
{
	z_stream *z = &p->stream;

	must(deflateReset(z) == Z_OK);
	buf_reserve(out, deflateBound(z, (uLong)n));
	z->next_in = (z_const Bytef *)data;
	z->avail_in = (uInt)n;
	z->next_out = (Bytef *)out->data;
	z->avail_out = (uInt)(out->cap - 1);
	must(deflate(z, Z_FINISH) == Z_STREAM_END);
	out->len = z->total_out;
}

static uint32_t fold(uint32_t sum)
{
	return (sum & 0xffff) + (sum >> 16);
}

/* Fletcher's checksum (RFC 1146, appendix II) of 16-bit words, high byte first, as HDF5 takes it:
 * sums begin at 0, an odd last byte is the high one of a word. */
static uint32_t fletcher32(const uint8_t *p, size_t n)
{
	const size_t unfolded = 360;     /* words whose sums cannot overflow 32 bits */
	uint32_t low = 0, high = 0;

	while (n > 1) {
		size_t words = n / 2 < unfolded ? n / 2 : unfolded;

		n -= 2 * words;
		for (; words; words--, p += 2) {
			low += (uint32_t)(p[0] << 8 | p[1]);
			high += low;
		}
		low = fold(low);
		high = fold(high);
	}
	if (n) {
		low = fold(low + (uint32_t)(p[0] << 8));
		high = fold(high + low);
	}
	return fold(high) << 16 | fold(low);
}

void press_chunk(struct press *p, const void *chunk, size_t n, size_t size, bool deflate,
		 struct buf *out)
{
	uint32_t sum;

	buf_clear(out);
	if (deflate)
		deflate_all(p, shuffle(p, chunk, n, size), n, out);
	else
		buf_add(out, chunk, n);
	sum = fletcher32((const uint8_t *)out->data, out->len);
	for (int i = 0; i < FLETCHER_BYTES; i++)
		buf_putc(out, (char)(sum >> 8 * i));
}
