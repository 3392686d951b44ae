/* SPDX-License-Identifier: GPL-3.0-or-later
 * sealing.h - building an archive in a child process, so that a large one, a full disk or a fault in
 * the HDF5 library stalls nothing else here.
 *
 * The child is this program again (--seal) and dies with its parent; what a dead one leaves
 * is a file under a temporary name, which the next attempt overwrites. */
#ifndef SEALING_H
#define SEALING_H

#include <stdbool.h>
#include <sys/types.h>

#include "err.h"
#include "hash.h"
#include "mem.h"

struct sealing {
	pid_t pid;                     /* 0: none is running */
	int out;                       /* what it says, while it runs */
	struct buf said;
};

/* What a child that succeeded has made. */
struct sealed { char head[HASH_TEXT], digest[HASH_TEXT]; };

int  sealing_start(struct sealing *s, const char *journal, const char *archive, struct err *e);
/* When `out` can be read, or to wait: 1 it has ended well, 0 it runs on, -1. */
int  sealing_read(struct sealing *s, struct sealed *made, struct err *e);
void sealing_kill(struct sealing *s);

/* The child's part; returns the exit status. */
int  sealing_main(const char *journal, const char *archive);

#endif
