/* SPDX-License-Identifier: GPL-3.0-or-later
 * Deviation coefficients.  Published: those of the sample certificate of test_its90.c, from its resistances.  Others:
 * coefficients that give points must come back from them, in every sub-range. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "functions.h"
#include "its90_fit.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void assert_within(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within))
		fail_msg("%.17g is not %.17g within %g", x, expected, within);
}

static struct its90_fit fitted(const struct its90_range *range, const struct its90_points *points)
{
	struct its90_fit f;
	struct err e;

	if (its90_fit(&f, range, points, &e) < 0)
		fail_msg("%s", e.text);
	return f;
}

static void certificate(void **state)
{
	static const double water = 25.544261, u[] = { 1e-6, 1e-6, 1e-6 };
	const double hot[] = { 48.342838 / water, 65.608169 / water, 86.217653 / water };
	const double cold[] = { 21.563901 / water, 28.561074 / water };
	const double hot_t[] = { 231.927, 419.527, 660.32 }, cold_t[] = { -38.8344, 29.7646 };
	struct its90_fit f = fitted(&its90_aluminium, &(struct its90_points){ .n = 3, .ratio = hot, .t = hot_t, .u = u });

	(void)state;
	assert_within(f.curve.p[0], -2.982376094442697e-4, 1e-13);
	assert_within(f.curve.p[1], -2.347216136920800e-5, 1e-13);
	assert_within(f.curve.p[2], 5.058518332814592e-6, 1e-13);
	its90_fit_release(&f);
	f = fitted(&its90_mercury, &(struct its90_points){ .n = 2, .ratio = cold, .t = cold_t, .u = u });
	assert_within(f.curve.p[0], -2.796694757957740e-4, 1e-13);
	assert_within(f.curve.p[1], -3.199472366290438e-4, 1e-12);
	its90_fit_release(&f);
}

enum { MOST = 12 };

/* Points of a thermometer with these coefficients, evenly over the range. */
static void points_of(const struct its90_range *r, const double *k, size_t n, double aluminium, double *w, double *t)
{
	for (size_t i = 0; i < MOST; i++) {
		struct hyper x[9] = { { 0 } }, at;

		t[i] = r->low + (r->high - r->low) * (double)(i + 1) / MOST;
		at = hyper_of(t[i]);
		w[i] = its90_ratio(NULL, &at).v;
		x[0] = hyper_of(w[i]);
		for (size_t c = 0; c < n; c++)
			x[1 + c] = hyper_of(k[c]);
		x[1 + n] = hyper_of(aluminium);
		for (int step = 0; step < 6; step++)             /* W = Wr + deviation(W) */
			x[0] = hyper_of(w[i] + its90_deviation(r, x).v);
		w[i] = x[0].v;
	}
}

static void coefficients_come_back(void **state)
{
	static const struct { const struct its90_range *range; size_t n; double k[7]; } rows[] = {
		{ &its90_hydrogen, 7, { -1.3e-4, -2e-5, 1e-6, -2e-6, 3e-7, 4e-8, -5e-9 } },
		{ &its90_neon, 5, { -1.3e-4, -2e-5, 1e-6, -2e-6, 3e-7 } },
		{ &its90_oxygen, 3, { -1.3e-4, -2e-5, 1e-6 } }, { &its90_argon, 2, { -1.2e-4, 1.5e-5 } },
		{ &its90_silver, 4, { -3e-4, -2e-5, 5e-6, -4e-5 } }, { &its90_aluminium, 3, { -3e-4, -2e-5, 5e-6 } },
		{ &its90_zinc, 2, { -3e-4, -2e-5 } }, { &its90_tin, 2, { -3e-4, -2e-5 } }, { &its90_indium, 1, { -3e-4 } },
		{ &its90_gallium, 1, { -3e-4 } }, { &its90_mercury, 2, { -3e-4, -2e-5 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		double w[MOST], t[MOST];
		struct its90_fit f;

		points_of(rows[i].range, rows[i].k, rows[i].n, 3.3752, w, t);
		f = fitted(rows[i].range, &(struct its90_points){ .n = MOST, .ratio = w, .t = t, .aluminium = 3.3752 });
		assert_int_equal(f.curve.n, rows[i].n);
		for (size_t k = 0; k < rows[i].n; k++)
			assert_within(f.curve.p[k], rows[i].k[k], 1e-12);
		its90_fit_release(&f);
	}
}

/* One coefficient from one point: a = deviation / (W - 1), and u(a) = u / (W - 1). */
static void uncertainty(void **state)
{
	const double w[] = { 1.1181 }, t[] = { 29.7646 }, u[] = { 2e-7 };
	struct its90_fit f = fitted(&its90_gallium, &(struct its90_points){ .n = 1, .ratio = w, .t = t, .u = u });
	struct curve_basis basis = its90_fit_basis(&f);
	double deviation = w[0] - 1.11813889250740842, at;

	(void)state;
	assert_within(f.curve.p[0], deviation / 0.1181, 1e-14);
	assert_within(sqrt(f.curve.covariance[0]), 2e-7 / 0.1181, 1e-18);
	assert_within(curve_value(&f.curve, &basis, 1.05905, &at), deviation / 2, 4e-16);
	assert_within(at, 1e-7, 1e-18);
	its90_fit_release(&f);
}

static void refusals(void **state)
{
	static const struct { double w, t; } bad[] = { { 1.2, 60 }, { 0.99, -1 }, { 0, 20 }, { -1, 20 }, { 1.1, NAN } };
	struct its90_fit f;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct its90_points p = { .n = 1, .ratio = &bad[i].w, .t = &bad[i].t, .u = (double[]){ 1e-6 } };

		assert_int_equal(its90_fit(&f, &its90_gallium, &p, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.text, "from 0 degC to 29.7646 degC"));
		its90_fit_release(&f);
	}
	assert_int_equal(its90_fit(&f, &its90_zinc, &(struct its90_points){ .n = 1, .ratio = (double[]){ 1.6 },
			 .t = (double[]){ 156 }, .u = (double[]){ 1e-6 } }, &e), -1);
	its90_fit_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificate),
		cmocka_unit_test(coefficients_come_back),
		cmocka_unit_test(uncertainty),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
