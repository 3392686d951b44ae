/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cvd_fit.h"

#include <math.h>

#include "evaluate.h"

#define LOWEST  -200.0
#define HIGHEST  850.0
#define HUNDRED  100.0          /* degC, of the equation; and the unit in which the functions count t */

/* In hundreds of degrees all functions are of the order of 1: their parameters are R0, 1e2 R0 A, 1e4 R0 B, 1e8 R0 C. */
static const double unit[CVD_COEFFICIENTS] = { 1, 1e2, 1e4, 1e8 };

static void equation(const void *self, double x, double *value, double *slope)
{
	const struct cvd_fit *f = self;
	double t = x / HUNDRED;
	bool below = t < 0;

	value[CVD_R0] = 1;
	value[CVD_A] = t;
	value[CVD_B] = t * t;
	if (f->has_c)
		value[CVD_C] = below ? (t - 1) * t * t * t : 0;
	if (!slope)
		return;
	slope[CVD_R0] = 0;
	slope[CVD_A] = 1 / HUNDRED;
	slope[CVD_B] = 2 * t / HUNDRED;
	if (f->has_c)
		slope[CVD_C] = below ? (4 * t - 3) * t * t / HUNDRED : 0;
}

struct curve_basis cvd_basis(const struct cvd_fit *f)
{
	return (struct curve_basis){ .n = f->has_c ? 4 : 3, .at = equation, .self = f };
}

static int check(const struct curve_points *points, bool *below, struct err *e)
{
	for (size_t i = 0; i < points->n; i++) {
		if (!(points->x[i] >= LOWEST && points->x[i] <= HIGHEST))
			return err_set(e, ERR_CONFIG, "point %zu, %g degC: Callendar-Van Dusen holds from %g degC to %g degC",
				       i + 1, points->x[i], LOWEST, HIGHEST);
		*below |= points->x[i] < 0;
	}
	return 0;
}

/* Derivatives of R0, A, B and C by the parameters p: A = p[1] / p[0] / unit, and so on. */
static void derive(const struct cvd_fit *f, double d[CVD_COEFFICIENTS][CVD_COEFFICIENTS])
{
	double r0 = f->curve.p[CVD_R0];

	for (size_t i = 0; i < CVD_COEFFICIENTS; i++)
		for (size_t j = 0; j < CVD_COEFFICIENTS; j++)
			d[i][j] = 0;
	d[CVD_R0][CVD_R0] = 1;
	for (size_t i = CVD_A; i < f->curve.n; i++) {
		d[i][CVD_R0] = -f->value[i] / r0;
		d[i][i] = 1 / (r0 * unit[i]);
	}
}

/* D U D^T */
static double propagated(const struct curve *c, const double *a, const double *b)
{
	struct sum s = { 0 };

	for (size_t i = 0; i < c->n; i++)
		for (size_t j = 0; j < c->n; j++)
			sum_add(&s, a[i] * c->covariance[i * c->n + j] * b[j]);
	return sum_value(&s);
}

int cvd_fit(struct cvd_fit *f, const struct curve_points *points, struct err *e)
{
	double d[CVD_COEFFICIENTS][CVD_COEFFICIENTS];
	struct curve_basis basis;

	*f = (struct cvd_fit){ 0 };
	if (check(points, &f->has_c, e) < 0)
		return -1;
	basis = cvd_basis(f);
	if (curve_fit(&f->curve, &basis, points, e) < 0)
		return -1;
	f->value[CVD_R0] = f->curve.p[CVD_R0];
	for (size_t i = CVD_A; i < f->curve.n; i++)
		f->value[i] = f->curve.p[i] / f->curve.p[CVD_R0] / unit[i];
	derive(f, d);
	for (size_t i = 0; i < CVD_COEFFICIENTS; i++)
		for (size_t j = 0; j < CVD_COEFFICIENTS; j++)
			f->covariance[i][j] = propagated(&f->curve, d[i], d[j]);
	return 0;
}

void cvd_release(struct cvd_fit *f)
{
	curve_release(&f->curve);
}
