/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_check.c - what no single key of a procedure shows, without a bench. */
#include <string.h>

#include "number.h"
#include "procedure_parts.h"

#define PLAN_BYTES (40 * 1024)           /* of the start record's 64 KiB; the rest is names and roles */

static void walk_steps(const struct list *steps, procedure_visit *visit, void *who)
{
	struct step *s = steps->items;

	for (size_t i = 0; i < steps->n; i++) {
		struct channel_ref *refs = s[i].channels.items;

		if (s[i].kind == STEP_SET || s[i].kind == STEP_SETTLE)
			visit(who, &s[i].channel, s[i].kind == STEP_SET ? USE_SET : USE_SETTLE);
		for (size_t k = 0; k < s[i].channels.n; k++)
			visit(who, &refs[k], USE_MEASURE);
	}
}

void procedure_walk(const struct procedure *p, procedure_visit *visit, void *who)
{
	struct environment *env = p->environment.items;
	struct procedure_point *pt = p->points.items;
	struct result_spec *res = p->results.items;

	for (size_t i = 0; i < p->environment.n; i++)
		visit(who, &env[i].channel, USE_ENVIRONMENT);
	walk_steps(&p->baseline, visit, who);
	for (size_t i = 0; i < p->points.n; i++) {
		struct assignment *a = pt[i].values.items;

		for (size_t k = 0; k < pt[i].values.n; k++)
			visit(who, &a[k].channel, USE_VALUE);
	}
	walk_steps(&p->steps, visit, who);
	for (size_t i = 0; i < p->results.n; i++)
		procedure_walk_result(&res[i], visit, who);
}

struct assignment *point_value(const struct procedure_point *pt, const char *channel)
{
	struct assignment *a = pt->values.items;

	for (size_t i = 0; i < pt->values.n; i++)
		if (!strcmp(a[i].channel.text, channel))
			return &a[i];
	return NULL;
}

static void check_settle(struct schema_context *c, const struct yaml *node, const struct step *s)
{
	if (s->window_ns >= s->timeout_ns)
		schema_problem_key(c, node, "window",
				   "the window is not shorter than the timeout: nothing could settle");
	if (s->interval_ns >= s->window_ns)
		schema_problem_key(c, node, yaml_find(node, "interval") ? "interval" : "window",
				   "the interval between readings is not shorter than the window");
	if (s->band.number <= 0)
		schema_problem_key(c, node, "band", "a band is greater than zero");
}

static void check_measure(struct schema_context *c, const struct step *s)
{
	const struct channel_ref *r = s->channels.items;

	for (size_t i = 0; i < s->channels.n; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(r[i].text, r[k].text))
				schema_problem_at(c, r[i].place, "'%s' stands here twice", r[i].text);
}

void procedure_check_step(struct schema_context *c, const struct yaml *node, void *step)
{
	static const char *const kinds[] = { "set", "settle", "measure", "wait" };
	struct step *s = step;
	int found = 0;

	for (int k = STEP_SET; k <= STEP_WAIT; k++) {
		if (yaml_find(node, kinds[k])) {
			s->kind = k;
			found++;
		}
	}
	if (found != 1)
		schema_problem_at(c, s->place,
				  "a step is one of set, settle, measure and wait; this has %d of them",
				  found);
	else if (s->kind == STEP_SETTLE)
		check_settle(c, yaml_find(node, "settle"), s);
	else if (s->kind == STEP_MEASURE)
		check_measure(c, s);
}

static const struct yaml *item(const struct yaml *node, size_t i)
{
	if (node->kind != YAML_LIST)
		return node;
	for (node = node->first; i > 0 && node->next; i--)
		node = node->next;
	return node;
}

struct search {
	const char *role, *channel;
	unsigned uses;                   /* bits of enum use: those looked for */
	bool found;
};

static void look(void *who, struct channel_ref *r, enum use use)
{
	struct search *s = who;

	if (!(s->uses & 1u << use))
		return;
	if ((s->role && !strcmp(r->role, s->role)) || (s->channel && !strcmp(r->text, s->channel)))
		s->found = true;
}

static bool uses_channel(const struct procedure *p, const char *channel, unsigned uses)
{
	struct search s = { .channel = channel, .uses = uses };

	procedure_walk(p, look, &s);
	return s.found;
}

static void check_roles(struct schema_context *c, const struct yaml *node, const struct procedure *p)
{
	for (size_t i = 0; i < p->roles.n; i++) {
		const struct yaml *here = item(node, i);
		struct search s = { .role = p->roles.list[i], .uses = ~0u };

		for (size_t k = 0; k < i; k++)
			if (!strcmp(p->roles.list[i], p->roles.list[k]))
				schema_problem(c, here, "role '%s' stands there twice", s.role);
		procedure_walk(p, look, &s);
		if (strchr(s.role, '.'))
			schema_problem(c, here, "a role's name has no '.': '%s'", s.role);
		else if (!s.found)
			schema_problem(c, here, "role '%s' is never used", s.role);
	}
}

/* The points stand in the header of the start record, and a header has a limit. */
static void check_room(struct schema_context *c, const struct yaml *node, const struct procedure *p)
{
	const struct procedure_point *pt = p->points.items;
	size_t bytes = 0;

	for (size_t i = 0; i < p->points.n; i++) {
		const struct assignment *a = pt[i].values.items;

		bytes += 2 * strlen(pt[i].name) + 24;
		for (size_t k = 0; k < pt[i].values.n; k++)
			bytes += strlen(a[k].channel.text) + NUMBER_TEXT;
	}
	if (bytes > PLAN_BYTES)
		schema_problem_key(c, node, "points", "these are %zu points, about %zu too many for one run's start record: "
				   "divide the procedure", p->points.n, p->points.n - p->points.n * PLAN_BYTES / bytes);
}

/* The points of a plan stand at the same place: what all of them lack is said once. */
static bool same_place(struct place a, struct place b)
{
	return a.line == b.line && a.column == b.column;
}

static void check_points(struct schema_context *c, const struct yaml *node, const struct procedure *p)
{
	const struct procedure_point *pt = p->points.items;

	if (!p->points.n)
		schema_problem_key(c, node, "points", "a procedure has at least one point");
	for (size_t i = 0; i < p->points.n; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(pt[i].name, pt[k].name))
				schema_problem_at(c, pt[i].place, "a point '%s' is there already",
						  pt[i].name);
}

/* A set step takes its value from itself or from every point. */
static void check_set(struct schema_context *c, const struct procedure *p, const struct step *s,
		      bool baseline)
{
	const struct procedure_point *pt = p->points.items;

	if (s->to.unit)
		return;
	if (baseline)
		schema_problem_at(c, s->place,
				  "a set in the baseline needs 'to': no point has begun there");
	for (size_t i = 0; !baseline && i < p->points.n; i++)
		if (!point_value(&pt[i], s->channel.text) && (i == 0 || !same_place(pt[i].place, pt[i - 1].place)))
			schema_problem_at(c, pt[i].place,
					  "point '%s' has no value for %s, which a step sets",
					  pt[i].name, s->channel.text);
}

static void check_steps(struct schema_context *c, const struct yaml *node, const struct procedure *p)
{
	const struct step *s = p->baseline.items;
	bool measures = false;

	for (size_t i = 0; i < p->baseline.n; i++)
		if (s[i].kind == STEP_SET)
			check_set(c, p, &s[i], true);
	s = p->steps.items;
	for (size_t i = 0; i < p->steps.n; i++) {
		measures |= s[i].kind == STEP_MEASURE;
		if (s[i].kind == STEP_SET)
			check_set(c, p, &s[i], false);
	}
	if (!measures)
		schema_problem_key(c, node, "steps", "no step measures anything");
}

static bool sets_from_points(const struct procedure *p, const char *channel)
{
	const struct step *s = p->steps.items;

	for (size_t i = 0; i < p->steps.n; i++)
		if (s[i].kind == STEP_SET && !s[i].to.unit && !strcmp(s[i].channel.text, channel))
			return true;
	return false;
}

static void check_values(struct schema_context *c, const struct procedure *p)
{
	const struct procedure_point *pt = p->points.items;

	for (size_t i = 0; i < p->points.n; i++) {
		const struct assignment *a = pt[i].values.items;

		for (size_t k = 0; k < pt[i].values.n; k++)
			if (!sets_from_points(p, a[k].channel.text) && (i == 0 || !same_place(pt[i].place, pt[i - 1].place)))
				schema_problem_at(c, a[k].channel.place,
						  "no step sets %s to the point's value",
						  a[k].channel.text);
	}
}

static void check_environment(struct schema_context *c, const struct procedure *p)
{
	const struct environment *e = p->environment.items;

	for (size_t i = 0; i < p->environment.n; i++) {
		if (uses_channel(p, e[i].channel.text, 1u << USE_SETTLE | 1u << USE_MEASURE))
			schema_problem_at(c, e[i].channel.place,
					  "%s is read all along as environment, so no step "
					  "can measure it", e[i].channel.text);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(e[i].channel.text, e[k].channel.text))
				schema_problem_at(c, e[i].channel.place, "'%s' stands there twice",
						  e[i].channel.text);
	}
}

bool procedure_watches(const struct procedure *p, const char *channel)
{
	const struct environment *e = p->environment.items;

	for (size_t i = 0; i < p->environment.n; i++)
		if (!strcmp(e[i].channel.text, channel))
			return true;
	return false;
}

bool procedure_measures(const struct procedure *p, const char *channel)
{
	const struct step *s = p->steps.items;

	for (size_t i = 0; i < p->steps.n; i++) {
		const struct channel_ref *r = s[i].channels.items;

		for (size_t k = 0; k < s[i].channels.n; k++)
			if (!strcmp(r[k].text, channel))
				return true;
	}
	return false;
}

void procedure_check(struct schema_context *c, const struct yaml *node, void *procedure)
{
	const struct procedure *p = procedure;

	check_roles(c, yaml_find(node, "roles"), p);
	check_points(c, node, p);
	check_room(c, node, p);
	check_steps(c, node, p);
	check_values(c, p);
	check_environment(c, p);
	procedure_check_results(c, p);
}
