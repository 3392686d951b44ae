/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_usbtmc.c - any bytes as a transfer in: it is refused with a sentence, or its bytes lie within it and are
 * no more than were asked for.
 *
 * Input: the tag that is expected, then the transfer. */
#include "usbtmc_answer.h"

#include <stdlib.h>

#include "mem.h"

#define ASKED 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct usbtmc_answer a;
	struct err e = { 0 };
	char *in;

	if (size == 0)
		return 0;
	in = mem_copy(data + 1, size - 1);       /* a sanitizer knows where it ends */
	if (usbtmc_answer_parse(&a, in, size - 1, data[0], ASKED, &e) == 0) {
		require(a.bytes == in + USBTMC_HEADER && a.n <= ASKED && a.n + USBTMC_HEADER <= size - 1);
		require(a.n > 0 || a.end);
		free(mem_copy(a.bytes, a.n));
	} else {
		require(e.code == ERR_PROTOCOL && e.text[0]);
	}
	free(in);
	return 0;
}
