/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sort.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define DIGIT_BITS 11
#define DIGITS     6                    /* of 11 bits: 66, and there are 64 */
#define BUCKETS    (1u << DIGIT_BITS)

/* Ordered as the number is: the magnitude of a negative one counts backwards. */
static uint64_t key_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static unsigned digit(double x, unsigned place)
{
	return (unsigned)(key_of(x) >> (place * DIGIT_BITS)) % BUCKETS;
}

static void count_digits(uint32_t (*count)[BUCKETS], const double *x, size_t n)
{
	memset(count, 0, DIGITS * sizeof *count);
	for (size_t i = 0; i < n; i++) {
		uint64_t key = key_of(x[i]);

		for (unsigned place = 0; place < DIGITS; place++, key >>= DIGIT_BITS)
			count[place][key % BUCKETS]++;
	}
}

/* Counts become where each bucket begins. */
static void begin_buckets(uint32_t *count)
{
	uint32_t before = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		uint32_t here = count[i];

		count[i] = before;
		before += here;
	}
}

static void distribute(uint32_t *begin, unsigned place, const double *from, double *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[begin[digit(from[i], place)]++] = from[i];
}

void sort_ascending(double *x, double *work, size_t n)
{
	uint32_t count[DIGITS][BUCKETS];
	double *from = x, *to = work;

	assert(n < UINT32_MAX);
	count_digits(count, x, n);
	for (unsigned place = 0; place < DIGITS; place++) {
		double *other = from;

		if (n == 0 || count[place][digit(x[0], place)] == n)
			continue;               /* all have this digit in common */
		begin_buckets(count[place]);
		distribute(count[place], place, from, to, n);
		from = to;
		to = other;
	}
	if (from != x)
		memcpy(x, from, n * sizeof *x);
}
