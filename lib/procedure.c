/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "procedure.h"

#include <stdlib.h>
#include <string.h>

#include "procedure_parts.h"
#include "procedure_points.h"

const char procedure_channel_form[] = "a channel ROLE.QUANTITY such as reference.voltage.dc";
static const char *const on_timeout_words[] = { "hold", "go-on", "abort", NULL };

/* The roles are read before any channel. */
static void check_role(struct schema_context *c, const char *role, struct place at)
{
	const struct procedure *p = c->user;
	struct nearest best = { 0 };

	for (size_t i = 0; i < p->roles.n; i++) {
		if (!strcmp(p->roles.list[i], role))
			return;
		nearest_offer(&best, role, p->roles.list[i]);
	}
	if (best.word)
		schema_problem_at(c, at,
				  "role '%s' is not among the procedure's roles; did you mean '%s'?",
				  role, best.word);
	else
		schema_problem_at(c, at, "role '%s' is not among the procedure's roles", role);
}

void procedure_set_channel(struct schema_context *c, const char *text, struct place at, struct channel_ref *r)
{
	const char *dot = strchr(text, '.');

	r->place = at;
	if (!dot || dot == text || !dot[1]) {
		schema_problem_at(c, r->place, "expected %s, found '%s'", procedure_channel_form, text);
		return;
	}
	r->text = mem_string(text);
	r->role = mem_stringn(text, (size_t)(dot - text));
	r->quantity = r->text + (dot - text) + 1;
	check_role(c, r->role, at);
}

void procedure_free_channel(void *field)
{
	struct channel_ref *r = field;

	free(r->text);
	free(r->role);
	*r = (struct channel_ref){ 0 };
}

void procedure_read_channel(struct schema_context *c, const struct yaml *node, void *field)
{
	if (schema_scalar(c, node, procedure_channel_form))
		procedure_set_channel(c, node->text, (struct place){ node->line, node->column }, field);
}

void procedure_read_channels(struct schema_context *c, const struct yaml *node, void *field)
{
	struct list *l = field;
	struct channel_ref *refs = NULL;

	if (node->kind != YAML_LIST || !node->n) {
		schema_problem(c, node, "channels: expected a list of channels");
		return;
	}
	refs = mem_array(node->n, sizeof *refs);
	*l = (struct list){ refs, node->n };
	for (const struct yaml *y = node->first; y; y = y->next, refs++)
		procedure_read_channel(c, y, refs);
}

void procedure_free_channels(void *field)
{
	struct list *l = field;
	struct channel_ref *refs = l->items;

	for (size_t i = 0; i < l->n; i++)
		procedure_free_channel(&refs[i]);
	free(l->items);
	*l = (struct list){ 0 };
}

#define AT(field) .offset = offsetof(struct step, field)
static const struct schema_row set_rows[] = {
	{ .key = "channel", CHANNEL, AT(channel), .required = true, .help = "what is set" },
	{ .key = "to", .type = S_VALUE, AT(to), .help = "the value; without it, what the point says" },
	{ 0 }
};

static const struct schema_row settle_rows[] = {
	{ .key = "channel", CHANNEL, AT(channel), .required = true, .help = "what is watched" },
	{ .key = "band", .type = S_VALUE, AT(band), .required = true,
	  .help = "the readings of the window lie within it, from the least to the greatest" },
	{ .key = "window", .type = S_DURATION, AT(window_ns), .required = true, .low = 0.001,
	  .high = 86400, .help = "for how long they must" },
	{ .key = "timeout", .type = S_DURATION, AT(timeout_ns), .required = true, .low = 0.001,
	  .high = 604800, .help = "how long to wait for that" },
	{ .key = "interval", .type = S_DURATION, AT(interval_ns), .low = 0, .high = 3600,
	  .fallback = "100 ms", .help = "between two readings; 0 s for one after the other" },
	{ .key = "on_timeout", .type = S_ENUM, AT(on_timeout), .words = on_timeout_words,
	  .fallback = "hold",
	  .help = "what then: hold in the safe state for a person, go on with the step ended so, or abort" },
	{ 0 }
};

static const struct schema_row measure_rows[] = {
	{ .key = "channels", .type = S_CUSTOM, AT(channels), .custom = procedure_read_channels,
	  .release = procedure_free_channels, .form = "a list of channels", .required = true,
	  .help = "what is measured, all of them at once for each reading" },
	{ .key = "count", .type = S_INT, AT(count), .low = 1, .high = 1000000, .required = true,
	  .help = "how many readings of each" },
	{ .key = "interval", .type = S_DURATION, AT(interval_ns), .low = 0, .high = 86400,
	  .fallback = "0 s", .help = "between two readings; 0 s for one after the other" },
	{ 0 }
};

static const struct schema_row wait_rows[] = {
	{ .key = "duration", .type = S_DURATION, AT(duration_ns), .required = true, .low = 0,
	  .high = 604800, .help = "how long" },
	{ 0 }
};
#undef AT

static const struct schema set_schema = { .what = "set", .rows = set_rows };
static const struct schema settle_schema = { .what = "settle", .rows = settle_rows };
static const struct schema measure_schema = { .what = "measure", .rows = measure_rows };
static const struct schema wait_schema = { .what = "wait", .rows = wait_rows };

/* The four fill the same struct step: their rows stand at offset 0 of it. */
static const struct schema_row step_rows[] = {
	{ .key = "set", .type = S_MAP, .sub = &set_schema,
	  .help = "sources a value and waits until the instrument "
	  "has confirmed it" },
	{ .key = "settle", .type = S_MAP, .sub = &settle_schema,
	  .help = "waits until readings stay within a band" },
	{ .key = "measure", .type = S_MAP, .sub = &measure_schema,
	  .help = "takes the readings that count" },
	{ .key = "wait", .type = S_MAP, .sub = &wait_schema, .help = "lets time pass" },
	{ 0 }
};

static const struct schema step_schema = {
	.what = "a step", .size = sizeof(struct step), .rows = step_rows,
	.place = offsetof(struct step, place), .check = procedure_check_step,
};

static const struct schema_row environment_rows[] = {
	{ .key = "channel", CHANNEL, .offset = offsetof(struct environment, channel), .required = true,
	  .help = "what is read all along" },
	{ .key = "every", .type = S_DURATION, .offset = offsetof(struct environment, every_ns),
	  .low = 0.01, .high = 86400, .fallback = "10 s", .help = "how often" },
	{ 0 }
};

static const struct schema environment_schema = {
	.what = "an environment channel", .size = sizeof(struct environment), .rows = environment_rows,
	.place = offsetof(struct environment, place),
};

#define AT(field) .offset = offsetof(struct procedure, field)
static const struct schema_row procedure_rows[] = {
	{ .key = "procedure", .type = S_NAME, AT(name), .required = true, .help = "its name" },
	{ .key = "title", .type = S_TEXTS, AT(title), .required = true,
	  .help = "what it is, for people" },
	{ .key = "resumable", .type = S_BOOL, AT(resumable), .fallback = "no",
	  .help = "a run cut short goes on at its next point; otherwise it ends as interrupted" },
	/* Before everything that names channels. */
	{ .key = "roles", .type = S_STRINGS, AT(roles), .required = true,
	  .help = "the roles a bench must have" },
	{ .key = "environment", .type = S_LIST, AT(environment), .sub = &environment_schema,
	  .help = "channels that are read all along" },
	{ .key = "baseline", .type = S_LIST, AT(baseline), .sub = &step_schema,
	  .help = "steps before the first point, and again when a run goes on" },
	{ .key = "points", .type = S_CUSTOM, AT(points), .custom = procedure_read_points, .release = procedure_free_points,
	  .sub = &point_plan_schema, .form = procedure_points_form, .required = true,
	  .help = "the points: a list of them in order, or the plan they follow from" },
	{ .key = "steps", .type = S_LIST, AT(steps), .sub = &step_schema, .required = true,
	  .help = "what is done at each point" },
	{ .key = "results", .type = S_LIST, AT(results), .sub = &result_spec_schema,
	  .help = "what is computed at each point" },
	{ .key = "link_loss", .type = S_DURATION, AT(link_loss_ns), .low = 0, .high = 604800,
	  .fallback = "60 s",
	  .help = "how long a lost link may cost a step; then the run holds" },
	{ .key = "safe_within", .type = S_DURATION, AT(safe_ns), .low = 0.1, .high = 3600,
	  .fallback = "5 s", .help = "in what time each port must be safe" },
	{ 0 }
};
#undef AT

const struct schema procedure_schema = {
	.what = "a procedure", .size = sizeof(struct procedure), .rows = procedure_rows,
	.check = procedure_check,
};

/* The procedure takes the source over. */
static int parse_source(struct procedure **p, struct source *s, struct problems *ps)
{
	struct procedure *fresh = mem_new(sizeof *fresh);
	struct schema_context c = { .source = &fresh->source, .problems = ps, .user = fresh };

	fresh->source = *s;
	if (schema_read_source(&procedure_schema, &c, fresh))
		procedure_free(&fresh);
	*p = fresh;
	return fresh ? 0 : -1;
}

int procedure_load(struct procedure **p, const char *path, struct problems *ps)
{
	struct source s;

	*p = NULL;
	if (source_read(&s, path, ps))
		return -1;
	return parse_source(p, &s, ps);
}

int procedure_parse(struct procedure **p, const char *path, const void *text, size_t n,
		    struct problems *ps)
{
	struct source s;

	*p = NULL;
	if (source_given(&s, path, text, n, ps))
		return -1;
	return parse_source(p, &s, ps);
}

void procedure_free(struct procedure **p)
{
	if (!*p)
		return;
	schema_release(&procedure_schema, *p);
	source_release(&(*p)->source);
	free(*p);
	*p = NULL;
}
