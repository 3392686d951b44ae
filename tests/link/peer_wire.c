/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer_wire.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void peer_must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

void peer_put(struct peer_message *m, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		m->bytes[m->n++] = (unsigned char)(v >> shift);
}

void peer_put_bytes(struct peer_message *m, const char *p, size_t n)
{
	peer_put(m, (uint32_t)n);
	if (n)
		memcpy(m->bytes + m->n, p, n);
	m->n += n;
	while (m->n % 4)
		m->bytes[m->n++] = 0;
}

uint32_t peer_get(struct peer_message *m)
{
	uint32_t v = 0;

	peer_must(m->at + 4 <= m->n, "a call is too short");
	for (int i = 0; i < 4; i++)
		v = v << 8 | m->bytes[m->at++];
	return v;
}

void peer_send_all(int fd, const void *data, size_t n)
{
	const char *at = data;

	while (n > 0) {
		ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		at += sent;
		n -= (size_t)sent;
	}
}

void peer_send_fragment(int fd, const unsigned char *p, size_t n, bool last)
{
	uint32_t mark = htonl((uint32_t)n | (last ? UINT32_C(1) << 31 : 0));

	peer_send_all(fd, &mark, 4);
	peer_send_all(fd, p, n);
}

void peer_reply_head(struct peer_message *m, uint32_t xid, uint32_t accept_state)
{
	m->n = 0;
	peer_put(m, xid);
	peer_put(m, 1);                       /* REPLY */
	peer_put(m, 0);                       /* MSG_ACCEPTED */
	peer_put(m, 0);                       /* verifier AUTH_NONE */
	peer_put(m, 0);
	peer_put(m, accept_state);
}

bool peer_read_all(int fd, void *data, size_t n)
{
	return n == 0 || recv(fd, data, n, MSG_WAITALL) == (ssize_t)n;
}
