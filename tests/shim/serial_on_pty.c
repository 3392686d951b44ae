/* SPDX-License-Identifier: GPL-3.0-or-later
 * serial_on_pty.c - lets libserialport open a pseudo-terminal, so that the very path that real
 * serial lines take runs in tests: the look-up in /sys/class/tty finds it, and its modem lines
 * (which a pty has not) read as 0.  Preloaded by tests only. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PTS "/sys/class/tty/pts/"

static const char *found(const char *path)
{
	return strncmp(path, PTS, strlen(PTS)) ? path : "/proc/self/exe";
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
