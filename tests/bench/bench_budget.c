/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_budget - a thousand points of a calibration, each with a budget of 20 lines, 12 of which all points share, and
 * the covariance of them all.
 *
 * Beside it the bare arithmetic: the same model, its partial derivatives worked out by hand, as plain C over arrays that
 * knows beforehand what is shared.  Both find the same numbers, else this ends, and take k from the same quantile of t,
 * which is most of what a budget costs: hence also the row with a stated k.  The model is bound once, as for the points
 * of one procedure. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "aid.h"
#include "covariance.h"
#include "equation.h"
#include "mem.h"
#include "random.h"
#include "student.h"

#define POINTS 1000
#define OWN    8
#define SHARED 12
#define LINES  (OWN + SHARED)

/* Those of each point first. */
static const char *const names[LINES] = {
	"r", "r1", "r2", "r3", "s", "s1", "s2", "t",
	"a1", "a2", "a3", "t0", "g1", "g2", "g3", "g4", "o1", "o2", "o3", "o4",
};
static const char *const units[LINES] = {
	"V", "V", "V", "V", "V", "V", "V", "degC",
	"1", "1", "K-1", "degC", "1", "1", "1", "K-1", "V", "V", "V", "V",
};
static const char model[] =
	"(r + r1 + r2 + r3) * (1 + a1 + a2 + a3 * (t - t0))"
	" - (s + s1 + s2) * (1 + g1 + g2 + g3 + g4 * (t - t0)) + o1 + o2 + o3 + o4";

struct calibration {
	struct input_table inputs;
	size_t places[POINTS][LINES];
	struct equation *equation;
	struct budget results[POINTS];
	double *covariance;

	double x[POINTS][LINES], u[LINES], dof[LINES];  /* what the bare side knows */
	double value[POINTS], uncertainty[POINTS], expanded[POINTS], own[POINTS], shared[POINTS][SHARED];
	double *bare;

	struct budget_rules rules;                      /* of this row */
	bool budgets, covariances;
};

static void put_one(struct calibration *b, size_t point, size_t line, double x)
{
	char *id = line < OWN ? mem_format("point/%zu/%s", point, names[line]) : mem_string(names[line]);
	struct input in = {
		.id = id, .unit = (char *)units[line], .source = (char *)"",
		.knowledge = { DISTRIBUTION_NORMAL, x, b->u[line], 0 },
		.uncertainty = b->u[line], .degrees_of_freedom = b->dof[line],
	};
	long place = input_add(&b->inputs, &in, &aid_err);

	must(place >= 0, "an input");
	b->places[point][line] = (size_t)place;
	b->x[point][line] = x;
	free(id);
}

static void make(struct calibration *b)
{
	struct equation_input inputs[LINES];
	struct random r;

	random_seed(&r, 1, "points");
	for (size_t i = 0; i < LINES; i++) {
		b->u[i] = 1e-6 * (1 + random_uniform(&r));
		b->dof[i] = i % 3 ? INFINITY : 9;
	}
	for (size_t p = 0; p < POINTS; p++)
		for (size_t i = 0; i < LINES; i++)
			put_one(b, p, i, i == 0 || i == 4 ? 1 + (double)p / 100 : i == 7 ? 23 + random_normal(&r) :
				i == 11 ? 23 : 1e-6 * (double)i);
	for (size_t i = 0; i < LINES; i++)
		inputs[i] = (struct equation_input){ names[i], b->places[0][i] };
	b->equation = equation_new(model, "V", &b->inputs, inputs, LINES, &aid_err);
	must(b->equation, "the model");
	b->covariance = mem_array(POINTS * POINTS, sizeof *b->covariance);
	b->bare = mem_array(POINTS * POINTS, sizeof *b->bare);
}

static void evaluate(struct calibration *b)
{
	for (size_t p = 0; p < POINTS; p++) {
		size_t places[LINES];

		budget_release(&b->results[p]);
		for (size_t i = 0; i < LINES; i++)      /* names stand in the equation as they do in the model */
			places[i] = b->places[p][b->equation->places[i] - b->places[0][0]];
		must(budget_make(&b->results[p], &b->equation->function, places, &b->inputs, &b->rules, &aid_err) == 0,
		     "a budget");
	}
}

static double ours(void *with, unsigned n)
{
	struct calibration *b = with;
	instant began = instant_now();

	for (unsigned i = 0; i < n; i++) {
		if (b->budgets)
			evaluate(b);
		if (b->covariances)
			covariance_of(&b->inputs, b->results, POINTS, b->covariance);
	}
	return aid_seconds(began);
}

/* Bare. */

static void bare_point(struct calibration *b, size_t p)
{
	const double *x = b->x[p];
	double r = x[0] + x[1] + x[2] + x[3], s = x[4] + x[5] + x[6], dt = x[7] - x[11];
	double a = 1 + x[8] + x[9] + x[10] * dt, g = 1 + x[12] + x[13] + x[14] + x[15] * dt;
	const double c[LINES] = {
		a, a, a, a, -g, -g, -g, r * x[10] - s * x[15],
		r, r, r * dt, s * x[15] - r * x[10], -s, -s, -s, -s * dt, 1, 1, 1, 1,
	};
	double variance = 0, spread = 0;

	b->own[p] = 0;
	for (size_t i = 0; i < LINES; i++) {
		double w = c[i] * b->u[i];

		variance += w * w;
		spread += w * w * w * w / b->dof[i];
		if (i < OWN)
			b->own[p] += w * w;
		else
			b->shared[p][i - OWN] = w;
	}
	b->value[p] = r * a - s * g + x[16] + x[17] + x[18] + x[19];
	b->uncertainty[p] = sqrt(variance);
	b->expanded[p] = b->uncertainty[p] *
		(b->rules.factor > 0 ? b->rules.factor : student_factor(b->rules.probability, variance * variance / spread));
}

static void bare_covariance(struct calibration *b)
{
	for (size_t p = 0; p < POINTS; p++)
		for (size_t q = 0; q <= p; q++) {
			double sum = p == q ? b->own[p] : 0;

			for (size_t i = 0; i < SHARED; i++)
				sum += b->shared[p][i] * b->shared[q][i];
			b->bare[p * POINTS + q] = b->bare[q * POINTS + p] = sum;
		}
}

static double bare(void *with, unsigned n)
{
	struct calibration *b = with;
	instant began = instant_now();

	for (unsigned i = 0; i < n; i++) {
		for (size_t p = 0; b->budgets && p < POINTS; p++)
			bare_point(b, p);
		if (b->covariances)
			bare_covariance(b);
	}
	return aid_seconds(began);
}

static bool alike(double x, double y)
{
	return fabs(x - y) <= 1e-9 * fabs(y);
}

static void compare(const struct calibration *b)
{
	for (size_t p = 0; p < POINTS; p++) {
		must(fabs(b->results[p].value - b->value[p]) < 1e-12, "the same values");
		must(alike(b->results[p].uncertainty, b->uncertainty[p]), "the same uncertainties");
		must(alike(b->results[p].expanded, b->expanded[p]), "the same expanded uncertainties");
	}
	for (size_t i = 0; i < POINTS * POINTS; i++)
		must(alike(b->covariance[i], b->bare[i]), "the same covariances");
}

static void row(struct calibration *b, const char *name, bool budgets, bool covariances, double factor)
{
	static const struct rounds rounds = { 15, 100 * NS_PER_MS, 1 };

	b->rules.factor = factor;
	b->budgets = budgets;
	b->covariances = covariances;
	aid_compare_more(name, &rounds, (struct side){ ours, b }, (struct side){ bare, b }, stated());
}

int main(void)
{
	static struct calibration b = { .rules = { .probability = 0.95 }, .budgets = true, .covariances = true };

	if (!aid_wanted("1000_budgets"))
		return 0;
	make(&b);
	ours(&b, 1);
	bare(&b, 1);
	compare(&b);
	row(&b, "1000_budgets_and_covariance", true, true, 0);
	row(&b, "1000_budgets", true, false, 0);
	row(&b, "1000_budgets_with_a_stated_k", true, false, 2);
	row(&b, "1000_budgets_covariance_alone", false, true, 0);
	return 0;
}
