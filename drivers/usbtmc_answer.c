/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "usbtmc_answer.h"

#define END_OF_MESSAGE 1

int usbtmc_answer_parse(struct usbtmc_answer *a, const char *in, size_t n, uint8_t tag, uint32_t most, struct err *e)
{
	const uint8_t *h = (const uint8_t *)in;
	uint32_t size;

	if (n < USBTMC_HEADER)
		return err_set(e, ERR_PROTOCOL, "an answer of %zu bytes has no header", n);
	if (h[0] != USBTMC_MSG_IN || h[1] != tag || (h[1] ^ h[2]) != UINT8_MAX)
		return err_set(e, ERR_PROTOCOL, "it answers message %d with tag %d, not %d with tag %d", h[0], h[1],
			       USBTMC_MSG_IN, tag);
	size = h[4] | (uint32_t)h[5] << 8 | (uint32_t)h[6] << 16 | (uint32_t)h[7] << 24;
	if (size > most || size > n - USBTMC_HEADER)
		return err_set(e, ERR_PROTOCOL, "%u bytes are announced, %zu came and %u were asked for", size,
			       n - USBTMC_HEADER, most);
	*a = (struct usbtmc_answer){ in + USBTMC_HEADER, size, h[8] & END_OF_MESSAGE };
	if (size == 0 && !a->end)
		return err_set(e, ERR_PROTOCOL, "an answer without a byte");
	return 0;
}
