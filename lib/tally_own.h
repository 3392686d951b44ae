/* SPDX-License-Identifier: GPL-3.0-or-later
 * tally_own.h - a tally's inside: tally.c (what the records say, which results there are) and tally_result.c (one
 * result).  For these two alone. */
#ifndef TALLY_OWN_H
#define TALLY_OWN_H

#include "tally.h"

struct kept {                           /* a reading that may count */
	int64_t point, attempt, step, k;
	instant mono_ns;             /* centre of the exchange */
	int64_t span_ns;             /* its length */
	size_t channel;
	double value;
	bool ok, out_of_range;
};

struct point_tally {
	int64_t attempt;                /* the last one begun; 0: none */
	bool ended;
};

struct channel_tally {
	char name[CHANNEL_NAME];
	char unit[64];
	bool wanted;                    /* it was measured at a point, or a result rests on it */
};

struct tally {
	struct buf start;               /* header of the start record, "" before it came */
	struct point_tally *points;
	size_t n_points;
	struct channel_tally *channels;
	size_t n_channels;
	struct kept *readings;
	size_t n_readings;
	struct result *results;
	size_t n_results;
};

struct spec {                           /* an element of the start record's results */
	char name[CHANNEL_NAME];
	size_t indication, reference;
};

static inline struct span tally_start(const struct tally *t)
{
	return (struct span){ t->start.data, t->start.len };
}

void tally_sort(struct tally *t);        /* once all readings are there, before the first result */
void tally_add_mean(struct tally *t, size_t point, size_t channel);
void tally_add_error(struct tally *t, size_t point, const struct spec *spec);

#endif
