/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_hislip.c - any bytes as what a HiSLIP server says on its two channels: of what comes on the first, exactly
 * those bytes are the answer to our question that a second reading of the specification finds there,
 * and a torn channel stays torn.
 *
 * Input: two bytes for how much of the rest goes to the first channel. */
#include "hislip_session.h"
#include "transport.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST  65536              /* fits into a socket's buffer */
#define OURS  UINT32_C(0xffffff00)
#define NOT_AN_ANSWER (-1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static uint64_t number(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* One message at p, n bytes long at most, of which out and held are told.  The length of the message, 0 where it
 * ends the answer, NOT_AN_ANSWER where nothing can follow. */
static int64_t look_at(const uint8_t *p, size_t n, struct buf *out, struct buf *held)
{
	uint64_t whose, length;

	if (n < 16 || memcmp(p, "HS", 2) || (p[2] != 6 && p[2] != 7))
		return NOT_AN_ANSWER;
	whose = number(p + 4, 4);
	length = number(p + 8, 8);
	if (length > n - 16)
		return NOT_AN_ANSWER;
	if (whose == OURS) {
		buf_add(out, held->data, held->len);
		buf_add(out, p + 16, length);
	}
	if (whose == UINT32_MAX && p[2] == 6)
		buf_add(held, p + 16, length);
	else
		buf_clear(held);
	return whose == OURS && p[2] == 7 ? 0 : (int64_t)(16 + length);
}

static bool find_answer(const uint8_t *p, size_t n, struct buf *out)
{
	struct buf held = { 0 };
	int64_t step;

	while ((step = look_at(p, n, out, &held)) > 0) {
		p += step;
		n -= (size_t)step;
	}
	buf_release(&held);
	return step == 0;
}

static void say(int far, const uint8_t *data, size_t n)
{
	require(n == 0 || send(far, data, n, 0) == (ssize_t)n);
	require(!shutdown(far, SHUT_WR));
}

static bool read_answer(struct hislip *h, struct buf *out)
{
	struct err e = { 0 };
	bool end = false;
	ssize_t n = 0;

	while (n >= 0 && !end) {
		buf_reserve(out, 1000);
		n = transport_hislip.read(h, out->data + out->len, 999, &end, -1, INSTANT_NEVER, &e);
		require(n <= 999);
		if (n > 0)
			out->len += (size_t)n;
	}
	require(n >= 0 || (e.code != ERR_NONE && e.text[0]));
	return n >= 0;
}

static void try_the_rest(struct hislip *h)
{
	struct err e = { 0 };
	uint8_t status;

	for (int i = 0; i < 2; i++) {
		bool torn = h->async.torn;

		if (transport_hislip.status(h, &status, -1, INSTANT_NEVER, &e) < 0)
			require(e.text[0] && (!torn || e.code == ERR_CLOSED));
		else
			require(!torn);
		if (transport_hislip.wait_srq(h, &status, -1, INSTANT_NEVER, &e) == 0)
			require(!torn && (status & 0x40));
	}
	if (hislip_session_clear(h, -1, INSTANT_NEVER, &e) < 0)
		require(h->sync.torn && h->async.torn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hislip h = { .number = OURS - 2, .most = 100 };
	struct buf expected = { 0 }, got = { 0 };
	int sync[2], async[2];
	size_t first;
	struct err e;
	bool whole;

	if (size < 2 || size > MOST)
		return 0;
	first = (size_t)number(data, 2) % (size - 1);
	require(!socketpair(AF_UNIX, SOCK_STREAM, 0, sync) && !socketpair(AF_UNIX, SOCK_STREAM, 0, async));
	h.sync.fd = sync[0];
	h.async.fd = async[0];
	say(sync[1], data + 2, first);
	say(async[1], data + 2 + first, size - 2 - first);
	require(transport_hislip.write(&h, "?\n", 2, -1, INSTANT_NEVER, &e) == 2);
	whole = find_answer(data + 2, first, &expected);
	require(read_answer(&h, &got) == whole);
	require(!whole || (got.len == expected.len && (!got.len || !memcmp(got.data, expected.data, got.len))));
	try_the_rest(&h);
	hislip_session_close(&h);
	close(sync[1]);
	close(async[1]);
	buf_release(&expected);
	buf_release(&got);
	return 0;
}
