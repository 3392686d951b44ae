/* SPDX-License-Identifier: GPL-3.0-or-later
 * roll.h - the runs of a laboratory, as its journal tells of them: which there are, how they ended,
 * where they are sealed.
 *
 * The daemon keeps it up to date as it writes (lab.h); anybody else reads it from a copy of the state
 * folder, daemon or not. */
#ifndef ROLL_H
#define ROLL_H

#include "journal.h"

struct roll_run {
	char name[RUN_NAME];
	char *procedure, *bench, *operator;
	char status[16];             /* "" while it has no stop record */
	int64_t started_ns;
	uint64_t records;
	char *archive, *digest;      /* NULL until sealed */
};

struct roll {
	struct roll_run *runs;       /* oldest first */
	size_t n;
};

/* What a record of the laboratory's journal says of a run. */
void roll_learn(struct roll *l, const struct record *r);

/* Reads the journal in the folder: its first so many records, which are known to be durable;
 * ROLL_ALL: as far as the journal itself says so. */
#define ROLL_ALL UINT64_MAX
int  roll_read(struct roll *l, const char *folder, uint64_t records, struct err *e);

struct roll_run *roll_find(const struct roll *l, const char *run);       /* NULL if there is none */
/* What a control socket and `etalon list` say of it (docs/control.md), a new object (jansson). */
struct json_t *roll_view(const struct roll_run *r);
void roll_release(struct roll *l);

#endif
