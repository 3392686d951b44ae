/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "weight.h"

/* 1 - air / density: the share of its weight that a body keeps. */
static struct hyper kept(struct hyper air, struct hyper density)
{
	if (!(air.v >= 0 && density.v > air.v))
		return HYPER_NOWHERE;
	return hyper_shift(hyper_scale(hyper_div(air, density), -1), 1);
}

struct hyper buoyancy(const void *self, const struct hyper x[3])
{
	(void)self;
	return hyper_div(kept(x[0], x[1]), kept(x[0], x[2]));
}

/* What a body keeps in the conventional air, over what the conventional reference keeps there. */
static struct hyper conventional(struct hyper density)
{
	return hyper_scale(kept(hyper_of(CONVENTIONAL_AIR), density), 1 / (1 - CONVENTIONAL_AIR / CONVENTIONAL_DENSITY));
}

struct hyper conventional_mass(const void *self, const struct hyper x[2])
{
	(void)self;
	return hyper_mul(x[0], conventional(x[1]));
}

struct hyper true_mass(const void *self, const struct hyper x[2])
{
	(void)self;
	return hyper_div(x[0], conventional(x[1]));
}

struct hyper hydrostatic_head(const void *self, const struct hyper x[4])
{
	(void)self;
	return hyper_mul(hyper_sub(x[0], x[1]), hyper_mul(x[2], x[3]));
}
