/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "its90.h"

#include <stdbool.h>

#define KELVIN       273.15              /* 0 degC */
#define WATER        273.16              /* K: where the reference functions meet */
#define LOWEST       (13.8033 - KELVIN)  /* degC: triple point of hydrogen */
#define HIGHEST      961.78              /* degC: freezing point of silver */
#define STEPS        3                   /* of Newton, from within 0.13 mK: the second arrives, the third confirms */

#define COUNT(a) (sizeof(a) / sizeof *(a))

const struct its90_range
	its90_hydrogen = { LOWEST, 0.01, .powers = 2, .rest = ITS90_POWERS_OF_LOG, .logs = 5, .first = 3 },     /* 3.3.1 */
	its90_neon = { -248.5939, 0.01, .powers = 2, .rest = ITS90_POWERS_OF_LOG, .logs = 3, .first = 1 },      /* 3.3.1.1 */
	its90_oxygen = { -218.7916, 0.01, .powers = 2, .rest = ITS90_POWERS_OF_LOG, .logs = 1, .first = 2 },    /* 3.3.1.2 */
	its90_argon = { -189.3442, 0.01, .powers = 1, .rest = ITS90_TIMES_LOG },                                /* 3.3.1.3 */
	its90_silver = { 0, HIGHEST, .powers = 3, .rest = ITS90_ABOVE_ALUMINIUM },                              /* 3.3.2 */
	its90_aluminium = { 0, 660.323, .powers = 3 },                                                          /* 3.3.2.1 */
	its90_zinc = { 0, 419.527, .powers = 2 },                                                               /* 3.3.2.2 */
	its90_tin = { 0, 231.928, .powers = 2 },                                                                /* 3.3.2.3 */
	its90_indium = { 0, 156.5985, .powers = 1 },                                                            /* 3.3.2.4 */
	its90_gallium = { 0, 29.7646, .powers = 1 },                                                            /* 3.3.2.5 */
	its90_mercury = { -38.8344, 29.7646, .powers = 2 };                                                     /* 3.3.3 */

/* Table 4. */
static const double a[] = {
	-2.13534729, 3.18324720, -1.80143597, 0.71727204, 0.50344027, -0.61899395, -0.05332322, 0.28021362, 0.10715224,
	-0.29302865, 0.04459872, 0.11868632, -0.05248134,
};
static const double b[] = {
	0.183324722, 0.240975303, 0.209108771, 0.190439972, 0.142648498, 0.077993465, 0.012475611, -0.032267127,
	-0.075291522, -0.056470670, 0.076201285, 0.123893204, -0.029201193, -0.091173542, 0.001317696, 0.026025526,
};
static const double c[] = {
	2.78157254, 1.64650916, -0.13714390, -0.00649767, -0.00234444, 0.00511868, 0.00187982, -0.00204472, -0.00046122,
	0.00045724,
};
static const double d[] = {
	439.932854, 472.418020, 37.684494, 7.472018, 2.920828, 0.005184, -0.963864, -0.188732, 0.191203, 0.049025,
};

static bool within(double t, double low, double high)
{
	return t >= low - ITS90_BEYOND && t <= high + ITS90_BEYOND;
}

/* (9a): ln Wr = A0 + sum of Ai ((ln(T / 273.16 K) + 1.5) / 1.5)^i. */
static struct hyper below_water(struct hyper t)
{
	struct hyper kelvin = hyper_shift(t, KELVIN);
	struct hyper x = hyper_scale(hyper_shift(hyper_log(hyper_scale(kelvin, 1 / WATER)), 1.5), 1 / 1.5);

	return hyper_exp(hyper_polynomial(x, a, COUNT(a)));
}

/* (10a): Wr = C0 + sum of Ci ((T / K - 754.15) / 481)^i. */
static struct hyper above_water(struct hyper t)
{
	return hyper_polynomial(hyper_scale(hyper_shift(t, KELVIN - 754.15), 1 / 481.0), c, COUNT(c));
}

static struct hyper reference(struct hyper t)
{
	return t.v < WATER - KELVIN ? below_water(t) : above_water(t);
}

struct hyper its90_ratio(const void *self, const struct hyper *t)
{
	(void)self;
	return within(t->v, LOWEST, HIGHEST) ? reference(*t) : HYPER_NOWHERE;
}

double its90_published_inverse(double wr)
{
	if (wr < 1)
		return hyper_polynomial(hyper_of((pow(wr, 1 / 6.0) - 0.65) / 0.35), b, COUNT(b)).v * WATER - KELVIN;
	return hyper_polynomial(hyper_of((wr - 2.64) / 1.64), d, COUNT(d)).v;
}

/* Value, slope and curvature (v, i, ij) of the reference function. */
static struct hyper reference_at(double t)
{
	return reference((struct hyper){ t, 1, 1, 0 });
}

static double root(double wr)
{
	double t = its90_published_inverse(wr);

	for (int i = 0; i < STEPS; i++) {
		struct hyper here = reference_at(t);

		t -= (here.v - wr) / here.i;
	}
	return t;
}

/* The derivatives of an inverse are made of those of the function: 1 / f' and -f'' / f'^3. */
static struct hyper temperature(struct hyper wr, double low, double high)
{
	double t = root(wr.v);
	struct hyper f = reference_at(t);

	if (!within(t, low, high))
		return HYPER_NOWHERE;
	return hyper_chain(wr, t, 1 / f.i, -f.ij / (f.i * f.i * f.i));
}

struct hyper its90_temperature(const void *self, const struct hyper *wr)
{
	(void)self;
	return temperature(*wr, LOWEST, HIGHEST);
}

/* x^first times (k[0] + k[1] x + ...) */
static struct hyper series(struct hyper x, const struct hyper *k, size_t n, size_t first)
{
	struct hyper sum = hyper_of(0);

	while (n-- > 0)
		sum = hyper_add(hyper_mul(sum, x), k[n]);
	while (first-- > 0)
		sum = hyper_mul(sum, x);
	return sum;
}

struct hyper its90_deviation(const void *range, const struct hyper *x)
{
	const struct its90_range *r = range;
	const struct hyper w = x[0], above = hyper_shift(w, -1), *k = x + 1, *rest = k + r->powers;
	struct hyper sum = series(above, k, r->powers, 1);

	if (!(w.v > 0))
		return HYPER_NOWHERE;
	switch (r->rest) {
	case ITS90_POWERS_OF_LOG:
		return hyper_add(sum, series(hyper_log(w), rest, r->logs, r->first));
	case ITS90_TIMES_LOG:
		return hyper_add(sum, hyper_mul(rest[0], hyper_mul(above, hyper_log(w))));
	case ITS90_ABOVE_ALUMINIUM:
		return w.v <= rest[1].v ? sum : hyper_add(sum, hyper_mul(rest[0], hyper_square(hyper_sub(w, rest[1]))));
	default:
		return sum;
	}
}

struct hyper its90_range_temperature(const void *range, const struct hyper *x)
{
	const struct its90_range *r = range;

	return temperature(hyper_sub(x[0], its90_deviation(r, x)), r->low, r->high);
}
