/* SPDX-License-Identifier: GPL-3.0-or-later
 * person_own.h - a person's inside, shared by person.c (whose turn it is, what becomes of answers)
 * and person_record.c (what of it is written down). */
#ifndef PERSON_OWN_H
#define PERSON_OWN_H

#include "manual.h"
#include "person.h"
#include "sheet.h"

struct person {
	struct station *station;
	uint64_t asked;                  /* questions so far */
	char id[QUESTION_ID];            /* of the open one; "": none */
	bool busy;                       /* somebody has the word: */
	struct port_request errand;
	int32_t k;
	instant remind;
	int64_t interval;
	struct sheet sheet;              /* readings from a file */
	char sheet_sha256[HASH_TEXT];
	struct buf told;                 /* members for the desk, until the receipt */
};

enum verdict_on { ANSWER_TAKEN, ANSWER_HELD, ANSWER_REFUSED };

/* What is asked, to record and desk. */
void person_record_prompt(struct person *p);
/* A word about the open question: reminder, withdrawal. */
void person_record_note(struct person *p, const char *event, const char *text);
void person_record_answer(struct person *p, const struct keyed *k, enum verdict_on v, const struct err *why);
void person_record_second(struct person *p, const struct port_answer *a);
void person_record_file(struct person *p, const struct port_answer *a, const struct source *text);
/* Members for the desk: what has become of a question. */
void person_tell(struct buf *b, const char *what, const char *question, const char *text);
struct scribe *person_scribe(const struct person *p);
const char *person_role(const struct person *p);

#endif
