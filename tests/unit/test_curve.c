/* SPDX-License-Identifier: GPL-3.0-or-later
 * Against NIST's certified regressions, JCGM 100 H.3, the examples of ISO/TS 28037 and York's answer for Pearson's
 * data.  What is called exact was solved in rational numbers; `least`, by minimising the distance over the slope with
 * no linearisation; elsewhere. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mem.h"
#include "polynomial.h"
#include "strd.h"

static void assert_close(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within))
		fail_msg("%.15g is not %.15g within %g", x, expected, within);
}

static void assert_relative(double x, double expected, double within)
{
	assert_close(x, expected, within * fabs(expected));
}

static struct polynomial fitted(const struct curve_points *points, size_t degree)
{
	struct polynomial p;
	struct err e;

	if (polynomial_fit(&p, points, degree, &e) < 0)
		fail_msg("%s", e.text);
	return p;
}

/* A straight line's a, b, u(a), u(b), their covariance and chi squared. */
struct line { double a, b, u_a, u_b, covariance, chi_squared; };

static struct line line_of(const struct curve_points *points)
{
	struct polynomial p = fitted(points, 1);
	double c[2], u[4];
	struct line l;

	polynomial_about(&p, 0, c, u);
	l = (struct line){ c[0], c[1], sqrt(u[0]), sqrt(u[3]), u[1], p.curve.chi_squared };
	assert_true(u[1] == u[2]);
	polynomial_release(&p);
	return l;
}

static void assert_line(struct line is, struct line expected, double within)
{
	assert_relative(is.a, expected.a, within);
	assert_relative(is.b, expected.b, within);
	assert_relative(is.u_a, expected.u_a, within);
	assert_relative(is.u_b, expected.u_b, within);
	assert_relative(is.covariance, expected.covariance, within);
	assert_relative(is.chi_squared, expected.chi_squared, within);
}

static void certified(const char *name, size_t degree)
{
	double c[12], u[144], *x, *y;
	struct polynomial p;
	struct strd s;

	strd_load(&s, name, 2);
	x = mem_array(s.n, sizeof *x);
	y = mem_array(s.n, sizeof *y);
	for (size_t i = 0; i < s.n; i++) {
		y[i] = s.data[2 * i];
		x[i] = s.data[2 * i + 1];
	}
	assert_int_equal(s.parameters, degree + 1);
	p = fitted(&(struct curve_points){ .n = s.n, .x = x, .y = y }, degree);
	polynomial_about(&p, 0, c, u);
	strd_assert("deviation", p.curve.deviation, s.residual, 13);
	for (size_t j = 0; j <= degree; j++) {
		strd_assert("parameter", c[j], s.parameter[j], 12.5);
		strd_assert("its deviation", sqrt(u[j * (degree + 2)]), s.deviation[j], 13);
	}
	polynomial_release(&p);
	strd_release(&s);
	free(x);
	free(y);
}

static void nist_norris(void **state)
{
	(void)state;
	certified("Norris", 1);
}

static void nist_pontius(void **state)
{
	(void)state;
	certified("Pontius", 2);
}

/* Wampler 3 and 5 (NIST): y = 1 + x + ... + x^5 for x = 0 to 20, and errors perpendicular to all six powers: the
 * parameters are exactly 1. */
static void wampler(double times)
{
	static const int pattern[] = { 759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048 };
	static const double deviations[] = { 2152.32624678169681, 2363.55173469680521, 779.343524331583091,
					     101.475507550349648, 5.64566512170751568, 0.112324854679311937 };
	double x[21], y[21], c[6], u[36];
	struct polynomial p;

	for (int i = 0; i <= 20; i++) {
		x[i] = i;
		y[i] = 1 + x[i] * (1 + x[i] * (1 + x[i] * (1 + x[i] * (1 + x[i]))));
		y[i] += times * pattern[i <= 10 ? i : 20 - i];
	}
	p = fitted(&(struct curve_points){ .n = 21, .x = x, .y = y }, 5);
	polynomial_about(&p, 0, c, u);
	assert_relative(p.curve.deviation, times * 2360.14502379267646, 1e-13);
	for (size_t j = 0; j < 6; j++) {
		assert_close(c[j], 1, 1e-15 * times * deviations[j] + 2e-8 * pow(10, -(double)j));
		assert_relative(sqrt(u[j * 7]), times * deviations[j], 1e-11);
	}
	polynomial_release(&p);
}

static void nist_wampler(void **state)
{
	(void)state;
	wampler(1);
	wampler(10000);
}

static const double h3_t[] = { 21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511 };
static const double h3_b[] = { -0.171, -0.169, -0.166, -0.159, -0.164, -0.165, -0.156, -0.157, -0.159, -0.161, -0.160 };

/* JCGM 100, H.3: the thermometer; published to fewer digits, exact. */
static void thermometer(void **state)
{
	struct polynomial p = fitted(&(struct curve_points){ .n = 11, .x = h3_t, .y = h3_b }, 1);
	struct curve_basis basis = polynomial_basis(&p);
	double c[2], u[4], at_30;

	(void)state;
	polynomial_about(&p, 20, c, u);
	assert_close(c[0], -0.1712, 5e-5);
	assert_close(c[1], 0.00218, 5e-6);
	assert_relative(c[0], -0.171203790131349977, 1e-13);
	assert_relative(c[1], 0.00218269773988727797, 1e-12);
	assert_relative(sqrt(u[0]), 0.00287759783515995371, 1e-12);
	assert_relative(sqrt(u[3]), 0.000667938773227831702, 1e-12);
	assert_relative(u[1] / sqrt(u[0] * u[3]), -0.930429603093445881, 1e-12);
	assert_relative(p.curve.deviation, 0.00349756396350528406, 1e-12);
	assert_int_equal(p.curve.freedom, 9);
	assert_relative(curve_value(&p.curve, &basis, 30, &at_30), -0.149376812732477197, 1e-13);
	assert_relative(at_30, 0.00413859575285494741, 1e-12);
	assert_true(isnan(p.curve.chi_squared) && isnan(curve_chance(&p.curve)));
	polynomial_release(&p);
}

/* The points in another order: the same curve, but for the last digits. */
static void order_does_not_matter(void **state)
{
	double t[11], b[11];
	struct polynomial p = fitted(&(struct curve_points){ .n = 11, .x = h3_t, .y = h3_b }, 2), q;

	(void)state;
	for (size_t i = 0; i < 11; i++) {
		t[i] = h3_t[i * 7 % 11];
		b[i] = h3_b[i * 7 % 11];
	}
	q = fitted(&(struct curve_points){ .n = 11, .x = t, .y = b }, 2);
	for (size_t j = 0; j < 3; j++)
		assert_relative(q.curve.p[j], p.curve.p[j], 4e-16);
	for (size_t k = 0; k < 9; k++)
		assert_relative(q.curve.covariance[k], p.curve.covariance[k], 1e-13);
	polynomial_release(&p);
	polynomial_release(&q);
}

/* ISO/TS 28037, 6.3: equal and unequal u(y); published, and exact. */
static void uncertain_y(void **state)
{
	const double x[] = { 1, 2, 3, 4, 5, 6 };
	const double y1[] = { 3.3, 5.6, 7.1, 9.3, 10.7, 12.1 }, u1[] = { .5, .5, .5, .5, .5, .5 };
	const double y2[] = { 3.2, 4.3, 7.6, 8.6, 11.7, 12.8 }, u2[] = { .5, .5, .5, 1, 1, 1 };
	struct line l = line_of(&(struct curve_points){ .n = 6, .x = x, .y = y1, .u_y = u1 });

	(void)state;
	assert_close(l.a, 1.867, 5e-4);
	assert_close(l.b, 1.757, 5e-4);
	assert_close(l.u_a, 0.465, 5e-4);
	assert_close(l.u_b, 0.120, 5e-4);
	assert_close(l.covariance, -0.05, 1e-15);
	assert_close(l.chi_squared, 1.665, 5e-4);
	assert_line(line_of(&(struct curve_points){ .n = 6, .x = x, .y = y2, .u_y = u2 }),
		    (struct line){ 0.885232067510548523, 2.05696202531645570, 0.529708143508836438,
				   0.177892016741205013, -0.0822784810126582278, 4.13080168776371308 }, 1e-12);
}

/* ISO/TS 28037, clause 9: the y of each half share an error; published -0.6456, 2.2014, exact. */
static void correlated_y(void **state)
{
	const double x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	const double y[] = { 1.3, 4.1, 6.9, 7.5, 10.2, 12.0, 14.5, 17.1, 19.5, 21.0 };
	double u[100] = { 0 };

	(void)state;
	for (size_t i = 0; i < 10; i++)
		for (size_t j = 0; j < 10; j++)
			if ((i < 5) == (j < 5))
				u[i * 10 + j] = (i < 5 ? 1 : 4) + (i == j);
	assert_line(line_of(&(struct curve_points){ .n = 10, .x = x, .y = y, .covariance_y = u }),
		    (struct line){ -0.645563909774436090, 2.20135338345864662, 1.27261497405163795,
				   0.201498148277840251, -0.166917293233082707, 2.07395488721804511 }, 1e-12);
}

/* ISO/TS 28037, 7.4: published 0.5788, 2.1597, 0.4764, 0.1355, -0.0577, 2.743; least. */
static void uncertain_x_and_y(void **state)
{
	const double x[] = { 1.2, 1.9, 2.9, 4.0, 4.7, 5.9 }, u_x[] = { .2, .2, .2, .2, .2, .2 };
	const double y[] = { 3.4, 4.4, 7.2, 8.5, 10.8, 13.5 }, u_y[] = { .2, .2, .2, .4, .4, .4 };
	struct curve_points points = { .n = 6, .x = x, .y = y, .u_x = u_x, .u_y = u_y };
	struct line l = line_of(&points);

	(void)state;
	assert_close(l.a, 0.5788, 5e-5);
	assert_close(l.u_a, 0.4764, 5e-5);
	assert_close(l.u_b, 0.1355, 5e-5);
	assert_close(l.covariance, -0.0577, 5e-5);
	assert_close(l.chi_squared, 2.743, 5e-4);
	assert_line(l, (struct line){ 0.578822122149500, 2.159656567399293, 0.4764206296217752, 0.1355479274675087,
				      -0.0577169390985097, 2.742676789730967 }, 1e-11);
}

/* ISO/TS 28037, clause 10: everything correlates, but x with y only in the second; published 0.3424, 1.0012; least. */
static void correlated_x_and_y(void **state)
{
	const double x[] = { 50.4, 99.0, 149.9, 200.4, 248.5, 299.7, 349.1 };
	const double y[] = { 52.3, 97.8, 149.7, 200.1, 250.4, 300.9, 349.2 };
	const double u_x[] = {
		.5, 0, .25, 0, .25, 0, .25,    0, 1.25, 1, 0, 0, 1, 1,    .25, 1, 1.5, 0, .25, 1, 1.25,
		0, 0, 0, 1.25, 1, 1, 1,    .25, 0, .25, 1, 1.5, 1, 1.25,    0, 1, 1, 1, 1, 2.25, 2,
		.25, 1, 1.25, 1, 1.25, 2, 2.5,
	};
	double u_y[49], u_xy[49] = { 0 };
	struct curve_points points = { .n = 7, .x = x, .y = y, .covariance_x = u_x, .covariance_y = u_y };

	(void)state;
	for (size_t k = 0; k < 49; k++)
		u_y[k] = k % 8 ? 1 : 5;
	assert_line(line_of(&points),
		    (struct line){ 0.3424008274451228, 1.0012307628224462, 2.0569220501160057, 0.009011630980625381,
				   -0.012883198242918878, 1.7718474509100457 }, 1e-11);
	for (size_t i = 0; i < 7; i++)
		u_xy[8 * i] = 0.3;
	points.covariance_xy = u_xy;
	assert_line(line_of(&points),
		    (struct line){ 0.3496562036873723, 1.0012491872502167, 1.948132122104036, 0.008515857094590615,
				   -0.011144963993360563, 2.0331024452731885 }, 1e-11);
}

/* Pearson's data with York's weights: published 5.47991 and -0.480533, York 1966; 5.4799102240, -0.4805334074 and
 * chi squared 11.8663532; least. */
static void pearson_with_yorks_weights(void **state)
{
	const double x[] = { 0, .9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4 };
	const double y[] = { 5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5 };
	const double w_x[] = { 1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1 };
	const double w_y[] = { 1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500 };
	double u_x[10], u_y[10];
	struct line l;

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		u_x[i] = 1 / sqrt(w_x[i]);
		u_y[i] = 1 / sqrt(w_y[i]);
	}
	l = line_of(&(struct curve_points){ .n = 10, .x = x, .y = y, .u_x = u_x, .u_y = u_y });
	assert_close(l.a, 5.47991, 5e-6);
	assert_close(l.b, -0.480533, 5e-7);
	assert_line(l, (struct line){ 5.479910224032881, -0.48053340744620504, 0.29497073549310915,
				      0.05798500900077461, -0.01647254465811589, 11.866353194061457 }, 1e-11);
}

/* At the least distance every point is as far from the curve in x as its slope and uncertainties have it, and the
 * distances in y, weighted, are perpendicular to 1, x and x^2: whatever the way there. */
static void a_parabola_through_uncertain_x(void **state)
{
	const double x[] = { 0.1, 0.9, 2.2, 2.8, 4.1, 4.9, 6.2 }, y[] = { 1.1, 2.4, 7.9, 11.6, 22.8, 31.5, 48.1 };
	const double u_x[] = { .1, .1, .2, .1, .1, .2, .1 }, u_y[] = { .3, .2, .3, .3, .5, .3, .4 };
	struct polynomial p = fitted(&(struct curve_points){ .n = 7, .x = x, .y = y, .u_x = u_x, .u_y = u_y }, 2);
	double c[3], moment[3] = { 0 }, squares = 0;

	(void)state;
	polynomial_about(&p, 0, c, NULL);
	for (size_t i = 0; i < 7; i++) {
		double xi = p.curve.x[i], in_x = (x[i] - xi) / u_x[i];
		double in_y = (y[i] - c[0] - c[1] * xi - c[2] * xi * xi) / u_y[i];

		assert_close(in_x / u_x[i] + in_y / u_y[i] * (c[1] + 2 * c[2] * xi), 0, 1e-9);
		squares += in_x * in_x + in_y * in_y;
		for (int j = 0; j < 3; j++)
			moment[j] += in_y / u_y[i] * pow(xi, j);
	}
	for (int j = 0; j < 3; j++)
		assert_close(moment[j], 0, 1e-8);
	assert_relative(p.curve.chi_squared, squares, 1e-11);
	polynomial_release(&p);
}

/* ISO/TS 28037, annex E: uncertainties known up to a factor; published 1.172, 1.964, 0.159, 0.041, -0.006. */
static void nothing_known_of_y(void **state)
{
	const double x[] = { 1, 2, 3, 4, 5, 6 }, y[] = { 3.014, 5.225, 7.004, 9.061, 11.201, 12.762 };
	struct polynomial p = fitted(&(struct curve_points){ .n = 6, .x = x, .y = y }, 1);
	double c[2], u[4];

	(void)state;
	polynomial_about(&p, 0, c, u);
	assert_close(c[0], 1.172, 1e-13);
	assert_close(c[1], 1.963571428571428571, 1e-14);
	assert_relative(sqrt(u[0]), 0.158875093196181, 1e-12);
	assert_relative(sqrt(u[3]), 0.0407953578791729, 1e-12);
	polynomial_release(&p);
}

/* ISO/TS 28037, 11: a further y on the first line of 6.3; published 4.913 and 0.322. */
static void calibrated_value(void **state)
{
	const double x[] = { 1, 2, 3, 4, 5, 6 }, y[] = { 3.3, 5.6, 7.1, 9.3, 10.7, 12.1 }, u[] = { .5, .5, .5, .5, .5, .5 };
	struct polynomial p = fitted(&(struct curve_points){ .n = 6, .x = x, .y = y, .u_y = u }, 1);
	struct curve_basis basis = polynomial_basis(&p);
	double value, uncertainty;
	struct err e;

	(void)state;
	assert_int_equal(curve_argument(&p.curve, &basis, 10.5, 0.5, 1, 6, &value, &uncertainty, &e), 0);
	assert_relative(value, 4.91327913279133, 1e-14);
	assert_relative(uncertainty, 0.32203556012891, 1e-13);
	assert_relative(curve_chance(&p.curve), 0.79711, 1e-5);
	assert_int_equal(curve_argument(&p.curve, &basis, 20, 0.5, 1, 6, &value, &uncertainty, &e), -1);
	assert_non_null(strstr(e.text, "does not pass 20"));
	polynomial_release(&p);
}

static void a_curve_that_turns_has_no_argument(void **state)
{
	const double x[] = { -2, -1, 0, 1, 2 }, y[] = { 5, 1, 0, 1, 4 };
	struct polynomial p = fitted(&(struct curve_points){ .n = 5, .x = x, .y = y }, 2);
	struct curve_basis basis = polynomial_basis(&p);
	double value, uncertainty;
	struct err e;

	(void)state;
	assert_int_equal(curve_argument(&p.curve, &basis, 4.5, 0, -2, 2, &value, &uncertainty, &e), -1);
	assert_non_null(strstr(e.text, "turns"));
	polynomial_release(&p);
}

static void refuses(const struct curve_points *points, size_t degree, const char *why)
{
	struct polynomial p;
	struct err e;

	assert_int_equal(polynomial_fit(&p, points, degree, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
}

static void what_cannot_be_fitted(void **state)
{
	const double x[] = { 1, 2, 3 }, same[] = { 2, 2, 2 }, y[] = { 1, 2, 4 }, u[] = { 1, 1, 1 };
	const double none[] = { 1, 0, 1 }, negative[] = { 1, -1, 1 };
	const double all_alike[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	const double wide[] = { -1, 1, -1, 1.1 }, tall[] = { 5, 5, -5, -4.5 }, ones[] = { 1, 1, 1, 1 };

	(void)state;
	refuses(&(struct curve_points){ .n = 3, .x = x, .y = y }, 3, "4 points or more");
	refuses(&(struct curve_points){ .n = 3, .x = x, .y = y }, 13, "at most 12");
	refuses(&(struct curve_points){ .n = 3, .x = same, .y = y }, 1, "at the same place");
	refuses(&(struct curve_points){ .n = 3, .x = x, .y = y, .u_x = u }, 1, "state u(y) as well");
	refuses(&(struct curve_points){ .n = 3, .x = x, .y = y, .u_y = none }, 1, "point 2 has no uncertainty");
	refuses(&(struct curve_points){ .n = 3, .x = x, .y = y, .u_y = negative }, 1, "u(y) of -1");
	refuses(&(struct curve_points){ .n = 3, .x = x, .y = y, .u_y = u, .covariance_y = all_alike }, 1, "alone says both");
	refuses(&(struct curve_points){ .n = 3, .x = x, .y = y, .covariance_y = all_alike }, 1, "nothing of its own");
	/* the line nearest to these stands upright */
	refuses(&(struct curve_points){ .n = 4, .x = wide, .y = tall, .u_x = ones, .u_y = ones }, 1, "no curve in sight");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nist_norris),
		cmocka_unit_test(nist_pontius),
		cmocka_unit_test(nist_wampler),
		cmocka_unit_test(thermometer),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(uncertain_y),
		cmocka_unit_test(correlated_y),
		cmocka_unit_test(uncertain_x_and_y),
		cmocka_unit_test(correlated_x_and_y),
		cmocka_unit_test(pearson_with_yorks_weights),
		cmocka_unit_test(a_parabola_through_uncertain_x),
		cmocka_unit_test(nothing_known_of_y),
		cmocka_unit_test(calibrated_value),
		cmocka_unit_test(a_curve_that_turns_has_no_argument),
		cmocka_unit_test(what_cannot_be_fitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
