/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "platinum.h"

#include <stdbool.h>

#define LOWEST  -200.0                   /* degC */
#define HIGHEST 850.0
#define STEPS   6                        /* of Newton, from the root of the quadratic: at -200 degC 2.5 K away */

/* k: R0, A, B, C. */
static struct hyper resistance(struct hyper t, const struct hyper k[4])
{
	struct hyper sum = hyper_add(hyper_mul(k[1], t), hyper_mul(k[2], hyper_square(t)));

	if (t.v < 0)
		sum = hyper_add(sum, hyper_mul(k[3], hyper_mul(hyper_shift(t, -100), hyper_power(t, 3))));
	return hyper_mul(k[0], hyper_shift(sum, 1));
}

static bool within(double t)
{
	return t >= LOWEST && t <= HIGHEST;
}

struct hyper platinum_resistance(const void *self, const struct hyper x[5])
{
	(void)self;
	return within(x->v) ? resistance(*x, x + 1) : HYPER_NOWHERE;
}

/* dR/dt at t, the coefficients held. */
static double slope(double t, const struct hyper k[4])
{
	const struct hyper held[4] = { hyper_of(k[0].v), hyper_of(k[1].v), hyper_of(k[2].v), hyper_of(k[3].v) };

	return resistance((struct hyper){ t, 1, 0, 0 }, held).i;
}

/* The root of A t + B t^2 = R / R0 - 1, in the form that also bears B = 0. */
static double quadratic_root(double r, const struct hyper k[4])
{
	double q = r / k[0].v - 1, a = k[1].v, b = k[2].v;

	return 2 * q / (a + sqrt(a * a + 4 * b * q));
}

/* Each step of Newton brings one more order of the derivatives into the number, so the last two see to them. */
struct hyper platinum_temperature(const void *self, const struct hyper x[5])
{
	const struct hyper r = x[0], *k = x + 1;
	struct hyper t = hyper_of(quadratic_root(r.v, k));

	(void)self;
	for (int i = 0; i < STEPS; i++)
		t = hyper_sub(t, hyper_scale(hyper_sub(resistance(t, k), r), 1 / slope(t.v, k)));
	return within(t.v) ? t : HYPER_NOWHERE;
}

struct hyper zero_current(const void *self, const struct hyper x[4])
{
	struct hyper one = hyper_square(x[2]), two = hyper_square(x[3]);
	struct hyper share = hyper_div(one, hyper_sub(two, one));

	(void)self;
	if (one.v == two.v)
		return HYPER_NOWHERE;
	return hyper_sub(x[0], hyper_mul(share, hyper_sub(x[1], x[0])));
}
