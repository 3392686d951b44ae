/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "press.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define FLETCHER_BYTES 4

struct press {
	z_stream deflate, inflate;
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

	must(deflateInit(&p->deflate, PRESS_LEVEL) == Z_OK);
	must(inflateInit(&p->inflate) == Z_OK);
	return p;
}

void press_free(struct press **p)
{
	if (!*p)
		return;
	deflateEnd(&(*p)->deflate);
	inflateEnd(&(*p)->inflate);
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
	z_stream *z = &p->deflate;

	must(deflateReset(z) == Z_OK);
	buf_reserve(out, deflateBound(z, (uLong)n));
	z->next_in = (z_const Bytef *)data;
	z->avail_in = (uInt)n;
	z->next_out = (Bytef *)out->data;
	z->avail_out = (uInt)(out->cap - 1);
	must(deflate(z, Z_FINISH) == Z_STREAM_END);
	out->len = z->total_out;
}

static void unshuffle(const struct press *p, char *chunk, size_t n, size_t size)
{
	const char *from = p->shuffled.data;

	for (size_t byte = 0; byte < size; byte++)
		for (size_t at = byte; at < n; at += size)
			chunk[at] = *from++;
}

static int inflate_all(struct press *p, const void *data, size_t data_n, void *out, size_t n)
{
	z_stream *z = &p->inflate;

	must(inflateReset(z) == Z_OK);
	z->next_in = (z_const Bytef *)data;
	z->avail_in = (uInt)data_n;
	z->next_out = out;
	z->avail_out = (uInt)n;
	return inflate(z, Z_FINISH) == Z_STREAM_END && z->total_out == n ? 0 : -1;
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

static void checksum(uint8_t sum[FLETCHER_BYTES], const char *p, size_t n)
{
	uint32_t value = fletcher32((const uint8_t *)p, n);

	for (int i = 0; i < FLETCHER_BYTES; i++)
		sum[i] = (uint8_t)(value >> 8 * i);
}

void press_chunk(struct press *p, const void *chunk, size_t n, size_t size, bool deflate,
		 struct buf *out)
{
	uint8_t sum[FLETCHER_BYTES];

	buf_clear(out);
	if (deflate)
		deflate_all(p, shuffle(p, chunk, n, size), n, out);
	else
		buf_add(out, chunk, n);
	checksum(sum, out->data, out->len);
	buf_add(out, sum, sizeof sum);
}

int press_undo(struct press *p, const struct buf *pressed, size_t size, bool deflate, void *chunk,
	       size_t n)
{
	size_t used = pressed->len - FLETCHER_BYTES;
	uint8_t sum[FLETCHER_BYTES];

	if (pressed->len < FLETCHER_BYTES)
		return -1;
	checksum(sum, pressed->data, used);
	if (memcmp(sum, pressed->data + used, sizeof sum) || (!deflate && used != n) || n % size)
		return -1;
	if (!deflate) {
		memcpy(chunk, pressed->data, n);
		return 0;
	}
	if (size == 1)
		return inflate_all(p, pressed->data, used, chunk, n);
	buf_clear(&p->shuffled);
	buf_reserve(&p->shuffled, n);
	if (inflate_all(p, pressed->data, used, p->shuffled.data, n) < 0)
		return -1;
	unshuffle(p, chunk, n, size);
	return 0;
}
