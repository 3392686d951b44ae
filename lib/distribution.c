/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "distribution.h"

#include <math.h>

const char *const distribution_names[DISTRIBUTION_KINDS + 1] = {
	"normal", "t", "rectangular", "curvilinear", "trapezoidal", "triangular", "arcsine", NULL,
};

static int check_shape(const struct distribution *d, struct err *e)
{
	switch (d->kind) {
	case DISTRIBUTION_T:
		if (!(d->shape > 0))
			return err_set(e, ERR_CONFIG, "%g degrees of freedom: there must be more than 0", d->shape);
		break;
	case DISTRIBUTION_TRAPEZOIDAL:
		if (!(d->shape >= 0 && d->shape <= 1))
			return err_set(e, ERR_CONFIG, "a trapezoid's top is 0 to 1 of its base, not %g", d->shape);
		break;
	case DISTRIBUTION_CURVILINEAR:
		if (!(d->shape >= 0 && d->shape <= d->scale))
			return err_set(e, ERR_CONFIG, "limits known within %g: that is more than the half-width %g",
				       d->shape, d->scale);
		break;
	default:
		break;
	}
	return 0;
}

int distribution_check(const struct distribution *d, struct err *e)
{
	if (!isfinite(d->location))
		return err_set(e, ERR_CONFIG, "the estimate is no finite number");
	if (!(d->scale >= 0) || !isfinite(d->scale))
		return err_set(e, ERR_CONFIG, "an uncertainty or half-width of %g: it must be 0 or more, and finite", d->scale);
	return check_shape(d, e);
}

double distribution_deviation(const struct distribution *d)
{
	double a = d->scale;

	switch (d->kind) {
	case DISTRIBUTION_T:
		return isinf(d->shape) ? a : d->shape > 2 ? a * sqrt(d->shape / (d->shape - 2)) : INFINITY;
	case DISTRIBUTION_RECTANGULAR:
		return a / sqrt(3);
	case DISTRIBUTION_CURVILINEAR:
		return sqrt(a * a / 3 + d->shape * d->shape / 9);
	case DISTRIBUTION_TRAPEZOIDAL:
		return a * sqrt((1 + d->shape * d->shape) / 6);
	case DISTRIBUTION_TRIANGULAR:
		return a / sqrt(6);
	case DISTRIBUTION_ARCSINE:
		return a / sqrt(2);
	default:
		return a;
	}
}
