/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_block.c - any bytes as a reply with blocks; the first says of which form.  What was taken apart must
 * prove itself, and its bytes must be as many as the reply had beside the words. */
#include <stdint.h>
#include <stdlib.h>

#include "block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf words = { 0 }, bytes = { 0 };
	struct block_form f = { .given = true };
	struct err e;

	if (!size)
		return 0;
	f.format = data[0] & 3;
	f.order = data[0] >> 2 & 1;
	if (block_split(&f, (struct span){ (const char *)data + 1, size - 1 }, &words, &bytes, &e) == 0 &&
	    (words.len + bytes.len != size - 1 ||
	     block_check(&f, (struct span){ words.data, words.len }, bytes.len, &e) < 0))
		abort();
	block_check(&f, (struct span){ (const char *)data + 1, size - 1 }, data[0], &e);
	buf_release(&words);
	buf_release(&bytes);
	return 0;
}
