/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_link.c - any bytes as what a device says, in pieces of any size: a reply comes whole or
 * not at all, and how the bytes were cut makes no difference.
 *
 * Input: one byte for where replies end, one from which the sizes of the pieces follow, then
 * what the device says until it falls silent. */
#include "link.h"

#define REPLIES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct speaker { const uint8_t *p; size_t n; unsigned pieces; };

static ssize_t hear(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	struct speaker *s = state;
	size_t n = s->pieces ? 1 + (s->pieces = s->pieces * 1103515245u + 12345u) / 65536 % 7 : s->n;

	(void)cancel;
	(void)by;
	*end = false;
	if (s->n == 0)
		return err_set(e, ERR_TIMEOUT, "timed out");
	n = n > s->n ? s->n : n;
	n = n > max ? max : n;
	memcpy(data, s->p, n);
	s->p += n;
	s->n -= n;
	return (ssize_t)n;
}

static void leave(void *state)
{
	(void)state;
}

static const struct transport speech = { .scheme = "speech", .read = hear, .close = leave };

struct heard { char *text; size_t n; };

static void require(bool ok)
{
	if (!ok)
		abort();
}

/* All replies until the first failure; the link is out of step then and hands out nothing more. */
static size_t listen_to(const uint8_t *p, size_t n, unsigned pieces, struct until end, struct heard *all)
{
	struct speaker s = { p, n, pieces };
	struct link *l = link_over(&speech, &s, -1);
	const char *reply;
	struct err e;
	size_t count = 0;
	ssize_t len;

	while (count < REPLIES && (len = link_read(l, &reply, end, INSTANT_NEVER, &e)) >= 0)
		all[count++] = (struct heard){ mem_copy(reply, (size_t)len), (size_t)len };
	if (count < REPLIES) {
		require(!link_in_step(l));
		require(link_read(l, &reply, end, INSTANT_NEVER, &e) < 0);
	}
	link_close(&l);
	return count;
}

static size_t marks(const uint8_t *p, size_t n, const char *mark)
{
	const uint8_t *end = p + n, *at;
	size_t count = 0;

	for (; (at = memmem(p, (size_t)(end - p), mark, strlen(mark))); p = at + strlen(mark))
		count++;
	return count;
}

/* Each reply and its end must be found in the bytes, one behind the other. */
static void check_whole(const uint8_t *p, size_t n, struct until end, const struct heard *all, size_t count)
{
	size_t mark = end.mark ? strlen(end.mark) : 0;

	for (size_t i = 0; i < count; i++) {
		size_t len = all[i].n;

		require(len + mark <= n && !memcmp(p, all[i].text, len));
		require(!end.pause_ns || len == n);
		require(!mark || !memcmp(p + len, end.mark, mark));
		require(!end.count || len == end.count);
		require(!end.block || (len >= 3 && p[0] == '#'));
		if (mark && !end.block)
			require(marks(p, len + mark, end.mark) == (end.lines ? end.lines : 1));
		p += len + mark;
		n -= len + mark;
	}
	if (end.mark && !end.block && count < REPLIES)
		require(marks(p, n, end.mark) < (end.lines ? end.lines : 1));   /* nothing whole was kept back */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct until ends[] = {
		{ .mark = "\n" }, { .mark = "\r\n" }, { .count = 1 }, { .count = 9 },
		{ .mark = "\n", .block = true }, { .mark = "\r\n", .block = true }, { .block = true },
		{ .mark = "\r\n", .lines = 3 }, { .mark = "\n", .lines = 2 }, { .pause_ns = NS_PER_S },
	};
	struct heard once[REPLIES], cut[REPLIES];
	struct until end;
	size_t n, again;

	if (size < 2)
		return 0;
	end = ends[data[0] % (sizeof ends / sizeof *ends)];
	n = listen_to(data + 2, size - 2, 0, end, once);
	again = listen_to(data + 2, size - 2, data[1] + 1u, end, cut);
	require(n == again);
	check_whole(data + 2, size - 2, end, once, n);
	for (size_t i = 0; i < n; i++) {
		require(once[i].n == cut[i].n && !memcmp(once[i].text, cut[i].text, once[i].n));
		free(once[i].text);
		free(cut[i].text);
	}
	return 0;
}
