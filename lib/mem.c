/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

void *mem_new(size_t n)
{
	return must(calloc(1, n ? n : 1));
}

void *mem_array(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size));
}

void *mem_resize(void *p, size_t count, size_t size)
{
	return must(reallocarray(p, count ? count : 1, size));
}

void *mem_copy(const void *p, size_t n)
{
	void *copy = mem_new(n);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *mem_string(const char *s)
{
	return s ? must(strdup(s)) : NULL;
}

char *mem_stringn(const char *s, size_t n)
{
	return must(strndup(s, n));
}

char *mem_format(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	return s;
}

void *mem_grow(void *p, size_t count, size_t size)
{
	if (count & (count - 1))     /* capacity is the next power of two */
		return p;
	return mem_resize(p, count ? 2 * count : 1, size);
}

void *mem_fit(void *p, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return p;
	*cap = *cap ? 2 * *cap : 64;
	return mem_resize(p, *cap, size);
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;
	size_t cap = b->cap ? b->cap : 64;

	if (need <= b->cap)
		return;
	if (need < more)
		abort();
	while (cap < need)
		cap *= 2;
	b->data = mem_resize(b->data, cap, 1);
	b->cap = cap;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	buf_reserve(b, n);
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	buf_reserve(b, 80);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	if (n < 0)
		abort();
	if ((size_t)n >= b->cap - b->len) {
		buf_reserve(b, (size_t)n);
		vsnprintf(b->data + b->len, b->cap - b->len, fmt, again);
	}
	b->len += (size_t)n;
	va_end(again);
	va_end(ap);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_consume(struct buf *b, size_t n)
{
	b->len -= n;
	if (b->len)
		memmove(b->data, b->data + n, b->len);
	if (b->data)
		b->data[b->len] = '\0';
}

void buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}
