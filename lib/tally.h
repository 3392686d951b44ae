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

/* What an evaluation by a measurement model asks for; points count from 0.  Only the readings that count: use measure,
 * status ok, last attempt at the point.  Arrays are the caller's, who frees them. */
size_t tally_points(const struct tally *t);
int64_t tally_attempt(const struct tally *t, size_t point);             /* 0: the point did not come to its end */
struct span tally_start(const struct tally *t);                         /* header of the start record */
struct span tally_channel(const struct tally *t, const char *channel);  /* of its record; empty: not announced */
/* Text of the file records of that kind and name, NULL: of any; empty: there are none. */
struct span tally_file(const struct tally *t, const char *what, const char *name);
double tally_nominal(const struct tally *t, size_t point, const char *channel);         /* NAN: none */

struct readings {
	double *values;
	size_t n, excluded;
};
/* Of an environment channel: what it said during the point, and last before it. */
struct readings tally_readings(struct tally *t, size_t point, const char *channel);
/* x[i] and y[i] were read at the same moment.  -1: not all of them have a partner. */
int tally_pairs(struct tally *t, size_t point, const char *a, const char *b, struct readings *x, struct readings *y);
void readings_release(struct readings *r);

void tally_free(struct tally **t);

#endif
