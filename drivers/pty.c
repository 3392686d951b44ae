/* SPDX-License-Identifier: GPL-3.0-or-later
 * pty.c - a pseudo-terminal: how simulators and bridges to serial servers appear.  termios alone
 * opens it, because libserialport refuses it; baud and parity mean nothing here. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "transport.h"

static int pty_open(void **state, const char *place, const struct line *line, int cancel,
		    instant by, struct err *e)
{
	struct termios t;
	int fd = open(place, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	(void)line;
	(void)cancel;
	(void)by;
	if (fd < 0)
		return err_set(e, ERR_CLOSED, "open: %s", strerror(errno));
	if (tcgetattr(fd, &t) < 0) {
		err_set(e, ERR_CONFIG, "it is not a terminal: %s", strerror(errno));
		goto fail;
	}
	cfmakeraw(&t);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	if (tcsetattr(fd, TCSANOW, &t) < 0) {
		err_set(e, ERR_IO, "tcsetattr: %s", strerror(errno));
		goto fail;
	}
	*state = stream_state(fd);
	return 0;
fail:
	close(fd);
	return -1;
}

const struct transport transport_pty = {
	.scheme = "pty", .open = pty_open, .write = stream_write, .read = stream_read, .waiting = stream_waiting,
	.close = stream_close, .fd = stream_fd,
};
