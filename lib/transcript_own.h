/* SPDX-License-Identifier: GPL-3.0-or-later
 * transcript_own.h - what the files that read a transcript share: transcript_read.c (header, turns, outcomes) and
 * transcript_said.c (what went each way). */
#ifndef TRANSCRIPT_OWN_H
#define TRANSCRIPT_OWN_H

#include "transcript.h"

struct reader {
	struct transcript *t;
	struct problems *ps;
	struct turn *turn;               /* in hand; NULL: the header */
	bool going_on;                   /* bytes may go on with the next line */
	bool hex;                        /* those bytes are hexadecimal */
	int line;
	struct span rest;                /* of the line */
};

void reader_problem(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void reader_skip_blanks(struct span *s);
/* What stands before the next of these characters; the rest begins behind it. */
struct span reader_take_until(struct span *s, const char *stops);
struct span reader_take_word(struct span *s);

/* A line of bytes or beside them, sent or not; and one that goes on with the bytes of the one above. */
void reader_saying(struct reader *r, bool sent);
void reader_go_on(struct reader *r);

#endif
