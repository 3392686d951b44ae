/* SPDX-License-Identifier: GPL-3.0-or-later
 * xdr.h - numbers and bytes as ONC RPC carries them (RFC 4506): four bytes or eight, the highest first, and
 * bytes behind their count, filled up to a multiple of four.
 *
 * A reader is sticky: beyond the end, or after a count that promises more than there is, it hands
 * out zeroes and says `bad`, so that a message is taken apart in one go and judged at its end. */
#ifndef XDR_H
#define XDR_H

#include <stdbool.h>
#include <stdint.h>

#include "mem.h"

void xdr_put(struct buf *b, uint32_t v);
void xdr_put_hyper(struct buf *b, uint64_t v);
void xdr_put_bytes(struct buf *b, const void *p, size_t n);

struct xdr {
	const char *p;
	size_t n;
	bool bad;
};

uint32_t xdr_get(struct xdr *x);
uint64_t xdr_get_hyper(struct xdr *x);
/* Points into the message.  most: a longer one is bad. */
const char *xdr_get_bytes(struct xdr *x, size_t *n, size_t most);

#endif
