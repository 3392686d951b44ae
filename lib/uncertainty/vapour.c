/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vapour.h"

#include <stdbool.h>

#define KELVIN       273.15              /* 0 degC */
#define MEGA         1e6
#define CRITICAL     647.096             /* K */
#define CRITICAL_PA  22.06401e6          /* a little above what (30) gives at the ends of its range, */
#define FREEZING_PA  611.2126            /* and a little below: as far as (31) is its inverse */
#define TRIPLE       273.16              /* K */
#define TRIPLE_PA    611.657
#define COLDEST_ICE  50.0                /* K */
#define COLDEST_WATER 123.0              /* K */
#define STEPS        8                   /* of Newton: the logarithm of p is nearly a line over 1 / T */
#define SLACK        1e-9                /* K: there and back is allowed at the very end of a range */

/* R7-97, table 34; n[0] is not used. */
static const double n[] = {
	0, 0.11670521452767e4, -0.72421316703206e6, -0.17073846940092e2, 0.12020824702470e5, -0.32325550322333e7,
	0.14915108613530e2, -0.48232657361591e4, 0.40511340542057e6, -0.23855557567849, 0.65017534844798e3,
};

static bool within(double x, double low, double high)
{
	return x >= low && x <= high;
}

/* a x^2 + b x + c. */
static struct hyper quadratic(struct hyper x, double a, double b, double c)
{
	return hyper_polynomial(x, (double[]){ c, b, a }, 3);
}

/* 2 c / (-b + sqrt(b^2 - 4 a c)), with the sign of the root given. */
static struct hyper quadratic_root(struct hyper a, struct hyper b, struct hyper c, double sign)
{
	struct hyper root = hyper_sqrt(hyper_sub(hyper_square(b), hyper_scale(hyper_mul(a, c), 4)));

	return hyper_div(hyper_scale(c, 2), hyper_sub(hyper_scale(root, sign), b));
}

/* R7-97, 8.1, equation (30). */
struct hyper water_vapour_pressure(const void *self, const struct hyper *t)
{
	struct hyper T = hyper_shift(*t, KELVIN);
	struct hyper theta = hyper_add(T, hyper_scale(hyper_inverse(hyper_shift(T, -n[10])), n[9]));
	struct hyper root = quadratic_root(quadratic(theta, 1, n[1], n[2]), quadratic(theta, n[3], n[4], n[5]),
					   quadratic(theta, n[6], n[7], n[8]), 1);

	(void)self;
	if (!within(T.v, KELVIN, CRITICAL))
		return HYPER_NOWHERE;
	return hyper_scale(hyper_square(hyper_square(root)), MEGA);
}

/* R7-97, 8.2, equation (31). */
struct hyper dew_point(const void *self, const struct hyper *p)
{
	struct hyper beta = hyper_power(hyper_scale(*p, 1 / MEGA), 0.25);
	struct hyper d = quadratic_root(quadratic(beta, 1, n[3], n[6]), quadratic(beta, n[1], n[4], n[7]),
					quadratic(beta, n[2], n[5], n[8]), -1);
	struct hyper sum = hyper_shift(d, n[10]);
	struct hyper product = hyper_scale(hyper_shift(hyper_scale(d, n[10]), n[9]), 4);

	(void)self;
	if (!within(p->v, FREEZING_PA, CRITICAL_PA))
		return HYPER_NOWHERE;
	return hyper_shift(hyper_scale(hyper_sub(sum, hyper_sqrt(hyper_sub(hyper_square(sum), product))), 0.5), -KELVIN);
}

/* ln p as a function of T, both plain numbers in Pa and K. */
typedef struct hyper logarithm(struct hyper T);

/* R14-08, equation (6): ln(p / pt) = (1 / theta) times the sum of ai theta^bi, with theta = T / Tt. */
static struct hyper over_ice(struct hyper T)
{
	static const double a[] = { -0.212144006e2, 0.273203819e2, -0.610598130e1 };
	static const double b[] = { 0.333333333e-2, 0.120666667e1, 0.170333333e1 };
	struct hyper theta = hyper_scale(T, 1 / TRIPLE), sum = hyper_of(log(TRIPLE_PA));

	for (size_t i = 0; i < 3; i++)
		sum = hyper_add(sum, hyper_scale(hyper_power(theta, b[i] - 1), a[i]));
	return sum;
}

/* a + b / T + c ln T + d T. */
static struct hyper four_terms(struct hyper T, const double k[4])
{
	struct hyper sum = hyper_add(hyper_scale(hyper_inverse(T), k[1]), hyper_scale(hyper_log(T), k[2]));

	return hyper_shift(hyper_add(sum, hyper_scale(T, k[3])), k[0]);
}

/* Murphy and Koop, equation (10). */
static struct hyper over_supercooled(struct hyper T)
{
	static const double warm[] = { 54.842763, -6763.22, -4.210, 0.000367 };
	static const double cold[] = { 53.878, -1331.22, -9.44523, 0.014025 };
	struct hyper share = hyper_tanh(hyper_scale(hyper_shift(T, -218.8), 0.0415));

	return hyper_add(four_terms(T, warm), hyper_mul(share, four_terms(T, cold)));
}

static struct hyper pressure(logarithm *log_p, struct hyper t, double coldest)
{
	struct hyper T = hyper_shift(t, KELVIN);

	return within(T.v, coldest, TRIPLE) ? hyper_exp(log_p(T)) : HYPER_NOWHERE;
}

/* By Newton over 1 / T, from the heat of sublimation at the triple point: L / (R Tt) = 22.5. */
static double root(logarithm *log_p, double p)
{
	double target = log(p), over = (1 - (target - log(TRIPLE_PA)) / 22.5) / TRIPLE;

	for (int i = 0; i < STEPS; i++) {
		struct hyper here = log_p((struct hyper){ 1 / over, -1 / (over * over), 0, 0 });

		over -= (here.v - target) / here.i;
	}
	return 1 / over;
}

/* The derivatives of an inverse are made of those of the function: 1 / f' and -f'' / f'^3. */
static struct hyper temperature(logarithm *log_p, struct hyper p, double coldest)
{
	double T = root(log_p, p.v);
	struct hyper f = hyper_exp(log_p((struct hyper){ T, 1, 1, 0 }));

	if (!within(T, coldest - SLACK, TRIPLE + SLACK))
		return HYPER_NOWHERE;
	return hyper_chain(p, T - KELVIN, 1 / f.i, -f.ij / (f.i * f.i * f.i));
}

struct hyper ice_vapour_pressure(const void *self, const struct hyper *t)
{
	(void)self;
	return pressure(over_ice, *t, COLDEST_ICE);
}

struct hyper frost_point(const void *self, const struct hyper *p)
{
	(void)self;
	return temperature(over_ice, *p, COLDEST_ICE);
}

struct hyper supercooled_vapour_pressure(const void *self, const struct hyper *t)
{
	(void)self;
	return pressure(over_supercooled, *t, COLDEST_WATER);
}

struct hyper supercooled_dew_point(const void *self, const struct hyper *p)
{
	(void)self;
	return temperature(over_supercooled, *p, COLDEST_WATER);
}
