/* SPDX-License-Identifier: GPL-3.0-or-later
 * confine.h - reading a foreign file in a child process, because it may make the HDF5 library loop,
 * grow or crash. */
#ifndef CONFINE_H
#define CONFINE_H

#include <sys/types.h>

#include "err.h"

/* Calls work(fd, path, who) in a child with limits on processor time, memory and files by the
 * size of `path`; fd is the writing end of a pipe.  Returns the reading end, or -1. */
int confine_start(const char *path, void (*work)(int fd, const char *path, const void *who),
		  const void *who, pid_t *pid, struct err *e);

/* For the child: all of it, or nothing more once the reader is gone. */
int confine_write(int fd, const void *p, size_t n);

/* Waits for the child.  NULL if it came to its end, else how it ended: "took longer than any archive of
 * its size may".  The text stands until the next call. */
const char *confine_end(pid_t pid);

#endif
