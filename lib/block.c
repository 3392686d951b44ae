/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block.h"

#include <string.h>

#define INDEFINITE SIZE_MAX

static const char *const formats[] = { "float32", "float64", "int16", "int32", NULL };
static const char *const orders[] = { "big", "little", NULL };

#define AT(field) .offset = offsetof(struct block_form, field)
static const struct schema_row rows[] = {
	{ .key = "format", .type = S_ENUM, AT(format), .words = formats, .required = true,
	  .help = "what the bytes of a block are" },
	{ .key = "order", .type = S_ENUM, AT(order), .words = orders, .fallback = "big",
	  .help = "the order of the bytes in a number, as it is sent" },
	{ .key = "scale", .type = S_NUMBER, AT(scale), .fallback = "1",
	  .help = "a value is scale times the number, plus offset, in the unit of the point" },
	{ .key = "offset", .type = S_NUMBER, AT(offset), .fallback = "0", .help = "added after scaling" },
	{ .key = "interval", .type = S_DURATION, AT(interval_ns), .low = 0, .high = 3600, .fallback = "0 s",
	  .help = "between two samples; 0 s where it is not known" },
	{ .key = "count", .type = S_INT, AT(count), .low = 1, .high = 67108864,
	  .help = "how many numbers it must be: an array of another length is no reading" },
	{ .key = "count_ask", .type = S_STRING, AT(count_ask),
	  .help = "the question whose answer is that number, such as SAMP:COUN?, where it follows from a setting; asked "
		  "behind each array" },
	{ 0 }
};
#undef AT

const struct schema block_schema = { .what = "a block", .size = sizeof(struct block_form), .rows = rows };

size_t block_width(const struct block_form *f)
{
	static const size_t widths[] = { 4, 8, 2, 4 };

	return widths[f->format];
}

const char *block_datatype(const struct block_form *f)
{
	return formats[f->format];
}

double block_number(const struct block_form *f, const char *bytes)
{
	union { float f32; double f64; int16_t i16; int32_t i32; char bytes[8]; } x = { .f64 = 0 };

	memcpy(x.bytes, bytes, block_width(f));
	switch (f->format) {
	case BLOCK_FLOAT32: return (double)x.f32;
	case BLOCK_FLOAT64: return x.f64;
	case BLOCK_INT16:   return x.i16;
	default:            return x.i32;
	}
}

/* The header at the beginning of s: its length, and in *size how many bytes belong to it.  0: it is none. */
static size_t header(struct span s, size_t *size)
{
	size_t digits = s.n > 1 && s.p[0] == '#' ? (size_t)(unsigned char)s.p[1] - '0' : SIZE_MAX;

	*size = digits == 0 ? INDEFINITE : 0;
	if (digits > 9 || s.n < 2 + digits)
		return 0;
	for (size_t i = 0; i < digits; i++) {
		if (s.p[2 + i] < '0' || s.p[2 + i] > '9')
			return 0;
		*size = 10 * *size + (size_t)(s.p[2 + i] - '0');
	}
	return 2 + digits;
}

static int malformed(const char *why, struct err *e)
{
	return err_set(e, ERR_PROTOCOL, "the reply is not the blocks the model file says: %s", why);
}

/* A walk over a reply, or over its words alone: then `left` counts the bytes that stand elsewhere. */
struct walk {
	const struct block_form *form;
	struct span s;                   /* not yet looked at */
	struct buf *words, *bytes;       /* NULL: only words are there */
	size_t left;
};

static void word(struct walk *w, size_t n)
{
	if (w->words)
		buf_add(w->words, w->s.p, n);
	w->s.p += n;
	w->s.n -= n;
}

/* Bytes of one block.  -1: they are not there. */
static int skip(struct walk *w, size_t size)
{
	size_t *there = w->bytes ? &w->s.n : &w->left;

	if (size > *there)
		return -1;
	if (w->bytes) {
		buf_add(w->bytes, w->s.p, size);
		w->s.p += size;
	}
	*there -= size;
	return 0;
}

/* An indefinite block ends with the message, whose last byte is a new line (NL^END). */
static size_t until_the_end(const struct walk *w)
{
	bool line = w->s.n && w->s.p[w->s.n - 1] == '\n';

	return w->bytes ? w->s.n - line : w->left;
}

static int one_block(struct walk *w, bool *last, struct err *e)
{
	size_t size, head = header(w->s, &size);

	if (!head)
		return malformed("no block begins where one should", e);
	word(w, head);
	*last = size == INDEFINITE;
	if (*last)
		size = until_the_end(w);
	if (skip(w, size) < 0)
		return malformed("it ends within a block", e);
	if (size % block_width(w->form))
		return malformed("a block does not hold whole numbers", e);
	return 0;
}

static int walk(struct walk *w, struct err *e)
{
	bool last = false, comma;

	do {
		if (one_block(w, &last, e) < 0)
			return -1;
		comma = !last && w->s.n && w->s.p[0] == ',';
		if (comma)
			word(w, 1);
	} while (comma || (!last && w->s.n));
	if (last && w->s.n == 1 && w->s.p[0] == '\n')
		word(w, 1);
	return w->s.n || (!w->bytes && w->left) ? malformed("something follows the last block", e) : 0;
}

/* This machine is little endian, as the records are. */
static void turn(char *p, size_t n, size_t width)
{
	for (; n >= width; p += width, n -= width) {
		for (size_t i = 0; i < width / 2; i++) {
			char kept = p[i];

			p[i] = p[width - 1 - i];
			p[width - 1 - i] = kept;
		}
	}
}

int block_split(const struct block_form *f, struct span reply, struct buf *words, struct buf *bytes, struct err *e)
{
	size_t begin = bytes->len;
	struct walk w = { .form = f, .s = reply, .words = words, .bytes = bytes };

	buf_reserve(bytes, reply.n);
	if (walk(&w, e) < 0)
		return -1;
	if (f->order == BLOCK_BIG)
		turn(bytes->data + begin, bytes->len - begin, block_width(f));
	return 0;
}

int block_check(const struct block_form *f, struct span words, size_t bytes, struct err *e)
{
	struct walk w = { .form = f, .s = words, .left = bytes };

	return walk(&w, e);
}

int block_counted(const struct block_form *f, size_t bytes, uint64_t wanted, struct err *e)
{
	size_t n = bytes / block_width(f);

	if (!wanted || n == wanted)
		return 0;
	return err_set(e, ERR_PROTOCOL, "the array has %zu numbers in place of %llu", n, (unsigned long long)wanted);
}
