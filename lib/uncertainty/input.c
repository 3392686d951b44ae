/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "input.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define FIRST_ROOM 64           /* a power of two, as all later ones */

/* The indexes: open addressing, at most half full.  A slot holds a place of the list plus 1; 0 is free. */

static size_t hash_id(const char *id)
{
	uint64_t h = 14695981039346656037u;     /* FNV-1a */

	for (; *id; id++)
		h = (h ^ (unsigned char)*id) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static size_t hash_pair(size_t a, size_t b)
{
	uint64_t h = (a * 0x9E3779B97F4A7C15u ^ b) * 0xBF58476D1CE4E5B9u;

	return (size_t)(h ^ h >> 32);
}

/* The slot where it is, or the free one where it belongs. */
static size_t *slot_of_id(const struct input_table *t, const char *id)
{
	size_t i = hash_id(id) & (t->by_id.room - 1);

	while (t->by_id.slots[i] && strcmp(t->list[t->by_id.slots[i] - 1].id, id))
		i = (i + 1) & (t->by_id.room - 1);
	return &t->by_id.slots[i];
}

static bool is_pair(const struct correlation *c, size_t a, size_t b)
{
	return c->a == a && c->b == b;
}

static size_t *slot_of_pair(const struct input_table *t, size_t a, size_t b)
{
	size_t i = hash_pair(a, b) & (t->by_pair.room - 1);

	while (t->by_pair.slots[i] && !is_pair(&t->correlations[t->by_pair.slots[i] - 1], a, b))
		i = (i + 1) & (t->by_pair.room - 1);
	return &t->by_pair.slots[i];
}

/* Room for one more; true: the slots are new, and everything is to be put into them again. */
static bool index_grow(struct input_index *x, size_t n)
{
	if (2 * (n + 1) <= x->room)
		return false;
	free(x->slots);
	x->room = x->room ? 2 * x->room : FIRST_ROOM;
	x->slots = mem_array(x->room, sizeof *x->slots);
	return true;
}

static void index_input(struct input_table *t, size_t place)
{
	size_t from = index_grow(&t->by_id, place) ? 0 : place;

	for (size_t i = from; i <= place; i++)
		*slot_of_id(t, t->list[i].id) = i + 1;
}

static void index_correlation(struct input_table *t, size_t place)
{
	size_t from = index_grow(&t->by_pair, place) ? 0 : place;

	for (size_t i = from; i <= place; i++)
		*slot_of_pair(t, t->correlations[i].a, t->correlations[i].b) = i + 1;
}

long input_find(const struct input_table *t, const char *id)
{
	return t->n ? (long)*slot_of_id(t, id) - 1 : -1;
}

static bool same_knowledge(const struct input *a, const struct input *b)
{
	const struct distribution *x = &a->knowledge, *y = &b->knowledge;

	return !strcmp(a->unit, b->unit) && x->kind == y->kind && x->location == y->location && x->scale == y->scale &&
		x->shape == y->shape && a->uncertainty == b->uncertainty &&
		a->degrees_of_freedom == b->degrees_of_freedom;
}

static int check(const struct input *in, struct err *e)
{
	if (distribution_check(&in->knowledge, e) < 0) {
		err_wrap(e, "%s", in->id);
		return -1;
	}
	if (!(in->uncertainty >= 0) || !isfinite(in->uncertainty))
		return err_set(e, ERR_CONFIG, "%s: a standard uncertainty of %g", in->id, in->uncertainty);
	if (!(in->degrees_of_freedom > 0))
		return err_set(e, ERR_CONFIG, "%s: %g degrees of freedom", in->id, in->degrees_of_freedom);
	return 0;
}

long input_add(struct input_table *t, const struct input *in, struct err *e)
{
	long at = input_find(t, in->id);

	if (at >= 0 && same_knowledge(&t->list[at], in))
		return at;
	if (at >= 0)
		return err_set(e, ERR_CONFIG, "%s stands for two different quantities: one identity is one quantity, "
			       "with one estimate, one uncertainty and one unit", in->id);
	if (check(in, e) < 0)
		return -1;
	t->list = mem_grow(t->list, t->n, sizeof *t->list);
	t->list[t->n] = *in;
	t->list[t->n].id = mem_string(in->id);
	t->list[t->n].unit = mem_string(in->unit);
	t->list[t->n].source = mem_string(in->source);
	index_input(t, t->n);
	return (long)t->n++;
}

static const struct correlation *between(const struct input_table *t, size_t a, size_t b)
{
	size_t found = t->n_correlations ? *slot_of_pair(t, a < b ? a : b, a < b ? b : a) : 0;

	return found ? &t->correlations[found - 1] : NULL;
}

int input_correlate(struct input_table *t, size_t a, size_t b, double coefficient, struct err *e)
{
	const struct correlation *there = between(t, a, b);

	if (a == b)
		return err_set(e, ERR_CONFIG, "%s cannot correlate with itself", t->list[a].id);
	if (!(coefficient >= -1 && coefficient <= 1))
		return err_set(e, ERR_CONFIG, "%s and %s: a correlation coefficient lies within -1 and 1, not at %g",
			       t->list[a].id, t->list[b].id, coefficient);
	if (there && there->coefficient != coefficient)
		return err_set(e, ERR_CONFIG, "%s and %s: correlated by %g and by %g", t->list[a].id, t->list[b].id,
			       there->coefficient, coefficient);
	if (there)
		return 0;
	t->correlations = mem_grow(t->correlations, t->n_correlations, sizeof *t->correlations);
	t->correlations[t->n_correlations] = (struct correlation){ a < b ? a : b, a < b ? b : a, coefficient };
	index_correlation(t, t->n_correlations++);
	return 0;
}

double input_correlation(const struct input_table *t, size_t a, size_t b)
{
	const struct correlation *c = between(t, a, b);

	return a == b ? 1 : c ? c->coefficient : 0;
}

void input_release(struct input_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->list[i].id);
		free(t->list[i].unit);
		free(t->list[i].source);
	}
	free(t->list);
	free(t->correlations);
	free(t->by_id.slots);
	free(t->by_pair.slots);
	*t = (struct input_table){ 0 };
}
