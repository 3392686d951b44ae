/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

long input_find(const struct input_table *t, const char *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->list[i].id, id))
			return (long)i;
	return -1;
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
	return (long)t->n++;
}

static struct correlation *between(const struct input_table *t, size_t a, size_t b)
{
	for (size_t i = 0; i < t->n_correlations; i++)
		if (t->correlations[i].a == (a < b ? a : b) && t->correlations[i].b == (a < b ? b : a))
			return &t->correlations[i];
	return NULL;
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
	t->correlations[t->n_correlations++] = (struct correlation){ a < b ? a : b, a < b ? b : a, coefficient };
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
	*t = (struct input_table){ 0 };
}
