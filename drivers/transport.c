/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"

static const struct transport *const transports[] = {
	&transport_tcp, &transport_serial, &transport_pty, &transport_vxi11, &transport_hislip, &transport_prologix,
	&transport_usbtmc,
};

const struct transport *transport_find(const char *scheme)
{
	for (size_t i = 0; i < sizeof transports / sizeof *transports; i++)
		if (!strcmp(transports[i]->scheme, scheme))
			return transports[i];
	return NULL;
}

const struct transport *transport_of_line(const char *path)
{
	char real[PATH_MAX];

	return realpath(path, real) && !strncmp(real, "/dev/pts/", 9) ? &transport_pty : &transport_serial;
}

ssize_t transport_drain(const struct transport *t, void *state, int64_t silence_ns, int cancel, instant by,
			struct err *e)
{
	char rubbish[4096];
	ssize_t thrown = 0, got;
	bool end;

	for (;;) {
		instant quiet = instant_after(silence_ns);

		if (quiet > by)
			return err_set(e, ERR_TIMEOUT, "no silence of %lld ms before the deadline, but %zd bytes",
				       (long long)(silence_ns / NS_PER_MS), thrown);
		got = t->read(state, rubbish, sizeof rubbish, &end, cancel, quiet, e);
		if (got < 0)
			return e->code == ERR_TIMEOUT ? thrown : -1;
		thrown += got;
	}
}

void *stream_state(int fd)
{
	return (void *)(intptr_t)fd;
}

int stream_fd(void *state)
{
	return (int)(intptr_t)state;
}

ssize_t stream_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	return fd_write(stream_fd(state), data, n, cancel, by, e);
}

ssize_t stream_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	*end = false;       /* a stream of bytes knows no messages */
	return fd_read(stream_fd(state), data, max, cancel, by, e);
}

size_t stream_waiting(void *state)
{
	return fd_waiting(stream_fd(state));
}

void stream_close(void *state)
{
	close(stream_fd(state));
}
