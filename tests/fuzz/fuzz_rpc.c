/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_rpc.c - any bytes as what a server says to three calls in a row: each has its results or fails with
 * a sentence, in no more memory than was sent, and a torn connection stays torn.
 *
 * The calls have the numbers 1, 2 and 3. */
#include "rpc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65536               /* fits into the socket's buffer */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void take_apart(struct xdr *x)
{
	size_t n, before = x->n;
	const char *p;

	xdr_get(x);
	xdr_get(x);
	p = xdr_get_bytes(x, &n, MOST);
	require(n <= before && x->n <= before);
	require(!x->bad || (n == 0 && p));
	free(mem_copy(p, n));            /* a sanitizer reads along */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc r = { .fd = -1 };
	int ends[2];

	if (size > MOST)
		return 0;
	require(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	require(send(ends[1], data, size, 0) == (ssize_t)size || size == 0);
	r.fd = ends[0];
	for (int i = 0; i < 3; i++) {
		bool torn = r.torn;
		struct err e = { 0 };
		struct xdr x;

		rpc_begin(&r, 1, 1, 1);
		if (rpc_call(&r, &x, -1, 0, &e) == 0) {
			require(!torn && x.n <= size);
			take_apart(&x);
		} else {
			require(e.code != ERR_NONE && e.text[0] && (!torn || e.code == ERR_CLOSED));
		}
		require(!torn || r.torn);
		require(r.in.len <= size);
	}
	rpc_close(&r);
	close(ends[1]);
	return 0;
}
