/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "composition.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

struct composition_own {
	const struct measurement_function *inner;
	const struct summand **arguments;
};

/* Trials at a time: their columns fit into a cache. */
#define CHUNK 512

static double sum_at(const struct summand *a, const double *x)
{
	double y = a->fixed;

	for (size_t i = 0; i < a->n; i++)
		y += a->terms[i].factor * x[i];
	return y;
}

static void sum_columns(const struct summand *a, const double *const *x, size_t from, size_t n, double *y)
{
	for (size_t t = 0; t < n; t++)
		y[t] = a->fixed;
	for (size_t i = 0; i < a->n; i++)
		for (size_t t = 0; t < n; t++)
			y[t] += a->terms[i].factor * x[i][from + t];
}

static void values(const void *self, const double *const *x, size_t trials, double *y)
{
	const struct composition_own *own = self;
	size_t n = own->inner->n;
	double *room = mem_array(n * CHUNK, sizeof *room);
	const double **columns = mem_array(n, sizeof *columns);

	for (size_t from = 0; from < trials; from += CHUNK) {
		size_t some = trials - from < CHUNK ? trials - from : CHUNK, at = 0;

		for (size_t i = 0; i < n; at += own->arguments[i++]->n) {
			sum_columns(own->arguments[i], x + at, from, some, room + i * CHUNK);
			columns[i] = room + i * CHUNK;
		}
		own->inner->values(own->inner->self, columns, some, y + from);
	}
	free(columns);
	free(room);
}

/* The chain rule, whose inner derivatives are constants: df/dx = factor df/da, and so twice. */
static void spread_first(const struct composition_own *own, const double *inner, double *first)
{
	size_t at = 0;

	for (size_t i = 0; i < own->inner->n; i++)
		for (size_t k = 0; k < own->arguments[i]->n; k++)
			first[at++] = own->arguments[i]->terms[k].factor * inner[i];
}

static void spread_second(const struct composition_own *own, const double *inner, double *second)
{
	size_t n = own->inner->n, at = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < own->arguments[i]->n; k++)
			for (size_t j = 0; j < n; j++)
				for (size_t l = 0; l < own->arguments[j]->n; l++)
					second[at++] = own->arguments[i]->terms[k].factor * own->arguments[j]->terms[l].factor *
						inner[i * n + j];
}

static void derivatives(const void *self, const double *x, double *y, double *first, double *second)
{
	const struct composition_own *own = self;
	size_t n = own->inner->n, at = 0;
	double *a = mem_array(n, sizeof *a), *d = mem_array(n, sizeof *d);
	double *dd = second ? mem_array(n * n, sizeof *dd) : NULL;

	for (size_t i = 0; i < n; at += own->arguments[i++]->n)
		a[i] = sum_at(own->arguments[i], x + at);
	own->inner->derivatives(own->inner->self, a, y, d, dd);
	spread_first(own, d, first);
	if (second)
		spread_second(own, dd, second);
	free(a);
	free(d);
	free(dd);
}

struct composition *composition_new(const struct measurement_function *inner, const struct summand *const *arguments)
{
	struct composition *c = mem_new(sizeof *c);
	size_t n = 0;

	c->own = mem_new(sizeof *c->own);
	c->own->inner = inner;
	c->own->arguments = mem_array(inner->n, sizeof *c->own->arguments);
	for (size_t i = 0; i < inner->n; i++) {
		c->own->arguments[i] = arguments[i];
		n += arguments[i]->n;
	}
	c->places = mem_array(n, sizeof *c->places);
	c->function = (struct measurement_function){ n, c->own, values, inner->derivatives ? derivatives : NULL };
	n = 0;
	for (size_t i = 0; i < inner->n; i++)
		for (size_t k = 0; k < arguments[i]->n; k++)
			c->places[n++] = arguments[i]->terms[k].place;
	return c;
}

void composition_free(struct composition **out)
{
	struct composition *c = *out;

	if (!c)
		return;
	free(c->own->arguments);
	free(c->own);
	free(c->places);
	free(c);
	*out = NULL;
}
