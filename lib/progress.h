/* SPDX-License-Identifier: GPL-3.0-or-later
 * progress.h - private to the journal: where a journal stands after some record.  Writer,
 * recovery and reader follow the same records by it, and every segment opens with it. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "record.h"
#include "segment.h"

#define JOURNAL_FORMAT 1

struct progress {
	char run[RUN_NAME];
	uint64_t seq;                  /* of the next record */
	uint8_t head[HASH_SIZE];       /* its prev */
	struct record_counts counts;
	struct hash *hash;
};

void progress_init(struct progress *p, const char *run);
void progress_release(struct progress *p);
bool progress_stopped(const struct progress *p);
bool progress_equal(const struct progress *a, const struct progress *b);

/* The header of a segment frame, and back. */
void progress_put(const struct progress *p, unsigned segment, struct buf *out);
int  progress_get(struct progress *p, unsigned segment, struct span text, struct err *e);

void progress_add(struct progress *p, enum record_kind kind, const char *channel,
		  struct span header, struct span body);

/* Decodes the record in a frame and checks that it is the next one. */
int progress_follow(struct progress *p, const struct frame *f, struct record *r, struct err *e);

#endif
