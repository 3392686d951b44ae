/* SPDX-License-Identifier: GPL-3.0-or-later
 * usbtmc_on_socket.c - makes a socket pass for /dev/usbtmcN, so that what is said to the kernel's driver runs in
 * tests.  Under the folder that USBTMC_ROOT names lie sys/class/usbmisc as the kernel has it and, as
 * dev/usbtmcN, sockets at which a test plays the instrument's end of the bus (tests/link/usb_device.h).
 *
 * The requests do what drivers/usb/class/usbtmc.c of Linux does: asynchronous transfers in pieces of 4096
 * bytes, EAGAIN until something has come, 1 for a short piece, ECANCELED until what was cancelled is
 * cleaned up, ENODEV once the instrument has gone.  Preloaded by tests only. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/usb/tmc.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DEVICE "/dev/usbtmc"
#define CLASS  "/sys/class/usbmisc"
#define URB    4096
#define FDS    1024

static struct file {
	int open, asked, cancelled;
	unsigned timeout, written;
} files[FDS];

static int begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static const char *under_root(const char *path, char to[PATH_MAX])
{
	const char *root = getenv("USBTMC_ROOT");

	if (!root || (!begins(path, CLASS) && !begins(path, DEVICE)))
		return path;
	snprintf(to, PATH_MAX, "%s%s", root, path);
	return to;
}

static int open_device(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	if (fd < 0 || fd >= FDS || connect(fd, (void *)&a, sizeof a) < 0) {
		if (fd >= 0)
			close(fd);
		errno = ENODEV;
		return -1;
	}
	files[fd] = (struct file){ .open = 1, .timeout = 5000 };
	return fd;
}

static int open_any(const char *path, int flags, mode_t mode)
{
	char real[PATH_MAX];
	const char *at = under_root(path, real);

	return at != path && begins(path, DEVICE) ? open_device(at) : openat(AT_FDCWD, at, flags, mode);
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
	return open_any(path, flags, mode);
}

int __open_2(const char *path, int flags)
{
	return open_any(path, flags, 0);
}

DIR *opendir(const char *path)
{
	DIR *(*real)(const char *) = dlsym(RTLD_NEXT, "opendir");
	char at[PATH_MAX];

	return real(under_root(path, at));
}

int close(int fd)
{
	int (*real)(int) = dlsym(RTLD_NEXT, "close");

	if (fd >= 0 && fd < FDS)
		files[fd].open = 0;
	return real(fd);
}

int flock(int fd, int operation)
{
	int (*real)(int, int) = dlsym(RTLD_NEXT, "flock");

	return fd >= 0 && fd < FDS && files[fd].open ? 0 : real(fd, operation);
}

static int fails(int error)
{
	errno = error;
	return -1;
}

/* ---- what the driver does; a packet's first byte says what it is ---- */

static int tell(int fd, char kind, const void *data, size_t n)
{
	char packet[1 + 65536];

	packet[0] = kind;
	if (n)
		memcpy(packet + 1, data, n);
	return send(fd, packet, 1 + n, MSG_NOSIGNAL) < 0 ? fails(ENODEV) : 0;
}

/* The answer to a control request: whatever else is on its way is lost with it. */
static int control(int fd, char kind, unsigned char *value)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char packet[1 + URB];
	ssize_t n;

	if (tell(fd, kind, "", 0) < 0)
		return -1;
	for (;;) {
		if (poll(&p, 1, (int)files[fd].timeout) <= 0)
			return fails(ETIMEDOUT);
		n = recv(fd, packet, sizeof packet, 0);
		if (n <= 0)
			return fails(ENODEV);
		if (packet[0] != kind)
			continue;
		if (value)
			*value = (unsigned char)packet[1];
		return 0;
	}
}

static int write_transfer(int fd, struct usbtmc_message *m)
{
	m->transferred = 0;
	if (tell(fd, 'O', m->message, m->transfer_size) < 0)
		return -1;
	m->transferred = files[fd].written = m->transfer_size;
	return 0;
}

static int read_transfer(int fd, struct usbtmc_message *m)
{
	char packet[1 + URB];

	m->transferred = 0;
	if (files[fd].cancelled)
		return fails(ECANCELED);
	if (!files[fd].asked) {
		files[fd].asked = 1;
		return fails(EAGAIN);
	}
	while (m->transferred < m->transfer_size) {
		ssize_t n = recv(fd, packet, sizeof packet, MSG_DONTWAIT);

		if (n == 0)
			return fails(ENODEV);
		if (n < 0)
			return m->transferred ? 0 : fails(EAGAIN);
		if (packet[0] == 'E') {                  /* the endpoint stalls */
			files[fd].asked = 0;
			return fails(EPIPE);
		}
		if (packet[0] != 'I')
			abort();
		memcpy((char *)m->message + m->transferred, packet + 1, (size_t)n - 1);
		m->transferred += (unsigned)n - 1;
		if (n - 1 < URB) {
			files[fd].asked = 0;
			return 1;
		}
	}
	return 0;
}

static int request(int fd, unsigned long what, void *arg)
{
	switch (what) {
	case USBTMC_IOCTL_WRITE:
		return write_transfer(fd, arg);
	case USBTMC_IOCTL_READ:
		return read_transfer(fd, arg);
	case USBTMC_IOCTL_WRITE_RESULT:
		*(unsigned *)arg = files[fd].written;
		return files[fd].cancelled ? fails(ECANCELED) : 0;
	case USBTMC_IOCTL_CANCEL_IO:
		files[fd].cancelled = 1;
		return 0;
	case USBTMC_IOCTL_CLEANUP_IO:
		files[fd].cancelled = files[fd].asked = 0;
		return 0;
	case USBTMC_IOCTL_CLEAR:
		return control(fd, 'C', NULL);
	case USBTMC488_IOCTL_READ_STB:
		return control(fd, 'S', arg);
	case USBTMC488_IOCTL_GET_CAPS:
		return control(fd, 'G', arg);
	case USBTMC488_IOCTL_GOTO_LOCAL:
		return control(fd, 'L', NULL);
	case USBTMC_IOCTL_SET_TIMEOUT:
		files[fd].timeout = *(unsigned *)arg;
		return files[fd].timeout < 100 ? fails(EINVAL) : 0;
	default:
		return fails(EBADRQC);
	}
}

int ioctl(int fd, unsigned long what, ...)
{
	int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	va_list ap;
	void *arg;

	va_start(ap, what);
	arg = va_arg(ap, void *);
	va_end(ap);
	return fd >= 0 && fd < FDS && files[fd].open ? request(fd, what, arg) : real(fd, what, arg);
}
