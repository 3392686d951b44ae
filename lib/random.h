/* SPDX-License-Identifier: GPL-3.0-or-later
 * random.h - numbers that look random and come out the same on any machine from the same seed.
 *
 * xoshiro256** 1.0 (Blackman and Vigna, ACM TOMS 47 (2021) 36), its state filled by splitmix64
 * as its authors advise; normal deviates by Box and Muller (1958).  For simulation and Monte
 * Carlo; nothing secret may come from it.  A generator belongs to one thread at a time. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t s[4];
	double spare;                /* Box-Muller makes two at a time */
	bool has_spare;
};

/* Generators of one seed and different names ("meter") are independent of each other. */
void random_seed(struct random *r, uint64_t seed, const char *name);
/* The n-th member of a family of independent seeds: a hash, so any n costs the same. */
uint64_t random_derive(uint64_t seed, uint64_t n);

uint64_t random_next(struct random *r);      /* 64 random bits */
void random_fill(struct random *r, uint64_t *x, size_t n);       /* n times random_next, faster */
double random_uniform(struct random *r);     /* in [0, 1), multiples of 2^-53 */
double random_normal(struct random *r);      /* mean 0, standard deviation 1 */

#endif
