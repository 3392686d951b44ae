/* SPDX-License-Identifier: GPL-3.0-or-later
 * stored.h - the records as an archive holds them, one after another, as they were written.
 *
 * /entry/record has the headers without the digits of prev, prev, and the bodies; here they
 * are put together again and decoded. */
#ifndef STORED_H
#define STORED_H

#include "hdf.h"
#include "record.h"

struct stored;

/* ERR_CORRUPT: the group is not there or not of this form. */
int  stored_open(struct stored **s, struct hdf *h, struct err *e);
uint64_t stored_count(const struct stored *s);
/* 1 with the next record, valid until the next call; 0 at the end; ERR_CORRUPT names the place.
 * seq and the chain are the caller's to check. */
int  stored_next(struct stored *s, struct record *r, struct err *e);
void stored_close(struct stored **s);

#endif
