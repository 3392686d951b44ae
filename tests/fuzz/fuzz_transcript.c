/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_transcript.c - any bytes as a transcript: it is refused with places, or what is written of it reads as
 * the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void require_same_again(const struct transcript *t)
{
	struct problems ps = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	struct transcript *again;

	transcript_write(t, &once);
	require(transcript_parse(&again, "again", once.data, once.len, &ps) == 0);
	require(again->n_turns == t->n_turns);
	for (size_t i = 0; i < t->n_turns; i++)
		for (size_t k = 0; k < t->turns[i].n_sayings; k++) {
			const struct buf *a = &t->turns[i].sayings[k].bytes, *b = &again->turns[i].sayings[k].bytes;

			require(a->len == b->len && (a->len == 0 || !memcmp(a->data, b->data, a->len)));
		}
	transcript_write(again, &twice);
	require(once.len == twice.len && !memcmp(once.data, twice.data, once.len));
	transcript_free(&again);
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems ps = { 0 };
	struct transcript *t;

	if (transcript_parse(&t, "fuzz.txt", data, size, &ps) == 0)
		require_same_again(t);
	else
		require(ps.total > 0 && !t);
	transcript_free(&t);
	problems_release(&ps);
	return 0;
}
