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

static int correlate(struct input_table *table, struct locality *at, const struct measurement *m, struct err *e)
{
	const struct correlation_spec *k = m->spec->correlations.items;

	for (size_t i = 0; i < m->spec->correlations.n; i++) {
		size_t a, b;
		const struct input_spec *x = named(m->spec, k[i].between.list[0], &a);
		const struct input_spec *y = named(m->spec, k[i].between.list[1], &b);
		size_t p = m->arguments[a].terms[0].place, q = m->arguments[b].terms[0].place;
		int bad = k[i].stated ? input_correlate(table, p, q, k[i].coefficient, e)
			: measurement_correlate(table, at, x, p, y, q, e);

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

/* The inputs into the table; and a table of their names alone, with their units, for the equation. */
static int gather(struct evaluation *ev, struct measurement *m, struct locality *at, struct input_table *names)
{
	const struct input_spec *in = m->spec->inputs.items;
	int bad = 0;

	m->arguments = mem_array(m->spec->inputs.n, sizeof *m->arguments);
	for (size_t i = 0; i < m->spec->inputs.n && !bad; i++) {
		struct buf unit = { 0 };
		struct input name = { .id = in[i].name, .source = (char *)"", .degrees_of_freedom = INFINITY };

		buf_puts(&unit, "");
		bad = measurement_input(&ev->inputs, at, &in[i], &m->arguments[i], &unit, &m->why);
		name.unit = unit.data;
		if (bad)
			err_wrap(&m->why, "%s", in[i].name);
		else
			bad = input_add(names, &name, &m->why) < 0 ? -1 : 0;
		buf_release(&unit);
	}
	return bad ? bad : correlate(&ev->inputs, at, m, &m->why);
}

static int model(struct measurement *m, const struct input_table *names)
{
	const struct result_spec *r = m->spec;
	struct equation_input *inputs = mem_array(r->inputs.n, sizeof *inputs);
	const struct summand **arguments;

	for (size_t i = 0; i < r->inputs.n; i++)
		inputs[i] = (struct equation_input){ names->list[i].id, i };
	m->equation = equation_new(r->model, r->unit, names, inputs, r->inputs.n, &m->why);
	free(inputs);
	if (!m->equation)
		return -1;
	arguments = mem_array(m->equation->function.n, sizeof *arguments);
	for (size_t i = 0; i < m->equation->function.n; i++)
		arguments[i] = &m->arguments[m->equation->places[i]];
	m->composition = composition_new(&m->equation->function, arguments);
	free(arguments);
	return 0;
}

static int evaluate(struct evaluation *ev, struct measurement *m, struct locality *at)
{
	const struct result_spec *r = m->spec;
	struct budget_rules rules = { .probability = r->coverage_probability, .second_order = r->second_order,
				      .together = observed_together(r) };
	struct input_table names = { 0 };
	int bad = gather(ev, m, at, &names);

	if (!bad)
		bad = model(m, &names);
	input_release(&names);
	if (!bad)
		bad = budget_make(&m->budget, &m->composition->function, m->composition->places, &ev->inputs, &rules,
				  &m->why);
	if (!bad && r->method != EVALUATE_GUM)
		bad = measurement_propagate(ev, m, &m->why);
	return bad;
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

/* Has any result a model?  Without one no file of the run is read again. */
static bool has_models(struct tally *t)
{
	struct span list, key, one, model;
	size_t at = 0;

	if (json_member(tally_start(t), "results", &list) != 1)
		return false;
	while (json_next(list, &at, &key, &one) == 1)
		if (json_member(one, "model", &model) == 1)
			return true;
	return false;
}

/* The vocabulary and the procedure, as the records have them. */
static int read_files(struct evaluation *ev, struct tally *t, struct err *e)
{
	struct span words = tally_file(t, "quantities", NULL), text = tally_file(t, "procedure", NULL);
	struct problems ps = { 0 };
	struct source s;
	int bad = 0;

	if (words.n && source_given(&s, "quantities", words.p, words.n, &ps) == 0) {
		quantities_parse(&ev->quantities, &s, &ps);
		source_release(&s);
	}
	if (!ps.total && text.n)
		procedure_parse(&ev->procedure, "procedure", text.p, text.n, &ps);
	if (ps.total)
		bad = err_set(e, ERR_CONFIG, "%s in the records, line %d: %s", ps.list[0].file, ps.list[0].line, ps.list[0].text);
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

static int64_t started(struct tally *t)
{
	struct span value;
	int64_t utc_ns = 0;

	if (json_member(tally_start(t), "utc_ns", &value) == 1)
		json_get_int(value, &utc_ns);
	return day_of(utc_ns);
}

int evaluation_new(struct evaluation **out, struct tally *t, struct err *e)
{
	struct evaluation *ev = *out = mem_new(sizeof *ev);
	char *run = json_member_text(tally_start(t), "run");
	char *laboratory = json_member_text(tally_start(t), "laboratory");
	struct locality at = { .tally = t, .quantities = &ev->quantities, .run = run ? run : "",
			       .laboratory = laboratory ? laboratory : "",
			       .day = started(t) };
	int bad = has_models(t) ? read_files(ev, t, e) : 0;

	for (at.point = 0; !bad && ev->procedure && at.point < tally_points(t); at.point++) {
		const struct result_spec *r = ev->procedure->results.items;

		for (size_t i = 0; i < ev->procedure->results.n && tally_attempt(t, at.point); i++)
			if (r[i].model)
				add(ev, &at, &r[i]);
	}
	measurement_standards_release(&at);
	free(run);
	free(laboratory);
	if (!bad)
		correlate_all(ev);
	if (bad)
		evaluation_free(out);
	return bad;
}

static void release_arguments(struct measurement *m)
{
	for (size_t i = 0; m->arguments && i < m->spec->inputs.n; i++)
		free(m->arguments[i].terms);
	free(m->arguments);
}

void evaluation_free(struct evaluation **out)
{
	struct evaluation *ev = *out;

	if (!ev)
		return;
	for (size_t i = 0; i < ev->n; i++) {
		budget_release(&ev->list[i].budget);
		composition_free(&ev->list[i].composition);
		equation_free(&ev->list[i].equation);
		release_arguments(&ev->list[i]);
	}
	free(ev->list);
	free(ev->covariance);
	input_release(&ev->inputs);
	procedure_free(&ev->procedure);
	quantities_release(&ev->quantities);
	free(ev);
	*out = NULL;
}
