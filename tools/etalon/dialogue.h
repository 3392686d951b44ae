/* SPDX-License-Identifier: GPL-3.0-or-later
 * dialogue.h - questions and answers at a terminal, one after another.
 *
 * Never waits by itself: whoever owns the loop looks for questions now and then, and hands over
 * each line that was keyed.  An answer may give its reason: "1.27 because the pointer stands above
 * the mark".  An empty line leaves the question for later or for somebody else. */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include "question.h"

struct dialogue {
	struct client *client;
	const char *run;                 /* NULL: of every run */
	const char *by;                  /* who sits here */
	json_t *question;                /* the one that was shown last and is still open; NULL */
	json_t *left;                    /* names of those that were left for later */
};

void dialogue_begin(struct dialogue *d, struct client *c, const char *run, const char *by);
/* Shows the next question if none is shown; forgets one that is over.  1 a question is open, 0 none, -1. */
int  dialogue_look(struct dialogue *d, struct err *e);
/* A line that was keyed, without its end. */
void dialogue_take(struct dialogue *d, char *line);
void dialogue_end(struct dialogue *d);

#endif
