/* SPDX-License-Identifier: GPL-3.0-or-later
 * lab.h - the laboratory's journal: which runs there are, how they ended, where they are sealed; which model
 * files it has validated.
 *
 * Same format as a run's journal, one per laboratory, never ended.  Run numbers come from it
 * and are never given twice.  Read whole at start, it is the daemon's index of runs. */
#ifndef LAB_H
#define LAB_H

#include "roll.h"
#include "validation.h"

struct lab;

int  lab_open(struct lab **l, const char *folder, const char *laboratory, struct err *e);
void lab_close(struct lab **l);

/* Each is durable when it returns 0. */
int  lab_started(struct lab *l, const char *procedure, const char *bench, const char *operator,
		 char name[RUN_NAME], struct err *e);
int  lab_ended(struct lab *l, const char *run, const char *status, const char *reason,
	       uint64_t records, struct err *e);
int  lab_sealed(struct lab *l, const char *run, const char *archive, const char *digest,
		const char *head, struct err *e);

/* What is recorded of a model file that was tried: evidence may be NULL. */
struct validating { const char *model, *sha256, *serial, *by, *note, *evidence, *evidence_sha256; };

/* Models: the file of v->sha256 was tried on an instrument; or all that stands of a model no longer does.
 * ERR_STATE: nothing stands. */
int  lab_validated(struct lab *l, const struct validating *v, struct err *e);
int  lab_withdrawn(struct lab *l, const char *model, const char *by, const char *note, struct err *e);
const struct validations *lab_validations(const struct lab *l);

size_t lab_count(const struct lab *l);
const struct roll_run *lab_run(const struct lab *l, size_t i);       /* oldest first */
const struct roll_run *lab_find(const struct lab *l, const char *run);

#endif
