/* SPDX-License-Identifier: GPL-3.0-or-later
 * arrivals.h - when the bytes of a stream came: which of them were read when.
 *
 * A talker's message belongs to the moment of its first byte, and that may have come with the end of the
 * message before it.  What had been waiting to be read may have come at any time since the reader last
 * saw that nothing waited: such bytes have an interval, the others a moment. */
#ifndef ARRIVALS_H
#define ARRIVALS_H

#include <stddef.h>
#include <stdint.h>

#include "instant.h"

struct arrival {
	size_t at;               /* its first byte, counted in the stream */
	instant from, to;        /* came between the two; the same where it was waited for */
	int64_t utc;             /* of `to` */
};

struct arrivals {
	struct arrival *list;
	size_t n, cap;
};

/* Bytes from `at` on have been read just now. */
void arrivals_add(struct arrivals *a, size_t at, instant from);
/* Of this byte, which has been read. */
struct arrival arrivals_of(const struct arrivals *a, size_t at);
/* Nobody will ask for what stands before this byte. */
void arrivals_drop(struct arrivals *a, size_t at);
/* The bytes before this one have left the buffer: it is number 0 now. */
void arrivals_shift(struct arrivals *a, size_t at);
void arrivals_release(struct arrivals *a);

#endif
