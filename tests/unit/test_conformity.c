/* SPDX-License-Identifier: GPL-3.0-or-later
 * Against JCGM 106 (7.4), against Deaver's and NCSLI RP-19's published risks, and against what must hold. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformity.h"

static void assert_close(double x, double expected, double within)
{
	if (!(fabs(x - expected) <= within))
		fail_msg("%.12g is not %.12g within %g", x, expected, within);
}

static void probability_of_conformity(void **state)
{
	const struct interval ten = { 9, 11 };

	(void)state;
	assert_close(conformity_probability(13.6, 1.8, (struct interval){ 12.5, 16.3 }), 0.662629786, 5e-10);
	assert_close(1 - conformity_probability(10, 0.4, ten), 0.01242, 5e-6);
	assert_close(1 - conformity_probability(10.5, 0.4, ten), 0.10574, 1e-5);
	assert_close(1 - conformity_probability(12, 0.4, ten), 0.99379, 5e-6);
	/* one limit; far out, where 1 - p would be 0; without uncertainty */
	assert_close(conformity_probability(0, 1, (struct interval){ -INFINITY, 0 }), 0.5, 1e-15);
	assert_close(conformity_probability(12, 1, (struct interval){ -INFINITY, 0 }) / 1.776482112077679e-33, 1, 1e-12);
	assert_close(conformity_probability(-12, 1, (struct interval){ 0, 1 }) / 1.776482112077679e-33, 1, 1e-4);
	assert_true(conformity_probability(11, 0, ten) == 1);
	assert_true(conformity_probability(nextafter(11, 12), 0, ten) == 0);
}

static enum conformity judged(double value, const struct decision_rule *rule)
{
	return conformity_judge(value, 0.1, 2, (struct interval){ -1, 1 }, rule).verdict;
}

static void decision_rules(void **state)
{
	const struct decision_rule simple = { GUARD_NONE, .binary = false };
	const struct decision_rule guarded = { GUARD_EXPANDED, .binary = true };
	const struct decision_rule doubtful = { GUARD_EXPANDED, .binary = false };
	const struct decision_rule rejection = { GUARD_FACTOR, .factor = -1 };
	const struct decision_rule risk = { GUARD_RISK, .risk = 0.025 };
	struct judgement j = conformity_judge(0.5, 0.1, 2, (struct interval){ -1, 1 }, &risk);

	(void)state;
	assert_int_equal(judged(1, &simple), CONFORMITY_PASS);
	assert_int_equal(judged(nextafter(1, 2), &simple), CONFORMITY_FAIL);
	assert_int_equal(judged(-0.79, &guarded), CONFORMITY_PASS);
	assert_int_equal(judged(-0.81, &guarded), CONFORMITY_FAIL);
	assert_int_equal(judged(0.81, &doubtful), CONFORMITY_CONDITIONAL_PASS);
	assert_int_equal(judged(1.01, &doubtful), CONFORMITY_CONDITIONAL_FAIL);
	assert_int_equal(judged(-1.21, &doubtful), CONFORMITY_FAIL);
	assert_int_equal(judged(1.19, &rejection), CONFORMITY_PASS);
	assert_int_equal(judged(1.21, &rejection), CONFORMITY_FAIL);
	assert_close(j.guard, 0.1959963984540054, 1e-15);
	assert_close(j.acceptance.high, 1 - 0.1959963984540054, 1e-15);
	/* at the limit of acceptance the risk is the one that was allowed */
	assert_close(conformity_probability(j.acceptance.high, 0.1, (struct interval){ -INFINITY, 1 }), 0.975, 1e-14);
	assert_string_equal(conformity_name(judged(0.81, &doubtful)), "conditionalPass");
}

/* An acceptance interval that the guard bands have closed accepts nothing. */
static void no_room_for_acceptance(void **state)
{
	const struct decision_rule rule = { GUARD_EXPANDED, .binary = true };
	struct judgement j = conformity_judge(0, 1, 2, (struct interval){ -1, 1 }, &rule);

	(void)state;
	assert_true(j.acceptance.low > j.acceptance.high);
	assert_int_equal(j.verdict, CONFORMITY_FAIL);
}

static void one_limit(void **state)
{
	const struct decision_rule rule = { GUARD_EXPANDED, .binary = false };
	const struct interval at_most = { -INFINITY, 1 };

	(void)state;
	assert_int_equal(conformity_judge(-1e9, 0.1, 2, at_most, &rule).verdict, CONFORMITY_PASS);
	assert_int_equal(conformity_judge(0.9, 0.1, 2, at_most, &rule).verdict, CONFORMITY_CONDITIONAL_PASS);
	assert_true(isinf(conformity_tur(at_most, 0.2)));
	assert_close(conformity_tur((struct interval){ -1, 1 }, 0.25), 4, 0);
}

/* RP-19: a ratio of 4 of the standard deviation of the items to that of the measurement, and six probabilities of
 * being in tolerance before it. */
static void published_global_risks(void **state)
{
	/* sigmas: of the prior, to a limit; exact: integrated by Simpson's rule over 20,000 steps, elsewhere */
	static const struct { double sigmas, published, exact; } rows[] = {
		{ 0.8416212335729143, 0.0483860326, 0.04838603208493588 },
		{ 1.0364333894937898, 0.0392234109, 0.03922341070992404 },
		{ 1.2815515655446004, 0.0285583037, 0.028558306210056405 },
		{ 1.6448536269514722, 0.0159995312, 0.015999535304644524 },
		{ 1.9599639845400542, 0.0087100925, 0.00871010188138941 },
		{ 2.5758293035489004, 0.0019991684, 0.0019991696291884573 },
	};
	const struct interval limits = { -1, 1 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct global_risk r = conformity_global(1 / rows[i].sigmas, 1 / rows[i].sigmas / 4, limits, limits);

		assert_close(r.false_acceptance, rows[i].published, 1e-8);
		assert_close(r.false_acceptance / rows[i].exact, 1, 1e-9);
	}
}

/* Deaver: limits two and a half, or two, standard deviations of the prior away. */
static void risks_of_deaver(void **state)
{
	const struct interval limits = { -1, 1 };
	const double g = 0.91;
	struct global_risk r = conformity_global(1 / 2.0, 1 / 8.0, limits, limits);

	(void)state;
	assert_close(r.false_acceptance, 0.008, 5e-4);
	assert_close(r.false_rejection, 0.015, 5e-4);
	assert_close(conformity_global(1 / 2.5, 1 / 8.0, limits, limits).false_acceptance, 0.0025, 5e-4);
	r = conformity_global(1 / 2.0, 1 / 4.0, limits, (struct interval){ -g, g });
	assert_close(r.false_acceptance, 0.008, 5e-4);
	assert_close(r.false_rejection, 0.066, 5e-4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probability_of_conformity),
		cmocka_unit_test(decision_rules),
		cmocka_unit_test(no_room_for_acceptance),
		cmocka_unit_test(one_limit),
		cmocka_unit_test(published_global_risks),
		cmocka_unit_test(risks_of_deaver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
