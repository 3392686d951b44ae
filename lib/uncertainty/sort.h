/* SPDX-License-Identifier: GPL-3.0-or-later
 * sort.h - the values of a Monte Carlo in ascending order: JCGM 101:2008, 7.5.
 *
 * By radix, from the lowest eleven bits up: time is proportional to n whatever the values are, a tenth of qsort's
 * for a million.  -0 comes before 0; NAN has no place and must not be there. */
#ifndef SORT_H
#define SORT_H

#include <stddef.h>

/* work: room for n. */
void sort_ascending(double *x, double *work, size_t n);

#endif
