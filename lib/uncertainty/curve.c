/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "evaluate.h"
#include "mem.h"
#include "student.h"

#define HALVINGS 2000           /* of an interval, until its ends are neighbours */
#define PLACES   256            /* at which a curve is looked at for its direction */

void curve_release(struct curve *c)
{
	free(c->p);
	free(c->covariance);
	free(c->x);
	*c = (struct curve){ 0 };
}

/* a^T b, compensated. */
static double product(const double *a, const double *b, size_t n)
{
	struct sum s = { 0 };

	for (size_t i = 0; i < n; i++)
		sum_add(&s, a[i] * b[i]);
	return sum_value(&s);
}

/* f^T U f */
static double variance(const double *covariance, const double *f, size_t n)
{
	struct sum s = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			sum_add(&s, f[i] * covariance[i * n + j] * f[j]);
	return sum_value(&s);
}

double curve_value(const struct curve *c, const struct curve_basis *basis, double x, double *u)
{
	double *f = mem_array(c->n, sizeof *f), y;

	basis->at(basis->self, x, f, NULL);
	y = product(c->p, f, c->n);
	if (u)
		*u = sqrt(variance(c->covariance, f, c->n));
	free(f);
	return y;
}

static double slope_at(const struct curve *c, const struct curve_basis *basis, double x)
{
	double *f = mem_array(2 * c->n, sizeof *f), slope;

	basis->at(basis->self, x, f, f + c->n);
	slope = product(c->p, f + c->n, c->n);
	free(f);
	return slope;
}

static bool is_one_way(const struct curve *c, const struct curve_basis *basis, double low, double high)
{
	bool up = slope_at(c, basis, low) > 0;

	for (int i = 0; i <= PLACES; i++) {
		double slope = slope_at(c, basis, low + (high - low) * i / PLACES);

		if (slope == 0 || (slope > 0) != up)
			return false;
	}
	return true;
}

static double halve(const struct curve *c, const struct curve_basis *basis, double y, double low, double high)
{
	bool up = curve_value(c, basis, high, NULL) > curve_value(c, basis, low, NULL);

	for (int i = 0; i < HALVINGS; i++) {
		double middle = low + (high - low) / 2;

		if (middle == low || middle == high)
			break;
		if ((curve_value(c, basis, middle, NULL) < y) == up)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int curve_argument(const struct curve *c, const struct curve_basis *basis, double y, double u_y, double low,
		   double high, double *x, double *u, struct err *e)
{
	double at_low = curve_value(c, basis, low, NULL), at_high = curve_value(c, basis, high, NULL), u_curve;

	if (!(y >= fmin(at_low, at_high) && y <= fmax(at_low, at_high)))
		return err_set(e, ERR_CONFIG, "the curve goes from %.10g to %.10g between %.10g and %.10g and does not "
			       "pass %.10g", at_low, at_high, low, high, y);
	if (!is_one_way(c, basis, low, high))
		return err_set(e, ERR_CONFIG, "the curve turns between %.10g and %.10g: no one place belongs to %.10g",
			       low, high, y);
	*x = halve(c, basis, y, low, high);
	curve_value(c, basis, *x, &u_curve);
	*u = hypot(u_y, u_curve) / fabs(slope_at(c, basis, *x));
	return 0;
}

double curve_chance(const struct curve *c)
{
	if (isnan(c->chi_squared) || c->freedom == 0)
		return NAN;
	gsl_quiet();
	return gsl_cdf_chisq_Q(c->chi_squared, (double)c->freedom);
}
