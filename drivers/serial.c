/* SPDX-License-Identifier: GPL-3.0-or-later
 * serial.c - serial lines.  libserialport opens and configures; the bytes then go through fd.c
 * like everyone else's, because its own reads cannot be cancelled and spin after a hang-up. */
#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <limits.h>
#include <linux/serial.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "transport.h"

static const enum sp_parity parities[] = {
	[PARITY_NONE] = SP_PARITY_NONE, [PARITY_EVEN] = SP_PARITY_EVEN, [PARITY_ODD] = SP_PARITY_ODD,
	[PARITY_MARK] = SP_PARITY_MARK, [PARITY_SPACE] = SP_PARITY_SPACE,
};
static const enum sp_flowcontrol flows[] = {
	[FLOW_NONE] = SP_FLOWCONTROL_NONE, [FLOW_RTS_CTS] = SP_FLOWCONTROL_RTSCTS,
	[FLOW_XON_XOFF] = SP_FLOWCONTROL_XONXOFF,
};

static int bad(const char *doing, enum sp_return r, struct err *e)
{
	enum err_code code = r == SP_ERR_ARG || r == SP_ERR_SUPP ? ERR_CONFIG : ERR_CLOSED;
	char *text = r == SP_ERR_FAIL ? sp_last_error_message() : NULL;

	err_set(e, code, "%s: %s", doing, text ? text : "the port does not support it");
	sp_free_error_message(text);
	return -1;
}

static int configure(struct sp_port *port, const struct line *line, struct err *e)
{
	enum sp_return r;

	if ((r = sp_set_baudrate(port, (int)line->baud)) != SP_OK)
		return bad("baud rate", r, e);
	if ((r = sp_set_bits(port, (int)line->bits)) != SP_OK)
		return bad("data bits", r, e);
	if ((r = sp_set_parity(port, parities[line->parity])) != SP_OK)
		return bad("parity", r, e);
	if ((r = sp_set_stopbits(port, (int)line->stop)) != SP_OK)
		return bad("stop bits", r, e);
	if ((r = sp_set_flowcontrol(port, flows[line->flow])) != SP_OK)
		return bad("flow control", r, e);
	return 0;
}

/* Opening has raised both lines; libserialport says what becomes of them from here on. */
static int set_lines(struct sp_port *port, const struct line *line, struct err *e)
{
	enum sp_return r;

	if ((r = sp_set_dtr(port, line->dtr == LEVEL_ON ? SP_DTR_ON : SP_DTR_OFF)) != SP_OK)
		return bad("DTR", r, e);
	if (line->flow != FLOW_RTS_CTS &&
	    (r = sp_set_rts(port, line->rts == LEVEL_ON ? SP_RTS_ON : SP_RTS_OFF)) != SP_OK)
		return bad("RTS", r, e);
	return 0;
}

/* A driver that cannot turn the line round leaves it to an adapter that does so by itself: most of
 * those on USB are of that kind. */
static int turn_round(int fd, const struct line *line, struct err *e)
{
	struct serial_rs485 r = { .flags = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND };

	if (line->echo)
		r.flags |= SER_RS485_RX_DURING_TX;
	if (!line->rs485 || ioctl(fd, TIOCSRS485, &r) == 0 || errno == ENOTTY || errno == EINVAL ||
	    errno == EOPNOTSUPP)
		return 0;
	return err_set(e, ERR_IO, "RS-485: %s", strerror(errno));
}

/* Our own descriptor of the open port.  libserialport leaves VMIN at 0, which makes "nothing
 * there" look like a hang-up; and without INPCK a byte of wrong parity passes for a good one
 * (with it, it reads as NUL, which no reply may contain).  And libserialport 0.1.1 asks for RTS/CTS in
 * the wrong word of the settings (c_iflag), where it means nothing. */
static int take_descriptor(struct sp_port *port, const struct line *line, struct err *e)
{
	struct termios t;
	int theirs = -1, fd;

	if (sp_get_port_handle(port, &theirs) != SP_OK ||
	    (fd = fcntl(theirs, F_DUPFD_CLOEXEC, 0)) < 0)
		return err_set(e, ERR_IO, "its descriptor: %s", strerror(errno));
	if (tcgetattr(fd, &t) < 0)
		goto fail;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	if (line->parity != PARITY_NONE)
		t.c_iflag |= INPCK;
	t.c_iflag &= ~(tcflag_t)CRTSCTS;
	if (line->flow == FLOW_RTS_CTS)
		t.c_cflag |= CRTSCTS;
	if (tcsetattr(fd, TCSANOW, &t) < 0 || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		goto fail;
	ioctl(fd, TIOCEXCL);            /* a second program on the line would interleave */
	if (turn_round(fd, line, e) == 0)
		return fd;
	close(fd);
	return -1;
fail:
	err_set(e, ERR_IO, "terminal settings: %s", strerror(errno));
	close(fd);
	return -1;
}

static int open_port(struct sp_port *port, const struct line *line, struct err *e)
{
	enum sp_return r = sp_open(port, SP_MODE_READ_WRITE);
	int fd = -1;

	if (r != SP_OK)
		return bad("open", r, e);
	if (configure(port, line, e) == 0 && set_lines(port, line, e) == 0)
		fd = take_descriptor(port, line, e);
	sp_close(port);
	return fd;
}

static int serial_open(void **state, const char *place, const struct line *line, int cancel,
		       instant by, struct err *e)
{
	struct sp_port *port;
	char path[PATH_MAX];
	int fd;

	(void)cancel;
	(void)by;
	if (!realpath(place, path))     /* libserialport does not follow /dev/serial/by-id */
		return err_set(e, ERR_CLOSED, "%s", strerror(errno));
	if (sp_get_port_by_name(path, &port) != SP_OK)
		return err_set(e, ERR_CONFIG, "%s is not a serial port", path);
	fd = open_port(port, line, e);
	sp_free_port(port);
	*state = stream_state(fd);
	return fd < 0 ? -1 : 0;
}

static void serial_close(void *state)
{
	ioctl(stream_fd(state), TIOCNXCL);
	stream_close(state);
}

const struct transport transport_serial = {
	.scheme = "serial", .open = serial_open, .write = stream_write, .read = stream_read, .waiting = stream_waiting,
	.close = serial_close, .fd = stream_fd,
};
