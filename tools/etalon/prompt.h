/* SPDX-License-Identifier: GPL-3.0-or-later
 * prompt.h - lines from a person or a pipe: on a terminal edited (libedit), with a history that outlives the
 * program in $XDG_STATE_HOME/etalon/; elsewhere as they come. */
#ifndef PROMPT_H
#define PROMPT_H

#include <stdbool.h>

struct prompt;

struct prompt *prompt_open(const char *text, const char *history);      /* names of prompt and history */
bool prompt_edits(const struct prompt *p);       /* a person is there */
/* The next line without its end, valid until the next call; NULL at the end.  Ctrl-C throws away what is typed. */
const char *prompt_line(struct prompt *p);
void prompt_close(struct prompt **p);

#endif
