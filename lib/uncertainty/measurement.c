/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "measurement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "covariance.h"
#include "measurement_own.h"
#include "mem.h"

static const struct input_spec *named(const struct result_spec *r, const char *name, size_t *index)
{
	const struct input_spec *in = r->inputs.items;

	for (*index = 0; *index < r->inputs.n; (*index)++)
		if (!strcmp(in[*index].name, name))
			return &in[*index];
	abort();                        /* procedure_check_results has looked */
}

static int correlate(struct input_table *table, struct locality *at, const struct result_spec *r,
		     const struct equation_input *names, struct err *e)
{
	const struct correlation_spec *k = r->correlations.items;

	for (size_t i = 0; i < r->correlations.n; i++) {
		size_t a, b;
		const struct input_spec *x = named(r, k[i].between.list[0], &a), *y = named(r, k[i].between.list[1], &b);
		int bad = k[i].stated
			? input_correlate(table, names[a].place, names[b].place, k[i].coefficient, e)
			: measurement_correlate(table, at, x, names[a].place, y, names[b].place, e);

		if (bad)
			return -1;
	}
	return 0;
}

/* Inputs that were observed together have a common experiment: their degrees of freedom are those of it. */
static bool observed_together(const struct result_spec *r)
{
	const struct correlation_spec *k = r->correlations.items;

	for (size_t i = 0; i < r->correlations.n; i++)
		if (k[i].stated)
			return false;
	return true;
}

static int evaluate(struct evaluation *ev, struct measurement *m, struct locality *at)
{
	const struct result_spec *r = m->spec;
	const struct input_spec *in = r->inputs.items;
	struct equation_input *names = m->names = mem_array(r->inputs.n, sizeof *names);
	struct budget_rules rules = { .probability = r->coverage_probability, .second_order = r->second_order,
				      .together = observed_together(r) };
	int bad = 0;

	for (size_t i = 0; i < r->inputs.n && !bad; i++) {
		long place = measurement_input(&ev->inputs, at, &in[i], &m->why);

		names[i] = (struct equation_input){ in[i].name, place < 0 ? 0 : (size_t)place };
		bad = place < 0 ? -1 : 0;
		if (bad)
			err_wrap(&m->why, "%s", in[i].name);
	}
	if (!bad)
		bad = correlate(&ev->inputs, at, r, names, &m->why);
	if (!bad)
		m->equation = equation_new(r->model, r->unit, &ev->inputs, names, r->inputs.n, &m->why);
	if (m->equation)
		bad = budget_make(&m->budget, &m->equation->function, m->equation->places, &ev->inputs, &rules, &m->why);
	if (!bad && m->equation && r->method != EVALUATE_GUM)
		bad = measurement_propagate(ev, m, &m->why);
	return m->equation ? bad : -1;
}

static void add(struct evaluation *ev, struct locality *at, const struct result_spec *r)
{
	struct measurement *m;

	ev->list = mem_grow(ev->list, ev->n, sizeof *ev->list);
	m = &ev->list[ev->n++];
	*m = (struct measurement){ .spec = r, .point = at->point, .attempt = tally_attempt(at->tally, at->point),
				   .nominal = NAN, .why = { .code = ERR_NONE } };
	if (r->channel.text)
		m->nominal = tally_nominal(at->tally, at->point, r->channel.text);
	at->excluded = 0;
	if (evaluate(ev, m, at) == 0)
		m->why.code = ERR_NONE;
	m->excluded = at->excluded;
}

static int read_procedure(struct evaluation *ev, struct tally *t, struct err *e)
{
	struct span text = tally_file(t, "procedure");
	struct problems ps = { 0 };
	int bad = 0;

	if (text.n && procedure_parse(&ev->procedure, "procedure", text.p, text.n, &ps) < 0)
		bad = err_set(e, ERR_CONFIG, "the procedure in the records, line %d: %s", ps.list[0].line, ps.list[0].text);
	problems_release(&ps);
	return bad;
}

/* A measurement without a value has a budget without lines: it varies with nothing. */
static void correlate_all(struct evaluation *ev)
{
	struct budget *budgets = mem_array(ev->n, sizeof *budgets);

	ev->covariance = mem_array(ev->n * ev->n, sizeof *ev->covariance);
	for (size_t i = 0; i < ev->n; i++)
		budgets[i] = ev->list[i].budget;
	covariance_of(&ev->inputs, budgets, ev->n, ev->covariance);
	free(budgets);
}

static char *start_text(struct tally *t, const char *key)
{
	struct buf text = { 0 };
	struct span value;

	buf_puts(&text, "");
	if (json_member(tally_start(t), key, &value) == 1)
		json_get_string(value, &text);
	return text.data;
}

int evaluation_new(struct evaluation **out, struct tally *t, struct err *e)
{
	struct evaluation *ev = *out = mem_new(sizeof *ev);
	char *run = start_text(t, "run"), *laboratory = start_text(t, "laboratory");
	struct locality at = { .tally = t, .run = run, .laboratory = laboratory };
	int bad = read_procedure(ev, t, e);

	for (at.point = 0; !bad && ev->procedure && at.point < tally_points(t); at.point++) {
		const struct result_spec *r = ev->procedure->results.items;

		for (size_t i = 0; i < ev->procedure->results.n && tally_attempt(t, at.point); i++)
			if (r[i].model)
				add(ev, &at, &r[i]);
	}
	free(run);
	free(laboratory);
	if (!bad)
		correlate_all(ev);
	if (bad)
		evaluation_free(out);
	return bad;
}

void evaluation_free(struct evaluation **out)
{
	struct evaluation *ev = *out;

	if (!ev)
		return;
	for (size_t i = 0; i < ev->n; i++) {
		budget_release(&ev->list[i].budget);
		equation_free(&ev->list[i].equation);
		free(ev->list[i].names);
	}
	free(ev->list);
	free(ev->covariance);
	input_release(&ev->inputs);
	procedure_free(&ev->procedure);
	free(ev);
	*out = NULL;
}
