/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "covariance.h"

#include <math.h>
#include <stdlib.h>

#include "mem.h"

/* C, turned round: for each input of the table, the results that rest on it. */
struct share { size_t result; double contribution; };           /* with its sign */
struct shares {
	size_t *start;                  /* of each input's; one more at the end */
	struct share *list;
};

static void shares_make(struct shares *s, const struct input_table *t, const struct budget *results, size_t n)
{
	size_t *next;

	s->start = mem_array(t->n + 2, sizeof *s->start);
	next = s->start + 1;            /* while it is filled, the start of the input before */
	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < results[r].n; i++)
			next[results[r].lines[i].place + 1]++;
	for (size_t i = 1; i <= t->n; i++)
		next[i] += next[i - 1];
	s->list = mem_array(next[t->n] + 1, sizeof *s->list);
	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < results[r].n; i++) {
			const struct budget_line *l = &results[r].lines[i];

			s->list[next[l->place]++] = (struct share){ r, l->sensitivity * t->list[l->place].uncertainty };
		}
}

/* A result's row up to the diagonal stays in the cache while its inputs are gone through, one after another. */
static void add_row(const struct shares *s, const struct input_table *t, const struct budget *result, size_t a, double *row)
{
	for (size_t i = 0; i < result->n; i++) {
		const struct budget_line *l = &result->lines[i];
		const struct share *with = s->list + s->start[l->place];
		double contribution = l->sensitivity * t->list[l->place].uncertainty;

		for (; with->result < a; with++)        /* a itself is one of them, so it ends */
			row[with->result] += contribution * with->contribution;
		row[a] += contribution * contribution;
	}
}

static void add_correlation(const struct shares *s, const struct correlation *c, size_t n, double *v)
{
	for (size_t a = s->start[c->a]; a < s->start[c->a + 1]; a++)
		for (size_t b = s->start[c->b]; b < s->start[c->b + 1]; b++) {
			const struct share *x = &s->list[a], *y = &s->list[b];
			double shared = c->coefficient * x->contribution * y->contribution;

			v[x->result * n + y->result] += shared;
			v[y->result * n + x->result] += shared;
		}
}

#define TILE 32                 /* two tiles of numbers stay in the cache, where columns would not */

static void mirror(double *v, size_t n)
{
	for (size_t row = 0; row < n; row += TILE)
		for (size_t column = 0; column <= row; column += TILE)
			for (size_t a = row; a < n && a < row + TILE; a++)
				for (size_t b = column; b < a && b < column + TILE; b++)
					v[b * n + a] = v[a * n + b];
}

void covariance_of(const struct input_table *t, const struct budget *results, size_t n, double *v)
{
	struct shares s;

	shares_make(&s, t, results, n);
	for (size_t i = 0; i < n * n; i++)
		v[i] = 0;
	for (size_t a = 0; a < n; a++)
		add_row(&s, t, &results[a], a, v + a * n);
	mirror(v, n);
	for (size_t i = 0; i < t->n_correlations; i++)
		add_correlation(&s, &t->correlations[i], n, v);
	free(s.start);
	free(s.list);
}

double covariance_correlation(const double *v, size_t n, size_t a, size_t b)
{
	double u = sqrt(v[a * n + a]) * sqrt(v[b * n + b]);

	return a == b ? 1 : u > 0 ? v[a * n + b] / u : 0;
}

void covariance_of_sums(const double *v, size_t n, const double *w, size_t m, double *out)
{
	double *half = mem_array(n + 1, sizeof *half);          /* a row of w V */

	for (size_t k = 0; k < m; k++) {
		for (size_t j = 0; j < n; j++) {
			half[j] = 0;
			for (size_t i = 0; i < n; i++)
				half[j] += w[k * n + i] * v[i * n + j];
		}
		for (size_t l = 0; l < m; l++) {
			out[k * m + l] = 0;
			for (size_t j = 0; j < n; j++)
				out[k * m + l] += half[j] * w[l * n + j];
		}
	}
	free(half);
}
