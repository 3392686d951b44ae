/* SPDX-License-Identifier: GPL-3.0-or-later
 * segment.h - private to the journal: the bytes of one segment (docs/journal.md).
 *
 * A frame is whole and right or it is not there: segment_frame never tells why, since what is
 * there at the end of a segment may be anything a power cut left.  Whether that is a tail to
 * be cut or damage is for the caller to say, with segment_promises. */
#ifndef SEGMENT_H
#define SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "json.h"
#include "mem.h"

#define FRAME_PREFIX 28                      /* magic, lengths, segment, offset and their CRC */
#define FRAME_EXTRA  (FRAME_PREFIX + 4)      /* all of a frame that is not header or body */
#define FRAME_COMMIT_BYTES (FRAME_EXTRA + 8)

#define SEGMENT_LAST   999999u
#define SEGMENT_HEADER_MAX (16u * 1024 * 1024)

enum frame_kind {
	FRAME_RECORD,      /* header and body of a record */
	FRAME_COMMIT,      /* opens a group and says what was durable before it */
	FRAME_SEGMENT,     /* opens a segment: where the journal stands there */
	FRAME_KINDS
};

struct frame {
	enum frame_kind kind;
	uint64_t length;           /* of the whole frame */
	uint64_t durable;          /* of a commit frame: offset below which all is durable */
	struct span header, body;  /* valid until the segment is read elsewhere */
};

/* Completes a frame around its header and body, which lie behind FRAME_PREFIX bytes of room
 * and before 4 more. */
void frame_seal(char *frame, enum frame_kind kind, size_t header_len, size_t body_len,
		unsigned segment, uint64_t offset);
void frame_lengths(const char *frame, size_t *header, size_t *body);
void frame_put_commit(char *frame, unsigned segment, uint64_t offset, uint64_t durable);

struct segment {
	int fd;
	unsigned number;
	char *path;
	uint64_t window_at;        /* what was read last, and where it was */
	struct buf window;
};

/* Segments are numbered from 1 without a gap; *last is 0 if there is none.  Files with other
 * names are nobody's business. */
int segment_find_last(const char *folder, unsigned *last, struct err *e);

/* 1, 0 if there is no such file, -1.  flags are those of open(2). */
int segment_open(struct segment *s, const char *folder, unsigned number, int flags, struct err *e);
void segment_close(struct segment *s);
void segment_forget(struct segment *s);      /* what was read: it may have changed since */

/* 1 if a whole frame lies at this offset, 0 if not, -1 if it cannot be read. */
int segment_frame(struct segment *s, uint64_t at, struct frame *f, struct err *e);

/* 1 if a commit frame at or beyond this offset says that more than this offset is durable. */
int segment_promises(struct segment *s, uint64_t at, struct err *e);

/* Offset behind the last byte that is not zero, at least at. */
int segment_used(struct segment *s, uint64_t at, uint64_t *end, struct err *e);

int segment_corrupt(const struct segment *s, uint64_t at, struct err *e, const char *what);

#endif
