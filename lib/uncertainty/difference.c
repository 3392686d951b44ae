/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "difference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define SMALL 6e-6              /* about the cube root of a double's resolution */

struct place {
	const struct measurement_function *f;
	const double *x;                /* from here */
	double *step, *moved;
	const double **columns;         /* each of one number: moved */
};

static double value(const struct place *p)
{
	double y;

	p->f->values(p->f->self, p->columns, 1, &y);
	return y;
}

/* f with inputs a and b moved by so many steps. */
static double moved(const struct place *p, size_t a, double by_a, size_t b, double by_b)
{
	memcpy(p->moved, p->x, p->f->n * sizeof *p->moved);
	p->moved[a] += by_a * p->step[a];
	p->moved[b] += by_b * p->step[b];
	return value(p);
}

static double slope(const struct place *p, size_t a, double s)
{
	return (moved(p, a, s, a, 0) - moved(p, a, -s, a, 0)) / (2 * s * p->step[a]);
}

/* Of an input with itself the four places are three, two steps apart. */
static double bend(const struct place *p, size_t a, size_t b, double s)
{
	double up = moved(p, a, s, b, s) - moved(p, a, s, b, -s), down = moved(p, a, -s, b, s) - moved(p, a, -s, b, -s);

	return (up - down) / (4 * s * s * p->step[a] * p->step[b]);
}

/* What an error in the square of the step leaves of two. */
static double extrapolated(double whole, double half)
{
	return (4 * half - whole) / 3;
}

static void place_make(struct place *p, const struct measurement_function *f, const double *x, const double *u)
{
	*p = (struct place){ .f = f, .x = x };
	p->step = mem_array(2 * f->n + 1, sizeof *p->step);
	p->moved = p->step + f->n;
	p->columns = mem_array(f->n + 1, sizeof *p->columns);
	for (size_t i = 0; i < f->n; i++) {
		p->step[i] = u[i] > 0 ? u[i] / 2 : x[i] != 0 ? SMALL * fabs(x[i]) : SMALL;
		p->columns[i] = &p->moved[i];
	}
}

void difference_derivatives(const struct measurement_function *f, const double *x, const double *u, double *y,
			    double *first, double *second)
{
	struct place p;

	place_make(&p, f, x, u);
	memcpy(p.moved, x, f->n * sizeof *x);
	*y = value(&p);
	for (size_t a = 0; a < f->n; a++) {
		first[a] = extrapolated(slope(&p, a, 1), slope(&p, a, 0.5));
		for (size_t b = a; second && b < f->n; b++)
			second[a * f->n + b] = second[b * f->n + a] =
				extrapolated(bend(&p, a, b, 1), bend(&p, a, b, 0.5));
	}
	free(p.columns);
	free(p.step);
}
