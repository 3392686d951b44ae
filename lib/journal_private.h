/* SPDX-License-Identifier: GPL-3.0-or-later
 * journal_private.h - a journal that is open for appending, shared by journal.c (appending)
 * and journal_open.c (creating, recovering). */
#ifndef JOURNAL_PRIVATE_H
#define JOURNAL_PRIVATE_H

#include "journal.h"
#include "progress.h"
#include "segment.h"

struct journal {
	char *folder;
	int lock;                      /* descriptor of the lock file, which holds the lock */
	struct journal_options options;

	struct segment segment;        /* the one appended to */
	uint64_t end;                  /* of what is durable in it: the next group begins here */
	uint64_t zeroed;               /* from end to here the file holds zeros */
	uint64_t shown;                /* durable offset that its last commit frame states */

	struct progress now;           /* counts what is pending */
	uint64_t acknowledged;         /* records */
	uint8_t durable_head[HASH_SIZE];

	/* The group: one commit frame and the frames of the records, in blocks that never move,
	 * because the records handed out lie in them. */
	struct buf *blocks;
	size_t blocks_n, block;        /* how many there are, which one is being filled */
	size_t group;                  /* bytes in them, 0 before the first record */
	bool committed;                /* the blocks hold the last group, kept for its readers */

	bool dead;
	struct err cause;
};

/* Ends the journal: which file, what failed there, and errno. */
int journal_die(struct journal *j, const char *path, const char *what, int error, struct err *e);

bool journal_no_space(int error);

/* Writes all of it, through interruptions and short writes: 0 or errno. */
int journal_write(int fd, const void *data, size_t n, uint64_t at);

/* Writes zeros from *at on, which follows, towards to: 0 or errno. */
int journal_zero(int fd, uint64_t *at, uint64_t to);

int journal_sync_folder(const char *folder);     /* 0 or errno */

/* Makes segment `number` with its first frame durable and its reserve zeroed, and goes there;
 * the segment before is the caller's to close.  ERR_FULL: no space, nothing has changed. */
int journal_begin_segment(struct journal *j, unsigned number, struct err *e);

#endif
