/* SPDX-License-Identifier: GPL-3.0-or-later
 * tally.h - from the records of a run to its results.
 *
 * Records are added in order; what counts are the readings with use = measure of the last
 * attempt at each point that came to its end.  Their order, points, then the channels as they
 * were announced, then the procedure's results, is always the same. */
#ifndef TALLY_H
#define TALLY_H

#include "result.h"

struct tally;

struct tally *tally_new(void);
int tally_add(struct tally *t, const struct record *r, struct err *e);

/* The list belongs to the tally and stands until it is freed or asked again.  ERR_CORRUPT: the
 * records contradict each other. */
int tally_results(struct tally *t, const struct result **list, size_t *n, struct err *e);

void tally_free(struct tally **t);

#endif
