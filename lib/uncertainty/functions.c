/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "functions.h"

#include <string.h>

#include "air.h"
#include "nearest.h"

#define AIR_RANGE  "600 hPa to 1100 hPa, 15 degC to 27 degC, humidity 0 to 1"
#define AIR_SOURCE "CIPM-2007: Picard et al., Metrologia 45 (2008) 149-155"

static const struct function table[] = {
	{ .name = "air_density", .arity = 3, .unit = "kg m-3", .of = air_density,
	  .arguments = { { "pressure", "Pa" }, { "temperature", "degC" }, { "humidity", "1" } },
	  .range = AIR_RANGE, .source = AIR_SOURCE,
	  .help = "density of moist air with 400 umol/mol of carbon dioxide" },
	{ .name = "air_density_co2", .arity = 4, .unit = "kg m-3", .of = air_density_co2,
	  .arguments = { { "pressure", "Pa" }, { "temperature", "degC" }, { "humidity", "1" },
			 { "carbon_dioxide", "1" } },
	  .range = AIR_RANGE ", carbon dioxide 0 to 0.01", .source = AIR_SOURCE,
	  .help = "density of moist air with this mole fraction of carbon dioxide" },
};
#define FUNCTIONS (sizeof table / sizeof *table)

const struct function *functions(size_t *n)
{
	*n = FUNCTIONS;
	return table;
}

const struct function *function_find(const char *name)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

const char *function_nearest(const char *name)
{
	struct nearest n = { 0 };

	for (size_t i = 0; i < FUNCTIONS; i++)
		nearest_offer(&n, name, table[i].name);
	return n.word;
}

/* The formula at x, with variable a along the one direction and b along the other. */
static struct hyper at(const struct function *f, const double *x, size_t a, size_t b)
{
	struct hyper h[FUNCTION_ARGUMENTS];

	for (size_t i = 0; i < f->arity; i++)
		h[i] = (struct hyper){ x[i], i == a, i == b, 0 };
	return f->of(f->self, h);
}

double function_value(const struct function *f, const double *x)
{
	return at(f, x, f->arity, f->arity).v;
}

static void first_only(const struct function *f, const double *x, double *y, double *first)
{
	for (size_t a = 0; a < f->arity; a++) {
		struct hyper h = at(f, x, a, f->arity);

		*y = h.v;
		first[a] = h.i;
	}
}

void function_derivatives(const struct function *f, const double *x, double *y, double *first, double *second)
{
	if (!second) {
		first_only(f, x, y, first);
		return;
	}
	for (size_t a = 0; a < f->arity; a++)
		for (size_t b = a; b < f->arity; b++) {
			struct hyper h = at(f, x, a, b);

			*y = h.v;
			first[a] = h.i;
			second[a * f->arity + b] = second[b * f->arity + a] = h.ij;
		}
}
