/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "least_squares.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "evaluate.h"
#include "mem.h"
#include "student.h"

#define REFINEMENTS 20          /* each gains the digits that are left of 16 after the condition of A: 2 or 3 do */

/* A with columns of about one length, and the factors of it. */
struct factors {
	size_t m, n;
	double *a, *scale;              /* a: A times the diagonal matrix of the scales */
	double *qr, *tau;
};

static gsl_matrix_view matrix(double *p, size_t rows, size_t columns)
{
	return gsl_matrix_view_array(p, rows, columns);
}

static gsl_matrix_view upper(struct factors *f)
{
	return matrix(f->qr, f->n, f->n);
}

/* What the product rounded off is added as well. */
static void add_product(struct sum *s, double a, double b)
{
	double product = a * b;

	sum_add(s, product);
	sum_add(s, fma(a, b, -product));
}

static double column_scale(const double *a, size_t m, size_t n)
{
	double norm = 0;
	int exponent;

	for (size_t i = 0; i < m; i++)
		norm = hypot(norm, a[i * n]);
	frexp(norm, &exponent);
	return norm > 0 ? ldexp(1, -exponent) : 1;
}

static void factors_new(struct factors *f, const double *a, size_t m, size_t n)
{
	gsl_matrix_view qr;
	gsl_vector_view tau;

	*f = (struct factors){ .m = m, .n = n, .a = mem_copy(a, m * n * sizeof *a),
			       .scale = mem_array(n, sizeof *a), .tau = mem_array(n, sizeof *a) };
	for (size_t j = 0; j < n; j++) {
		f->scale[j] = column_scale(a + j, m, n);
		for (size_t i = 0; i < m; i++)
			f->a[i * n + j] *= f->scale[j];
	}
	f->qr = mem_copy(f->a, m * n * sizeof *a);
	qr = matrix(f->qr, m, n);
	tau = gsl_vector_view_array(f->tau, n);
	gsl_linalg_QR_decomp(&qr.matrix, &tau.vector);
}

static void factors_free(struct factors *f)
{
	free(f->a);
	free(f->scale);
	free(f->qr);
	free(f->tau);
}

/* Of columns of one length, the reciprocal condition says how near they are to depending on each other.  NAN where
 * they wholly do. */
static bool is_determined(struct factors *f)
{
	gsl_matrix_view qr = matrix(f->qr, f->m, f->n);
	double *work = mem_array(3 * f->n, sizeof *work), reciprocal = 0;
	gsl_vector_view w = gsl_vector_view_array(work, 3 * f->n);

	gsl_linalg_QR_rcond(&qr.matrix, &reciprocal, &w.vector);
	free(work);
	return reciprocal > (double)f->m * DBL_EPSILON;
}

/* What is left of  r + A p = y  and  A^T r = 0. */
static void remainders(const struct factors *f, const double *y, const double *p, const double *r, double *top,
		       double *bottom)
{
	for (size_t i = 0; i < f->m; i++) {
		struct sum s = { 0 };

		sum_add(&s, y[i]);
		sum_add(&s, -r[i]);
		for (size_t j = 0; j < f->n; j++)
			add_product(&s, -f->a[i * f->n + j], p[j]);
		top[i] = sum_value(&s);
	}
	for (size_t j = 0; j < f->n; j++) {
		struct sum s = { 0 };

		for (size_t i = 0; i < f->m; i++)
			add_product(&s, -f->a[i * f->n + j], r[i]);
		bottom[j] = sum_value(&s);
	}
}

/* Solves  r + A p = top,  A^T r = bottom  by the factors; the answers stand in place of the right sides. */
static void solve(struct factors *f, double *top, double *bottom)
{
	gsl_matrix_view qr = matrix(f->qr, f->m, f->n), r = upper(f);
	gsl_vector_view tau = gsl_vector_view_array(f->tau, f->n);
	gsl_vector_view t = gsl_vector_view_array(top, f->m), b = gsl_vector_view_array(bottom, f->n);

	gsl_linalg_QR_QTvec(&qr.matrix, &tau.vector, &t.vector);
	gsl_blas_dtrsv(CblasUpper, CblasTrans, CblasNonUnit, &r.matrix, &b.vector);
	for (size_t j = 0; j < f->n; j++) {
		double h = bottom[j];

		bottom[j] = top[j] - h;
		top[j] = h;
	}
	gsl_blas_dtrsv(CblasUpper, CblasNoTrans, CblasNonUnit, &r.matrix, &b.vector);
	gsl_linalg_QR_Qvec(&qr.matrix, &tau.vector, &t.vector);
}

static double largest(const double *v, size_t n)
{
	double max = 0;

	for (size_t i = 0; i < n; i++)
		max = fmax(max, fabs(v[i]));
	return max;
}

/* From p = 0 and r = 0 the first step is the plain solution, each further one corrects it.  A correction that is not
 * much smaller than the one before it is rounding, and is not made. */
static void refine(struct factors *f, const double *y, double *p, double *r)
{
	double *top = mem_array(f->m, sizeof *top), *bottom = mem_array(f->n, sizeof *bottom);
	double last = INFINITY, size;

	for (int i = 0; i < REFINEMENTS; i++) {
		remainders(f, y, p, r, top, bottom);
		solve(f, top, bottom);
		size = largest(bottom, f->n);
		if (i && !(size < last / 2))
			break;
		last = size;
		for (size_t k = 0; k < f->m; k++)
			r[k] += top[k];
		for (size_t j = 0; j < f->n; j++)
			p[j] += bottom[j];
	}
	free(top);
	free(bottom);
}

/* R^-1 R^-T, with the scales of the columns put back. */
static void cofactors(struct factors *f, double *c)
{
	size_t n = f->n;
	gsl_matrix_view r = upper(f);

	gsl_linalg_tri_invert(CblasUpper, CblasNonUnit, &r.matrix);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++) {
			struct sum s = { 0 };

			for (size_t k = j; k < n; k++)
				add_product(&s, f->qr[i * n + k], f->qr[j * n + k]);
			c[i * n + j] = c[j * n + i] = sum_value(&s) * f->scale[i] * f->scale[j];
		}
}

static double sum_of_squares(const double *r, size_t n)
{
	struct sum s = { 0 };

	for (size_t i = 0; i < n; i++)
		add_product(&s, r[i], r[i]);
	return sum_value(&s);
}

static bool all_finite(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(v[i]))
			return false;
	return true;
}

static int check(const double *a, const double *y, size_t m, size_t n, struct err *e)
{
	if (m < n)
		return err_set(e, ERR_CONFIG, "%zu parameters cannot be found from %zu observations: measure at %zu "
			       "points or more", n, m, n);
	if (!all_finite(a, m * n) || !all_finite(y, m))
		return err_set(e, ERR_CONFIG, "an observation is not finite: leave it out");
	return 0;
}

int least_squares_solve(struct least_squares *s, const double *a, const double *y, size_t m, size_t n, struct err *e)
{
	struct factors f;

	if (check(a, y, m, n, e) < 0)
		return -1;
	gsl_quiet();
	factors_new(&f, a, m, n);
	if (!is_determined(&f)) {
		factors_free(&f);
		return err_set(e, ERR_CONFIG, "the %zu observations do not determine all %zu parameters: some of them "
			       "lie at the same place", m, n);
	}
	*s = (struct least_squares){ .m = m, .n = n, .p = mem_array(n, sizeof *y),
				     .cofactor = mem_array(n * n, sizeof *y), .residual = mem_array(m, sizeof *y) };
	refine(&f, y, s->p, s->residual);
	for (size_t j = 0; j < n; j++)
		s->p[j] *= f.scale[j];
	cofactors(&f, s->cofactor);
	s->squares = sum_of_squares(s->residual, m);
	factors_free(&f);
	return 0;
}

void least_squares_release(struct least_squares *s)
{
	free(s->p);
	free(s->cofactor);
	free(s->residual);
	*s = (struct least_squares){ 0 };
}
