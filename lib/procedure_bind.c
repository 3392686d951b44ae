/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_bind.c - a procedure at a bench: names become instruments, values become numbers in
 * the channels' units, and what an instrument cannot do is refused before anything moves. */
#include <math.h>
#include <string.h>

#include "number.h"
#include "procedure_parts.h"

struct binding {
	const struct procedure *procedure;
	const struct bench *bench;
	struct problems *problems;
	size_t before;                   /* problems there were already */
	const char *reported;            /* the role last found missing: named once in a row */
};

/* The points of a plan have their values from the same places: what is wrong with one is said once. */
static bool is_said(const struct binding *b, struct place at, const char *text)
{
	const struct problem *p = b->problems->list;

	for (size_t i = b->before; i < b->problems->n; i++)
		if (p[i].line == at.line && p[i].column == at.column && !strcmp(p[i].text, text))
			return true;
	return false;
}

static void problem(struct binding *b, struct place at, const char *text)
{
	if (!is_said(b, at, text))
		problem_add(b->problems, b->procedure->source.path, at.line, at.column, "%s", text);
}

static void no_role(struct binding *b, const struct channel_ref *r)
{
	const struct bench_role *roles = b->bench->roles.items;
	struct nearest best = { 0 };
	struct buf text = { 0 };

	for (size_t i = 0; i < b->bench->roles.n; i++)
		nearest_offer(&best, r->role, roles[i].name);
	buf_printf(&text, "bench '%s' has no role '%s'", b->bench->name, r->role);
	if (best.word)
		buf_printf(&text, "; did you mean '%s'?", best.word);
	if (!b->reported || strcmp(b->reported, r->role))
		problem(b, r->place, text.data);
	b->reported = r->role;
	buf_release(&text);
}

static void no_point(struct binding *b, const struct channel_ref *r)
{
	const struct model *m = r->bench_role->model;
	const struct point *p = m->points.items;
	struct nearest best = { 0 };
	struct buf text = { 0 };

	for (size_t i = 0; i < m->points.n; i++)
		nearest_offer(&best, r->quantity, p[i].quantity);
	buf_printf(&text, "role '%s' is a %s, which has no %s", r->role, m->name, r->quantity);
	if (best.word)
		buf_printf(&text, "; did you mean '%s'?", best.word);
	problem(b, r->place, text.data);
	buf_release(&text);
}

static void check_ability(struct binding *b, const struct channel_ref *r, enum use use)
{
	bool sets = use == USE_SET || use == USE_VALUE;
	const char *cannot = NULL;
	struct buf text = { 0 };

	if (sets && !point_sets(r->point))
		cannot = "cannot be set";
	else if (!sets && use != USE_NOMINAL && !point_measures(r->point))
		cannot = "cannot be measured";
	else if (sets && r->bench_role->access == ACCESS_SHARED)
		cannot = "is shared at this bench, so it can only be measured";
	else if (r->point->block.given && (use == USE_SETTLE || use == USE_RESULT))
		cannot = "answers with arrays, which neither settle nor give a result";
	if (!cannot)
		return;
	buf_printf(&text, "%s (%s) %s", r->text, r->bench_role->model_name, cannot);
	problem(b, r->place, text.data);
	buf_release(&text);
}

static void bind_channel(void *who, struct channel_ref *r, enum use use)
{
	struct binding *b = who;

	r->point = NULL;
	r->bench_role = bench_role(b->bench, r->role);
	if (!r->bench_role) {
		no_role(b, r);
		return;
	}
	r->point = model_point(r->bench_role->model, r->quantity);
	if (r->point)
		check_ability(b, r, use);
	else
		no_point(b, r);
}

static void put_limit(struct buf *out, double limit, const char *unit)
{
	char text[NUMBER_TEXT];

	if (isinf(limit))
		buf_puts(out, "no limit");
	else
		number_format(limit, text);
	if (!isinf(limit))
		buf_printf(out, "%s %s", text, unit);
}

static void out_of_range(struct binding *b, const struct channel_ref *r, const struct value *v)
{
	const struct point *p = r->point;
	char number[NUMBER_TEXT];
	struct buf text = { 0 };

	number_format(v->number, number);
	buf_printf(&text, "%s %s is outside the range of %s (%s), ", number, v->unit, r->text,
		   r->bench_role->model_name);
	put_limit(&text, p->set_low, p->unit);
	buf_puts(&text, " to ");
	put_limit(&text, p->set_high, p->unit);
	problem(b, (struct place){ v->line, v->column }, text.data);
	buf_release(&text);
}

/* A value to be set: in the channel's unit, and within what the instrument can do. */
static void bind_setting(struct binding *b, const struct channel_ref *r, const struct value *v,
			 double *out)
{
	struct err e;
	double said;

	if (!r->point)
		return;
	if (value_in(v, r->point->known->unit, out, &e) || value_in(v, r->point->unit, &said, &e)) {
		problem(b, (struct place){ v->line, v->column }, e.text);
		return;
	}
	if (said < r->point->set_low || said > r->point->set_high)
		out_of_range(b, r, v);
}

static void bind_band(struct binding *b, struct step *s)
{
	struct err e;

	if (s->channel.point && difference_in(&s->band, s->channel.point->known->unit, &s->band_value,
					      &e))
		problem(b, (struct place){ s->band.line, s->band.column }, e.text);
}

static void bind_steps(struct binding *b, const struct list *steps)
{
	struct step *s = steps->items;

	for (size_t i = 0; i < steps->n; i++) {
		if (s[i].kind == STEP_SET && s[i].to.unit)
			bind_setting(b, &s[i].channel, &s[i].to, &s[i].to_value);
		if (s[i].kind == STEP_SETTLE)
			bind_band(b, &s[i]);
	}
}

static void bind_points(struct binding *b)
{
	struct procedure_point *pt = b->procedure->points.items;

	for (size_t i = 0; i < b->procedure->points.n; i++) {
		struct assignment *a = pt[i].values.items;

		for (size_t k = 0; k < pt[i].values.n; k++)
			bind_setting(b, &a[k].channel, &a[k].value, &a[k].bound);
	}
}

static bool shows_steps(const struct point *p)
{
	const struct range *ranges = p->ranges.items;
	bool all = p->ranges.n > 0;

	for (size_t i = 0; i < p->ranges.n; i++)
		all = all && ranges[i].resolution > 0;
	return all || p->resolution > 0;
}

static void bind_inputs(struct binding *b, const struct result_spec *r)
{
	const struct input_spec *in = r->inputs.items;

	for (size_t i = 0; i < r->inputs.n; i++) {
		const struct point *x = in[i].channel.point, *y = in[i].subtracted.point;

		if (x && y && strcmp(x->known->unit, y->known->unit))
			problem(b, in[i].subtracted.place, "the two of a difference are kept in different units");
		if (x && in[i].kind == INPUT_RESOLUTION && !shows_steps(x))
			problem(b, in[i].channel.place, "its model file states no resolution; state it there, or write an "
				"estimate of 0 with a half_width");
	}
}

/* Before a run it is also asked whether the certificate is in force and covers the points: procedure_standards. */
static void bind_standards(struct binding *b, const struct result_spec *r)
{
	const struct input_spec *in = r->inputs.items;

	for (size_t i = 0; i < r->inputs.n; i++)
		if (in[i].kind == INPUT_STANDARD && in[i].channel.point && !in[i].channel.bench_role->standard)
			problem(b, in[i].channel.place, "at this bench no standard stands in that role: name it there, "
				"'standard: NAME' of a file in its standards' folder");
}

static void bind_results(struct binding *b)
{
	const struct result_spec *r = b->procedure->results.items;

	for (size_t i = 0; i < b->procedure->results.n; i++) {
		const struct point *x = r[i].indication.point, *y = r[i].reference.point;

		bind_inputs(b, &r[i]);
		bind_standards(b, &r[i]);
		if (x && y && strcmp(x->known->unit, y->known->unit))
			problem(b, r[i].reference.place,
				"indication and reference are kept in different units");
	}
}

int procedure_bind(struct procedure *p, const struct bench *bench, struct problems *ps)
{
	struct binding b = { .procedure = p, .bench = bench, .problems = ps, .before = ps->n };
	size_t before = ps->total;

	procedure_walk(p, bind_channel, &b);
	bind_steps(&b, &p->baseline);
	bind_points(&b);
	bind_steps(&b, &p->steps);
	bind_results(&b);
	return ps->total == before ? 0 : -1;
}

struct collecting {
	struct procedure_channel *out;
	size_t n, max;
};

static void collect(void *who, struct channel_ref *r, enum use use)
{
	struct collecting *c = who;

	if (use != USE_SETTLE && use != USE_MEASURE)
		return;
	for (size_t i = 0; i < c->n && i < c->max; i++)
		if (!strcmp(c->out[i].ref->text, r->text))
			return;
	if (c->n < c->max)
		c->out[c->n] = (struct procedure_channel){ .ref = r };
	c->n++;
}

size_t procedure_channels(const struct procedure *p, struct procedure_channel *out, size_t max)
{
	struct collecting c = { .out = out, .max = max };
	const struct environment *e = p->environment.items;

	procedure_walk(p, collect, &c);
	for (size_t i = 0; i < p->environment.n; i++, c.n++)
		if (c.n < max)
			out[c.n] = (struct procedure_channel){ &e[i].channel, true, e[i].every_ns };
	return c.n;
}
