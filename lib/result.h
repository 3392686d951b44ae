/* SPDX-License-Identifier: GPL-3.0-or-later
 * result.h - a result record's own members (docs/stream.md, "Results"): the one place where
 * they are written and read. */
#ifndef RESULT_H
#define RESULT_H

#include "record.h"

enum result_kind { RESULT_MEAN, RESULT_ERROR_OF_INDICATION, RESULT_MEASUREMENT, RESULT_KINDS };
enum result_method { METHOD_PAIRED_DIFFERENCES, METHOD_DIFFERENCE_OF_MEANS, METHODS };

#define RESULT_DIGITS 64

/* Numbers are in `unit`; NAN where the record says null. */
struct result {
	enum result_kind kind;
	char channel[CHANNEL_NAME];
	char unit[64];
	int64_t point, attempt;
	int64_t n, excluded;             /* readings; of paired differences, pairs */
	double value;

	/* mean */
	double deviation, deviation_of_mean;

	/* error of indication */
	char name[CHANNEL_NAME], reference[CHANNEL_NAME];
	int64_t n_reference;
	double nominal, uncertainty, degrees_of_freedom;
	enum result_method method;

	/* measurement, by a measurement model: besides name, nominal, value, degrees_of_freedom (effective; INFINITY
	 * where all are) and uncertainty (the combined standard uncertainty) */
	double coverage_probability, coverage_factor, expanded;
	char reported_value[RESULT_DIGITS], reported_expanded[RESULT_DIGITS];   /* rounded for a reader; "" where undefined */
	char reason[256];                /* why there is no value; "" where there is one */
	const char *model;               /* the measurement function; NULL after result_get */
	const char *budget;              /* JSON list of contributions (contribution.h); NULL after result_get */
	const char *covariance;          /* JSON list, or NULL; NULL after result_get */
	const char *monte_carlo;         /* JSON object, or NULL; NULL after result_get */
};

/* The members of the record, as struct draft's keys want them. */
void result_put(struct buf *keys, const struct result *r);

/* ERR_CORRUPT if a member is missing or of another type.  Kinds of results that came later
 * than this program: 0 with kind RESULT_KINDS; otherwise 1. */
int result_get(struct result *r, const struct record *record, struct err *e);

/* What result_get leaves of a measurement, as spans of the record's header. */
bool result_get_budget(const struct record *record, struct span *list);
bool result_get_covariance(const struct record *record, struct span *list);
bool result_get_monte_carlo(const struct record *record, struct span *object);

const char *result_method_name(enum result_method m);

#endif
