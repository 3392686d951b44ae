/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_count.c - any bytes as the answer to an array's `count_ask`.  What is taken is a whole number of at least 1,
 * the same with blanks around it or written out, and an array has it or one number more has not. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void agrees(struct span text, uint64_t wanted)
{
	uint64_t count = 0;
	struct err e;

	require(reply_count(text, &count, &e) == 0 && count == wanted);
}

static void among_blanks(struct span text, uint64_t wanted)
{
	struct buf b = { 0 };

	buf_puts(&b, " \t");
	buf_add(&b, text.p, text.n);
	buf_puts(&b, "\r ");
	agrees((struct span){ b.data, b.len }, wanted);
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct block_form f = { .given = true, .format = BLOCK_FLOAT64 };
	struct span text = { (const char *)data, size };
	uint64_t count = 0;
	char written[24];
	struct err e;

	if (reply_count(text, &count, &e) < 0) {
		require(e.code == ERR_PROTOCOL && *e.text);
		return 0;
	}
	require(count >= 1 && count <= 1000000000);
	among_blanks(text, count);
	agrees((struct span){ written, (size_t)snprintf(written, sizeof written, "%" PRIu64, count) }, count);
	require(block_counted(&f, count * block_width(&f), count, &e) == 0);
	require(block_counted(&f, (count + 1) * block_width(&f), count, &e) < 0);
	return 0;
}
