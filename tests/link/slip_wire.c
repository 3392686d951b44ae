/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slip_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void slip_must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

void slip_send_all(int fd, const void *data, size_t n)
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

void slip_put(unsigned char *at, uint64_t v, int bytes)
{
	while (bytes-- > 0) {
		at[bytes] = (unsigned char)v;
		v >>= 8;
	}
}

uint64_t slip_get(const unsigned char *at, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | at[i];
	return v;
}

void slip_head(unsigned char h[16], unsigned type, unsigned control, uint32_t parameter, uint64_t length)
{
	memcpy(h, "HS", 2);
	h[2] = (unsigned char)type;
	h[3] = (unsigned char)control;
	slip_put(h + 4, parameter, 4);
	slip_put(h + 8, length, 8);
}

void slip_send(int fd, unsigned type, unsigned control, uint32_t parameter, const void *payload, size_t n)
{
	unsigned char *m = malloc(16 + n);

	slip_must(m != NULL, "memory");
	slip_head(m, type, control, parameter, n);
	if (n)
		memcpy(m + 16, payload, n);
	slip_send_all(fd, m, 16 + n);
	free(m);
}

bool slip_read_all(int fd, void *data, size_t n)
{
	return n == 0 || recv(fd, data, n, MSG_WAITALL) == (ssize_t)n;
}

bool slip_read_head(int fd, struct slip_message *m)
{
	unsigned char h[16];

	if (!slip_read_all(fd, h, sizeof h))
		return false;
	slip_must(!memcmp(h, "HS", 2), "prologue");
	*m = (struct slip_message){ h[2], h[3], (uint32_t)slip_get(h + 4, 4), slip_get(h + 8, 8) };
	return true;
}
