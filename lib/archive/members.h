/* SPDX-License-Identifier: GPL-3.0-or-later
 * members.h - the members of a JSON object, walked once and then looked up by name.
 *
 * What is absent, null or of another type gives the fallback: an archive must be made of
 * every run that was recorded, and it holds the records themselves as well. */
#ifndef MEMBERS_H
#define MEMBERS_H

#include "record.h"

struct member { struct span key, value; };       /* both as they stand, quotes included */

struct members {
	struct member *list;
	size_t n;
	struct buf text;                         /* what member_text returned last */
};

int  members_read(struct members *m, struct span object);        /* -1: not a JSON object */
int  members_read_own(struct members *m, const struct record *r);   /* those of its kind only */
void members_release(struct members *m);

bool    member_find(const struct members *m, const char *key, struct span *value);
int64_t member_int(const struct members *m, const char *key, int64_t fallback);
double  member_number(const struct members *m, const char *key);           /* NaN */
bool    member_flag(const struct members *m, const char *key);             /* false */
/* "" where there is none.  Valid until the next call with the same members. */
const char *member_text(struct members *m, const char *key);
int member_status(struct members *m);            /* of a reading: enum reading_status; -1: none of them */
/* Bytes as records carry them; empty where there are none.  Valid as member_text. */
struct span member_bytes(struct members *m, const char *key);

#endif
