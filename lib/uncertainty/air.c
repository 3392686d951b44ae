/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "air.h"

#include <stdbool.h>

#define KELVIN         273.15            /* 0 degC */
#define GAS_CONSTANT   8.314472          /* J mol-1 K-1: CODATA 2006, as the equation has it */
#define WATER          18.01528e-3       /* kg mol-1 */
#define DRY_AIR        28.96546e-3       /* kg mol-1, with so much carbon dioxide: */
#define CARBON_DIOXIDE 0.0004
#define CARBON         12.011e-3         /* kg mol-1: carbon dioxide takes the place of oxygen */

/* What stands in the equation as one physical state. */
struct state {
	struct hyper p, t, T, h, co2;    /* Pa, degC, K, 1, 1 */
};

/* A.1: p_sv = 1 Pa exp(A T^2 + B T + C + D / T). */
static struct hyper saturation(struct hyper T)
{
	static const double cba[] = { 33.93711047, -1.9121316e-2, 1.2378847e-5 };
	static const double d = -6.3431645e3;

	return hyper_exp(hyper_add(hyper_polynomial(T, cba, 3), hyper_scale(hyper_inverse(T), d)));
}

/* A.1: f = alpha + beta p + gamma t^2. */
static struct hyper enhancement(const struct state *s)
{
	return hyper_shift(hyper_add(hyper_scale(s->p, 3.14e-8), hyper_scale(hyper_square(s->t), 5.6e-7)), 1.00062);
}

/* A.1: x_v = h f p_sv / p. */
static struct hyper vapour_fraction(const struct state *s)
{
	return hyper_div(hyper_mul(hyper_mul(s->h, enhancement(s)), saturation(s->T)), s->p);
}

/* A.2: Z = 1 - p/T [a0 + a1 t + a2 t^2 + (b0 + b1 t) x + (c0 + c1 t) x^2] + (p/T)^2 (d + e x^2). */
static struct hyper compressibility(const struct state *s, struct hyper x)
{
	static const double a[] = { 1.58123e-6, -2.9331e-8, 1.1043e-10 };
	static const double b[] = { 5.707e-6, -2.051e-8 }, c[] = { 1.9898e-4, -2.376e-6 };
	static const double d = 1.83e-11, e = -0.765e-8;
	struct hyper by = hyper_div(s->p, s->T), x2 = hyper_square(x);
	struct hyper pairs = hyper_add(hyper_polynomial(s->t, a, 3),
				       hyper_add(hyper_mul(hyper_polynomial(s->t, b, 2), x),
						 hyper_mul(hyper_polynomial(s->t, c, 2), x2)));
	struct hyper triples = hyper_shift(hyper_scale(x2, e), d);

	return hyper_shift(hyper_mul(by, hyper_sub(hyper_mul(by, triples), pairs)), 1);
}

/* Equation (1): rho = p M_a / (Z R T) [1 - x (1 - M_v / M_a)], with M_a of equation (4); as
 * p / (Z R T) [M_a - x (M_a - M_v)], which is the same. */
static struct hyper density(const struct state *s)
{
	struct hyper x = vapour_fraction(s);
	struct hyper dry = hyper_shift(hyper_scale(hyper_shift(s->co2, -CARBON_DIOXIDE), CARBON), DRY_AIR);
	struct hyper moist = hyper_sub(dry, hyper_mul(x, hyper_shift(dry, -WATER)));
	struct hyper zrt = hyper_scale(hyper_mul(compressibility(s, x), s->T), GAS_CONSTANT);

	return hyper_div(hyper_mul(s->p, moist), zrt);
}

static bool within(struct hyper x, double low, double high)
{
	return x.v >= low && x.v <= high;
}

struct hyper air_density_co2(const void *self, const struct hyper x[4])
{
	const struct state s = { .p = x[0], .t = x[1], .T = hyper_shift(x[1], KELVIN), .h = x[2], .co2 = x[3] };

	(void)self;
	if (!within(s.p, 60e3, 110e3) || !within(s.t, 15, 27) || !within(s.h, 0, 1) || !within(s.co2, 0, 0.01))
		return HYPER_NOWHERE;
	return density(&s);
}

struct hyper air_density(const void *self, const struct hyper x[3])
{
	return air_density_co2(self, (struct hyper[]){ x[0], x[1], x[2], hyper_of(CARBON_DIOXIDE) });
}
