/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "polynomial.h"

#include <math.h>

#include "evaluate.h"

#define TERMS (POLYNOMIAL_DEGREE + 1)

static void powers(const void *self, double x, double *value, double *slope)
{
	const struct polynomial *p = self;
	double s = (x - p->shift) / p->scale, power = 1;

	for (size_t j = 0; j <= p->degree; j++) {
		value[j] = power;
		if (slope)
			slope[j] = j ? (double)j * value[j - 1] / p->scale : 0;
		power *= s;
	}
}

struct curve_basis polynomial_basis(const struct polynomial *p)
{
	return (struct curve_basis){ .n = p->degree + 1, .at = powers, .self = p };
}

/* The middle of the points, and half their range, up to a power of two: dividing by it is exact. */
static void choose_variable(struct polynomial *p, const struct curve_points *points)
{
	double low = INFINITY, high = -INFINITY;
	int exponent;

	for (size_t i = 0; i < points->n; i++) {
		low = fmin(low, points->x[i]);
		high = fmax(high, points->x[i]);
	}
	p->shift = low + (high - low) / 2;
	frexp((high - low) / 2, &exponent);
	p->scale = high > low ? ldexp(1, exponent) : 1;
}

int polynomial_fit(struct polynomial *p, const struct curve_points *points, size_t degree, struct err *e)
{
	struct curve_basis basis;

	*p = (struct polynomial){ .degree = degree };
	if (degree > POLYNOMIAL_DEGREE)
		return err_set(e, ERR_CONFIG, "a polynomial of degree %zu: at most %d", degree, POLYNOMIAL_DEGREE);
	choose_variable(p, points);
	basis = polynomial_basis(p);
	return curve_fit(&p->curve, &basis, points, e);
}

void polynomial_release(struct polynomial *p)
{
	curve_release(&p->curve);
}

/* Row j: what the power j of x - origin gets of each power of the variable.  With s = h + (x - origin) / scale,
 * s^k holds (k over j) h^(k-j) / scale^j of it. */
static void expand(const struct polynomial *p, double origin, double t[TERMS][TERMS])
{
	double h = (origin - p->shift) / p->scale;

	for (size_t j = 0; j <= p->degree; j++) {
		double term = pow(p->scale, -(double)j);

		for (size_t k = j; k <= p->degree; k++) {
			t[j][k] = term;
			term *= h * (double)(k + 1) / (double)(k + 1 - j);
		}
	}
}

static double expanded(const double *a, const double *v, size_t from, size_t to, size_t stride)
{
	struct sum s = { 0 };

	for (size_t k = from; k <= to; k++)
		sum_add(&s, a[k] * v[k * stride]);
	return sum_value(&s);
}

void polynomial_about(const struct polynomial *p, double origin, double *coefficient, double *covariance)
{
	size_t n = p->degree + 1;
	double t[TERMS][TERMS], half[TERMS];

	expand(p, origin, t);
	for (size_t i = 0; i < n; i++) {
		coefficient[i] = expanded(t[i], p->curve.p, i, p->degree, 1);
		for (size_t k = 0; covariance && k < n; k++)
			half[k] = expanded(t[i], p->curve.covariance + k, i, p->degree, n);
		for (size_t j = 0; covariance && j < n; j++)
			covariance[i * n + j] = expanded(t[j], half, j, p->degree, 1);
	}
}
