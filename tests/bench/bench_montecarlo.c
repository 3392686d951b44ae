/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_montecarlo - a million trials of the end gauge (JCGM 100, H.1; JCGM 101, 9.5) with the shortest 95 % interval:
 * in two threads beside numpy doing the same (gauge.py), and in one beside a bare loop that draws the same variates,
 * computes the length and keeps it, and does nothing else: no sorting, no interval, no uncertainty. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aid.h"
#include "distribution_draw.h"
#include "montecarlo.h"

#define TRIALS 1000000
#define INPUTS 9
#define BLOCK  1000

static const struct { const char *id; struct distribution d; } given[INPUTS] = {
	{ "L_S", { DISTRIBUTION_T, 50000623, 25, 18 } },
	{ "D", { DISTRIBUTION_T, 215, 6, 24 } },
	{ "d1", { DISTRIBUTION_T, 0, 4, 5 } },
	{ "d2", { DISTRIBUTION_T, 0, 7, 8 } },
	{ "alpha_S", { DISTRIBUTION_RECTANGULAR, 11.5e-6, 2e-6, 0 } },
	{ "theta_0", { DISTRIBUTION_NORMAL, -0.1, 0.2, 0 } },
	{ "Delta", { DISTRIBUTION_ARCSINE, 0, 0.5, 0 } },
	{ "delta_alpha", { DISTRIBUTION_CURVILINEAR, 0, 1e-6, 0.1e-6 } },
	{ "delta_theta", { DISTRIBUTION_CURVILINEAR, 0, 0.05, 0.025 } },
};

static void length(const void *self, const double *const *x, size_t trials, double *y)
{
	(void)self;
	for (size_t t = 0; t < trials; t++)
		y[t] = x[0][t] + x[1][t] + x[2][t] + x[3][t] -
			x[0][t] * (x[7][t] * (x[5][t] + x[6][t]) + x[4][t] * x[8][t]);
}

static void fill(struct input_table *t)
{
	for (size_t i = 0; i < INPUTS; i++) {
		struct input in = { .id = (char *)given[i].id, .unit = (char *)"1", .source = (char *)"",
				    .knowledge = given[i].d, .degrees_of_freedom = INFINITY };

		must(input_add(t, &in, &aid_err) == (long)i, "input");
	}
}

/* JCGM 101, table 11: 838 nm beyond 50 mm, u = 36 nm. */
static void must_be_gauge(double value, double u, double low, double high)
{
	must(fabs(value - 50000838) < 0.5 && fabs(u - 35.8) < 0.5 && fabs(high - low - 140) < 2, "not the end gauge");
}

struct ours { struct input_table inputs; struct montecarlo_options o; };

static double our_side(void *with, unsigned n)
{
	static const size_t places[INPUTS] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };
	static const struct measurand of = { "length", { .n = INPUTS, .values = length }, places };
	struct ours *s = with;
	instant start = instant_now();

	for (unsigned i = 0; i < n; i++) {
		struct montecarlo mc;
		struct montecarlo_result *r;
		struct interval shortest;

		s->o.seed++;
		must(montecarlo_run(&mc, &s->inputs, &of, 1, &s->o, &aid_err) == 0, "montecarlo");
		r = &mc.results[0];
		shortest = r->coverage.of[COVERAGE_SHORTEST];
		must_be_gauge(r->value, r->uncertainty, shortest.low, shortest.high);
		montecarlo_release(&mc);
	}
	return aid_seconds(start);
}

static double bare_side(void *with, unsigned n)
{
	static double x[INPUTS][BLOCK], y[TRIALS];
	const double *columns[INPUTS];
	struct random *r = with;
	instant start = instant_now();

	for (size_t i = 0; i < INPUTS; i++)
		columns[i] = x[i];
	for (unsigned i = 0; i < n; i++)
		for (size_t t = 0; t < TRIALS; t += BLOCK) {
			for (size_t k = 0; k < INPUTS; k++)
				distribution_draw(&given[k].d, r, x[k], BLOCK);
			length(NULL, columns, BLOCK, &y[t]);
		}
	return aid_seconds(start);
}

struct numpy { FILE *to, *from; pid_t pid; };

static void become_numpy(const int *to, const int *from)
{
	char trials[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(trials, sizeof trials, "%d", TRIALS);
	if (dup2(to[0], 0) == 0 && dup2(from[1], 1) == 1 && close(to[1]) == 0 && close(from[0]) == 0)
		execl("/usr/bin/python3", "python3", "tests/bench/gauge.py", trials, (char *)NULL);
	_exit(127);
}

static struct numpy numpy_start(void)
{
	int to[2], from[2];
	struct numpy p;

	must(pipe(to) == 0 && pipe(from) == 0, "pipe");
	p.pid = fork();
	must(p.pid >= 0, "fork");
	if (p.pid == 0)
		become_numpy(to, from);
	close(to[0]);
	close(from[1]);
	p.to = fdopen(to[1], "w");
	p.from = fdopen(from[0], "r");
	return p;
}

static void numpy_end(struct numpy *p)
{
	fclose(p->to);
	fclose(p->from);
	waitpid(p->pid, NULL, 0);
}

static double numpy_side(void *with, unsigned n)
{
	struct numpy *p = with;
	double all = 0;

	for (unsigned i = 0; i < n; i++) {
		double took, value, u, low, high;

		must(fputs("go\n", p->to) >= 0 && fflush(p->to) == 0, "gauge.py");
		must(fscanf(p->from, "%lf %lf %lf %lf %lf", &took, &value, &u, &low, &high) == 5, "gauge.py");
		must_be_gauge(value, u, low, high);
		all += took;
	}
	return all;
}

static struct ours in_threads(unsigned threads)
{
	struct ours s = { .o = montecarlo_usual };

	fill(&s.inputs);
	s.o.trials = TRIALS;
	s.o.interval = COVERAGE_SHORTEST;
	s.o.threads = threads;
	return s;
}

int main(void)
{
	static const struct rounds rounds = { 9, 400 * NS_PER_MS, 1 };
	struct ours two = in_threads(2), one = in_threads(1);
	struct random r;

	random_seed(&r, 20261124, "bare");
	if (aid_wanted("montecarlo_numpy")) {
		struct numpy p = numpy_start();

		aid_compare_more("montecarlo_numpy", &rounds, (struct side){ our_side, &two },
				 (struct side){ numpy_side, &p }, at_least(2));
		numpy_end(&p);
	}
	if (aid_wanted("montecarlo_bare_loop"))
		aid_compare_more("montecarlo_bare_loop", &rounds, (struct side){ our_side, &one },
				 (struct side){ bare_side, &r }, at_least(1 / 1.3));
	input_release(&two.inputs);
	input_release(&one.inputs);
	return 0;
}
