/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "whitening.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

int whitening_of_variances(struct whitening *w, double *v, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (!(v[i] > 0) || !isfinite(v[i])) {
			free(v);
			return err_set(e, ERR_CONFIG, "point %zu has no uncertainty at all: state one", i + 1);
		}
		v[i] = sqrt(v[i]);
	}
	*w = (struct whitening){ .n = n, .root = v };
	return 0;
}

/* Row i of L, from the rows above it.  False: what the others leave of the variance is rounding, or less. */
static bool cholesky_row(double *l, size_t n, size_t i)
{
	double variance = l[i * n + i], left = variance;

	for (size_t j = 0; j < i; j++) {
		double s = l[i * n + j];

		for (size_t k = 0; k < j; k++)
			s -= l[i * n + k] * l[j * n + k];
		l[i * n + j] = s / l[j * n + j];
		left -= l[i * n + j] * l[i * n + j];
	}
	l[i * n + i] = sqrt(left);
	return isfinite(variance) && left > (double)n * DBL_EPSILON * variance;
}

int whitening_of_covariance(struct whitening *w, double *v, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (!cholesky_row(v, n, i)) {
			free(v);
			return err_set(e, ERR_CONFIG, "the covariance leaves point %zu nothing of its own (it is not "
				       "positive definite): state what each point adds, its repeatability or "
				       "resolution, as well as what they share", i + 1);
		}
	*w = (struct whitening){ .n = n, .lower = v };
	return 0;
}

void whitening_release(struct whitening *w)
{
	free(w->root);
	free(w->lower);
	*w = (struct whitening){ 0 };
}

void whitening_forward(const struct whitening *w, double *v, size_t stride)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->root) {
			v[i * stride] /= w->root[i];
			continue;
		}
		for (size_t k = 0; k < i; k++)
			v[i * stride] -= w->lower[i * w->n + k] * v[k * stride];
		v[i * stride] /= w->lower[i * w->n + i];
	}
}

void whitening_backward(const struct whitening *w, double *v)
{
	for (size_t i = w->n; i-- > 0;) {
		if (w->root) {
			v[i] /= w->root[i];
			continue;
		}
		for (size_t k = i + 1; k < w->n; k++)
			v[i] -= w->lower[k * w->n + i] * v[k];
		v[i] /= w->lower[i * w->n + i];
	}
}
