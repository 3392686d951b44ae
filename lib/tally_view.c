/* SPDX-License-Identifier: GPL-3.0-or-later
 * tally_view.c - what an evaluation by a measurement model asks for. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "tally_own.h"

size_t tally_points(const struct tally *t)
{
	return t->n_points;
}

int64_t tally_attempt(const struct tally *t, size_t point)
{
	return t->points[point].ended ? t->points[point].attempt : 0;
}

struct span tally_start(const struct tally *t)
{
	return (struct span){ t->start.data, t->start.len };
}

struct span tally_channel(const struct tally *t, const char *channel)
{
	const struct channel_tally *c = tally_channel_named(t, channel);

	return c ? (struct span){ c->header.data, c->header.len } : (struct span){ 0 };
}

struct span tally_file(const struct tally *t, const char *what, const char *name)
{
	for (size_t i = 0; i < t->n_texts; i++)
		if (!strcmp(t->texts[i].what, what) && (!name || !strcmp(t->texts[i].name, name)))
			return (struct span){ t->texts[i].text.data, t->texts[i].text.len };
	return (struct span){ 0 };
}

struct readings tally_readings(struct tally *t, size_t point, const char *channel)
{
	const struct channel_tally *c = tally_channel_named(t, channel);
	struct slice s = { 0 };
	struct readings r;

	if (c)
		s = tally_slice(t, point, (size_t)(c - t->channels));
	r = (struct readings){ .values = mem_array(s.n, sizeof *r.values) };
	for (size_t i = 0; i < s.n; i++)
		if (s.list[i].ok)
			r.values[r.n++] = s.list[i].value;
	r.excluded = s.n - r.n;
	return r;
}

/* A pair counts if both of its readings do. */
int tally_pairs(struct tally *t, size_t point, const char *a, const char *b, struct readings *x, struct readings *y)
{
	const struct channel_tally *p = tally_channel_named(t, a), *q = tally_channel_named(t, b);
	struct slice s = { 0 }, z = { 0 };

	*x = *y = (struct readings){ 0 };
	if (p && q) {
		s = tally_slice(t, point, (size_t)(p - t->channels));
		z = tally_slice(t, point, (size_t)(q - t->channels));
	}
	if (!tally_all_paired(s, z))
		return -1;
	x->values = mem_array(s.n, sizeof *x->values);
	y->values = mem_array(s.n, sizeof *y->values);
	for (size_t i = 0; i < s.n; i++)
		if (s.list[i].ok && z.list[i].ok) {
			x->values[x->n++] = s.list[i].value;
			y->values[y->n++] = z.list[i].value;
		}
	x->excluded = y->excluded = s.n - x->n;
	return 0;
}

void readings_release(struct readings *r)
{
	free(r->values);
	*r = (struct readings){ 0 };
}
