/* SPDX-License-Identifier: GPL-3.0-or-later
 * curve_fit.c - the fit itself: one weighted step where x is exact, as many as it takes where it is not. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "curve.h"
#include "evaluate.h"
#include "least_squares.h"
#include "mem.h"
#include "whitening.h"

#define STEPS 200
/* How far a step may still move a parameter, in its standard uncertainties: no one sees that. */
#define SETTLED 1e-12
/* Where rounding keeps it from getting there, it may move no farther than this. */
#define NEARLY_SETTLED 1e-6
/* Times that the true x are estimated for given parameters: the curve is next to straight within u(x). */
#define ESTIMATES 3

struct fit {
	const struct curve_basis *basis;
	const struct curve_points *points;
	struct curve *curve;
	double *design;         /* the functions at the estimates of the true x */
	double *slope;          /* of the curve there */
	double *rest;           /* z of curve.h */
};

/* ---- what is known of the points ---------------------------------------------------------------- */

static double covariance(const double *matrix, const double *u, size_t n, size_t i, size_t j)
{
	if (matrix)
		return matrix[i * n + j];
	return u && i == j ? u[i] * u[i] : 0;
}

static double covariance_x(const struct curve_points *p, size_t i, size_t j)
{
	return covariance(p->covariance_x, p->u_x, p->n, i, j);
}

static double covariance_xy(const struct curve_points *p, size_t i, size_t j)
{
	return covariance(p->covariance_xy, NULL, p->n, i, j);
}

/* V of curve.h: the covariance of z[i] and z[j]. */
static double covariance_z(const struct fit *f, size_t i, size_t j)
{
	const struct curve_points *p = f->points;
	const double *d = f->slope;

	return covariance(p->covariance_y, p->u_y, p->n, i, j) + d[i] * covariance_x(p, i, j) * d[j]
		- d[i] * covariance_xy(p, i, j) - covariance_xy(p, j, i) * d[j];
}

static bool is_x_exact(const struct curve_points *p)
{
	return !p->u_x && !p->covariance_x && !p->covariance_xy;
}

static bool is_y_known(const struct curve_points *p)
{
	return p->u_y || p->covariance_y;
}

static int check_uncertainties(const double *u, size_t n, const char *of, struct err *e)
{
	for (size_t i = 0; u && i < n; i++)
		if (!(u[i] >= 0) || !isfinite(u[i]))
			return err_set(e, ERR_CONFIG, "point %zu: a standard uncertainty u(%s) of %g", i + 1, of, u[i]);
	return 0;
}

static int check(const struct curve_points *p, struct err *e)
{
	if ((p->u_x && p->covariance_x) || (p->u_y && p->covariance_y))
		return err_set(e, ERR_CONFIG, "the points have standard uncertainties and a covariance: the covariance "
			       "alone says both");
	if (!is_x_exact(p) && !is_y_known(p))
		return err_set(e, ERR_CONFIG, "the points have u(x) and no u(y): state u(y) as well, the residuals "
			       "cannot tell the two apart");
	if (check_uncertainties(p->u_x, p->n, "x", e) < 0 || check_uncertainties(p->u_y, p->n, "y", e) < 0)
		return -1;
	return 0;
}

/* ---- one step ------------------------------------------------------------------------------------- */

/* The curve at its estimate of the true x of point i, and what is left of the point. */
static void linearise(struct fit *f, size_t i, double *slopes)
{
	const struct curve *c = f->curve;
	double *functions = f->design + i * c->n;
	struct sum value = { 0 }, slope = { 0 };

	f->basis->at(f->basis->self, c->x[i], functions, slopes);
	sum_add(&value, f->points->y[i]);
	for (size_t j = 0; j < c->n; j++) {
		sum_add(&value, -c->p[j] * functions[j]);
		sum_add(&slope, c->p[j] * slopes[j]);
	}
	f->slope[i] = sum_value(&slope);
	sum_add(&value, -f->slope[i] * (f->points->x[i] - c->x[i]));
	f->rest[i] = sum_value(&value);
}

static void linearise_all(struct fit *f)
{
	double *slopes = mem_array(f->curve->n, sizeof *slopes);

	for (size_t i = 0; i < f->points->n; i++)
		linearise(f, i, slopes);
	free(slopes);
}

static int whiten(struct fit *f, struct whitening *w, struct err *e)
{
	const struct curve_points *p = f->points;
	bool full = p->covariance_x || p->covariance_y || p->covariance_xy;
	double *v = mem_array(full ? p->n * p->n : p->n, sizeof *v);

	for (size_t i = 0; i < p->n; i++)
		for (size_t j = full ? 0 : i; j <= i; j++)
			v[full ? i * p->n + j : i] = covariance_z(f, i, j);
	if ((full ? whitening_of_covariance : whitening_of_variances)(w, v, p->n, e) < 0)
		return -1;
	whitening_forward(w, f->rest, 1);
	for (size_t j = 0; j < f->curve->n; j++)
		whitening_forward(w, f->design + j, f->curve->n);
	return 0;
}

/* The true x as z has them: x - (U_xy - U_x d) V^-1 z; residual is L^-1 z. */
static void estimate_x(struct fit *f, const struct whitening *w, double *residual)
{
	const struct curve_points *p = f->points;

	whitening_backward(w, residual);
	for (size_t i = 0; i < p->n; i++) {
		struct sum x = { .high = p->x[i] };

		for (size_t j = w->root ? i : 0; j < (w->root ? i + 1 : p->n); j++)
			sum_add(&x, (covariance_x(p, i, j) * f->slope[j] - covariance_xy(p, i, j)) * residual[j]);
		f->curve->x[i] = sum_value(&x);
	}
}

/* How far the step moves, in standard uncertainties of the parameters. */
static double move(struct curve *c, const struct least_squares *s)
{
	double farthest = 0;

	for (size_t j = 0; j < c->n; j++) {
		c->p[j] += s->p[j];
		farthest = fmax(farthest, fabs(s->p[j]) / sqrt(s->cofactor[j * c->n + j]));
	}
	for (size_t k = 0; k < c->n * c->n; k++)
		c->covariance[k] = s->cofactor[k];
	return farthest;
}

/* Returns how far it moved, or -1.  Not weighted: as if every y had variance 1, and x none. */
static double step(struct fit *f, bool weighted, struct err *e)
{
	struct curve *c = f->curve;
	struct whitening w = { 0 };
	struct least_squares s;
	double moved = -1;

	linearise_all(f);
	if (weighted && whiten(f, &w, e) < 0)
		return -1;
	if (!least_squares_solve(&s, f->design, f->rest, f->points->n, c->n, e)) {
		moved = move(c, &s);
		c->chi_squared = s.squares;
		if (weighted && !is_x_exact(f->points))
			estimate_x(f, &w, s.residual);
		least_squares_release(&s);
	}
	whitening_release(&w);
	return moved;
}

/* ---- all of them ------------------------------------------------------------------------------------ */

/* The sum of squared weighted distances of the points from the curve of these very parameters. */
static double distance(struct fit *f)
{
	const struct curve_points *p = f->points;
	double *residual = mem_array(p->n, sizeof *residual), squares = INFINITY;
	struct whitening w;
	struct err e;

	for (int k = 0; k < ESTIMATES; k++) {
		linearise_all(f);
		if (whiten(f, &w, &e) < 0)
			break;
		squares = 0;
		for (size_t i = 0; i < p->n; i++) {
			residual[i] = f->rest[i];
			squares += residual[i] * residual[i];
		}
		estimate_x(f, &w, residual);
		whitening_release(&w);
	}
	free(residual);
	return squares;
}

/* Steps may come to rest on a ridge as well as in a valley.  A standard uncertainty of each parameter away, on either
 * side and with the others following it, the distance must be greater; in a valley it is by about 1. */
static bool is_least(struct fit *f)
{
	struct curve *c = f->curve;
	double *p = mem_copy(c->p, c->n * sizeof *p), *x = mem_copy(c->x, f->points->n * sizeof *x);
	bool least = true;

	for (size_t j = 0; j < 2 * c->n; j++) {
		const double *row = c->covariance + j / 2 * c->n;
		double side = (j % 2 ? 1 : -1) / sqrt(row[j / 2]);

		for (size_t k = 0; k < c->n; k++)
			c->p[k] = p[k] + side * row[k];
		least = least && distance(f) > c->chi_squared;
	}
	free(c->p);
	free(c->x);
	c->p = p;
	c->x = x;
	return least;
}

static int approach(struct fit *f, struct err *e)
{
	double moved = INFINITY, last;

	if (step(f, false, e) < 0)
		return -1;
	for (int i = 0; i < STEPS; i++) {
		last = moved;
		moved = step(f, true, e);
		if (moved < 0)
			return -1;
		if (moved < SETTLED || (moved < NEARLY_SETTLED && moved > last / 2))
			break;
	}
	if (moved < NEARLY_SETTLED && is_least(f))
		return 0;
	return err_set(e, ERR_CONFIG, "no curve in sight that is nearest to the points: their u(x) may be too large for the "
		       "range of x");
}

/* One variance for all points, from the residuals: JCGM 100:2008, H.3.2. */
static void estimate_variance(struct curve *c)
{
	double variance = c->freedom ? c->chi_squared / (double)c->freedom : NAN;

	for (size_t k = 0; k < c->n * c->n; k++)
		c->covariance[k] *= variance;
	c->deviation = sqrt(variance);
	c->chi_squared = NAN;
}

static int fit(struct fit *f, struct err *e)
{
	bool known = is_y_known(f->points);
	int bad = is_x_exact(f->points) ? step(f, known, e) < 0 : approach(f, e);

	if (bad)
		return -1;
	f->curve->freedom = f->points->n - f->curve->n;
	if (!known)
		estimate_variance(f->curve);
	return 0;
}

int curve_fit(struct curve *c, const struct curve_basis *basis, const struct curve_points *points, struct err *e)
{
	struct fit f = { .basis = basis, .points = points, .curve = c };
	int bad;

	if (check(points, e) < 0)
		return -1;
	*c = (struct curve){ .n = basis->n, .chi_squared = NAN, .deviation = NAN };
	c->p = mem_array(c->n, sizeof *c->p);
	c->covariance = mem_array(c->n * c->n, sizeof *c->p);
	c->x = mem_copy(points->x, points->n * sizeof *c->x);
	f.design = mem_array(points->n * c->n, sizeof *f.design);
	f.slope = mem_array(points->n, sizeof *f.slope);
	f.rest = mem_array(points->n, sizeof *f.rest);
	bad = fit(&f, e);
	free(f.design);
	free(f.slope);
	free(f.rest);
	if (bad)
		curve_release(c);
	return bad;
}
