/* SPDX-License-Identifier: GPL-3.0-or-later
 * desk.h - the questions to people that are open, as the main thread knows them: each only once
 * its prompt is on disk (rule 2).
 *
 * A question that is over is remembered until its run ends, so that whoever answers too late is
 * told who was faster. */
#ifndef DESK_H
#define DESK_H

#include <jansson.h>

#include "notice.h"
#include "port.h"

struct desk_question {
	char run[RUN_NAME], id[QUESTION_ID];
	uint32_t port, station;
	json_t *view;                    /* what people are shown; NULL once it is over */
	char end[160];                   /* then: what became of it */
};

struct desk {
	struct desk_question *list;
	size_t n;
	uint64_t tickets;                /* last number given */
};

/* members: ,"what":"asked" and so on (person_tell). */
void desk_hear(struct desk *d, const char *run, const struct notice *n, struct span members);
/* The question and the sentence in what is told of an answer that does not count. */
void desk_error(struct span members, char question[QUESTION_ID], char *text, size_t size);
/* Those of a run, or of all (""): a new array. */
json_t *desk_view(const struct desk *d, const char *run);
size_t desk_count(const struct desk *d, const char *run);
const struct desk_question *desk_find(const struct desk *d, const char *run, const char *id);
void desk_forget(struct desk *d, const char *run);
void desk_release(struct desk *d);

#endif
