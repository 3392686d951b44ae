/* SPDX-License-Identifier: GPL-3.0-or-later
 * validation.h - which model files the laboratory has validated on its instruments, as its journal tells.
 *
 * A model that nobody has seen on an instrument serves no certificate until the laboratory has recorded that
 * it tried this very file, known by its SHA-256, on one of its own.  A file that changes loses its
 * validation; a validation can be withdrawn, and both stay on record. */
#ifndef VALIDATION_H
#define VALIDATION_H

#include "journal.h"

struct validation {
	char *model;
	char sha256[HASH_TEXT];          /* of the model file */
	char *serial;                    /* the instrument it was tried on */
	char *by, *note;
	char *evidence;                  /* name of a file; NULL: none */
	char evidence_sha256[HASH_TEXT];
	int64_t utc_ns;
	int64_t withdrawn_ns;            /* 0: it stands */
	char *withdrawn_by, *withdrawn_note;
};

struct validations {
	struct validation *list;         /* oldest first */
	size_t n;
};

/* What a record of the laboratory's journal says of one. */
void validations_learn(struct validations *v, const struct record *r);
/* As roll_read: the first so many records of the journal in the folder; VALIDATIONS_ALL. */
#define VALIDATIONS_ALL UINT64_MAX
int  validations_read(struct validations *v, const char *folder, uint64_t records, struct err *e);

/* The one that stands for these very bytes; NULL: there is none. */
const struct validation *validation_of(const struct validations *v, const char *model, const char *sha256);
/* The last of a model, whatever its bytes and whether it stands. */
const struct validation *validation_last(const struct validations *v, const char *model);
void validations_release(struct validations *v);

#endif
