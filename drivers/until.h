/* SPDX-License-Identifier: GPL-3.0-or-later
 * until.h - where a reply ends in the bytes of a link.  A pure function of what has come so far. */
#ifndef UNTIL_H
#define UNTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_REPLY_MAX (64 * 1024 * 1024)       /* of a block or a counted reply */
#define LINK_LINE_MAX  (1024 * 1024)            /* of a reply that ends at a mark */

/* Where a reply ends: at a mark, or at the last of several; after a count; as IEEE 488.2 blocks
 * (#<n><length> and the bytes; several may follow each other, with or without a comma; then the mark, if
 * one is given); or - none given - where the transport itself says so, or nothing more comes for a while.
 * An indefinite block (#0) has no end on a stream of bytes and is refused there. */
struct until {
	const char *mark;
	size_t lines;            /* the mark stands behind each of so many; those within belong to the reply.  0: one */
	bool whole;              /* the mark belongs to the reply, and so do ... */
	size_t behind;           /* ... so many bytes behind it, whatever they are (a checksum) */
	const char *either[2];   /* or it is one of these and nothing else; the second may be NULL */
	size_t count;
	bool block;
	int64_t pause_ns;        /* nothing marks its end but that nothing has come for so long (link_read) */
};

/* What has come so far. */
struct until_view {
	const char *p;
	size_t n;
	bool ended;              /* the transport closed a message behind the last byte: what is a part will stay one */
	bool ends;               /* it always knows the end of a message */
	size_t looked;           /* bytes at the head that need no second look; moved on here, 0 for a new reply */
	size_t marks;            /* that were found in them; likewise */
};

enum seen { SEEN_PART, SEEN_WHOLE, SEEN_NONSENSE };

/* *len: of a whole reply at the head, without its mark unless that belongs to it. */
enum seen until_find(struct until end, struct until_view *v, size_t *len);

#endif
