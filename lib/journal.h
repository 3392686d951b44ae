/* SPDX-License-Identifier: GPL-3.0-or-later
 * journal.h - the append-only, checksummed, hash-chained truth of one run (docs/journal.md).
 *
 * A folder of segments 000001, 000002, ... of 64 MiB.  Appending collects frames in memory;
 * journal_commit writes them behind one commit frame and calls fdatasync: only when it
 * returned 0 are they acknowledged, and nobody may see them before.  After a failed write or
 * fsync the journal is dead: every further call fails with the first cause (a failed fsync
 * has lost its pages; trying again would lie).  Running out of space is not death: the
 * ordinary records that do not fit are refused with ERR_FULL, nothing half written, and the
 * reserve - zeroed ahead when the journal was opened - still takes JOURNAL_RESERVED ones.
 *
 * All storage goes through io.h.  A journal belongs to one thread and one process (the
 * folder's lock file is held while it is open for appending). */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "record.h"

struct journal;

enum journal_class {
	JOURNAL_ORDINARY,
	JOURNAL_RESERVED,      /* safe-state, hold, abort, alarm and stop records */
};

struct journal_options {
	size_t segment_bytes;      /* 0: 64 MiB */
	size_t reserve_bytes;      /* 0: 256 KiB */
	size_t ahead_bytes;        /* zeroed ahead of the end in steps of this; 0: 1 MiB */
};

/* What recovery found at the end of the last segment. */
struct journal_recovery {
	uint64_t records;          /* in the journal now */
	uint64_t cut_bytes;        /* thrown away: never acknowledged */
	bool stopped;              /* its last record is `stop` */
};

int journal_create(struct journal **j, const char *folder, const char *run,
		   const struct journal_options *o, struct err *e);

/* Opens an existing one for appending: recovers, cuts an unacknowledged tail, makes what is
 * left durable.  Damage below the last known durable offset is ERR_CORRUPT with its place. */
int journal_open(struct journal **j, const char *folder, const struct journal_options *o,
		 struct journal_recovery *found, struct err *e);

/* Collects one record; its header and body are copied.  On success fills *at (may be NULL)
 * with the record as it will stand; valid until the next append after a commit. */
int journal_append(struct journal *j, const struct draft *d, enum journal_class c,
		   struct record *at, struct err *e);

/* ERR_FULL: a file system wanted new space after all; the group is refused as a whole and
 * forgotten, and the journal goes on. */
int journal_commit(struct journal *j, struct err *e);
void journal_discard(struct journal *j);         /* forgets what is pending */
size_t journal_pending(const struct journal *j); /* bytes appended since the last commit */

uint64_t journal_next_seq(const struct journal *j);      /* counts uncommitted ones */
uint64_t journal_acknowledged(const struct journal *j);  /* records that are durable */
const struct record_counts *journal_counts(const struct journal *j);
const uint8_t *journal_head(const struct journal *j);    /* prev of the next record */
const char *journal_run(const struct journal *j);

/* Trims the space zeroed ahead and closes.  NULL is accepted, the pointer is nulled. */
void journal_close(struct journal **j);

/* Reading, while another process or thread may be appending; no lock is needed.  The reader
 * checks every frame and the chain (ERR_CORRUPT names segment and offset) and never goes
 * beyond what is durable: what a commit frame says is, or, once a limit is set, the records
 * below it, which the journal's thread has acknowledged.  At the end of a journal that lives,
 * reads 0; the same reader reads on when there is more. */
struct journal_reader;

int journal_read_open(struct journal_reader **r, const char *folder, struct err *e);
int journal_read_seek(struct journal_reader *r, uint64_t seq, struct err *e);   /* to read next */
void journal_read_limit(struct journal_reader *r, uint64_t records);
/* 1 with the next record (valid until the next call), 0 at the end, -1. */
int journal_read_next(struct journal_reader *r, struct record *rec, struct err *e);
const char *journal_read_run(const struct journal_reader *r);
/* Where the record read last lies. */
void journal_read_place(const struct journal_reader *r, unsigned *segment, uint64_t *offset);
void journal_read_close(struct journal_reader **r);

/* Walks everything: frames, chain, seq, nth, segment headers, counts of `stop`.  Fills head
 * and counts; -1 at the first fault, with segment and offset. */
struct journal_summary {
	char run[RUN_NAME];
	uint64_t records, bytes;
	unsigned segments;
	bool stopped;
	uint8_t head[HASH_SIZE];
	struct record_counts counts;
};
int journal_verify(const char *folder, struct journal_summary *s, struct err *e);
void journal_summary_release(struct journal_summary *s);

#endif
