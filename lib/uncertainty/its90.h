/* SPDX-License-Identifier: GPL-3.0-or-later
 * its90.h - platinum resistance thermometers on the International Temperature Scale of 1990
 * (H. Preston-Thomas, Metrologia 27 (1990) 3-10 and 107), 3.3: reference functions, deviation functions, inverses.
 *
 * W = R(T90) / R(273.16 K).  A thermometer deviates from the reference function, W - Wr(T90), by a function of W whose
 * coefficients were found at the fixed points of its sub-range (table 5).  A sub-range is called by the fixed point at
 * its far end.  From ratio to temperature: Wr = W - deviation(W), then T90 of it: the root of the reference function
 * itself, not of the published inverse, which is within 0.1 mK and 0.13 mK of it only (its90_published_inverse).
 *
 * The reference functions meet at 273.16 K: below it (9a) holds, above it (10a).
 *
 * A thermometer in a fixed point at the end of a range reads beyond it as often as below: temperatures up to
 * ITS90_BEYOND outside of a range are taken, as the functions are smooth there.  NAN further out. */
#ifndef ITS90_H
#define ITS90_H

#include "hyper.h"

#define ITS90_BEYOND 0.1                 /* K */

/* A sub-range, and the deviation function that holds in it: a (W - 1) + b (W - 1)^2 + ..., so many powers, and the
 * rest. */
struct its90_range {
	double low, high;                /* degC */
	size_t powers;
	enum {
		ITS90_NO_REST,
		ITS90_POWERS_OF_LOG,     /* c1 (ln W)^first + c2 (ln W)^(first + 1) + ..., so many logs */
		ITS90_TIMES_LOG,         /* b (W - 1) ln W */
		ITS90_ABOVE_ALUMINIUM,   /* d (W - W(660.323 degC))^2, above that point */
	} rest;
	size_t logs, first;
};

extern const struct its90_range its90_hydrogen, its90_neon, its90_oxygen, its90_argon, its90_mercury, its90_silver,
	its90_aluminium, its90_zinc, its90_tin, its90_indium, its90_gallium;

/* Of x: the ratio W, then the coefficients of the range in the order of table 5; of silver W(660.323 degC) stands
 * last. */
struct hyper its90_deviation(const void *range, const struct hyper *x);         /* W - Wr */
struct hyper its90_range_temperature(const void *range, const struct hyper *x);   /* degC */

/* The reference functions: Wr of degC, and back.  self is not used. */
struct hyper its90_ratio(const void *self, const struct hyper *t);
struct hyper its90_temperature(const void *self, const struct hyper *wr);

/* (9b), (10b): degC, within 0.1 mK below and 0.13 mK above 0.01 degC.  Without limits. */
double its90_published_inverse(double wr);

#endif
