/* SPDX-License-Identifier: GPL-3.0-or-later
 * recover.h - what a run that a crash cut short needs to go on or to end: read from its journal
 * alone, so that files changed since do not matter. */
#ifndef RECOVER_H
#define RECOVER_H

#include "journal.h"
#include "setup.h"

struct recovered {
	struct setup *setup;         /* NULL: the crash came before the record was opened */
	char operator[64];
	bool resumable;              /* and nobody had asked it to end */
	bool held;                   /* it was on hold: somebody must release it */
	int32_t next_point;          /* the first that has no point.end */
	int32_t last_attempt;        /* at that point; 0: none */
	uint64_t asked;              /* questions to people */
};

/* folder: of the journal, of which `records` are good; scratch: where its texts are laid out. */
int recover_read(struct recovered *r, const char *folder, uint64_t records, const char *scratch,
		 struct err *e);

/* The status in the stop record of a journal that has one, its last record. */
int recover_status(const char *folder, uint64_t records, char *status, size_t size, struct err *e);

#endif
