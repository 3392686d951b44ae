/* SPDX-License-Identifier: GPL-3.0-or-later
 * press.h - the filters of a chunk, byte for byte as HDF5 does and undoes them: shuffle, deflate,
 * fletcher32.
 *
 * Most of the time that sealing takes goes into these, and HDF5 would spend it within its own
 * calls.  Nothing here calls HDF5, so they can be done beside it (chunks.h). */
#ifndef PRESS_H
#define PRESS_H

#include <stdbool.h>

#include "mem.h"

#define PRESS_LEVEL 1                   /* of deflate: the fastest; the highest makes a sixth less */

struct press;                      /* what zlib keeps from one chunk to the next; one thread's */

struct press *press_new(void);
void press_free(struct press **p);

/* Presses a chunk of n bytes, made of elements of `size` bytes, into out, which is cleared first.
 * deflate: shuffle and deflate; fletcher32 always. */
void press_chunk(struct press *p, const void *chunk, size_t n, size_t size, bool deflate,
		 struct buf *out);
/* And back.  -1: the checksum is wrong, or it is not a chunk of n bytes that was pressed. */
int press_undo(struct press *p, const struct buf *pressed, size_t size, bool deflate, void *chunk,
	       size_t n);

#endif
