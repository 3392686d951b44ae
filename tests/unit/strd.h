/* SPDX-License-Identifier: GPL-3.0-or-later
 * strd.h - the regressions of NIST's Statistical Reference Datasets, certified to 15 digits. */
#ifndef STRD_H
#define STRD_H

#include <stddef.h>

struct strd {
	size_t n, columns;              /* observations; numbers of one: y, then the predictors */
	size_t parameters;
	double parameter[12], deviation[12];    /* certified */
	double residual;                /* certified standard deviation of the residuals */
	double *data;                   /* n x columns */
};

/* Skips the test, aloud, where the files are not (ETALON_CASES, else ../shared/cases). */
void strd_load(struct strd *s, const char *name, size_t columns);
void strd_release(struct strd *s);

/* Fails unless x has that many significant digits of the certified value. */
void strd_assert(const char *what, double x, double certified, double least);

#endif
