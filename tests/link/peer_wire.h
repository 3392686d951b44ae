/* SPDX-License-Identifier: GPL-3.0-or-later
 * peer_wire.h - the bytes of remote procedure calls (RFC 5531), for the server of the tests. */
#ifndef PEER_WIRE_H
#define PEER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_RECORD 70000

struct peer_message {                 /* bytes being put together, or taken apart from `at` on */
	unsigned char bytes[PEER_RECORD];
	size_t n, at;
};

void peer_must(bool ok, const char *what);       /* else the test ends */

void peer_put(struct peer_message *m, uint32_t v);
void peer_put_bytes(struct peer_message *m, const char *p, size_t n);
uint32_t peer_get(struct peer_message *m);
void peer_reply_head(struct peer_message *m, uint32_t xid, uint32_t accept_state);

void peer_send_all(int fd, const void *data, size_t n);
void peer_send_fragment(int fd, const unsigned char *p, size_t n, bool last);
bool peer_read_all(int fd, void *data, size_t n);

#endif
