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
	struct buf header;              /* of its record */
	bool environment;               /* read all along */
	struct kept last;               /* of those, the last one; channel of it set once there is one */
	bool heard;
	bool wanted;                    /* it was measured at a point, or a result rests on it */
};

struct tally_text {                     /* the body of a file record */
	char what[32];
	char *name;
	struct buf text;
};

struct tally {
	struct buf start;               /* header of the start record, "" before it came */
	struct tally_text *texts;
	size_t n_texts;
	struct point_tally *points;
	size_t n_points;
	struct channel_tally *channels;
	size_t n_channels;
	struct kept *readings;
	size_t n_readings;
	struct result *results;
	size_t n_results;
	int64_t here, attempt;          /* the point that goes on while the next records come; here -1: none */
	bool sorted;
};

struct spec {                           /* an element of the start record's results */
	char name[CHANNEL_NAME];
	size_t indication, reference;
};

/* The readings of one channel at one point's last attempt, in order of step and k. */
struct slice {
	const struct kept *list;
	size_t n;
};

struct channel_tally *tally_channel_named(const struct tally *t, const char *name);
struct slice tally_slice(struct tally *t, size_t point, size_t channel);
bool tally_all_paired(struct slice x, struct slice y);  /* has every reading its simultaneous partner? */
void tally_add_mean(struct tally *t, size_t point, size_t channel);
void tally_add_error(struct tally *t, size_t point, const struct spec *spec);

#endif
