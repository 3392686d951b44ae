/* SPDX-License-Identifier: GPL-3.0-or-later
 * summary.h - what a run's records say to a person: who, what, where, results, alarms. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stdio.h>

#include "grid.h"
#include "result.h"

struct summary {
	char run[RUN_NAME];
	char *start, *stop;              /* headers of these records; NULL if they did not come */
	struct result *results;          /* model, budget, covariance, monte_carlo are the summary's own */
	size_t n;
	char **alarms;                   /* sentences of alarm events */
	size_t n_alarms;
	uint64_t records, readings;
	int64_t begun_ns, ended_ns;      /* UTC of the first and the last record */
};

int  summary_add(struct summary *p, const struct record *r, struct err *e);
void summary_print(const struct summary *p, FILE *out);       /* everything */
void summary_results(const struct summary *p, FILE *out);     /* the tables alone */
char *summary_point_name(const struct summary *p, int64_t point);      /* the caller frees it */
void summary_point(const struct summary *p, struct grid *g, const struct result *r);   /* a cell: its name, its attempt */
bool summary_first_of_its_name(const struct summary *p, const struct result *r);       /* among those of its kind */
void summary_json(const struct summary *p, struct buf *out);  /* one object, without a newline */
void summary_release(struct summary *p);

#endif
