/* SPDX-License-Identifier: GPL-3.0-or-later
 * io.h - the one seam between the journal and the operating system.
 *
 * Everything the journal does to storage goes through this table, so that a test can record
 * every call, fail the N-th, or keep an image of what a power cut would leave.  Functions
 * are those of POSIX: -1 and errno on failure. */
#ifndef IO_H
#define IO_H

#include <sys/stat.h>
#include <sys/types.h>

struct io {
	int     (*open)(const char *path, int flags, mode_t mode);
	ssize_t (*pwrite)(int fd, const void *data, size_t n, off_t at);
	ssize_t (*pread)(int fd, void *data, size_t n, off_t at);
	int     (*fdatasync)(int fd);
	int     (*fsync)(int fd);
	int     (*ftruncate)(int fd, off_t length);
	int     (*allocate)(int fd, off_t at, off_t n);   /* fallocate: zeros, without writing any */
	int     (*fstat)(int fd, struct stat *st);
	int     (*mkdir)(const char *path, mode_t mode);
	int     (*rename)(const char *from, const char *to);
	int     (*unlink)(const char *path);
	int     (*drop_cache)(int fd);        /* posix_fadvise DONTNEED, after writing back */
	int     (*close)(int fd);
};

extern const struct io io_system;
extern const struct io *io;               /* &io_system unless a test put its own here */

#endif
