/* SPDX-License-Identifier: GPL-3.0-or-later
 * mem.h - small allocations that succeed or abort, and the one growing buffer.
 *
 * The journal makes a crash harmless, so nobody tests a small allocation.  After start the
 * measuring path allocates nothing: it reuses buffers, which only grow. */
#ifndef MEM_H
#define MEM_H

#include <stdarg.h>
#include <stddef.h>

void *mem_new(size_t n);                              /* zeroed */
void *mem_array(size_t count, size_t size);           /* zeroed, overflow checked */
void *mem_resize(void *p, size_t count, size_t size);
void *mem_copy(const void *p, size_t n);
char *mem_string(const char *s);                      /* NULL stays NULL */
char *mem_stringn(const char *s, size_t n);
char *mem_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Room for one more element at the end of a counted array: p = mem_grow(p, count, sizeof *p). */
void *mem_grow(void *p, size_t count, size_t size);
/* The same for an array that is emptied and filled again: it keeps its room, *cap elements. */
void *mem_fit(void *p, size_t count, size_t *cap, size_t size);

/* Bytes that grow.  data is NUL-terminated beyond len once anything was added. */
struct buf {
	char *data;
	size_t len, cap;
};

void  buf_reserve(struct buf *b, size_t more);
void  buf_add(struct buf *b, const void *p, size_t n);
void  buf_puts(struct buf *b, const char *s);
void  buf_putc(struct buf *b, char c);
void  buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void  buf_clear(struct buf *b);                       /* keeps the memory */
void  buf_consume(struct buf *b, size_t n);           /* drops the first n bytes */
void  buf_release(struct buf *b);

#endif
