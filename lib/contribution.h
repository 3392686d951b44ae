/* SPDX-License-Identifier: GPL-3.0-or-later
 * contribution.h - a line of an uncertainty budget (JCGM 100:2008, 7.2.4 and table H.1), as a result record keeps it:
 * the one place where its members are written and read (docs/stream.md, "Results"). */
#ifndef CONTRIBUTION_H
#define CONTRIBUTION_H

#include "json.h"
#include "err.h"

/* Texts belong to whoever fills it in; those that are read, to the line until contribution_release. */
struct contribution {
	char *input;                    /* its name in the model */
	char *identity;                 /* the random variable it is */
	char *unit;                     /* of estimate and uncertainty */
	char *distribution;             /* normal t rectangular ... */
	char *type;                     /* "A" or "B" */
	char *source;                   /* "" where nothing is said */
	double estimate;
	double uncertainty;             /* standard */
	double degrees_of_freedom;      /* INFINITY: exactly known */
	double sensitivity;             /* unit of the result over that of the input */
	double amount;                  /* sensitivity times uncertainty, with its sign, in the result's unit */
	double percent;                 /* of the result's variance */
};

void contribution_put(struct buf *out, const struct contribution *c);   /* {...} */
/* The next line of a budget: start with *at = 0.  1, 0 at the end, -1 with ERR_CORRUPT. */
int contribution_next(struct span budget, size_t *at, struct contribution *c, struct err *e);
void contribution_release(struct contribution *c);

/* Degrees of freedom in a record: a number, null where they are not defined, "infinite" where they are. */
void freedom_put(struct buf *out, double degrees_of_freedom);
int freedom_get(struct span value, double *degrees_of_freedom);         /* -1: none of these */

#endif
