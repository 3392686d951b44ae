/* SPDX-License-Identifier: GPL-3.0-or-later
 * Budgets: JCGM 100:2008, H.1 and H.2. */
#include <math.h>

#include "covariance.h"
#include "evaluate.h"
#include "published_own.h"
#include "series.h"

/* ---- H.1, an end gauge beside a standard ------------------------------------------------------------------------ */

#define EQUATION "ls + d0 + d1 + d2 - ls * (d_alpha * (theta_bar + Delta) + alpha_s * d_theta)"

static const struct published_input end_gauge[] = {
	{ "ls", "nm", { DISTRIBUTION_NORMAL, 50000623, 25, 0 }, 18 },
	{ "d0", "nm", { DISTRIBUTION_NORMAL, 215, 5.8, 0 }, 24 },
	{ "d1", "nm", { DISTRIBUTION_NORMAL, 0, 3.9, 0 }, 5 },
	{ "d2", "nm", { DISTRIBUTION_NORMAL, 0, 6.7, 0 }, 8 },
	{ "alpha_s", "K-1", { DISTRIBUTION_RECTANGULAR, 11.5e-6, 2e-6, 0 }, 0 },
	{ "d_alpha", "K-1", { DISTRIBUTION_RECTANGULAR, 0, 1e-6, 0 }, 50 },
	{ "theta_bar", "K", { DISTRIBUTION_NORMAL, -0.1, 0.2, 0 }, 0 },
	{ "Delta", "K", { DISTRIBUTION_ARCSINE, 0, 0.5, 0 }, 0 },
	{ "d_theta", "K", { DISTRIBUTION_RECTANGULAR, 0, 0.05, 0 }, 2 },
};

static double contribution(const struct budget *b, const struct input_table *t, const char *name)
{
	long place = input_find(t, name);

	for (size_t i = 0; i < b->n; i++)
		if (place >= 0 && b->lines[i].place == (size_t)place)
			return b->lines[i].contribution;
	return NAN;
}

static const struct figure first_order_figures[] = {
	{ "length / nm", "50000838", FIGURE_ROUNDED, 0 },
	{ "u_c / nm", "32", FIGURE_ROUNDED, 0 },
	{ "contribution of the standard / nm", "25", FIGURE_ROUNDED, 0 },
	{ "of the difference of temperatures / nm", "16.6", FIGURE_ROUNDED, 0 },
	{ "of the difference of expansions / nm", "2.9", FIGURE_ROUNDED, 0 },
	{ "effective degrees of freedom, truncated", "16", FIGURE_ROUNDED, 0 },
	{ "k of 99 %", "2.92", FIGURE_ROUNDED, 0 },
	{ "U of 99 %, from the rounded u_c / nm", "93", FIGURE_ROUNDED, 0 },
};

static int first_order(const void *of, double *computed, struct err *e)
{
	const struct budget_rules rules = { .probability = 0.99, .truncate = true };
	struct input_table t = { 0 };
	struct budget b = { 0 };
	int bad;

	(void)of;
	bad = published_inputs(&t, end_gauge, COUNT(end_gauge), e) < 0 || published_budget(&b, EQUATION, "nm", &t, &rules, e) < 0;
	if (!bad) {
		computed[0] = b.value;
		computed[1] = b.uncertainty;
		computed[2] = contribution(&b, &t, "ls");
		computed[3] = contribution(&b, &t, "d_theta");
		computed[4] = contribution(&b, &t, "d_alpha");
		computed[5] = floor(b.degrees_of_freedom);
		computed[6] = b.factor;
		computed[7] = b.factor * round(b.uncertainty);
	}
	budget_release(&b);
	input_release(&t);
	return bad ? -1 : 0;
}

static const struct figure second_order_figures[] = {
	{ "u_c / nm", "34", FIGURE_ROUNDED, 0 },
};

static int second_order(const void *of, double *computed, struct err *e)
{
	const struct budget_rules rules = { .probability = 0.99, .second_order = true };
	struct input_table t = { 0 };
	struct budget b = { 0 };
	int bad;

	(void)of;
	bad = published_inputs(&t, end_gauge, COUNT(end_gauge), e) < 0 || published_budget(&b, EQUATION, "nm", &t, &rules, e) < 0;
	if (!bad)
		computed[0] = b.uncertainty;
	budget_release(&b);
	input_release(&t);
	return bad ? -1 : 0;
}

/* ---- H.2, resistance and reactance from simultaneous readings ----------------------------------------------------- */

#define READINGS 5

static const double observed[3][READINGS] = {
	{ 5.007, 4.994, 5.005, 4.990, 4.999 },                  /* V */
	{ 19.663, 19.639, 19.640, 19.685, 19.678 },             /* mA */
	{ 1.0456, 1.0438, 1.0468, 1.0428, 1.0433 },             /* rad */
};

static const struct figure simultaneous_figures[] = {
	{ "correlation of voltage and current", "-0.36", FIGURE_ROUNDED, 0 },
	{ "of voltage and phase", "0.86", FIGURE_ROUNDED, 0 },
	{ "of current and phase", "-0.65", FIGURE_ROUNDED, 0 },
	{ "resistance / Ohm", "127.732", FIGURE_ROUNDED, 0 },
	{ "its u_c / Ohm", "0.071", FIGURE_ROUNDED, 0 },
	{ "reactance / Ohm", "219.847", FIGURE_ROUNDED, 0 },
	{ "impedance / Ohm", "254.260", FIGURE_ROUNDED, 0 },
	{ "its u_c / Ohm", "0.236", FIGURE_ROUNDED, 0 },
	{ "correlation of resistance and reactance", "-0.588", FIGURE_ROUNDED, 0 },
	{ "of resistance and impedance", "-0.485", FIGURE_ROUNDED, 0 },
	{ "of reactance and impedance", "0.993", FIGURE_ROUNDED, 0 },
};

static int observed_inputs(struct input_table *t, struct err *e)
{
	static const char *const names[] = { "V", "I", "phi" }, *const units[] = { "V", "mA", "rad" };

	for (size_t i = 0; i < 3; i++) {
		struct sample s = evaluate_sample(observed[i], READINGS);
		struct published_input p = { names[i], units[i], { DISTRIBUTION_NORMAL, s.mean, s.deviation_of_mean, 0 }, READINGS - 1 };

		if (published_inputs(t, &p, 1, e) < 0)
			return -1;
	}
	for (size_t i = 1; i < 3; i++)
		for (size_t j = 0; j < i; j++)
			if (input_correlate(t, j, i, series_correlation(observed[j], observed[i], READINGS), e) < 0)
				return -1;
	return 0;
}

static int impedance_budgets(struct budget *b, const struct input_table *t, struct err *e)
{
	static const char *const equations[] = { "V / I * cos(phi)", "V / I * sin(phi)", "V / I" };
	const struct budget_rules rules = { .probability = 0.95, .together = true };

	for (size_t i = 0; i < 3; i++)
		if (published_budget(&b[i], equations[i], "Ohm", t, &rules, e) < 0)
			return -1;
	return 0;
}

static int simultaneous(const void *of, double *computed, struct err *e)
{
	struct input_table t = { 0 };
	struct budget b[3] = { 0 };
	double v[9];
	int bad = observed_inputs(&t, e) < 0 || impedance_budgets(b, &t, e) < 0;

	(void)of;
	if (!bad) {
		covariance_of(&t, b, 3, v);
		computed[0] = input_correlation(&t, 0, 1);
		computed[1] = input_correlation(&t, 0, 2);
		computed[2] = input_correlation(&t, 1, 2);
		computed[3] = b[0].value;
		computed[4] = b[0].uncertainty;
		computed[5] = b[1].value;
		computed[6] = b[2].value;
		computed[7] = b[2].uncertainty;
		computed[8] = covariance_correlation(v, 3, 0, 1);
		computed[9] = covariance_correlation(v, 3, 0, 2);
		computed[10] = covariance_correlation(v, 3, 1, 2);
	}
	for (size_t i = 0; i < 3; i++)
		budget_release(&b[i]);
	input_release(&t);
	return bad ? -1 : 0;
}

static const struct published_case cases[] = {
	{ "end gauge, first order", "JCGM 100:2008, H.1.3 to H.1.6", FIGURES(first_order_figures), first_order, NULL },
	{ "end gauge, second order", "JCGM 100:2008, H.1.7", FIGURES(second_order_figures), second_order, NULL },
	{ "resistance and reactance", "JCGM 100:2008, H.2", FIGURES(simultaneous_figures), simultaneous, NULL },
};

const struct published_table published_budgets = { cases, COUNT(cases) };
