/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portmap.h"

#include <netinet/in.h>

#define PORTMAPPER 100000
#define GETPORT    3
#define AUTH_MOST  400           /* bytes of a verifier (RFC 5531, 8.2) */

enum { CALL, REPLY };

void portmap_ask(struct buf *out, uint32_t xid, uint32_t program)
{
	const uint32_t words[] = {
		xid, CALL, 2, PORTMAPPER, 2, GETPORT, 0, 0, 0, 0,      /* two empty authenticators */
		program, 1, IPPROTO_TCP, 0,
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		xdr_put(out, words[i]);
}

int portmap_answer(const void *message, size_t n, uint32_t xid)
{
	struct xdr x = { .p = message, .n = n };
	uint32_t port;
	size_t length;

	if (xdr_get(&x) != xid || xdr_get(&x) != REPLY || xdr_get(&x) != 0)
		return -1;               /* 0: accepted */
	xdr_get(&x);
	xdr_get_bytes(&x, &length, AUTH_MOST);
	if (xdr_get(&x) != 0)            /* 0: success */
		return -1;
	port = xdr_get(&x);
	return x.bad || port > UINT16_MAX ? -1 : (int)port;
}
