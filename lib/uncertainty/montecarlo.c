/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "montecarlo.h"

#include <math.h>
#include <stdlib.h>

#include "agreement.h"
#include "mem.h"
#include "montecarlo_own.h"
#include "parallel.h"

#define LEAST_BATCHES 10
#define MOST_VALUES   ((size_t)1 << 27) /* of all results: 1 GiB */

const struct montecarlo_options montecarlo_usual = {
	.seed = 1, .probability = 0.95, .interval = COVERAGE_SYMMETRIC, .digits = 2, .part = 1,
};

static size_t most_trials(const struct montecarlo_options *o, size_t n)
{
	size_t most = o->trials ? o->trials : o->most ? o->most : MONTECARLO_MOST;

	return most * n <= MOST_VALUES || o->trials ? most : MOST_VALUES / n;
}

static int check(const struct montecarlo_options *o, size_t n, struct err *e)
{
	size_t least = coverage_least(o->probability);

	if (!(o->probability >= 0.5 && o->probability <= 0.9999))
		return err_set(e, ERR_CONFIG, "a coverage probability of %g: it must be 0.5 to 0.9999", o->probability);
	if (o->digits < 1 || o->digits > 2)
		return err_set(e, ERR_CONFIG, "%d meaningful digits of an uncertainty: 1 or 2", o->digits);
	if (!(o->part > 0 && o->part <= 1))
		return err_set(e, ERR_CONFIG, "%g of the numerical tolerance: above 0, and 1 at most", o->part);
	if (o->trials && o->trials < least)
		return err_set(e, ERR_CONFIG, "%zu trials: an interval of %g %% takes %zu at least", o->trials,
			       100 * o->probability, least);
	if (most_trials(o, n) > MOST_VALUES / n)
		return err_set(e, ERR_CONFIG, "%zu trials of %zu results: %zu values are the most", o->trials, n, MOST_VALUES);
	if (!o->trials && most_trials(o, n) < LEAST_BATCHES * batches_size(o))
		return err_set(e, ERR_CONFIG, "%zu trials at most: to see whether they suffice takes %zu at least",
			       most_trials(o, n), LEAST_BATCHES * batches_size(o));
	return 0;
}

/* The mean of something over batches, and how far it can be trusted: Welford, Technometrics 4 (1962) 419. */
struct steady { double n, mean, squares; };

static void steady_add(struct steady *s, double x)
{
	double away = x - s->mean;

	s->n++;
	s->mean += away / s->n;
	s->squares += away * (x - s->mean);
}

/* Twice the standard deviation of the mean. */
static double steady_error(const struct steady *s)
{
	return s->n > 1 ? 2 * sqrt(s->squares / (s->n * (s->n - 1))) : NAN;
}

/* What whole batches say of one result, one after another. */
struct summary {
	struct steady value, uncertainty, low, high;
	double within;                          /* sum of squares within the batches */
};

static void summary_add(struct summary *s, const struct batch *b, size_t size)
{
	steady_add(&s->value, b->mean);
	steady_add(&s->uncertainty, b->deviation);
	steady_add(&s->low, b->interval.low);
	steady_add(&s->high, b->interval.high);
	s->within += (double)(size - 1) * b->deviation * b->deviation;
}

/* The standard deviation of all trials: 7.9.4 i. */
static double summary_uncertainty(const struct summary *s, size_t size)
{
	return sqrt((s->within + (double)size * s->value.squares) / (s->value.n * (double)size - 1));
}

static struct montecarlo_error summary_error(const struct summary *s)
{
	return (struct montecarlo_error){
		steady_error(&s->value), steady_error(&s->uncertainty), steady_error(&s->low), steady_error(&s->high),
	};
}

static bool within(const struct montecarlo_error *e, double tolerance)
{
	return e->value <= tolerance && e->uncertainty <= tolerance && e->low <= tolerance && e->high <= tolerance;
}

static double tolerance_of(const struct summary *s, const struct batches *b)
{
	return b->o->part * agreement_tolerance(summary_uncertainty(s, b->size), b->o->digits);
}

static bool all_known(const struct summary *s, const struct batches *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct montecarlo_error error = summary_error(&s[i]);

		if (!within(&error, tolerance_of(&s[i], b)))
			return false;
	}
	return true;
}

/* Looks at batch after batch from `from` on, as if no more were there: 7.9.4 j, k.  How many suffice; 0: more. */
static size_t enough(struct summary *s, const struct batches *b, size_t from)
{
	for (size_t h = from; h < b->whole; h++) {
		for (size_t i = 0; i < b->n; i++)
			summary_add(&s[i], &b->of_result[i][h], b->size);
		if (h + 1 >= LEAST_BATCHES && all_known(s, b))
			return h + 1;
	}
	return 0;
}

/* Ahead of need, a quarter more each time: threads wait for each other seldom, and little is drawn in vain.  What is
 * drawn ahead is not kept, so how much it is changes nothing. */
static size_t next_total(const struct batches *b, size_t most)
{
	size_t batches = b->done < LEAST_BATCHES ? LEAST_BATCHES : b->done + b->done / 4;

	return batches * b->size < most ? batches * b->size : most / b->size * b->size;
}

/* true: the tolerance is reached; false: the most trials are done and it is not; -1. */
static int adapt(struct batches *b, struct summary *s, struct err *e)
{
	const size_t most = most_trials(b->o, b->n);

	for (;;) {
		size_t from = b->done, total = next_total(b, most), suffice;

		if (total == b->total)
			return false;
		if (batches_go_on(b, total, e) < 0)
			return -1;
		suffice = enough(s, b, from);
		if (suffice) {
			batches_keep(b, suffice);
			return true;
		}
	}
}

static int go_through(struct batches *b, struct summary *s, struct err *e)
{
	if (!b->o->trials)
		return adapt(b, s, e);
	if (batches_go_on(b, b->o->trials, e) < 0)
		return -1;
	for (size_t h = 0; h < b->whole; h++)
		for (size_t i = 0; i < b->n; i++)
			summary_add(&s[i], &b->of_result[i][h], b->size);
	return b->whole > 1 && all_known(s, b);
}

/* 7.6, from the batches: their means weigh as they have trials. */

static size_t trials_of(const struct batches *b, size_t batch)
{
	return batch < b->whole ? b->size : b->total - b->whole * b->size;
}

static double overall_mean(const struct batches *b, size_t result)
{
	const struct batch *of = b->of_result[result];
	double sum = 0;                         /* of differences to the first, lest digits are lost */

	for (size_t h = 1; h < b->done; h++)
		sum += (of[h].mean - of[0].mean) * (double)trials_of(b, h);
	return of[0].mean + sum / (double)b->total;
}

static double overall_deviation(const struct batches *b, size_t result, double mean)
{
	const struct batch *of = b->of_result[result];
	double squares = 0;

	for (size_t h = 0; h < b->done; h++) {
		double n = (double)trials_of(b, h), away = of[h].mean - mean;

		squares += (n - 1) * of[h].deviation * of[h].deviation + n * away * away;
	}
	return sqrt(squares / (double)(b->total - 1));
}

/* Reading a result's intervals from its values: a piece each. */
struct endings {
	struct montecarlo *mc;
	double probability;
	struct pieces pieces;
};

static void *read_intervals(void *with)
{
	struct endings *f = with;
	long i;

	while ((i = parallel_take(&f->pieces)) >= 0) {
		struct montecarlo_result *r = &f->mc->results[i];

		r->coverage = coverage_of(r->values, f->mc->trials, f->probability);
	}
	return NULL;
}

static double *covariance_of_results(const struct montecarlo *mc, const struct batches *b)
{
	double *mean = mem_array(mc->n, sizeof *mean), *covariance = mem_array(mc->n * mc->n, sizeof *covariance);

	for (size_t i = 0; i < mc->n; i++)
		mean[i] = mc->results[i].value;
	batches_covariance(b, mean, covariance);
	free(mean);
	return covariance;
}

/* The batches' values become the results'. */
static void conclude(struct montecarlo *mc, struct batches *b, const struct summary *s)
{
	struct endings f = { mc, b->o->probability, { 0, b->n } };

	mc->trials = b->total;
	mc->n = b->n;
	mc->results = mem_array(b->n, sizeof *mc->results);
	for (size_t i = 0; i < b->n; i++) {
		struct montecarlo_result *r = &mc->results[i];

		r->value = overall_mean(b, i);
		r->uncertainty = overall_deviation(b, i, r->value);
		r->tolerance = b->o->part * agreement_tolerance(r->uncertainty, b->o->digits);
		r->error = summary_error(&s[i]);
	}
	if (b->o->covariance)
		mc->covariance = covariance_of_results(mc, b);
	for (size_t i = 0; i < b->n; i++) {
		mc->results[i].values = b->values[i];
		b->values[i] = NULL;
	}
	parallel_run(b->o->threads, read_intervals, &f);
}

int montecarlo_run(struct montecarlo *mc, const struct input_table *inputs, const struct measurand *of, size_t n,
		   const struct montecarlo_options *o, struct err *e)
{
	struct batches b;
	struct summary *s;
	int reached;

	*mc = (struct montecarlo){ 0 };
	if (n == 0 || check(o, n, e) < 0)
		return n == 0 ? 0 : -1;
	if (batches_init(&b, inputs, of, n, o, e) < 0)
		return -1;
	s = mem_array(n, sizeof *s);
	reached = go_through(&b, s, e);
	if (reached >= 0) {
		conclude(mc, &b, s);
		mc->tolerance_reached = reached;
	}
	free(s);
	batches_release(&b);
	return reached < 0 ? -1 : 0;
}

void montecarlo_release(struct montecarlo *mc)
{
	for (size_t i = 0; i < mc->n; i++)
		free(mc->results[i].values);
	free(mc->results);
	free(mc->covariance);
	*mc = (struct montecarlo){ 0 };
}
