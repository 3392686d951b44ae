/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distribution_draw.h"
#include "mem.h"

/* Who belongs together: lists of places that hang together by correlations, by union and find. */

static size_t root_of(size_t *parent, size_t i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

static size_t *join_correlated(const struct input_table *t)
{
	size_t *parent = mem_array(t->n, sizeof *parent);

	for (size_t i = 0; i < t->n; i++)
		parent[i] = i;
	for (size_t i = 0; i < t->n_correlations; i++)
		if (t->correlations[i].coefficient != 0)
			parent[root_of(parent, t->correlations[i].a)] = root_of(parent, t->correlations[i].b);
	return parent;
}

static int by_identity(const void *a, const void *b, void *list)
{
	const struct input *in = list;

	return strcmp(in[*(const size_t *)a].id, in[*(const size_t *)b].id);
}

/* Whether they can be drawn jointly. */

static double joint_dof(const struct distribution *d)
{
	return d->kind == DISTRIBUTION_NORMAL ? INFINITY : d->kind == DISTRIBUTION_T ? d->shape : NAN;
}

static int refuse(const struct input *a, const struct input *b, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%s (%s) and %s (%s) correlate: only normal distributions, or t with the same "
		       "degrees of freedom, are drawn jointly; state both as normal, or make what they share an input "
		       "of its own", a->id, distribution_names[a->knowledge.kind], b->id,
		       distribution_names[b->knowledge.kind]);
}

static int check_joint(struct trials_group *g, const struct input *list, struct err *e)
{
	const struct input *first = &list[g->members[0]];

	g->degrees_of_freedom = joint_dof(&first->knowledge);
	for (size_t i = 1; i < g->n; i++) {
		const struct input *other = &list[g->members[i]];

		if (!(joint_dof(&other->knowledge) == g->degrees_of_freedom))
			return refuse(first, other, e);
	}
	return 0;
}

/* Cholesky's factor of the correlation matrix, one that also takes coefficients of 1 and -1: where nothing of a
 * member is left that those before it do not tell, its column is 0. */

#define NOTHING_LEFT 1e-12              /* of a variance of 1; coefficients have 16 digits, and fewer where typed */
#define CONTRADICTION 1e-6

static double rest(const double *l, size_t n, size_t i, size_t j, double coefficient)
{
	for (size_t k = 0; k < j; k++)
		coefficient -= l[i * n + k] * l[j * n + k];
	return coefficient;
}

/* Column j of L; false: no joint distribution has these coefficients. */
static bool factor_column(const struct trials_group *g, const struct input_table *t, size_t j)
{
	double *l = g->factor, left = rest(l, g->n, j, j, 1);

	if (left < -NOTHING_LEFT)
		return false;
	l[j * g->n + j] = left > NOTHING_LEFT ? sqrt(left) : 0;
	for (size_t i = j + 1; i < g->n; i++) {
		double r = rest(l, g->n, i, j, input_correlation(t, g->members[i], g->members[j]));

		if (left > NOTHING_LEFT)
			l[i * g->n + j] = r / l[j * g->n + j];
		else if (fabs(r) > CONTRADICTION)
			return false;
	}
	return true;
}

static int factorise(struct trials_group *g, const struct input_table *t, struct err *e)
{
	g->factor = mem_array(g->n * g->n, sizeof *g->factor);
	for (size_t j = 0; j < g->n; j++)
		if (!factor_column(g, t, j))
			return err_set(e, ERR_CONFIG, "the correlation coefficients of %s and %zu other inputs contradict "
				       "each other: no quantities can correlate like this; give them with more digits",
				       t->list[g->members[j]].id, g->n - 1);
	return 0;
}

/* Groups. */

static int finish(struct trials_group *g, const struct input_table *t, struct err *e)
{
	if (g->n == 1)
		return 0;
	qsort_r(g->members, g->n, sizeof *g->members, by_identity, t->list);
	return check_joint(g, t->list, e) < 0 ? -1 : factorise(g, t, e);
}

static void add_member(struct trials_group *g, size_t input)
{
	g->members = mem_grow(g->members, g->n, sizeof *g->members);
	g->members[g->n++] = input;
}

/* Input by input to the group of its root; group_of: 1 + the place of a root's group, 0 where nobody wants it. */
static void gather(struct trials *t, const bool *wanted, size_t *parent)
{
	size_t n = t->inputs->n, *group_of = mem_array(n, sizeof *group_of);

	for (size_t i = 0; i < n; i++) {
		size_t root = root_of(parent, i);

		if (wanted[i] && !group_of[root])
			group_of[root] = ++t->n;
	}
	t->groups = mem_array(t->n, sizeof *t->groups);
	for (size_t i = 0; i < n; i++) {
		size_t group = group_of[root_of(parent, i)];

		if (group)
			add_member(&t->groups[group - 1], i);
	}
	free(group_of);
}

int trials_init(struct trials *t, const struct input_table *inputs, const bool *wanted, uint64_t seed, struct err *e)
{
	size_t *parent = join_correlated(inputs);

	*t = (struct trials){ .inputs = inputs, .seed = seed };
	gather(t, wanted, parent);
	free(parent);
	for (size_t i = 0; i < t->n; i++)
		if (finish(&t->groups[i], inputs, e) < 0) {
			trials_release(t);
			return -1;
		}
	return 0;
}

void trials_release(struct trials *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->groups[i].members);
		free(t->groups[i].factor);
	}
	free(t->groups);
	*t = (struct trials){ 0 };
}

/* Drawing. */

static const struct distribution standard_normal = { DISTRIBUTION_NORMAL, 0, 1, 0 };

static struct random generator(const struct trials *t, uint64_t block, size_t input)
{
	struct random r;

	random_seed(&r, random_derive(t->seed, block), t->inputs->list[input].id);
	return r;
}

static void add_scaled(double *to, double factor, const double *from)
{
	for (size_t i = 0; i < TRIALS_BLOCK; i++)
		to[i] += factor * from[i];
}

static void multiply(double *to, double factor)
{
	for (size_t i = 0; i < TRIALS_BLOCK; i++)
		to[i] *= factor;
}

/* L times the members' columns, from the last to the first, so that those that are still needed are as they were. */
static void correlate(const struct trials_group *g, double *const *columns)
{
	for (size_t i = g->n; i-- > 0; ) {
		double *column = columns[g->members[i]];

		multiply(column, g->factor[i * g->n + i]);
		for (size_t j = 0; j < i; j++)
			add_scaled(column, g->factor[i * g->n + j], columns[g->members[j]]);
	}
}

static void place(const struct distribution *d, const double *spread, double *column)
{
	for (size_t i = 0; i < TRIALS_BLOCK; i++)
		column[i] = d->location + d->scale * (column[i] * spread[i]);
}

static void draw_jointly(const struct trials *t, const struct trials_group *g, uint64_t block, double *const *columns)
{
	double spread[TRIALS_BLOCK];

	for (size_t i = 0; i < g->n; i++) {
		struct random r = generator(t, block, g->members[i]);

		distribution_draw(&standard_normal, &r, columns[g->members[i]], TRIALS_BLOCK);
		if (i == 0)
			distribution_draw_spread(g->degrees_of_freedom, &r, spread, TRIALS_BLOCK);
	}
	correlate(g, columns);
	for (size_t i = 0; i < g->n; i++)
		place(&t->inputs->list[g->members[i]].knowledge, spread, columns[g->members[i]]);
}

void trials_draw(const struct trials *t, uint64_t block, double *const *columns)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct trials_group *g = &t->groups[i];

		if (g->n == 1) {
			struct random r = generator(t, block, g->members[0]);

			distribution_draw(&t->inputs->list[g->members[0]].knowledge, &r, columns[g->members[0]],
					  TRIALS_BLOCK);
		} else {
			draw_jointly(t, g, block, columns);
		}
	}
}
