/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_talker.c - any bytes as what a talker says, in pieces of any size: messages come whole, in order, none twice
 * and none left out, however the bytes were cut, and each began when its first byte was read.
 *
 * Input: one byte for where messages end, one from which the sizes of the pieces follow, then what is said.  The
 * clock is the number of pieces that have been read. */
#include "link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct voice { const uint8_t *p; size_t n, waits; unsigned pieces; size_t said, began[1 << 16]; };

static int64_t ticks;

static int64_t tick(void)
{
	return ticks;
}

static void require(bool ok)
{
	if (!ok)
		abort();
}

/* The next piece arrives. */
static void arrive(struct voice *v)
{
	size_t n = v->pieces ? 1 + (v->pieces = v->pieces * 1103515245u + 12345u) / 65536 % 9 : v->n;

	v->waits += n > v->n - v->waits ? v->n - v->waits : n;
}

static ssize_t hear(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	struct voice *v = state;
	size_t n = v->waits < max ? v->waits : max;

	(void)cancel;
	(void)by;
	*end = false;
	if (!n)
		return err_set(e, ERR_TIMEOUT, "timed out");
	memcpy(data, v->p, n);
	ticks++;
	for (size_t i = 0; i < n; i++)
		v->began[v->said++] = (size_t)ticks;
	v->p += n;
	v->n -= n;
	v->waits -= n;
	return (ssize_t)n;
}

static size_t waiting(void *state)
{
	return ((struct voice *)state)->waits;
}

static void leave(void *state)
{
	(void)state;
}

static const struct transport speech = { .scheme = "speech", .read = hear, .waiting = waiting, .close = leave };

/* Each message stands in the bytes behind the one before it, and its moment is that of its first byte. */
static void listen_to(const uint8_t *p, size_t n, unsigned pieces, struct until end)
{
	static struct voice v;
	struct link *l = link_over(&speech, &v, -1);
	size_t at = 0, mark = strlen(end.mark);
	const char *message;
	struct err e = { 0 };

	v = (struct voice){ .p = p, .n = n, .pieces = pieces };
	link_let_talk(l, true);
	while (link_in_step(l) && (v.n > 0 || v.waits > 0)) {
		ssize_t len;

		arrive(&v);
		while ((len = link_try(l, &message, end, &e)) >= 0) {
			const uint8_t *found = memmem(p + at, n - at, end.mark, mark);
			size_t whole = (size_t)(found - (p + at)) + mark + end.behind;

			require(found && (size_t)len == (end.whole ? whole : whole - mark));
			require(!memcmp(message, p + at, (size_t)len));
			require(link_arrived(l).to == (int64_t)v.began[at]);
			require(link_arrived(l).from <= link_arrived(l).to);
			at += whole;
		}
		require(e.code == ERR_TIMEOUT || !link_in_step(l));
	}
	require(!link_in_step(l) || link_excess(l) == n - at);
	link_close(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct until ends[] = {
		{ .mark = "\n" }, { .mark = "\r\n" }, { .mark = "\x03", .whole = true, .behind = 2 },
		{ .mark = "\x03\r", .whole = true }, { .mark = ";" },
	};
	static const struct clock by_pieces = { tick, tick };

	if (size < 2 || size > 60000)
		return 0;
	instant_set_clock(&by_pieces);
	listen_to(data + 2, size - 2, 0, ends[data[0] % (sizeof ends / sizeof *ends)]);
	listen_to(data + 2, size - 2, data[1] + 1u, ends[data[0] % (sizeof ends / sizeof *ends)]);
	instant_set_clock(NULL);
	return 0;
}
