/* SPDX-License-Identifier: GPL-3.0-or-later
 * journal_aid.h - records that can be told apart, and what a journal gives back of them. */
#ifndef JOURNAL_AID_H
#define JOURNAL_AID_H

#include "journal.h"

/* The i-th record of every test journal: kinds, channels and lengths vary, and reading it back
 * says whether it is just this one, as it was appended last: a record that was refused and
 * appended again in a later epoch is another. */
#define AID_MAX 100000
extern unsigned aid_epoch;
extern unsigned aid_epochs[AID_MAX];        /* in which epoch the i-th was appended */

struct aid {
	struct draft draft;
	char keys[4096], body[8192];
};

struct draft *aid_draft(struct aid *a, uint64_t i);
int  aid_append(struct journal *j, uint64_t i, enum journal_class c, struct err *e);
bool aid_is(const struct record *r, uint64_t i);

/* Reads all that a reader shows: how many records, each just as aid_append made it, or -1. */
int64_t aid_read_all(const char *folder, struct err *e);

#endif
