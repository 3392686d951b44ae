/* SPDX-License-Identifier: GPL-3.0-or-later
 * JCGM 101, clause 8, with both sides computed here: the budget's interval against the Monte Carlo method's, and the
 * standard's verdict; the tolerances of 7.9.2. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agreement.h"
#include "budget.h"
#include "montecarlo.h"
#include "propagation.h"

static struct err e;

static struct budget budget_of(const struct propagation *p, bool second_order)
{
	const struct budget_rules rules = { .probability = 0.95, .second_order = second_order };
	struct budget b;

	if (budget_make(&b, &p->of.f, p->of.inputs, &p->inputs, &rules, &e) < 0)
		fail_msg("%s", e.text);
	return b;
}

static struct agreement agreement(const struct propagation *p, bool second_order, int digits)
{
	struct montecarlo_options o = montecarlo_usual;
	struct budget b = budget_of(p, second_order);
	struct montecarlo mc;
	struct agreement a;

	o.trials = 1000000;
	if (montecarlo_run(&mc, &p->inputs, &p->of, 1, &o, &e) < 0)
		fail_msg("%s", e.text);
	a = agreement_of(b.value, b.expanded, mc.results[0].coverage.of[COVERAGE_SYMMETRIC], mc.results[0].uncertainty, digits);
	montecarlo_release(&mc);
	budget_release(&b);
	return a;
}

#define RECTANGULAR(half_width) { DISTRIBUTION_RECTANGULAR, 0, half_width, 0 }
#define ROOT3 1.7320508075688772

static void additive_models(void **state)
{
	static const struct distribution
		alike[] = { RECTANGULAR(ROOT3), RECTANGULAR(ROOT3), RECTANGULAR(ROOT3), RECTANGULAR(ROOT3) },
		one_wide[] = { RECTANGULAR(ROOT3), RECTANGULAR(ROOT3), RECTANGULAR(ROOT3), RECTANGULAR(10 * ROOT3) };
	struct propagation p;

	(void)state;
	propagation_additive(&p, alike);                /* 9.2.3: 3.92 and 3.88 */
	assert_true(agreement(&p, false, 2).validated);
	assert_false(agreement(&p, false, 3).validated);
	propagation_release(&p);
	propagation_additive(&p, one_wide);             /* 9.2.4: 19.9 and 17.0 */
	assert_false(agreement(&p, false, 2).validated);
	assert_true(fabs(agreement(&p, false, 2).high - (19.8915 - 17.0158)) < 0.05);
	propagation_release(&p);
}

/* 9.3: table 6 has d_low = 0.0451 and d_high = 0.0430 of first order, which is not validated to one digit. */
static void mass(void **state)
{
	struct agreement first, second;
	struct propagation p;

	(void)state;
	propagation_mass(&p);
	first = agreement(&p, false, 1);
	second = agreement(&p, true, 1);
	assert_true(fabs(first.tolerance - 0.005) < 1e-15);
	assert_false(first.validated);
	assert_true(fabs(first.low - 0.0440) < 0.002 && fabs(first.high - 0.0440) < 0.002);
	assert_true(second.validated);
	assert_false(agreement(&p, true, 2).validated);
	propagation_release(&p);
}

/* 7.9.2, and what rounds up to another digit. */
static void tolerances(void **state)
{
	static const struct { double u; int digits; double tolerance; } rows[] = {
		{ 0.00035, 2, 0.000005 }, { 0.00035, 1, 0.00005 }, { 2, 1, 0.5 }, { 0.0996, 2, 0.005 }, { 0.0994, 2, 0.0005 },
		{ 3e20, 2, 5e18 }, { 0, 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_true(agreement_tolerance(rows[i].u, rows[i].digits) == rows[i].tolerance);
	assert_true(isinf(agreement_tolerance(INFINITY, 2)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(additive_models),
		cmocka_unit_test(mass),
		cmocka_unit_test(tolerances),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
