/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>

#include <cmocka.h>

#include "propagation.h"

void propagation_begin(struct propagation *p, const char *name, values_function *values)
{
	*p = (struct propagation){ .of = { name, { .self = p, .values = values }, p->places } };
}

void propagation_add(struct propagation *p, const char *id, struct distribution d)
{
	struct err e;
	struct input in = {
		.id = (char *)id, .unit = (char *)"1", .source = (char *)"", .type = TYPE_B, .knowledge = d,
		.uncertainty = d.kind == DISTRIBUTION_T ? d.scale : distribution_deviation(&d),
		.degrees_of_freedom = d.kind == DISTRIBUTION_T ? d.shape : INFINITY,
	};
	long place = input_add(&p->inputs, &in, &e);

	if (place < 0)
		fail_msg("%s", e.text);
	assert_true(p->of.f.n < PROPAGATION_MOST);
	p->places[p->of.f.n++] = (size_t)place;
}

void propagation_release(struct propagation *p)
{
	input_release(&p->inputs);
}

void propagation_sum(const void *self, const double *const *x, size_t trials, double *y)
{
	const struct propagation *p = self;

	for (size_t t = 0; t < trials; t++) {
		y[t] = x[0][t];
		for (size_t i = 1; i < p->of.f.n; i++)
			y[t] += x[i][t];
	}
}

void propagation_difference(const void *self, const double *const *x, size_t trials, double *y)
{
	(void)self;
	for (size_t t = 0; t < trials; t++)
		y[t] = x[0][t] - x[1][t];
}

void propagation_squares(const void *self, const double *const *x, size_t trials, double *y)
{
	(void)self;
	for (size_t t = 0; t < trials; t++)
		y[t] = x[0][t] * x[0][t] + x[1][t] * x[1][t];
}

void propagation_additive(struct propagation *p, const struct distribution *four)
{
	static const char *const names[] = { "X1", "X2", "X3", "X4" };

	propagation_begin(p, "Y", propagation_sum);
	for (size_t i = 0; i < 4; i++)
		propagation_add(p, names[i], four[i]);
}

/* Deviation of a weight's mass from its nominal value, in mg. */
static void mass(const void *self, const double *const *x, size_t trials, double *y)
{
	(void)self;
	for (size_t t = 0; t < trials; t++)
		y[t] = (x[0][t] + x[1][t]) * (1 + (x[2][t] - 1.2) * (1 / x[3][t] - 1 / x[4][t])) - 100000;
}

void propagation_mass(struct propagation *p)
{
	propagation_begin(p, "deviation of the mass", mass);
	propagation_add(p, "m_R,c", (struct distribution){ DISTRIBUTION_NORMAL, 100000, 0.050, 0 });
	propagation_add(p, "dm_R,c", (struct distribution){ DISTRIBUTION_NORMAL, 1.234, 0.020, 0 });
	propagation_add(p, "rho_a", (struct distribution){ DISTRIBUTION_RECTANGULAR, 1.2, 0.1, 0 });
	propagation_add(p, "rho_w", (struct distribution){ DISTRIBUTION_RECTANGULAR, 8000, 1000, 0 });
	propagation_add(p, "rho_r", (struct distribution){ DISTRIBUTION_RECTANGULAR, 8000, 50, 0 });
}

void propagation_power(struct propagation *p, double x1, double correlation)
{
	struct err e;

	propagation_begin(p, "deltaY", propagation_squares);
	propagation_add(p, "X1", (struct distribution){ DISTRIBUTION_NORMAL, x1, 0.005, 0 });
	propagation_add(p, "X2", (struct distribution){ DISTRIBUTION_NORMAL, 0, 0.005, 0 });
	if (input_correlate(&p->inputs, 0, 1, correlation, &e) < 0)
		fail_msg("%s", e.text);
}

/* L = L_S + D + d1 + d2 - L_S (delta_alpha (theta_0 + Delta) + alpha_S delta_theta). */
static void gauge(const void *self, const double *const *x, size_t trials, double *y)
{
	(void)self;
	for (size_t t = 0; t < trials; t++)
		y[t] = x[0][t] + x[1][t] + x[2][t] + x[3][t] -
			x[0][t] * (x[7][t] * (x[5][t] + x[6][t]) + x[4][t] * x[8][t]);
}

/* JCGM 101, table 10. */
void propagation_gauge(struct propagation *p)
{
	propagation_begin(p, "length", gauge);
	propagation_add(p, "L_S", (struct distribution){ DISTRIBUTION_T, 50000623, 25, 18 });
	propagation_add(p, "D", (struct distribution){ DISTRIBUTION_T, 215, 6, 24 });
	propagation_add(p, "d1", (struct distribution){ DISTRIBUTION_T, 0, 4, 5 });
	propagation_add(p, "d2", (struct distribution){ DISTRIBUTION_T, 0, 7, 8 });
	propagation_add(p, "alpha_S", (struct distribution){ DISTRIBUTION_RECTANGULAR, 11.5e-6, 2e-6, 0 });
	propagation_add(p, "theta_0", (struct distribution){ DISTRIBUTION_NORMAL, -0.1, 0.2, 0 });
	propagation_add(p, "Delta", (struct distribution){ DISTRIBUTION_ARCSINE, 0, 0.5, 0 });
	propagation_add(p, "delta_alpha", (struct distribution){ DISTRIBUTION_CURVILINEAR, 0, 1e-6, 0.1e-6 });
	propagation_add(p, "delta_theta", (struct distribution){ DISTRIBUTION_CURVILINEAR, 0, 0.05, 0.025 });
}
