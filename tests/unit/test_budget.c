/* SPDX-License-Identifier: GPL-3.0-or-later
 * Budgets, against JCGM 100:2008, H.1 and H.2, and against what can be worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "budget.h"
#include "covariance.h"
#include "quantities.h"
#include "unit.h"

static const struct budget_rules usual = { .probability = 0.95 };

static void assert_near(double x, double expected, double relative)
{
	if (!(fabs(x - expected) <= relative * fabs(expected)))
		fail_msg("%.17g is not %.17g", x, expected);
}

/* To the digits that are printed. */
static void assert_published(double x, double published, double last_digit)
{
	if (!(fabs(x - published) <= 0.5000001 * last_digit))
		fail_msg("%.10g is not %.10g", x, published);
}

static struct budget budget_of(const char *model, const char *unit, const struct input_table *t,
			       const struct budget_rules *rules)
{
	struct equation *q = bound(model, unit, t);
	struct budget b;
	struct err e;

	if (budget_make(&b, &q->function, q->places, t, rules, &e) < 0)
		fail_msg("%s: %s", model, e.text);
	equation_free(&q);
	return b;
}

static void assert_refused(const char *model, const struct input_table *t, const struct budget_rules *rules,
			   const char *says)
{
	struct equation *q = bound(model, "V", t);
	struct budget b;
	struct err e = { 0 };

	if (budget_make(&b, &q->function, q->places, t, rules, &e) == 0)
		fail_msg("%s is taken", model);
	if (e.code != ERR_CONFIG || !strstr(e.text, says))
		fail_msg("%s: %s", model, e.text);
	assert_null(b.lines);
	equation_free(&q);
}

/* H.1, the end gauge. */

static const char end_gauge[] =
	"ls + d0 + d1 + d2 - ls * (d_alpha * (theta_bar + Delta) + alpha_s * d_theta)";

static const char *unit_of(const char *name)
{
	return strstr(name, "alpha") ? "K-1" : strstr(name, "theta") || !strcmp(name, "Delta") ? "K" : "nm";
}

/* "25", "rectangular_halfwidth=2e-6", "arcsine_halfwidth=0.5". */
static double stated_uncertainty(const char *text)
{
	const char *width = strchr(text, '=');

	if (!width)
		return strtod(text, NULL);
	return strtod(width + 1, NULL) / sqrt(strncmp(text, "arcsine", 7) ? 3 : 2);
}

static void read_end_gauge(struct input_table *t)
{
	const char *cases = getenv("ETALON_CASES");
	char path[512], line[512], name[32], value[32], u[64], dof[32];
	FILE *f;

	snprintf(path, sizeof path, "%s/gum/h1_end_gauge.txt", cases ? cases : "../shared/cases");
	f = fopen(path, "r");
	if (!f) {
		print_message("%s: not there, skipped\n", path);
		skip();
	}
	while (fgets(line, sizeof line, f))
		if (line[0] != '#' && sscanf(line, "%31s %31s %63s %31s", name, value, u, dof) == 4)
			put_input(t, name, unit_of(name), strtod(value, NULL), stated_uncertainty(u), strtod(dof, NULL));
	fclose(f);
	assert_int_equal(t->n, 9);
}

static const struct budget_line *line(const struct budget *b, const struct input_table *t, const char *id)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(t->list[b->lines[i].place].id, id))
			return &b->lines[i];
	fail_msg("no line %s", id);
	return NULL;
}

static void end_gauge_first_order(void **state)
{
	const double ls = 50000623, squares = 25 * 25 + 5.8 * 5.8 + 3.9 * 3.9 + 6.7 * 6.7 + pow(ls * 1e-7, 2) / 3 +
		pow(ls * 11.5e-6 * 0.05, 2) / 3;
	const double spread = pow(25, 4) / 18 + pow(5.8, 4) / 24 + pow(3.9, 4) / 5 + pow(6.7, 4) / 8 +
		pow(ls * 1e-7, 4) / 9 / 50 + pow(ls * 11.5e-6 * 0.05, 4) / 9 / 2;
	struct input_table t = { 0 };
	struct budget b;
	double percent = 0;

	(void)state;
	read_end_gauge(&t);
	b = budget_of(end_gauge, "nm", &t, &(struct budget_rules){ .probability = 0.99, .truncate = true });
	assert_published(b.value, 50000838, 1);
	assert_published(b.uncertainty, 32, 1);
	assert_published(floor(b.degrees_of_freedom), 16, 1);
	assert_published(b.factor, 2.92, 0.01);
	assert_published(b.factor * 32, 93, 1);         /* the Guide goes on with the rounded 32 */
	assert_near(b.expanded, b.factor * b.uncertainty, 1e-15);
	assert_published(line(&b, &t, "ls")->contribution, 25, 1e-12);
	assert_published(line(&b, &t, "d_theta")->contribution, 16.599, 0.001);
	assert_published(line(&b, &t, "d2")->contribution, 6.7, 1e-12);
	assert_published(line(&b, &t, "d_alpha")->contribution, 2.88679, 0.00001);
	assert_true(line(&b, &t, "alpha_s")->contribution == 0 && line(&b, &t, "Delta")->contribution == 0);
	assert_near(b.uncertainty, sqrt(squares), 1e-12);
	assert_near(b.degrees_of_freedom, squares * squares / spread, 1e-12);
	assert_near(line(&b, &t, "d_theta")->sensitivity, -ls * 11.5e-6, 1e-14);
	for (size_t i = 0; i < b.n; i++)
		percent += b.lines[i].percent;
	assert_near(percent, 100, 1e-14);
	budget_release(&b);
	input_release(&t);
}

static void end_gauge_second_order(void **state)
{
	const double ls = 50000623, a = ls * 1e-6 / sqrt(3), s = ls * 2e-6 / sqrt(3) * 0.05 / sqrt(3);
	const double second = a * a * (0.2 * 0.2 + 0.5 * 0.5 / 2) + s * s;
	/* and what the 25 nm of the standard itself have to do with it: 1e-13 of that */
	const double small = pow(25 * 11.5e-6 * 0.05 / sqrt(3), 2) + pow(25 * 0.1 * 1e-6 / sqrt(3), 2);
	struct input_table t = { 0 };
	struct budget first, b;

	(void)state;
	read_end_gauge(&t);
	first = budget_of(end_gauge, "nm", &t, &usual);
	b = budget_of(end_gauge, "nm", &t, &(struct budget_rules){ .probability = 0.95, .second_order = true });
	assert_published(b.uncertainty, 34, 1);
	assert_near(b.second_order, second + small, 1e-12);
	assert_near(b.uncertainty, sqrt(first.uncertainty * first.uncertainty + second + small), 1e-12);
	assert_true(b.degrees_of_freedom == first.degrees_of_freedom && b.factor == first.factor);
	budget_release(&first);
	budget_release(&b);
	input_release(&t);
}

/* With the Guide's own rounded inputs, as R's propagate has it. */
static void end_gauge_rounded(void **state)
{
	static const char model[] = "ls + d - ls * (d_alpha * theta + alpha_s * d_theta)";
	struct input_table t = { 0 };
	struct budget b, second;

	(void)state;
	put_input(&t, "ls", "nm", 50000623, 25, 18);
	put_input(&t, "d", "nm", 215, 9.7, 25.6);
	put_input(&t, "alpha_s", "K-1", 11.5e-6, 1.2e-6, INFINITY);
	put_input(&t, "theta", "K", -0.1, 0.41, INFINITY);
	put_input(&t, "d_alpha", "K-1", 0, 0.58e-6, 50);
	put_input(&t, "d_theta", "K", 0, 0.029, 2);
	b = budget_of(model, "nm", &t, &(struct budget_rules){ .probability = 0.99, .truncate = true });
	second = budget_of(model, "nm", &t, &(struct budget_rules){ .probability = 0.95, .second_order = true });
	assert_published(b.uncertainty, 31.71, 0.01);
	assert_published(b.expanded, 92.62, 0.01);
	assert_published(second.uncertainty, 33.91115, 0.00001);
	budget_release(&b);
	budget_release(&second);
	input_release(&t);
}

/* H.2: resistance, reactance and impedance from five simultaneous readings of V, I and phi, table H.2. */

static const double observed[3][5] = {
	{ 5.007, 4.994, 5.005, 4.990, 4.999 },
	{ 19.663, 19.639, 19.640, 19.685, 19.678 },
	{ 1.0456, 1.0438, 1.0468, 1.0428, 1.0433 },
};

static double mean(const double *x)
{
	return (x[0] + x[1] + x[2] + x[3] + x[4]) / 5;
}

/* Of the means: (H.2), 5.2.3. */
static double covariance(const double *x, const double *y)
{
	double sum = 0;

	for (int i = 0; i < 5; i++)
		sum += (x[i] - mean(x)) * (y[i] - mean(y));
	return sum / (5 * 4);
}

static void put_observed(struct input_table *t)
{
	static const char *const names[] = { "V", "I", "phi" }, *const units[] = { "V", "mA", "rad" };
	struct err e;

	for (size_t i = 0; i < 3; i++)
		put_input(t, names[i], units[i], mean(observed[i]), sqrt(covariance(observed[i], observed[i])), 4);
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < i; j++)
			input_correlate(t, i, j, covariance(observed[i], observed[j]) /
					t->list[i].uncertainty / t->list[j].uncertainty, &e);
}

static void resistance_and_reactance(void **state)
{
	const struct budget_rules rules = { .probability = 0.95, .together = true };
	struct input_table t = { 0 };
	struct budget b[3];
	double v[9], percent = 0;

	(void)state;
	put_observed(&t);
	b[0] = budget_of("V / I * cos(phi)", "Ohm", &t, &rules);
	b[1] = budget_of("V / I * sin(phi)", "Ohm", &t, &rules);
	b[2] = budget_of("V / I", "Ohm", &t, &rules);
	assert_published(b[0].value, 127.732, 0.001);
	assert_published(b[1].value, 219.847, 0.001);
	assert_published(b[2].value, 254.260, 0.001);
	assert_published(b[0].uncertainty, 0.071, 0.001);
	assert_published(b[1].uncertainty, 0.2956, 0.0001);     /* the Guide, with rounded inputs: 0.295 */
	assert_published(b[2].uncertainty, 0.236, 0.001);
	covariance_of(&t, b, 3, v);
	assert_published(covariance_correlation(v, 3, 0, 1), -0.588, 0.001);
	assert_published(covariance_correlation(v, 3, 0, 2), -0.485, 0.001);
	assert_published(covariance_correlation(v, 3, 1, 2), 0.993, 0.001);
	for (int i = 0; i < 3; i++) {
		assert_near(b[i].degrees_of_freedom, 4, 1e-12);
		assert_near(b[i].factor, 2.7764451051978, 1e-12);       /* t of 4 */
		assert_near(v[4 * i], b[i].uncertainty * b[i].uncertainty, 1e-12);
	}
	for (size_t i = 0; i < b[0].n; i++)
		percent += b[0].lines[i].percent;
	assert_near(percent, 100, 1e-12);
	for (int i = 0; i < 3; i++)
		budget_release(&b[i]);
	input_release(&t);
}

/* Degrees of freedom. */

static void effective_degrees_of_freedom(void **state)
{
	struct input_table t = { 0 };
	struct budget b;

	(void)state;
	put_input(&t, "a", "V", 1, 0.3, 4);
	put_input(&t, "b", "V", 2, 0.4, INFINITY);
	put_input(&t, "c", "V", 2, 0, 1);
	put_input(&t, "few", "V", 2, 0.1, 0.5);
	b = budget_of("a + b", "V", &t, &usual);
	assert_near(b.uncertainty, 0.5, 1e-15);
	assert_near(b.degrees_of_freedom, 30.8641975308642, 1e-14);      /* 4 (0.5 / 0.3)^4 */
	assert_near(b.factor, 2.0398881, 1e-5);         /* 2.0422725 for 30 and 2.0395134 for 31, along a line */
	budget_release(&b);
	b = budget_of("a + b", "V", &t, &(struct budget_rules){ .probability = 0.95, .truncate = true });
	assert_near(b.degrees_of_freedom, 30.8641975308642, 1e-14);
	assert_near(b.factor, 2.0422724563, 1e-10);
	assert_near(b.expanded, 0.5 * b.factor, 1e-15);
	budget_release(&b);
	b = budget_of("2 * b + c", "V", &t, &usual);
	assert_true(isinf(b.degrees_of_freedom));
	assert_near(b.factor, 1.9599639845400545, 1e-12);
	budget_release(&b);
	b = budget_of("c", "V", &t, &usual);
	assert_true(b.uncertainty == 0 && b.expanded == 0 && b.lines[0].percent == 0);
	budget_release(&b);
	b = budget_of("few", "V", &t, &(struct budget_rules){ .probability = 0.95, .factor = 2 });
	assert_true(isnan(b.degrees_of_freedom) && b.factor == 2);
	budget_release(&b);
	assert_refused("few", &t, &(struct budget_rules){ .probability = 0.95, .truncate = true }, "cut to none");
	input_release(&t);
}

/* a and b are one group through c, d stands alone: as if a, b and c were one input. */
static void groups(void **state)
{
	const struct budget_rules together = { .probability = 0.95, .together = true };
	struct input_table t = { 0 };
	double group = 0.09 + 0.16 + 0.25 + 2 * 0.5 * 0.3 * 0.5 - 2 * 0.2 * 0.4 * 0.5, all = group + 0.01;
	struct budget b;
	struct err e;

	(void)state;
	put_input(&t, "a", "V", 1, 0.3, 4);
	put_input(&t, "d", "V", 1, 0.1, 2);
	put_input(&t, "b", "V", 1, 0.4, 4);
	put_input(&t, "c", "V", 1, 0.5, 4);
	put_input(&t, "exact", "V", 1, 0.5, INFINITY);
	input_correlate(&t, 0, 3, 0.5, &e);
	input_correlate(&t, 3, 2, -0.2, &e);
	b = budget_of("a + d + b + c", "V", &t, &together);
	assert_near(b.uncertainty, sqrt(all), 1e-15);
	assert_near(b.degrees_of_freedom, all * all / (group * group / 4 + 0.0001 / 2), 1e-14);
	budget_release(&b);
	assert_refused("a + c", &t, &usual, "a and c correlate: Welch and Satterthwaite's formula does not hold");
	input_correlate(&t, 0, 4, 0.1, &e);
	assert_refused("a + exact", &t, &together, "a and exact correlate and have 4 and inf degrees of freedom");
	b = budget_of("a + 0 * exact + d", "V", &t, &usual);    /* it does not contribute */
	assert_near(b.degrees_of_freedom, 0.1 * 0.1 / (0.0081 / 4 + 0.0001 / 2), 1e-14);
	budget_release(&b);
	input_release(&t);
}

static void known_exactly_though_correlated(void **state)
{
	struct input_table t = { 0 };
	struct budget b;
	struct err e;

	(void)state;
	put_input(&t, "a", "V", 1, 0.3, INFINITY);
	put_input(&t, "b", "V", 1, 0.4, INFINITY);
	input_correlate(&t, 0, 1, 1, &e);
	b = budget_of("a + b", "V", &t, &usual);
	assert_near(b.uncertainty, 0.7, 1e-15);
	assert_true(isinf(b.degrees_of_freedom));
	budget_release(&b);
	b = budget_of("4 * a - 3 * b", "V", &t, &usual);        /* they cancel */
	assert_true(b.uncertainty < 1e-7);
	budget_release(&b);
	input_release(&t);
}

/* Second order by hand: of exp(x) at 0 it is (1/2 + 1) u^4, of x^3 at x (18 x^2 + 18 x^2) u^4, of a b u_a^2 u_b^2. */
static void second_order_by_hand(void **state)
{
	const struct budget_rules rules = { .probability = 0.95, .second_order = true };
	struct input_table t = { 0 };
	struct budget b;

	(void)state;
	put_input(&t, "zero", "1", 0, 0.2, INFINITY);
	put_input(&t, "a", "1", 3, 0.1, INFINITY);
	b = budget_of("exp(zero)", "1", &t, &rules);
	assert_near(b.second_order, 1.5 * 0.0016, 1e-7);
	budget_release(&b);
	b = budget_of("a^3", "1", &t, &rules);
	assert_near(b.second_order, (0.5 * 18 * 18 + 27 * 6) * 1e-4, 1e-9);
	budget_release(&b);
	b = budget_of("a * zero", "1", &t, &rules);
	assert_near(b.second_order, 0.04 * 0.01, 1e-14);
	assert_near(b.uncertainty, sqrt(0.36 + 0.0004), 1e-14);
	budget_release(&b);
	input_release(&t);
}

static void refused(void **state)
{
	struct input_table t = { 0 };
	struct err e;

	(void)state;
	for (int i = 0; i < 3; i++)
		put_input(&t, (const char *const[]){ "a", "b", "c" }[i], "V", 0, 0.1, INFINITY);
	assert_refused("sqrt(a^2 - 1 [V2])", &t, &usual, "no value at the estimates");
	assert_refused("abs(a) + b", &t, &usual, "no sensitivity to a at its estimate: evaluate it by Monte Carlo");
	input_correlate(&t, 0, 1, -1, &e);
	input_correlate(&t, 1, 2, -1, &e);
	input_correlate(&t, 0, 2, -1, &e);
	assert_refused("a + b + c", &t, &usual, "contradict each other");
	assert_refused("a + b", &t, &(struct budget_rules){ .probability = 0.95, .second_order = true },
		       "second-order terms hold for independent inputs; a and b correlate");
	input_release(&t);
}

/* Two names of one input are one line: its errors add before they are squared. */
static void one_input_under_two_names(void **state)
{
	static const struct equation_input inputs[] = { { "before", 0 }, { "after", 0 }, { "other", 1 } };
	const struct budget_rules rules = { .probability = 0.95, .second_order = true };
	struct input_table t = { 0 };
	struct equation *q;
	struct budget b;
	struct err e;

	(void)state;
	put_input(&t, "zero point", "V", 0.5, 0.1, INFINITY);
	put_input(&t, "other", "V", 1, 0.2, INFINITY);
	q = equation_new("before - after + 2 * other", "V", &t, inputs, 3, &e);
	assert_int_equal(budget_make(&b, &q->function, q->places, &t, &rules, &e), 0);
	assert_int_equal(b.n, 2);
	assert_true(b.lines[0].place == 0 && b.lines[0].contribution == 0);
	assert_near(b.uncertainty, 0.4, 1e-15);
	budget_release(&b);
	equation_free(&q);
	q = equation_new("before * after / other", "V", &t, inputs, 3, &e);
	assert_int_equal(budget_make(&b, &q->function, q->places, &t, &rules, &e), 0);
	assert_near(b.lines[0].sensitivity, 1, 1e-15);  /* of x^2 / other */
	/* x^2/o: 1/2 f_xx^2 u_x^4 + f_xo^2 u_x^2 u_o^2 + ... with f_xx = 2, f_xo = -1, f_oo = 1/2, and third ones */
	assert_near(b.second_order, 0.5 * (4 * 1e-4 + 2 * 4e-4 + 0.25 * 16e-4) +
		    (1 * 2 * 4e-4 - 0.25 * -2 * 4e-4 - 0.25 * -1.5 * 16e-4), 1e-6);
	budget_release(&b);
	equation_free(&q);
	input_release(&t);
}

/* The same without derivatives of its own. */
static void by_differences(void **state)
{
	const struct budget_rules rules = { .probability = 0.95, .second_order = true };
	struct input_table t = { 0 };
	struct measurement_function bare;
	struct equation *q;
	struct budget b, exact;
	struct err e;

	(void)state;
	put_input(&t, "a", "V", 0.5, 0.01, 5);
	put_input(&t, "b", "V", 2, 0.02, 6);
	put_input(&t, "c", "V", 0, 0, INFINITY);
	q = bound("a * exp(a / b) + c", "V", &t);
	bare = q->function;
	bare.derivatives = NULL;
	assert_int_equal(budget_make(&exact, &q->function, q->places, &t, &rules, &e), 0);
	assert_int_equal(budget_make(&b, &bare, q->places, &t, &rules, &e), 0);
	assert_near(b.value, exact.value, 1e-15);
	for (size_t i = 0; i < b.n; i++)
		assert_near(b.lines[i].sensitivity, exact.lines[i].sensitivity, 1e-7);
	assert_near(b.uncertainty, exact.uncertainty, 1e-7);
	assert_near(b.second_order, exact.second_order, 1e-3);
	budget_release(&b);
	budget_release(&exact);
	equation_free(&q);
	input_release(&t);
}

static int forget(void **state)
{
	(void)state;
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(end_gauge_first_order),
		cmocka_unit_test(end_gauge_second_order),
		cmocka_unit_test(end_gauge_rounded),
		cmocka_unit_test(resistance_and_reactance),
		cmocka_unit_test(effective_degrees_of_freedom),
		cmocka_unit_test(groups),
		cmocka_unit_test(known_exactly_though_correlated),
		cmocka_unit_test(second_order_by_hand),
		cmocka_unit_test(refused),
		cmocka_unit_test(one_input_under_two_names),
		cmocka_unit_test(by_differences),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
