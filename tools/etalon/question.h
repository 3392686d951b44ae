/* SPDX-License-Identifier: GPL-3.0-or-later
 * question.h - a question to a person, as question.list gives it (docs/control.md): in words, and
 * what is said to it. */
#ifndef QUESTION_H
#define QUESTION_H

#include <stdio.h>

#include "client.h"

/* All that are open: of a run, or of every one (NULL).  An array to be released, or NULL and why. */
json_t *question_list(struct client *c, const char *run, struct err *e);
/* That of a role ("gauge"), a channel ("gauge.pressure.gauge") or a name ("gauge-3"); NULL: the only
 * one.  ERR_STATE: none, or several. */
const json_t *question_pick(const json_t *list, const char *of, struct err *e);
/* Does one of them go by this word?  Then it is no answer. */
bool question_named(const json_t *list, const char *word);

const char *question_text(const json_t *q, const char *key);     /* "" where it is missing */
/* In the language of the terminal, else English, else any. */
const char *question_words(const json_t *q, const char *key);
/* For the person who is to answer: several lines, without a name for the run's sake. */
void question_print(const json_t *q, FILE *out);
/* One line, for a list. */
void question_line(const json_t *q, FILE *out);

/* What somebody says: keyed, by whom, why although it is doubtful ("": not said), when it was read
 * (0: now). */
struct said { const char *value, *by, *reason; int64_t read_ns; };

/* question.answer, question.confirm, question.reject: 0 once it is on disk. */
int question_say(struct client *c, const json_t *q, const char *cmd, const struct said *s, struct err *e);

/* question.file: readings of the instrument it is asked of, from a file. */
int question_file(struct client *c, const json_t *q, const char *path, const char *text, const char *by,
		  struct err *e);

#endif
