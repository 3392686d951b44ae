/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *x)
{
	uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t fnv1a(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	while (*s)
		h = (h ^ (unsigned char)*s++) * UINT64_C(0x100000001b3);
	return h;
}

void random_seed(struct random *r, uint64_t seed, const char *name)
{
	uint64_t x = *name ? random_derive(seed, fnv1a(name)) : seed;

	*r = (struct random){ 0 };
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix64(&x);
}

uint64_t random_derive(uint64_t seed, uint64_t n)
{
	uint64_t x = splitmix64(&seed) ^ n;

	return splitmix64(&x);
}

static uint64_t rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

/* One step of xoshiro256**. */
static inline uint64_t next(uint64_t *s)
{
	uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

uint64_t random_next(struct random *r)
{
	return next(r->s);
}

void random_fill(struct random *r, uint64_t *x, size_t n)
{
	uint64_t s[4] = { r->s[0], r->s[1], r->s[2], r->s[3] };        /* stays in registers */

	for (size_t i = 0; i < n; i++)
		x[i] = next(s);
	for (int i = 0; i < 4; i++)
		r->s[i] = s[i];
}

double random_uniform(struct random *r)
{
	return (double)(random_next(r) >> 11) * 0x1p-53;
}

double random_normal(struct random *r)
{
	double radius, angle;

	if (r->has_spare) {
		r->has_spare = false;
		return r->spare;
	}
	radius = sqrt(-2 * log(1 - random_uniform(r)));      /* 1 - u is never 0 */
	angle = 2 * M_PI * random_uniform(r);
	r->spare = radius * sin(angle);
	r->has_spare = true;
	return radius * cos(angle);
}
