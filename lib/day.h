/* SPDX-License-Identifier: GPL-3.0-or-later
 * day.h - a calendar day as certificates print it, 2026-03-14: the number of days since 1970-01-01.
 *
 * A day begins and ends in UTC, everywhere: whether a certificate is past due must not depend on where one asks. */
#ifndef DAY_H
#define DAY_H

#include "schema.h"

#define DAY_TEXT 16                      /* "2026-03-14" and its NUL, and what a compiler fears */

int     day_parse(const char *text, int64_t *day, struct err *e);
char   *day_format(int64_t day, char text[DAY_TEXT]);
int64_t day_of(int64_t utc_ns);
int64_t day_months_after(int64_t day, int months);      /* the same day of that month, or its last */

/* A row of a schema table, its field an int64_t; 0 where the file does not say. */
extern const char day_form[];
void day_read(struct schema_context *c, const struct yaml *node, void *day);

#endif
