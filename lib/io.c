/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int io_open(const char *path, int flags, mode_t mode)
{
	return open(path, flags | O_CLOEXEC, mode);
}

static int io_drop_cache(int fd)
{
	int bad = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);

	if (bad)
		errno = bad;
	return bad ? -1 : 0;
}

static int io_allocate(int fd, off_t at, off_t n)
{
	return fallocate(fd, 0, at, n);
}

const struct io io_system = {
	.open = io_open,
	.pwrite = pwrite,
	.pread = pread,
	.fdatasync = fdatasync,
	.fsync = fsync,
	.ftruncate = ftruncate,
	.allocate = io_allocate,
	.fstat = fstat,
	.mkdir = mkdir,
	.rename = rename,
	.unlink = unlink,
	.drop_cache = io_drop_cache,
	.close = close,
};

const struct io *io = &io_system;
