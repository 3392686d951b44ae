/* SPDX-License-Identifier: GPL-3.0-or-later
 * person.h - the person behind a station that is read by hand: what is asked of them goes on
 * record, then to the desk (desk.h) where people see it; what they say comes back and goes on
 * record too.
 *
 * Several jobs may want something of one instrument; one at a time has the word, until its
 * question is answered or nobody waits for it any more.  Events: `prompt`, `prompt.reminder`,
 * `prompt.withdrawn`, `answer` (taken, held for a second person, or refused, with why),
 * `answer.confirmed`, `answer.rejected`; and a `file` record for answers that come in a file.
 * Belongs to the port's thread. */
#ifndef PERSON_H
#define PERSON_H

#include "port.h"
#include "station.h"

struct person;

/* asked: questions asked in the run's former lives, so that no name is given twice. */
struct person *person_new(struct station *s, uint64_t asked);
void person_free(struct person **p);

/* May this request ask now?  If nobody else has the word, it has it from now on.  k: readings it has. */
bool person_turn(struct person *p, const struct port_request *r, int32_t k);
/* It no longer needs the word: an open question of it is withdrawn.  False if it had not got it. */
bool person_leave(struct person *p, const struct port_request *r, const char *why);
void person_clear(struct person *p, const char *why);            /* whoever has it */
/* When to look again; says a reminder if one is due. */
instant person_due(struct person *p);

/* The open question is answered from a file that somebody has given, if that has its reading. */
bool person_serve(struct person *p);

/* 0: it may go on.  The receipt follows what the job then wrote: only with it on disk, the person
 * is told that the answer counts. */
int  person_answer(struct person *p, const struct port_answer *a, struct err *e);
void person_receipt(struct person *p, const struct port_answer *a, const struct err *failed);

#endif
