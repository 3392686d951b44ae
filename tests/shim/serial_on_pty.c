/* SPDX-License-Identifier: GPL-3.0-or-later
 * serial_on_pty.c - makes a pseudo-terminal pass for a serial port, so that the very path that real
 * serial lines take runs in tests.  One that is reached by a name such as .../ttyS is called
 * /dev/ttyPTS7 instead of /dev/pts/7: the look-up in /sys/class/tty finds it, opening it opens the
 * terminal, and its modem lines (which a pty has not) read as 0.  Preloaded by tests only. */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
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

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request == TIOCMGET)
		*(int *)arg = 0;
	if (request == TIOCMGET || request == TIOCMSET || request == TIOCMBIS || request == TIOCMBIC)
		return 0;
	return real(fd, request, arg);
}
