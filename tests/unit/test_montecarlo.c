/* SPDX-License-Identifier: GPL-3.0-or-later
 * Against the examples of JCGM 101, 9.2 to 9.5, and exact figures of the same distributions; clause 8 against what the
 * standard finds; the numerical tolerance against what it promises; the same bits in any number of threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agreement.h"
#include "montecarlo.h"
#include "propagation.h"

static struct err e;

static void assert_within(const char *what, double x, double expected, double tolerance)
{
	if (!(fabs(x - expected) <= tolerance))
		fail_msg("%s: %.10g is not %.10g within %g", what, x, expected, tolerance);
}

static struct montecarlo run(const struct propagation *p, const struct montecarlo_options *o)
{
	struct montecarlo mc;

	if (montecarlo_run(&mc, &p->inputs, &p->of, 1, o, &e) < 0)
		fail_msg("%s", e.text);
	return mc;
}

/* Three times the error it states of itself is what one in 400 exceeds. */
static void assert_known(const struct montecarlo_result *r, double value, double u, struct interval i,
			 enum coverage_kind kind)
{
	struct interval got = r->coverage.of[kind];

	assert_within("value", r->value, value, 1.5 * r->error.value);
	assert_within("uncertainty", r->uncertainty, u, 1.5 * r->error.uncertainty);
	assert_within("low", got.low, i.low, 1.5 * r->error.low);
	assert_within("high", got.high, i.high, 1.5 * r->error.high);
}

static const struct distribution normals[] = {
	{ DISTRIBUTION_NORMAL, 0, 1, 0 }, { DISTRIBUTION_NORMAL, 0, 1, 0 },
	{ DISTRIBUTION_NORMAL, 0, 1, 0 }, { DISTRIBUTION_NORMAL, 0, 1, 0 },
};

#define ROOT3 1.7320508075688772

static const struct distribution rectangles[] = {
	{ DISTRIBUTION_RECTANGULAR, 0, ROOT3, 0 }, { DISTRIBUTION_RECTANGULAR, 0, ROOT3, 0 },
	{ DISTRIBUTION_RECTANGULAR, 0, ROOT3, 0 }, { DISTRIBUTION_RECTANGULAR, 0, ROOT3, 0 },
};

static const struct distribution one_wide[] = {
	{ DISTRIBUTION_RECTANGULAR, 0, ROOT3, 0 }, { DISTRIBUTION_RECTANGULAR, 0, ROOT3, 0 },
	{ DISTRIBUTION_RECTANGULAR, 0, ROOT3, 0 }, { DISTRIBUTION_RECTANGULAR, 0, 10 * ROOT3, 0 },
};

static const struct additive {
	const struct distribution *four;
	double u, end;                          /* exact */
	double gum;                             /* expanded uncertainty by JCGM 100: 1.96 u */
	bool validated[3];                      /* to 1, 2 and 3 digits */
} additive[] = {
	{ normals, 2, 3.919927969080108, 3.919927969080108, { true, true, true } },     /* 9.2.2 */
	{ rectangles, 2, 3.8794067413478, 3.919927969080108, { true, true, false } },   /* 9.2.3 */
	{ one_wide, 10.1488915650922, 17.0158140998662, 19.891462, { true, false, false } },    /* 9.2.4 */
};

static void additive_models(void **state)
{
	struct montecarlo_options o = montecarlo_usual;

	(void)state;
	o.trials = 1000000;
	for (size_t i = 0; i < sizeof additive / sizeof *additive; i++) {
		const struct additive *a = &additive[i];
		struct propagation p;
		struct montecarlo mc;

		propagation_additive(&p, a->four);
		mc = run(&p, &o);
		assert_int_equal(mc.trials, o.trials);
		assert_known(&mc.results[0], 0, a->u, (struct interval){ -a->end, a->end }, COVERAGE_SYMMETRIC);
		for (int digits = 1; digits <= 3; digits++) {
			struct agreement g = agreement_of(0, a->gum, mc.results[0].coverage.of[COVERAGE_SYMMETRIC], mc.results[0].uncertainty, digits);

			if (digits < 3 || i > 0)        /* 9.2.2 to three digits takes 10^8 trials */
				assert_int_equal(g.validated, a->validated[digits - 1]);
		}
		montecarlo_release(&mc);
		propagation_release(&p);
	}
}

/* 9.3: first order is not validated even to one digit; with second-order terms it is, and to two it is not. */
static void mass_calibration(void **state)
{
	struct montecarlo_options o = montecarlo_usual;
	struct agreement first, second, finer;
	struct montecarlo_result r;
	struct propagation p;
	struct montecarlo mc;

	(void)state;
	o.trials = 1000000;
	o.interval = COVERAGE_SHORTEST;
	propagation_mass(&p);
	mc = run(&p, &o);
	r = mc.results[0];
	assert_known(&r, 1.234, 0.0754797399554, (struct interval){ 1.0844332, 1.3835668 }, COVERAGE_SHORTEST);
	assert_within("as published", r.uncertainty, 0.0754, 0.0001);
	first = agreement_of(1.234, 1.234 - 1.1284527, r.coverage.of[COVERAGE_SHORTEST], r.uncertainty, 1);
	second = agreement_of(1.234, 1.234 - 1.0870752, r.coverage.of[COVERAGE_SHORTEST], r.uncertainty, 1);
	finer = agreement_of(1.234, 1.234 - 1.0870752, r.coverage.of[COVERAGE_SHORTEST], r.uncertainty, 2);
	assert_within("tolerance", first.tolerance, 0.005, 1e-15);
	assert_within("tolerance", finer.tolerance, 0.0005, 1e-15);
	assert_false(first.validated);
	assert_true(second.validated);
	assert_false(finer.validated);
	montecarlo_release(&mc);
	propagation_release(&p);
}

/* 9.4: a non-central chi-squared distribution; with correlation, a weighted sum of two. */
static void power_calibration(void **state)
{
	static const struct { double x1, r, y, u; struct interval shortest; } rows[] = {
		{ 0,     0,   50e-6,   50e-6,                { 0, 149.7866e-6 } },
		{ 0.010, 0,   150e-6,  111.8033988749895e-6, { 0, 366.0054e-6 } },
		{ 0.050, 0,   2550e-6, 502.493781056044e-6,  { 1593.75e-6, 3548.75e-6 } },
		{ 0,     0.9, 50e-6,   67.26812023536854e-6, { 0, 185.0549e-6 } },
	};
	struct montecarlo_options o = montecarlo_usual;

	(void)state;
	o.trials = 500000;
	o.interval = COVERAGE_SHORTEST;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct propagation p;
		struct montecarlo mc;
		struct montecarlo_result r;

		propagation_power(&p, rows[i].x1, rows[i].r);
		mc = run(&p, &o);
		r = mc.results[0];
		assert_within("value", r.value, rows[i].y, 1.5 * r.error.value);
		assert_within("uncertainty", r.uncertainty, rows[i].u, 1.5 * r.error.uncertainty);
		/* its ends are where the density is flat, and wander; its width does not */
		assert_within("shortest", r.coverage.of[COVERAGE_SHORTEST].high - r.coverage.of[COVERAGE_SHORTEST].low, rows[i].shortest.high - rows[i].shortest.low,
			      0.01 * rows[i].u);
		montecarlo_release(&mc);
		propagation_release(&p);
	}
}

/* 9.5: 838 nm beyond 50 mm, u = 36 nm, 99 % [745, 932] nm; the exact u is the sum of the variances of the terms. */
static void gauge_block(void **state)
{
	struct montecarlo_options o = montecarlo_usual;
	struct propagation p;
	struct montecarlo mc;
	struct montecarlo_result r;

	(void)state;
	o.probability = 0.99;
	o.seed = 2;
	propagation_gauge(&p);
	mc = run(&p, &o);
	r = mc.results[0];
	assert_true(mc.tolerance_reached);
	assert_within("tolerance", r.tolerance, 0.5, 0);
	assert_within("value", r.value, 50000838, 0.5);
	assert_within("uncertainty", r.uncertainty, 35.80807860300873, 0.5);
	assert_within("low", r.coverage.of[COVERAGE_SYMMETRIC].low, 50000745, 1);
	assert_within("high", r.coverage.of[COVERAGE_SYMMETRIC].high, 50000932, 1);
	assert_within("shortest", r.coverage.of[COVERAGE_SHORTEST].high - r.coverage.of[COVERAGE_SHORTEST].low, 187, 2);
	montecarlo_release(&mc);
	propagation_release(&p);
}

/* It says when it knows to the tolerance: of 60 seeds few may be wrong, and none by much. */
static void adaptive_keeps_its_promise(void **state)
{
	struct montecarlo_options o = montecarlo_usual;
	struct propagation p;
	unsigned broken = 0;

	(void)state;
	propagation_additive(&p, rectangles);
	for (o.seed = 1; o.seed <= 60; o.seed++) {
		struct montecarlo mc = run(&p, &o);
		struct montecarlo_result r = mc.results[0];
		double end = additive[1].end, worst = fmax(fabs(r.value), fabs(r.uncertainty - 2));

		worst = fmax(worst, fmax(fabs(r.coverage.of[COVERAGE_SYMMETRIC].low + end), fabs(r.coverage.of[COVERAGE_SYMMETRIC].high - end)));
		assert_true(mc.tolerance_reached && mc.trials % 10000 == 0 && mc.trials >= 100000);
		assert_true(r.error.low <= r.tolerance && r.error.high <= r.tolerance && r.error.value <= r.tolerance);
		assert_true(worst < 2 * r.tolerance);
		broken += worst > r.tolerance;
		montecarlo_release(&mc);
	}
	assert_true(broken <= 6);
	propagation_release(&p);
}

static void a_part_of_the_tolerance_takes_more_trials(void **state)
{
	struct montecarlo_options o = montecarlo_usual, fifth = o, few = o;
	struct propagation p;
	struct montecarlo mc, more, cut;

	(void)state;
	propagation_additive(&p, rectangles);
	fifth.part = 0.2;
	few.part = 0.1;
	few.most = 305000;
	mc = run(&p, &o);
	more = run(&p, &fifth);
	cut = run(&p, &few);
	assert_within("tolerance", mc.results[0].tolerance, 0.05, 1e-15);
	assert_within("tolerance", more.results[0].tolerance, 0.01, 1e-15);
	assert_true(more.tolerance_reached && more.trials > 3 * mc.trials);
	assert_true(!cut.tolerance_reached);
	assert_int_equal(cut.trials, 300000);
	montecarlo_release(&mc);
	montecarlo_release(&more);
	montecarlo_release(&cut);
	propagation_release(&p);
}

static void assert_same(const struct montecarlo *a, const struct montecarlo *b)
{
	assert_int_equal(a->trials, b->trials);
	assert_int_equal(a->tolerance_reached, b->tolerance_reached);
	for (size_t i = 0; i < a->n; i++) {
		const struct montecarlo_result *x = &a->results[i], *y = &b->results[i];

		assert_memory_equal(x, y, offsetof(struct montecarlo_result, values));
		assert_memory_equal(x->values, y->values, a->trials * sizeof *x->values);
	}
	assert_memory_equal(a->covariance, b->covariance, a->n * a->n * sizeof *a->covariance);
}

/* Adaptive, or so many that the last batch and its last block are cut short. */
static void same_bits_in_any_number_of_threads(void **state)
{
	struct propagation p;
	struct measurand of[2];

	(void)state;
	propagation_gauge(&p);
	if (input_correlate(&p.inputs, 4, 5, 0.5, &e) == 0)
		p.inputs.list[4].knowledge = (struct distribution){ DISTRIBUTION_NORMAL, 11.5e-6, 1e-6, 0 };
	of[0] = p.of;
	of[1] = (struct measurand){ "sum", { .n = 9, .self = &p, .values = propagation_sum }, p.places };
	for (size_t trials = 0; trials < 100000; trials += 54321) {
		struct montecarlo_options o = montecarlo_usual;
		struct montecarlo one, many;

		o.trials = trials;
		o.covariance = true;
		o.threads = 1;
		assert_int_equal(montecarlo_run(&one, &p.inputs, of, 2, &o, &e), 0);
		for (o.threads = 2; o.threads <= 7; o.threads += o.threads == 3 ? 4 : 1) {
			assert_int_equal(montecarlo_run(&many, &p.inputs, of, 2, &o, &e), 0);
			assert_same(&one, &many);
			montecarlo_release(&many);
		}
		montecarlo_release(&one);
	}
	propagation_release(&p);
}

/* What stands beside an input, and where, does not change what it is. */
static void an_input_is_drawn_alike_everywhere(void **state)
{
	struct montecarlo_options o = montecarlo_usual;
	struct propagation alone, among;
	struct montecarlo a, b;

	(void)state;
	o.trials = 12345;
	propagation_begin(&alone, "alone", propagation_sum);
	propagation_add(&alone, "certificate", normals[0]);
	propagation_begin(&among, "among", propagation_sum);
	propagation_add(&among, "first", rectangles[0]);
	propagation_add(&among, "certificate", normals[0]);
	among.places[0] = 1;
	among.of.f.n = 1;
	a = run(&alone, &o);
	b = run(&among, &o);
	assert_memory_equal(a.results[0].values, b.results[0].values, a.trials * sizeof(double));
	o.seed++;
	montecarlo_release(&b);
	b = run(&alone, &o);
	assert_memory_not_equal(a.results[0].values, b.results[0].values, a.trials * sizeof(double));
	montecarlo_release(&a);
	montecarlo_release(&b);
	propagation_release(&alone);
	propagation_release(&among);
}

static void logarithm(const void *self, const double *const *x, size_t trials, double *y)
{
	(void)self;
	for (size_t t = 0; t < trials; t++)
		y[t] = log(x[0][t]);
}

static void what_is_not_finite_is_refused(void **state)
{
	struct montecarlo_options o = montecarlo_usual;
	struct propagation p;
	struct montecarlo mc;
	unsigned bad = 0, of = 0;
	double at = 0;

	(void)state;
	o.trials = 50000;
	propagation_begin(&p, "level", logarithm);
	propagation_add(&p, "power", (struct distribution){ DISTRIBUTION_NORMAL, 3, 1, 0 });
	assert_int_equal(montecarlo_run(&mc, &p.inputs, &p.of, 1, &o, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_int_equal(sscanf(e.text, "level: %u of %u trials give no finite value, one of them where power = %lf 1: the model",
				&bad, &of, &at), 3);
	assert_true(of == 50000 && bad > 30 && bad < 110);      /* 67.5 +- 8.2 */
	assert_true(at < 0);
	montecarlo_release(&mc);
	propagation_release(&p);
}

static void assert_refused(const struct propagation *p, const struct montecarlo_options *o, const char *words)
{
	struct montecarlo mc;

	assert_int_equal(montecarlo_run(&mc, &p->inputs, &p->of, 1, o, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	if (!strstr(e.text, words))
		fail_msg("'%s' is not in: %s", words, e.text);
}

static void options_that_make_no_sense(void **state)
{
	struct montecarlo_options o;
	struct propagation p;

	(void)state;
	propagation_additive(&p, normals);
	o = montecarlo_usual, o.probability = 1;
	assert_refused(&p, &o, "a coverage probability of 1");
	o = montecarlo_usual, o.probability = NAN;
	assert_refused(&p, &o, "a coverage probability of nan");
	o = montecarlo_usual, o.digits = 3;
	assert_refused(&p, &o, "3 meaningful digits");
	o = montecarlo_usual, o.part = 0;
	assert_refused(&p, &o, "0 of the numerical tolerance");
	o = montecarlo_usual, o.trials = 1999;
	assert_refused(&p, &o, "an interval of 95 % takes 2000 at least");
	o = montecarlo_usual, o.most = 99999;
	assert_refused(&p, &o, "to see whether they suffice takes 100000 at least");
	o = montecarlo_usual, o.trials = (size_t)1 << 28;
	assert_refused(&p, &o, "values are the most");
	propagation_release(&p);
}

/* Nothing varies: everything is known at once, and is what it is. */
static void without_uncertainty(void **state)
{
	struct montecarlo_options o = montecarlo_usual;
	struct propagation p;
	struct montecarlo mc;

	(void)state;
	propagation_begin(&p, "constant", propagation_sum);
	propagation_add(&p, "a", (struct distribution){ DISTRIBUTION_NORMAL, 0.1, 0, 0 });
	propagation_add(&p, "b", (struct distribution){ DISTRIBUTION_ARCSINE, 10, 0, 0 });
	mc = run(&p, &o);
	assert_true(mc.tolerance_reached && mc.trials == 100000);
	assert_true(mc.results[0].value == 10.1 && mc.results[0].uncertainty == 0);
	assert_true(mc.results[0].coverage.of[COVERAGE_SHORTEST].low == 10.1 && mc.results[0].coverage.of[COVERAGE_SHORTEST].high == 10.1);
	montecarlo_release(&mc);
	propagation_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(additive_models),
		cmocka_unit_test(mass_calibration),
		cmocka_unit_test(power_calibration),
		cmocka_unit_test(gauge_block),
		cmocka_unit_test(adaptive_keeps_its_promise),
		cmocka_unit_test(a_part_of_the_tolerance_takes_more_trials),
		cmocka_unit_test(same_bits_in_any_number_of_threads),
		cmocka_unit_test(an_input_is_drawn_alike_everywhere),
		cmocka_unit_test(what_is_not_finite_is_refused),
		cmocka_unit_test(options_that_make_no_sense),
		cmocka_unit_test(without_uncertainty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
