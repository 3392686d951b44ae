/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "evaluate.h"
#include "mem.h"
#include "montecarlo_own.h"
#include "parallel.h"

#define LEAST_OF_BATCH 10000            /* 7.9.4 b */
#define BATCHES_OF_FIXED 32             /* enough to share among threads, and to tell how well the whole is known */

size_t batches_size(const struct montecarlo_options *o)
{
	size_t least = coverage_least(o->probability);

	if (least < LEAST_OF_BATCH)
		least = LEAST_OF_BATCH;
	if (least < o->trials / BATCHES_OF_FIXED)
		least = o->trials / BATCHES_OF_FIXED;
	return (least + TRIALS_BLOCK - 1) / TRIALS_BLOCK * TRIALS_BLOCK;
}

static bool *wanted_inputs(const struct input_table *inputs, const struct measurand *of, size_t n)
{
	bool *wanted = mem_array(inputs->n + 1, sizeof *wanted);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < of[i].f.n; k++)
			wanted[of[i].inputs[k]] = true;
	return wanted;
}

int batches_init(struct batches *b, const struct input_table *inputs, const struct measurand *of, size_t n,
		 const struct montecarlo_options *o, struct err *e)
{
	bool *wanted = wanted_inputs(inputs, of, n);
	struct trials trials;
	int done = trials_init(&trials, inputs, wanted, o->seed, e);

	free(wanted);
	*b = (struct batches){ .o = o, .of = of, .n = n, .trials = trials, .size = batches_size(o) };
	if (done < 0)
		return -1;
	b->of_result = mem_array(n, sizeof *b->of_result);
	b->values = mem_array(n, sizeof *b->values);
	return 0;
}

void batches_release(struct batches *b)
{
	for (size_t i = 0; b->values && i < b->n; i++) {
		free(b->of_result[i]);
		free(b->values[i]);
	}
	free(b->of_result);
	free(b->values);
	trials_release(&b->trials);
	*b = (struct batches){ 0 };
}

/* What a thread works with: a column for each input that is drawn, pointers to those of one result. */
struct bench {
	double **columns, *memory;
	const double **arguments;
};

static void bench_init(struct bench *w, const struct batches *b)
{
	size_t drawn = 0, most = 0;

	for (size_t i = 0; i < b->trials.n; i++)
		drawn += b->trials.groups[i].n;
	for (size_t i = 0; i < b->n; i++)
		most = b->of[i].f.n > most ? b->of[i].f.n : most;
	*w = (struct bench){
		.columns = mem_array(b->trials.inputs->n + 1, sizeof *w->columns),
		.memory = mem_array(drawn + 1, TRIALS_BLOCK * sizeof *w->memory),
		.arguments = mem_array(most + 1, sizeof *w->arguments),
	};
	for (size_t i = 0, column = 0; i < b->trials.n; i++)
		for (size_t k = 0; k < b->trials.groups[i].n; k++)
			w->columns[b->trials.groups[i].members[k]] = &w->memory[column++ * TRIALS_BLOCK];
}

static void bench_release(struct bench *w)
{
	free(w->columns);
	free(w->memory);
	free(w->arguments);
}

/* Trials first ... first + n - 1, n no more than a block. */
static void evaluate_block(const struct batches *b, struct bench *w, size_t first, size_t n)
{
	trials_draw(&b->trials, first / TRIALS_BLOCK, w->columns);
	for (size_t i = 0; i < b->n; i++) {
		const struct measurand *m = &b->of[i];

		for (size_t k = 0; k < m->f.n; k++)
			w->arguments[k] = w->columns[m->inputs[k]];
		m->f.values(m->f.self, w->arguments, n, &b->values[i][first]);
	}
}

static size_t count_bad(const double *y, size_t n)
{
	size_t bad = 0;

	for (size_t i = 0; i < n; i++)
		bad += isfinite(y[i]) ? 0 : 1;
	return bad;
}

static struct batch sum_up(const struct batches *b, const double *y, size_t n)
{
	struct batch s = { .bad = count_bad(y, n) };
	struct sample sample;

	if (s.bad)
		return s;
	sample = evaluate_sample(y, n);
	s.mean = sample.mean;
	s.deviation = n > 1 ? sample.deviation : 0;
	if (n == b->size)
		s.interval = coverage_of(y, n, b->o->probability).of[b->o->interval];
	return s;
}

static void do_batch(const struct batches *b, struct bench *w, size_t which, size_t total)
{
	size_t first = which * b->size, end = first + b->size < total ? first + b->size : total;

	for (size_t at = first; at < end; at += TRIALS_BLOCK)
		evaluate_block(b, w, at, end - at < TRIALS_BLOCK ? end - at : TRIALS_BLOCK);
	for (size_t i = 0; i < b->n; i++)
		b->of_result[i][which] = sum_up(b, &b->values[i][first], end - first);
}

struct wave {                           /* batches that are done at once */
	const struct batches *b;
	size_t total;
	struct pieces pieces;
};

static void *work_on(void *with)
{
	struct wave *wave = with;
	struct bench w;
	long which;

	bench_init(&w, wave->b);
	while ((which = parallel_take(&wave->pieces)) >= 0)
		do_batch(wave->b, &w, (size_t)which, wave->total);
	bench_release(&w);
	return NULL;
}

/* What the inputs of the result were in a trial: its block is drawn again. */
static void describe(const struct batches *b, const struct measurand *m, size_t trial, struct buf *text)
{
	struct bench w;

	bench_init(&w, b);
	trials_draw(&b->trials, trial / TRIALS_BLOCK, w.columns);
	for (size_t k = 0; k < m->f.n && text->len < ERR_TEXT / 2; k++) {
		const struct input *in = &b->trials.inputs->list[m->inputs[k]];

		buf_printf(text, "%s%s = %.7g %s", k ? ", " : "", in->id, w.columns[m->inputs[k]][trial % TRIALS_BLOCK],
			   in->unit);
	}
	bench_release(&w);
}

static int report_bad(const struct batches *b, size_t result, size_t bad, struct err *e)
{
	const struct measurand *m = &b->of[result];
	struct buf inputs = { 0 };
	size_t first = 0;

	while (isfinite(b->values[result][first]))
		first++;
	describe(b, m, first, &inputs);
	err_set(e, ERR_CONFIG, "%s: %zu of %zu trials give no finite value, one of them where %s: the model must be defined "
		"wherever its inputs may be", m->name, bad, b->total, inputs.data ? inputs.data : "it has no inputs");
	buf_release(&inputs);
	return -1;
}

static int check_finite(const struct batches *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		size_t bad = 0;

		for (size_t k = 0; k < b->done; k++)
			bad += b->of_result[i][k].bad;
		if (bad)
			return report_bad(b, i, bad, e);
	}
	return 0;
}

#define LARGE_PAGE ((size_t)2 << 20)

/* Room for more values.  Fresh memory costs a page fault for every 512 of them, a tenth of what a trial takes, unless
 * the pages are large. */
static double *more_room(double *old, size_t had, size_t n)
{
	size_t pages = (n * sizeof *old + LARGE_PAGE - 1) / LARGE_PAGE;
	double *values;

	if (n * sizeof *old < LARGE_PAGE)
		return mem_resize(old, n, sizeof *old);
	values = aligned_alloc(LARGE_PAGE, pages * LARGE_PAGE);
	if (!values)
		abort();
	madvise(values, pages * LARGE_PAGE, MADV_HUGEPAGE);     /* or small ones */
	if (had)
		memcpy(values, old, had * sizeof *old);
	free(old);
	return values;
}

int batches_go_on(struct batches *b, size_t total, struct err *e)
{
	size_t batches = (total + b->size - 1) / b->size;
	struct wave wave = { b, total, { b->done, batches } };

	for (size_t i = 0; i < b->n; i++) {
		b->of_result[i] = mem_resize(b->of_result[i], batches, sizeof **b->of_result);
		b->values[i] = more_room(b->values[i], b->total, total);
	}
	parallel_run(b->o->threads, work_on, &wave);
	b->done = batches;
	b->whole = total / b->size;
	b->total = total;
	return check_finite(b, e);
}

void batches_keep(struct batches *b, size_t done)
{
	b->done = b->whole = done;
	b->total = done * b->size;
}

/* Covariances, a row to a piece. */

struct rows {
	const struct batches *b;
	const double *mean;
	double *covariance;
	struct pieces pieces;
};

static double covariance_of(const double *x, double mean_x, const double *y, double mean_y, size_t n)
{
	double sum[4] = { 0 };          /* four at a time do not wait for each other */
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		for (size_t k = 0; k < 4; k++)
			sum[k] += (x[i + k] - mean_x) * (y[i + k] - mean_y);
	for (; i < n; i++)
		sum[0] += (x[i] - mean_x) * (y[i] - mean_y);
	return ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (double)(n - 1);
}

static void *work_on_rows(void *with)
{
	struct rows *r = with;
	const struct batches *b = r->b;
	long row;

	while ((row = parallel_take(&r->pieces)) >= 0)
		for (size_t i = (size_t)row, k = 0; k <= i; k++)
			r->covariance[i * b->n + k] = r->covariance[k * b->n + i] =
				covariance_of(b->values[i], r->mean[i], b->values[k], r->mean[k], b->total);
	return NULL;
}

void batches_covariance(const struct batches *b, const double *mean, double *covariance)
{
	struct rows r = { b, mean, covariance, { 0, b->n } };

	parallel_run(b->o->threads, work_on_rows, &r);
}
