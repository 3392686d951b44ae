/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift.h"

#include <math.h>
#include <stdlib.h>

#include "least_squares.h"
#include "mem.h"

#define NS 1e-9

/* Time as what runs from -1 to 1 over the pattern. */
struct span_of_time { int64_t middle_ns; double half_s; };

static struct span_of_time span_of(const struct drift_reading *r, size_t n)
{
	int64_t first = r[0].at_ns, last = r[0].at_ns;

	for (size_t i = 1; i < n; i++) {
		first = r[i].at_ns < first ? r[i].at_ns : first;
		last = r[i].at_ns > last ? r[i].at_ns : last;
	}
	return (struct span_of_time){ first + (last - first) / 2, last > first ? (double)(last - first) * NS / 2 : 1 };
}

static int check(const struct drift_reading *r, size_t n, size_t items, struct err *e)
{
	for (size_t item = 0; item < items; item++) {
		size_t i = 0;

		while (i < n && r[i].item != item)
			i++;
		if (i == n)
			return err_set(e, ERR_CONFIG, "item %zu of the pattern has no reading", item + 1);
	}
	return 0;
}

/* A row: 1 under its item, then the powers of the time. */
static void fill(const struct drift *d, const struct drift_reading *r, size_t n, double *a, double *y)
{
	struct span_of_time span = span_of(r, n);
	size_t columns = d->items + d->degree;

	for (size_t i = 0; i < n; i++) {
		double s = (double)(r[i].at_ns - span.middle_ns) * NS / span.half_s, power = s;

		a[i * columns + r[i].item] = 1;
		for (size_t k = 0; k < d->degree; k++, power *= s)
			a[i * columns + d->items + k] = power;
		y[i] = r[i].value - d->reference;
	}
}

static void take(struct drift *d, const struct least_squares *fit, double half_s, const struct pooled *known)
{
	size_t freedom = fit->m - fit->n;

	d->degrees_of_freedom = known ? known->degrees_of_freedom : freedom ? (double)freedom : NAN;
	d->deviation = known ? known->deviation : freedom ? sqrt(fit->squares / (double)freedom) : NAN;
	for (size_t i = 0; i < d->items; i++) {
		d->value[i] = fit->p[i];
		for (size_t j = 0; j < d->items; j++)
			d->covariance[i * d->items + j] =
				d->deviation * d->deviation * fit->cofactor[i * fit->n + j];
	}
	for (size_t k = 0; k < d->degree; k++)
		d->rate[k] = fit->p[d->items + k] / pow(half_s, (double)(k + 1));
}

int drift_eliminate(struct drift *d, const struct drift_reading *readings, size_t n, size_t items, size_t degree,
		    const struct pooled *known, struct err *e)
{
	size_t columns = items + degree;
	struct least_squares fit;
	double *a, *y;
	int bad;

	if (check(readings, n, items, e) < 0)
		return -1;
	*d = (struct drift){ .items = items, .degree = degree, .reference = readings[0].value,
			     .value = mem_array(items, sizeof *d->value), .rate = mem_array(degree, sizeof *d->rate),
			     .covariance = mem_array(items * items, sizeof *d->covariance) };
	a = mem_array(n * columns, sizeof *a);
	y = mem_array(n, sizeof *y);
	fill(d, readings, n, a, y);
	bad = least_squares_solve(&fit, a, y, n, columns, e);
	if (bad) {
		err_wrap(e, "the pattern cannot tell %zu items from a drift of degree %zu", items, degree);
		drift_release(d);
	} else {
		take(d, &fit, span_of(readings, n).half_s, known);
		least_squares_release(&fit);
	}
	free(a);
	free(y);
	return bad;
}

void drift_release(struct drift *d)
{
	free(d->value);
	free(d->rate);
	free(d->covariance);
	*d = (struct drift){ 0 };
}

struct difference drift_difference(const struct drift *d, size_t of, size_t from)
{
	const double *u = d->covariance;
	size_t n = d->items;

	return (struct difference){
		.value = d->value[of] - d->value[from],
		.uncertainty = sqrt(u[of * n + of] + u[from * n + from] - 2 * u[of * n + from]),
		.degrees_of_freedom = d->degrees_of_freedom,
	};
}
