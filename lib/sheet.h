/* SPDX-License-Identifier: GPL-3.0-or-later
 * sheet.h - readings that a person wrote down in a file: CSV, one reading a line.
 *
 *     point,value,time,reason
 *     2 bar up,2.05,2026-11-24T09:30:00Z,
 *     2 bar up,2.10 bar,2026-11-24T09:31:10Z,
 *
 * The first line names the columns, in any order: point (a point of the procedure), value (as it
 * would be keyed), time (UTC, when it was read); quantity, where the instrument measures several;
 * reason, of a doubtful one.  Commas, semicolons or tabs stand between them, whichever the first
 * line has; fields may stand in quotes (RFC 4180).  The whole file is checked before anything of
 * it counts. */
#ifndef SHEET_H
#define SHEET_H

#include "keyed.h"
#include "procedure.h"

struct sheet_row {
	int32_t point;                   /* of the procedure */
	const struct point *of;          /* what was read */
	struct keyed keyed;
	int32_t used;                    /* in this attempt at the point; 0: in none */
};

struct sheet { struct sheet_row *rows; size_t n; };

/* by: who vouches for it; now: no reading is later.  -1 with every problem in ps. */
int  sheet_parse(struct sheet *s, const char *name, const char *text, size_t n, const struct model *m,
		 const struct procedure *p, const char *by, int64_t now, struct problems *ps);
/* The next reading of a quantity at a point that this attempt has not had; NULL: there is none. */
struct sheet_row *sheet_next(const struct sheet *s, const struct point *of, int32_t point, int32_t attempt);
void sheet_release(struct sheet *s);

#endif
