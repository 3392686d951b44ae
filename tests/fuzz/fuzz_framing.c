/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_framing.c - any bytes as a framed reply, under any frame: what is opened must be, byte for byte, what the
 * frame wraps its text into, so that no other message is ever taken for one.
 *
 * Input: kind, form, and bits that say which parts the frame has; then the reply. */
#include "checksum.h"
#include "framing.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static int kinds(void)
{
	int n = 0;

	while (checksum_names[n])
		n++;
	return n;
}

static struct framing frame_of(const uint8_t *p)
{
	static char start[] = "\x02", end[] = "\x03", address[] = "01", separator[] = "*";
	struct framing f = { .given = true };

	f.start = p[2] & 1 ? start : NULL;
	f.end = p[2] & 2 ? end : NULL;
	f.address = p[2] & 4 ? address : NULL;
	f.sum = (struct framing_sum){
		.given = p[2] & 8, .kind = p[0] % kinds(), .form = p[1] % 5, .order = p[1] >> 4 & 1,
		.covers = p[1] >> 5 & 3, .separator = p[2] & 16 ? separator : NULL,
		.place = p[2] & 2 && p[2] & 32 ? PLACE_AFTER_END : PLACE_BEFORE_END,
	};
	if (f.sum.place == PLACE_BEFORE_END)
		f.sum.covers &= ~COVERS_END;
	return f;
}

static bool hexadecimal(const struct framing *f)
{
	return f->sum.given && (f->sum.form == CHECKSUM_HEX_UPPER || f->sum.form == CHECKSUM_HEX_LOWER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct framing f;
	struct buf again = { 0 };
	struct span reply, text;
	struct err e;

	if (size < 3)
		return 0;
	f = frame_of(data);
	reply = (struct span){ (const char *)data + 3, size - 3 };
	if (framing_open(&f, reply, &text, &e) == 0) {
		buf_reserve(&again, 1);
		framing_wrap(&f, text, &again);
		require(again.len == reply.n);
		require(hexadecimal(&f) ? !strncasecmp(again.data, reply.p, reply.n) || memchr(reply.p, 0, reply.n)
			: !memcmp(again.data, reply.p, reply.n));
	}
	buf_clear(&again);
	buf_reserve(&again, 1);
	framing_wrap(&f, reply, &again);
	require(framing_open(&f, (struct span){ again.data, again.len }, &text, &e) == 0);
	require(text.n == reply.n && (!text.n || !memcmp(text.p, reply.p, text.n)));
	buf_release(&again);
	return 0;
}
