/* SPDX-License-Identifier: GPL-3.0-or-later
 * cmc.h - what the laboratory is accredited for: config/cmc.yaml, its calibration and measurement capabilities (ILAC-
 * P14:09/2020), piece by piece.
 *
 * A CMC is the smallest expanded uncertainty that a certificate under the accreditation may state.  It is a floor for
 * what is reported there, and for nothing else: not for a budget, not for a value that goes into a curve, not for a
 * submission to a comparison.  Where it acts, uncertainty, coverage factor and probability are the CMC's, and the
 * report says so.
 *
 *     U(x) = floor + of_value |x|      or, where combined so,   sqrt(floor^2 + (of_value x)^2)
 *
 * A piece holds from `from` to `to`, ends and all, under its conditions (an alternating voltage's frequency).  Where
 * two pieces meet, the larger holds.  Pieces that overlap are refused, unless they are of different methods.
 * Loaded once, constant then. */
#ifndef CMC_H
#define CMC_H

#include "quantity.h"

enum cmc_combination { CMC_SUM, CMC_ROOT };

struct cmc_condition {                   /* the key of a mapping: the quantity */
	char *quantity;
	struct value from, to;
	double low, high;                /* found at load, in the quantity's unit */
};

struct cmc_piece {
	char *quantity, *method;         /* method NULL: of none in particular */
	struct value from, to, floor, of_value;         /* unit NULL: not given */
	int combined;                    /* enum cmc_combination */
	struct list where;               /* of struct cmc_condition */
	struct place place;
	/* found at load, in the quantity's unit */
	const struct quantity *known;
	double low, high, fixed, share;
};

struct cmc {
	char *scope;                     /* the accreditation's number: "D-K-15000-01-00" */
	double factor;
	struct value probability;
	double coverage;                 /* the probability, 0 to 1 */
	struct list pieces;              /* of struct cmc_piece */
	struct source source;
};

int  cmc_load(struct cmc **c, const char *path, const struct quantities *q, struct problems *ps);
void cmc_free(struct cmc **c);
extern const struct schema cmc_schema;

/* What a result is of, each value in its quantity's unit.  What a piece asks for and is not here, it does not meet. */
struct cmc_result {
	const char *quantity, *method;   /* method NULL: pieces of none in particular */
	double value;
	const struct cmc_circumstance { const char *quantity; double value; } *at;
	size_t n;
};

struct cmc_floor { double expanded, factor, probability; };

/* ERR_CONFIG: the result is not in the scope, and so on no certificate under the accreditation. */
int cmc_find(const struct cmc *c, const struct cmc_result *r, struct cmc_floor *out, struct err *e);

/* U and k as they are reported: the floor's, and true, where U lies below it. */
bool cmc_apply(const struct cmc_floor *f, double *expanded, double *factor);

#endif
