/* SPDX-License-Identifier: GPL-3.0-or-later
 * errand.h - a call that can be left while it only waits, and gone on with where it was left.
 *
 * What an instrument is asked is written as one call after the other; somewhere in the middle it may have to wait for
 * minutes.  An errand lets its port do something else meanwhile without cutting that call to pieces.  It has a thread
 * for its stack alone: of owner and errand one runs while the other stands still, so neither needs a lock. */
#ifndef ERRAND_H
#define ERRAND_H

#include <stdbool.h>

#include "err.h"
#include "instant.h"

struct errand;

/* For the owner.  Nothing runs before errand_go_on. */
void    errand_new(struct errand **e, void (*call)(void *), void *arg);
bool    errand_go_on(struct errand *e);          /* until it is over (true) or left (false) */
instant errand_due(const struct errand *e);      /* when it wants to go on */
void    errand_free(struct errand **e);          /* one that is not over has to come to its end, waiting no more */

/* For the call: lets the owner do something else.  ERR_CANCELLED: it is to come to its end. */
int     errand_leave(struct errand *e, instant until, struct err *why);

#endif
