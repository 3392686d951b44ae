/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "its90_fit.h"

#include <stdlib.h>

#include "mem.h"

#define MOST_COEFFICIENTS 7              /* hydrogen's */

static size_t coefficients(const struct its90_range *r)
{
	switch (r->rest) {
	case ITS90_POWERS_OF_LOG:
		return r->powers + r->logs;
	case ITS90_TIMES_LOG:
	case ITS90_ABOVE_ALUMINIUM:
		return r->powers + 1;
	default:
		return r->powers;
	}
}

/* The deviation is a line in its coefficients: what one of them brings is the deviation with it 1, and the others 0. */
static void equation(const void *self, double w, double *value, double *slope)
{
	const struct its90_fit *f = self;
	size_t n = coefficients(f->range);

	for (size_t k = 0; k < n; k++) {
		struct hyper x[MOST_COEFFICIENTS + 2] = { { w, 1, 0, 0 } }, y;

		x[1 + k] = hyper_of(1);
		x[1 + n] = hyper_of(f->aluminium);
		y = its90_deviation(f->range, x);
		value[k] = y.v;
		if (slope)
			slope[k] = y.i;
	}
}

struct curve_basis its90_fit_basis(const struct its90_fit *f)
{
	return (struct curve_basis){ .n = coefficients(f->range), .at = equation, .self = f };
}

/* W - Wr(t) of each point. */
static int deviations(const struct its90_range *r, const struct its90_points *points, double *y, struct err *e)
{
	for (size_t i = 0; i < points->n; i++) {
		double t = points->t[i];
		struct hyper at = hyper_of(t);

		if (!(t >= r->low - ITS90_BEYOND && t <= r->high + ITS90_BEYOND && points->ratio[i] > 0))
			return err_set(e, ERR_CONFIG, "point %zu, W = %.9g at %.9g degC: this range of the ITS-90 goes from "
				       "%.9g degC to %.9g degC", i + 1, points->ratio[i], t, r->low, r->high);
		y[i] = points->ratio[i] - its90_ratio(NULL, &at).v;
	}
	return 0;
}

int its90_fit(struct its90_fit *f, const struct its90_range *range, const struct its90_points *points, struct err *e)
{
	double *y = mem_array(points->n, sizeof *y);
	struct curve_points through = { .n = points->n, .x = points->ratio, .y = y, .u_y = points->u,
					.covariance_y = points->covariance };
	struct curve_basis basis;
	int status = -1;

	*f = (struct its90_fit){ .range = range, .aluminium = points->aluminium };
	basis = its90_fit_basis(f);
	if (deviations(range, points, y, e) == 0)
		status = curve_fit(&f->curve, &basis, &through, e);
	free(y);
	return status;
}

void its90_fit_release(struct its90_fit *f)
{
	curve_release(&f->curve);
}
