/* SPDX-License-Identifier: GPL-3.0-or-later
 * follow.h - stays with a run until it has ended and its archive is sealed. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "client.h"

/* Before any thread or client is made: takes SIGINT out of the hands of its default. */
void follow_prepare(void);

/* Progress, what a person should know at once, results, and the last line `archive: PATH`.  On a
 * terminal also what the run asks of people: `by` is who sits there.  Returns the exit status. */
int follow(struct client *c, const char *run, const char *by, bool json);

#endif
