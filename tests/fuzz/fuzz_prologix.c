/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_prologix.c - any bytes as what a GPIB controller says: to its greeting, to an exchange and to a clear.  Each
 * ends, with what is asked for or with a sentence, and no answer has more bytes than were said.
 *
 * Input: one byte from which the sizes of the pieces follow, then what it says until it falls silent. */
#include <stdlib.h>

#include "link.h"
#include "prologix_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct speaker { const uint8_t *p; size_t n; unsigned pieces; } said;

static void require(bool ok)
{
	if (!ok)
		abort();
}

static ssize_t hear(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	size_t n = 1 + (said.pieces = said.pieces * 1103515245u + 12345u) / 65536 % 40;

	(void)state, (void)cancel, (void)by;
	*end = false;
	if (said.n == 0)
		return err_set(e, ERR_TIMEOUT, "timed out");
	n = n > said.n ? said.n : n;
	n = n > max ? max : n;
	memcpy(data, said.p, n);
	said.p += n;
	said.n -= n;
	return (ssize_t)n;
}

static ssize_t swallow(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	(void)state, (void)data, (void)cancel, (void)by, (void)e;
	return (ssize_t)n;
}

static size_t wait_for(void *state)
{
	(void)state;
	return said.n;
}

static void leave(void *state)
{
	(void)state;
}

static const struct transport speech = {
	.scheme = "speech", .read = hear, .write = swallow, .waiting = wait_for, .close = leave,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prologix *p;
	struct err e = { 0 };
	const char *reply;
	struct link *l;
	uint8_t status;
	ssize_t n;

	if (size == 0)
		return 0;
	said = (struct speaker){ data + 1, size - 1, data[0] };
	p = prologix_over(&speech, NULL);
	prologix_turn_to(p, &(struct gpib){ 22, -1 });
	l = link_over(&transport_prologix, p, -1);
	if (prologix_greet(p, -1, instant_after_ms(20), &e) < 0)
		require(e.code != ERR_NONE && e.text[0]);
	if (link_write(l, "READ?\n", 6, instant_after_ms(20), &e) == 0) {
		n = link_read(l, &reply, (struct until){ .mark = "\n" }, instant_after_ms(20), &e);
		require(n < (ssize_t)size);
	}
	if (link_status(l, &status, instant_after_ms(20), &e) < 0)
		require(e.text[0]);
	if (link_clear(l, 0, instant_after_ms(20), &e) < 0)
		require(e.code != ERR_NONE && e.text[0]);
	link_close(&l);
	return 0;
}
