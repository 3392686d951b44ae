/* SPDX-License-Identifier: GPL-3.0-or-later
 * records.h - the records of a run in order, wherever they are: in a journal folder, in an
 * archive, or in the journal of a run of this machine named by its identity. */
#ifndef RECORDS_H
#define RECORDS_H

#include "etalon.h"
#include "record.h"

struct records;

#define RECORDS_WANTED "run, journal folder or archive"

/* what: a journal folder, an archive file, or RUN (its journal in the state folder). */
int records_open(struct records **s, const char *what, struct err *e);
int records_next(struct records *s, struct record *r, struct err *e);   /* 1, 0 at the end, -1 */
const char *records_where(const struct records *s);                    /* folder or file */
void records_close(struct records **s);

#endif
