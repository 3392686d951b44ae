/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_srq.c - any bytes as what somebody says at the door for service requests, whole and in pieces: how they were
 * cut makes no difference, and without the handle nothing is a request. */
#include "vxi11_srq.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char handle[VXI11_SRQ_HANDLE + 1] = "0123456789abcdef";

static void require(bool ok)
{
	if (!ok)
		abort();
}

/* -1: refused, else whether service was requested before the bytes ended. */
static int hear(const uint8_t *data, size_t size, size_t piece)
{
	struct buf heard = { 0 };
	int all = 0;

	for (size_t at = 0; at < size && all >= 0; at += piece) {
		int said;

		buf_add(&heard, data + at, size - at < piece ? size - at : piece);
		said = vxi11_srq_take(&heard, handle);
		all = said < 0 ? -1 : all | said;
	}
	buf_release(&heard);
	return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int whole = size ? hear(data, size, size) : 0;

	require(hear(data, size, 1) == whole && hear(data, size, 7) == whole);
	require(whole <= 0 || memmem(data, size, handle, VXI11_SRQ_HANDLE));
	return 0;
}
