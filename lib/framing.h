/* SPDX-License-Identifier: GPL-3.0-or-later
 * framing.h - what stands around the text of a message: start, address, checksum, end.
 *
 *     start address TEXT [separator checksum] end                    place: before_end
 *     start address TEXT end [separator checksum]                    place: after_end
 *
 * and then the model's command_end or reply_end, which is no part of the frame.  A message whose frame
 * is not exactly as the model file says, or whose checksum is wrong, is no message: nothing of it is
 * believed.  Pure functions, shared by drivers, etalon-sim and `etalon verify`, which opens the frame
 * of a raw reply years later. */
#ifndef FRAMING_H
#define FRAMING_H

#include <stdbool.h>

#include "err.h"
#include "json.h"
#include "mem.h"

enum framing_applies { APPLIES_BOTH, APPLIES_COMMANDS, APPLIES_REPLIES };
enum framing_covers { COVERS_TEXT, COVERS_START = 1, COVERS_END = 2, COVERS_ALL = 3 };
enum framing_place { PLACE_BEFORE_END, PLACE_AFTER_END };

/* A checksum; kind, form and order are those of checksum.h. */
struct framing_sum {
	bool given;
	int kind, form, order;
	int covers;                      /* address and text always; with start, end or both */
	int place;
	char *separator;                 /* before the checksum and not covered by it; NULL: none */
};

struct framing {
	bool given;
	char *start, *address, *end;     /* NULL: none */
	int applies;
	struct framing_sum sum;

	/* found when the file is loaded */
	char *mark;                      /* what a reply must be read to; NULL: replies have no frame */
	size_t behind;                   /* bytes that follow the mark and belong to the reply */
};

/* What a command is answered with before anything else is. */
struct acknowledge {
	bool given;
	char *ack, *nak;                 /* nak NULL: it only ever says ack, or nothing */
	char *then_ask;                  /* sent once a question is acknowledged; NULL: its answer follows by itself */
	int applies;                     /* APPLIES_REPLIES: to questions alone */
	int64_t retries;                 /* of a command that was answered with nak */
};

static inline bool framing_on_commands(const struct framing *f)
{
	return f->given && f->applies != APPLIES_REPLIES;
}

static inline bool framing_on_replies(const struct framing *f)
{
	return f->given && f->applies != APPLIES_COMMANDS;
}

/* Puts the framed text at the end of out. */
void framing_wrap(const struct framing *f, struct span text, struct buf *out);
/* The text within.  ERR_PROTOCOL where anything is not as it should be. */
int  framing_open(const struct framing *f, struct span message, struct span *text, struct err *e);
/* What a message ends with, and how many bytes follow that; message_end, which comes behind the frame, may be "".
 * The caller frees it. */
char *framing_mark(const struct framing *f, const char *message_end, size_t *behind);
/* Sets mark and behind of replies. */
void framing_find_mark(struct framing *f, const char *reply_end);

#endif
