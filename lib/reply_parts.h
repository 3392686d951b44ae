/* SPDX-License-Identifier: GPL-3.0-or-later
 * reply_parts.h - the pieces of reading a reply that lie in two files.  For reply*.c alone. */
#ifndef REPLY_PARTS_H
#define REPLY_PARTS_H

#include "reply.h"

int reply_unexpected(struct span reply, const char *why, struct err *e);

/* What the whole message must match; its text may be NULL. */
static inline const struct pattern *reply_form(const struct point *p)
{
	return p->heard.match.text ? &p->heard.match : &p->reply;
}

/* What the number that was said means; READING_OK: itself. */
enum reading_status reply_sentinel(const struct model *m, double x);
/* Where the number stands in a message of fixed columns. */
int reply_columns(const struct point *p, struct span text, struct span *number, struct err *e);
/* The conversion of the unit that the message states, which is cut off `number` if it stands there.  rest: what
 * follows the pattern's first group; p NULL: there is no pattern. */
int reply_unit(const struct point *p, struct span text, struct span rest, struct span *number,
	       const struct conversion **in, struct err *e);
/* Does the message say something else than a number? */
bool reply_marked(const struct point *p, struct span text, enum reading_status *status);
/* As number_parse, but the sign may stand apart from its digits, as balances write it. */
int reply_number(struct span text, double *x, struct err *e);

#endif
