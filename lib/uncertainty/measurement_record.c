/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "measurement_record.h"

#include <math.h>
#include <string.h>

#include "contribution.h"
#include "rounding.h"

/* The first of the result's names that this place of the table is, or is part of. */
static const char *name_of(const struct measurement *m, size_t place)
{
	const struct input_spec *in = m->spec->inputs.items;

	for (size_t i = 0; m->arguments && i < m->spec->inputs.n; i++)
		for (size_t k = 0; k < m->arguments[i].n; k++)
			if (m->arguments[i].terms[k].place == place)
				return in[i].name;
	return "";
}

static void put_line(struct buf *out, const struct evaluation *ev, const struct measurement *m, const struct budget_line *l)
{
	const struct input *in = &ev->inputs.list[l->place];
	struct contribution c = {
		.input = (char *)name_of(m, l->place), .identity = in->id, .unit = in->unit, .source = in->source,
		.distribution = (char *)distribution_names[in->knowledge.kind],
		.type = (char *)(in->type == TYPE_A ? "A" : "B"),
		.estimate = in->knowledge.location, .uncertainty = in->uncertainty,
		.degrees_of_freedom = in->degrees_of_freedom, .sensitivity = l->sensitivity,
		.amount = copysign(l->contribution, l->sensitivity), .percent = l->percent,
	};

	contribution_put(out, &c);
}

static void put_budget(struct buf *out, const struct evaluation *ev, const struct measurement *m)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < m->budget.n; i++) {
		if (i)
			buf_putc(out, ',');
		put_line(out, ev, m, &m->budget.lines[i]);
	}
	buf_putc(out, ']');
}

/* What a record's header (64 KiB) has room for beside a budget. */
#define COVARIANCES_MOST 1500

/* With all measurements up to this one, in their order; the last is its variance. */
static void put_covariance(struct buf *out, const struct evaluation *ev, size_t n)
{
	buf_putc(out, '[');
	for (size_t i = 0; i <= n; i++) {
		if (i)
			buf_putc(out, ',');
		json_number(out, ev->covariance[n * ev->n + i]);
	}
	buf_putc(out, ']');
}

static void put_interval(struct buf *out, const char *key, struct interval x)
{
	json_key(out, key);
	buf_putc(out, '[');
	json_number(out, x.low);
	buf_putc(out, ',');
	json_number(out, x.high);
	buf_putc(out, ']');
}

static void put_agreement(struct buf *out, const struct agreement *a)
{
	json_key(out, "agreement");
	buf_putc(out, '{');
	json_put_number(out, "tolerance", a->tolerance);
	json_put_number(out, "low", a->low);
	json_put_number(out, "high", a->high);
	json_key(out, "validated");
	json_bool(out, a->validated);
	buf_putc(out, '}');
}

static void put_monte_carlo(struct buf *out, const struct measurement *m)
{
	const struct propagated *p = &m->propagated;

	buf_putc(out, '{');
	json_put_int(out, "trials", (int64_t)p->trials);
	json_put_int(out, "seed", m->spec->seed);
	json_put_number(out, "value", p->result.value);
	json_put_number(out, "standard_uncertainty", p->result.uncertainty);
	put_interval(out, "symmetric", p->result.coverage.of[COVERAGE_SYMMETRIC]);
	put_interval(out, "shortest", p->result.coverage.of[COVERAGE_SHORTEST]);
	json_put_number(out, "tolerance", p->result.tolerance);
	json_key(out, "tolerance_reached");
	json_bool(out, p->tolerance_reached);
	if (m->spec->method == EVALUATE_BOTH)
		put_agreement(out, &p->agreement);
	buf_putc(out, '}');
}

static void put_figures(struct result *r, const struct measurement *m)
{
	const struct budget *b = &m->budget;

	r->value = b->value;
	r->uncertainty = b->uncertainty;
	r->degrees_of_freedom = b->degrees_of_freedom;
	r->coverage_factor = b->factor;
	r->expanded = b->expanded;
}

/* By the Monte Carlo method alone: the symmetric interval is the result, and k what makes it U = k u. */
static void put_propagated(struct result *r, const struct montecarlo_result *p)
{
	r->value = p->value;
	r->uncertainty = p->uncertainty;
	r->degrees_of_freedom = NAN;
	r->expanded = (p->coverage.of[COVERAGE_SYMMETRIC].high - p->coverage.of[COVERAGE_SYMMETRIC].low) / 2;
	r->coverage_factor = r->expanded / r->uncertainty;
}

static void put_reported(struct result *r)
{
	struct rounded x;
	struct err e;

	if (rounding_report(&x, r->value, r->expanded, 2, &e) < 0)
		return;
	snprintf(r->reported_value, sizeof r->reported_value, "%s", x.value);
	snprintf(r->reported_expanded, sizeof r->reported_expanded, "%s", x.expanded);
}

static void put_what(struct result *r, const struct measurement *m)
{
	const struct result_spec *spec = m->spec;

	*r = (struct result){
		.kind = RESULT_MEASUREMENT, .point = (int64_t)m->point, .attempt = m->attempt, .excluded = m->excluded,
		.nominal = m->nominal, .value = NAN, .uncertainty = NAN, .degrees_of_freedom = NAN,
		.coverage_probability = spec->coverage_probability, .coverage_factor = NAN, .expanded = NAN,
		.model = spec->model,
	};
	snprintf(r->name, sizeof r->name, "%s", spec->name);
	snprintf(r->unit, sizeof r->unit, "%s", spec->unit);
	if (spec->channel.text)
		snprintf(r->channel, sizeof r->channel, "%s", spec->channel.text);
}

void measurement_result(const struct evaluation *ev, size_t n, struct result *r, struct measurement_texts *texts)
{
	const struct measurement *m = &ev->list[n];

	put_what(r, m);
	put_budget(&texts->budget, ev, m);
	r->budget = texts->budget.data;
	if (m->why.code != ERR_NONE) {
		snprintf(r->reason, sizeof r->reason, "%.*s", (int)sizeof r->reason - 1, m->why.text);
		return;
	}
	put_figures(r, m);
	if (n < COVARIANCES_MOST)
		put_covariance(&texts->covariance, ev, n);
	r->covariance = texts->covariance.data;
	if (m->propagated.given) {
		put_monte_carlo(&texts->monte_carlo, m);
		r->monte_carlo = texts->monte_carlo.data;
	}
	if (m->spec->method == EVALUATE_MONTE_CARLO)
		put_propagated(r, &m->propagated.result);
	put_reported(r);
}

void measurement_texts_release(struct measurement_texts *texts)
{
	buf_release(&texts->budget);
	buf_release(&texts->covariance);
	buf_release(&texts->monte_carlo);
}
