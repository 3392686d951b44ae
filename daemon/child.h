/* SPDX-License-Identifier: GPL-3.0-or-later
 * child.h - other programs: one that answers and ends, one that is kept running. */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include "instant.h"
#include "mem.h"

/* Runs a program to its end and collects its standard output.  argv[0] is a path.
 * ERR_TIMEOUT (it is killed), ERR_IO, ERR_INSTRUMENT if its exit status is not 0. */
int child_output(const char *const argv[], struct buf *out, instant by, struct err *e);

/* A program that should run as long as the daemon does: started again when it ends, at
 * growing intervals.  argv must outlive it. */
struct keeper {
	const char *const *argv;
	pid_t pid;                   /* 0: not running */
	instant next;
	int64_t interval;
	instant since;
};

void keeper_tend(struct keeper *k);      /* reaps, starts if it is time; call about once a second */
void keeper_stop(struct keeper *k, instant by);

/* The path of another of etalon's programs: beside this one. */
char *child_beside(const char *name);

#endif
