/* SPDX-License-Identifier: GPL-3.0-or-later
 * Propagation of distributions, and what clause 8 says of the budget beside it: JCGM 101:2008, 9.2 and 9.3.
 *
 * Adaptive, to a fifth of the tolerance as 8.2 asks, with one seed: the same figures every time. */
#include <math.h>

#include "agreement.h"
#include "montecarlo.h"
#include "published_own.h"

#define ROOT3 1.7320508075688772
#define FIRST_ORDER 4           /* place of a budget's u_c among the figures; two verdicts follow */
#define SECOND_ORDER 7

struct propagation_example {
	struct published_model model;
	int digits;                     /* of the standard uncertainty, to which trials go on */
	enum coverage_kind interval;
	bool second_order;              /* also the budget with these terms */
};

static int run(struct montecarlo *mc, const struct propagation_example *p, const struct input_table *t, struct err *e)
{
	struct montecarlo_options o = montecarlo_usual;
	struct equation *q = published_equation(p->model.equation, p->model.unit, t, e);
	int done = -1;

	o.seed = PUBLISHED_SEED;
	o.digits = p->digits;
	o.interval = p->interval;
	o.part = 0.2;
	if (q)
		done = montecarlo_run(mc, t, &(struct measurand){ "y", q->function, q->places }, 1, &o, e);
	equation_free(&q);
	if (!done && !mc->tolerance_reached)
		done = err_set(e, ERR_CONFIG, "%zu trials did not reach the tolerance", mc->trials);
	return done;
}

/* u_c by JCGM 100, and whether its interval is validated to one digit and to two. */
static int judge(double *computed, const struct propagation_example *p, const struct input_table *t, bool second_order,
		 const struct montecarlo_result *r, struct err *e)
{
	const struct budget_rules rules = { .probability = 0.95, .second_order = second_order };
	struct interval i = r->coverage.of[p->interval];
	struct budget b;

	if (published_budget(&b, p->model.equation, p->model.unit, t, &rules, e) < 0)
		return -1;
	computed[0] = b.uncertainty;
	computed[1] = agreement_of(b.value, b.expanded, i, r->uncertainty, 1).validated;
	computed[2] = agreement_of(b.value, b.expanded, i, r->uncertainty, 2).validated;
	budget_release(&b);
	return 0;
}

static int propagate(const void *of, double *computed, struct err *e)
{
	const struct propagation_example *p = of;
	struct input_table t = { 0 };
	struct montecarlo mc = { 0 };
	const struct montecarlo_result *r;
	int bad = published_inputs(&t, p->model.inputs, p->model.n, e) < 0 || run(&mc, p, &t, e) < 0;

	if (!bad) {
		r = &mc.results[0];
		computed[0] = r->value;
		computed[1] = r->uncertainty;
		computed[2] = r->coverage.of[p->interval].low;
		computed[3] = r->coverage.of[p->interval].high;
		bad = judge(computed + FIRST_ORDER, p, &t, false, r, e) < 0 ||
			(p->second_order && judge(computed + SECOND_ORDER, p, &t, true, r, e) < 0);
	}
	montecarlo_release(&mc);
	input_release(&t);
	return bad ? -1 : 0;
}

/* ---- 9.2, Y = X1 + X2 + X3 + X4; half a unit of the second digit of u is 0.05 where u = 2.0, 0.5 where it is 10 --------- */

#define SUM(four) { "X1 + X2 + X3 + X4", "1", four, COUNT(four) }
#define NORMAL(name) { name, "1", { DISTRIBUTION_NORMAL, 0, 1, 0 }, 0 }
#define RECTANGULAR(name, times) { name, "1", { DISTRIBUTION_RECTANGULAR, 0, (times) * ROOT3, 0 }, 0 }

static const struct published_input normals[] = { NORMAL("X1"), NORMAL("X2"), NORMAL("X3"), NORMAL("X4") };
static const struct published_input rectangles[] = {
	RECTANGULAR("X1", 1), RECTANGULAR("X2", 1), RECTANGULAR("X3", 1), RECTANGULAR("X4", 1),
};
static const struct published_input one_wide[] = {
	RECTANGULAR("X1", 1), RECTANGULAR("X2", 1), RECTANGULAR("X3", 1), RECTANGULAR("X4", 10),
};

static const struct propagation_example
	of_normals = { SUM(normals), 2, COVERAGE_SYMMETRIC, false },
	of_rectangles = { SUM(rectangles), 2, COVERAGE_SYMMETRIC, false },
	of_one_wide = { SUM(one_wide), 2, COVERAGE_SYMMETRIC, false };

static const struct figure normals_figures[] = {
	{ "value", "0.0", FIGURE_WITHIN, 0.05 },
	{ "u", "2.0", FIGURE_WITHIN, 0.05 },
	{ "95 % from", "-3.92", FIGURE_WITHIN, 0.05 },
	{ "95 % to", "3.92", FIGURE_WITHIN, 0.05 },
	{ "u_c by JCGM 100", "2.0", FIGURE_ROUNDED, 0 },
	{ "validated to one digit", "yes", FIGURE_VERDICT, 0 },
	{ "validated to two digits", "yes", FIGURE_VERDICT, 0 },
};

static const struct figure rectangles_figures[] = {
	{ "value", "0.0", FIGURE_WITHIN, 0.05 },
	{ "u", "2.0", FIGURE_WITHIN, 0.05 },
	{ "95 % from", "-3.88", FIGURE_WITHIN, 0.05 },
	{ "95 % to", "3.88", FIGURE_WITHIN, 0.05 },
	{ "u_c by JCGM 100", "2.0", FIGURE_ROUNDED, 0 },
	{ "validated to one digit", "yes", FIGURE_VERDICT, 0 },
	{ "validated to two digits", "yes", FIGURE_VERDICT, 0 },
};

static const struct figure one_wide_figures[] = {
	{ "value", "0.0", FIGURE_WITHIN, 0.5 },
	{ "u", "10.14889", FIGURE_WITHIN, 0.5 },
	{ "95 % from", "-17.01581", FIGURE_WITHIN, 0.5 },
	{ "95 % to", "17.01581", FIGURE_WITHIN, 0.5 },
	{ "u_c by JCGM 100", "10.14889", FIGURE_ROUNDED, 0 },
	{ "validated to one digit", "yes", FIGURE_VERDICT, 0 },
	{ "validated to two digits", "no", FIGURE_VERDICT, 0 },
};

/* ---- 9.3, a weight; half a unit of the first digit of u = 0.08 is 0.005 ----------------------------------------- */

static const struct published_input weight[] = {
	{ "m_R", "mg", { DISTRIBUTION_NORMAL, 100000, 0.050, 0 }, 0 },
	{ "dm_R", "mg", { DISTRIBUTION_NORMAL, 1.234, 0.020, 0 }, 0 },
	{ "rho_a", "kg/m3", { DISTRIBUTION_RECTANGULAR, 1.2, 0.1, 0 }, 0 },
	{ "rho_w", "kg/m3", { DISTRIBUTION_RECTANGULAR, 8000, 1000, 0 }, 0 },
	{ "rho_r", "kg/m3", { DISTRIBUTION_RECTANGULAR, 8000, 50, 0 }, 0 },
};

static const struct propagation_example of_weight = {
	{ "(m_R + dm_R) * (1 + (rho_a - 1.2 [kg/m3]) * (1 / rho_w - 1 / rho_r)) - 100000 [mg]", "mg", weight, COUNT(weight) },
	1, COVERAGE_SHORTEST, true,
};

static const struct figure weight_figures[] = {
	{ "value / mg", "1.234", FIGURE_WITHIN, 0.005 },
	{ "u / mg", "0.0754797", FIGURE_WITHIN, 0.005 },
	{ "shortest 95 % from / mg", "1.0844332", FIGURE_WITHIN, 0.005 },
	{ "shortest 95 % to / mg", "1.3835668", FIGURE_WITHIN, 0.005 },
	{ "u_c of first order / mg", "0.0539", FIGURE_ROUNDED, 0 },
	{ "validated to one digit", "no", FIGURE_VERDICT, 0 },
	{ "validated to two digits", "no", FIGURE_VERDICT, 0 },
	{ "u_c with second-order terms / mg", "0.0750", FIGURE_ROUNDED, 0 },
	{ "validated to one digit", "yes", FIGURE_VERDICT, 0 },
	{ "validated to two digits", "no", FIGURE_VERDICT, 0 },
};

static const struct published_case cases[] = {
	{ "sum of four normal", "JCGM 101:2008, 9.2.2", FIGURES(normals_figures), propagate, &of_normals },
	{ "sum of four rectangular", "JCGM 101:2008, 9.2.3", FIGURES(rectangles_figures), propagate, &of_rectangles },
	{ "sum of rectangular, one ten times as wide", "JCGM 101:2008, 9.2.4; figures of its exact solution",
	  FIGURES(one_wide_figures), propagate, &of_one_wide },
	{ "calibration of a weight", "JCGM 101:2008, 9.3; Monte Carlo beside numerical integration", FIGURES(weight_figures),
	  propagate, &of_weight },
};

const struct published_table published_montecarlo = { cases, COUNT(cases) };
