/* SPDX-License-Identifier: GPL-3.0-or-later
 * fd.h - reading and writing a non-blocking descriptor against an absolute deadline.
 *
 * Every transport that is a descriptor is this plus an open.  Each wait also polls a cancel
 * descriptor (an eventfd that stays readable until its owner resets it; -1: none), so that an
 * abort is never behind a read.  End of file and hang-up are ERR_CLOSED, never silence. */
#ifndef FD_H
#define FD_H

#include <stdbool.h>
#include <sys/types.h>

#include "instant.h"

/* 0 once `events` (POLLIN or POLLOUT) are there.  ERR_TIMEOUT, ERR_CANCELLED, ERR_CLOSED. */
int     fd_wait (int fd, short events, int cancel, instant by, struct err *e);
/* Some of the bytes, at least one.  fd_send is for sockets: a closed one is ERR_CLOSED, never SIGPIPE. */
ssize_t fd_write(int fd, const void *data, size_t n, int cancel, instant by, struct err *e);
ssize_t fd_send (int fd, const void *data, size_t n, int cancel, instant by, struct err *e);
/* What has arrived, at least one byte.  With `by` in the past: only what is already there. */
ssize_t fd_read (int fd, void *data, size_t max, int cancel, instant by, struct err *e);
size_t  fd_waiting(int fd);    /* bytes that have arrived and not been read; 0 when closed too */
int     fd_look(int fd, struct err *e);        /* is the other end still there?  ERR_CLOSED; takes nothing */
size_t  fd_drain(int fd);      /* throws away what has arrived; how many bytes */

#endif
