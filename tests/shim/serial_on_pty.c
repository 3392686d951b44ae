/* SPDX-License-Identifier: GPL-3.0-or-later
 * serial_on_pty.c - makes a pseudo-terminal pass for a serial port, so that the very path that real
 * serial lines take runs in tests.  One that is reached by a name such as .../ttyS is called
 * /dev/ttyPTS7 instead of /dev/pts/7: the look-up in /sys/class/tty finds it, opening it opens the
 * terminal, and it has modem lines, of which DTR and RTS are on after opening as on a real port.
 *
 * What a port was asked for and a pty has not - data bits, parity, flow control, modem lines, break, RS-485 -
 * is written to the file that SERIAL_LOG names, one request a line.  With SERIAL_NO_RS485 set, the port's
 * driver cannot turn an RS-485 line round.  Preloaded by tests only. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/serial.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#define PTS   "/dev/pts/"
#define PORT  "/dev/ttyPTS"
#define CLASS "/sys/class/tty/ttyPTS"

static int begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

char *realpath(const char *path, char *to)
{
	char *(*real)(const char *, char *) = dlvsym(RTLD_NEXT, "realpath", "GLIBC_2.3");
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *got = real(path, to), number[16];

	if (got && to && begins(name, "tty") && begins(to, PTS)) {
		snprintf(number, sizeof number, "%s", to + strlen(PTS));
		snprintf(to, PATH_MAX, PORT "%s", number);
	}
	return got;
}

static int open_terminal(const char *path, int flags, mode_t mode)
{
	char terminal[64];

	snprintf(terminal, sizeof terminal, PTS "%s", begins(path, PORT) ? path + strlen(PORT) : "");
	return openat(AT_FDCWD, begins(path, PORT) ? terminal : path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (flags & (O_CREAT | __O_TMPFILE)) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	return open_terminal(path, flags, mode);
}

/* open() of a fortified binary. */
int __open_2(const char *path, int flags)
{
	return open_terminal(path, flags, 0);
}

static const char *found(const char *path)
{
	return begins(path, CLASS) ? "/proc/self/exe" : path;
}

/* What libserialport's binary calls, and what one built against a newer glibc would. */
int __lxstat(int version, const char *path, struct stat *st)
{
	(void)version;
	return fstatat(AT_FDCWD, found(path), st, AT_SYMLINK_NOFOLLOW);
}

int lstat(const char *path, struct stat *st)
{
	return fstatat(AT_FDCWD, found(path), st, AT_SYMLINK_NOFOLLOW);
}

ssize_t readlink(const char *path, char *to, size_t n)
{
	ssize_t (*real)(const char *, char *, size_t) = dlsym(RTLD_NEXT, "readlink");

	return real(found(path), to, n);
}

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *fmt, ...)
{
	const char *path = getenv("SERIAL_LOG");
	char line[128];
	va_list ap;
	int fd, n;

	if (!path)
		return;
	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	fd = openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0 || write(fd, line, (size_t)n) != n)
		abort();
	close(fd);
}

#define FRAME (CSIZE | PARENB)      /* what the kernel takes from a pty, and glibc then calls an error */
#define PTYS  256

/* What a terminal keeps of a port, by its number. */
static struct port {
	tcflag_t frame;              /* as asked for; CREAD: something was */
	int dropped;                 /* of its modem lines, those that are off */
} ports[PTYS];

static struct port *port_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		abort();
	return &ports[minor(st.st_rdev) % PTYS];
}

/* "termios 7E2 rts-cts inpck". */
int tcsetattr(int fd, int when, const struct termios *t)
{
	int (*real)(int, int, const struct termios *) = dlsym(RTLD_NEXT, "tcsetattr");
	tcflag_t c = t->c_cflag;
	char parity = !(c & PARENB) ? 'N' : c & CMSPAR ? (c & PARODD ? 'M' : 'S') : c & PARODD ? 'O' : 'E';
	int bits = (c & CSIZE) == CS5 ? 5 : (c & CSIZE) == CS6 ? 6 : (c & CSIZE) == CS7 ? 7 : 8;
	struct termios possible = *t;

	note("termios %d%c%d%s%s%s\n", bits, parity, c & CSTOPB ? 2 : 1, c & CRTSCTS ? " rts-cts" : "",
	     t->c_iflag & IXON ? " xon-xoff" : "", t->c_iflag & INPCK ? " inpck" : "");
	port_of(fd)->frame = (c & FRAME) | CREAD;
	possible.c_cflag = (c & ~(tcflag_t)FRAME) | CS8;
	return real(fd, when, &possible);
}

int tcgetattr(int fd, struct termios *t)
{
	int (*real)(int, struct termios *) = dlsym(RTLD_NEXT, "tcgetattr");
	int failed = real(fd, t);

	if (!failed && port_of(fd)->frame)
		t->c_cflag = (t->c_cflag & ~(tcflag_t)FRAME) | (port_of(fd)->frame & FRAME);
	return failed;
}

static void set_modem_lines(struct port *p, int on, int lines)
{
	p->dropped = on ? p->dropped & ~lines : p->dropped | lines;
	if (lines & TIOCM_DTR)
		note("dtr %s\n", on ? "on" : "off");
	if (lines & TIOCM_RTS)
		note("rts %s\n", on ? "on" : "off");
}

static int set_rs485(const struct serial_rs485 *r)
{
	if (getenv("SERIAL_NO_RS485")) {
		errno = ENOTTY;
		return -1;
	}
	note("rs485%s%s%s\n", r->flags & SER_RS485_ENABLED ? " enabled" : "",
	     r->flags & SER_RS485_RTS_ON_SEND ? " rts-on-send" : "",
	     r->flags & SER_RS485_RX_DURING_TX ? " rx-during-tx" : "");
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	switch (request) {
	case TIOCMGET:
		*(int *)arg = (TIOCM_DTR | TIOCM_RTS) & ~port_of(fd)->dropped;
		return 0;
	case TIOCMBIS:
	case TIOCMBIC:
		set_modem_lines(port_of(fd), request == TIOCMBIS, *(int *)arg);
		return 0;
	case TIOCMSET:
		return 0;
	case TIOCSBRK:
	case TIOCCBRK:
		note("break %s\n", request == TIOCSBRK ? "on" : "off");
		return 0;
	case TIOCSRS485:
		return set_rs485(arg);
	default:
		return real(fd, request, arg);
	}
}
