/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "procedure_parts.h"

static const char *const common_words[] = { "point", "run", "laboratory", NULL };
static const char *const method_words[] = { "gum", "monte_carlo", "both", NULL };

/* Two channels: what the first shows less what the second does. */
static void read_differences(struct schema_context *c, const struct yaml *node, void *field)
{
	struct input_spec *in = field;

	if (node->kind != YAML_LIST || node->n != 2) {
		schema_problem(c, node, "differences: expected two channels, such as "
			       "[meter.voltage.dc, reference.voltage.dc]");
		return;
	}
	procedure_read_channel(c, node->first, &in->channel);
	procedure_read_channel(c, node->first->next, &in->subtracted);
}

static void free_differences(void *field)
{
	struct input_spec *in = field;

	procedure_free_channel(&in->channel);
	procedure_free_channel(&in->subtracted);
}

#define AT(field) .offset = offsetof(struct input_spec, field)
static const struct schema_row input_rows[] = {
	{ .key = "readings", CHANNEL, AT(channel), .help = "the mean of this channel's readings at the point, type A" },
	{ .key = "differences", .type = S_CUSTOM, .offset = 0, .custom = read_differences, .release = free_differences,
	  .form = "two channels",
	  .help = "the mean of the first less the second, read at the same moments, type A: what moves both cancels" },
	{ .key = "nominal", CHANNEL, AT(channel), .help = "what the point states for this channel, without uncertainty" },
	{ .key = "resolution", CHANNEL, AT(channel),
	  .help = "0, rectangular within half a step of this channel's indication, from its model file" },
	{ .key = "pooled_deviation", .type = S_VALUE, AT(pooled),
	  .help = "the experimental standard deviation of one reading or difference, from many series with the "
		  "degrees_of_freedom of all; instead of that of this series, which may be short" },
	{ .key = "standard", CHANNEL, AT(channel),
	  .help = "the correction of the standard in that role, at what this channel read, from the certificate in force: to be "
		  "added to its indication; each row and coefficient an input of its own" },
	{ .key = "conditions", .type = S_CUSTOM, AT(conditions), .custom = procedure_read_channels,
	  .release = procedure_free_channels, .form = "a list of channels",
	  .help = "beside standard: the channels that read its influence quantities, such as [room.temperature]" },
	{ .key = "estimate", .type = S_VALUE, AT(estimate), .help = "an estimate from elsewhere; type B" },
	{ .key = "standard_uncertainty", .type = S_VALUE, AT(standard), .help = "of the estimate" },
	{ .key = "expanded_uncertainty", .type = S_VALUE, AT(expanded), .help = "of the estimate, with its coverage_factor" },
	{ .key = "coverage_factor", .type = S_NUMBER, AT(coverage_factor), .given = offsetof(struct input_spec, has_factor),
	  .low = 0.1, .high = 100, .help = "k of the expanded uncertainty" },
	{ .key = "half_width", .type = S_VALUE, AT(half_width), .help = "half of the interval that the estimate is the middle of" },
	{ .key = "distribution", .type = S_ENUM, AT(distribution), .given = offsetof(struct input_spec, has_distribution),
	  .words = distribution_names, .help = "rectangular where a half-width is given, otherwise normal" },
	{ .key = "top", .type = S_NUMBER, AT(top), .given = offsetof(struct input_spec, has_top), .low = 0, .high = 1,
	  .help = "of a trapezoid: its top over its base" },
	{ .key = "limits_within", .type = S_VALUE, AT(limits_within),
	  .help = "curvilinear: each limit of the interval is itself known within plus or minus this" },
	{ .key = "degrees_of_freedom", .type = S_NUMBER, AT(degrees_of_freedom),
	  .given = offsetof(struct input_spec, has_freedom), .low = 0.1, .high = 1e9,
	  .help = "of the uncertainty; without it, it is exactly known" },
	{ .key = "common_to", .type = S_ENUM, AT(common_to), .given = offsetof(struct input_spec, has_common),
	  .words = common_words,
	  .help = "where it is one and the same: at one point (readings, resolutions), in the whole run (what is stated), or in "
		  "all runs of the laboratory; what is common makes results correlate" },
	{ .key = "identity", .type = S_STRING, AT(identity),
	  .help = "what it is, if other than its name in the model: the same identity is the same quantity" },
	{ .key = "source", .type = S_STRING, AT(source), .help = "where it comes from, for the budget" },
	{ 0 }
};
#undef AT

static int count_kinds(const struct yaml *node, struct input_spec *in)
{
	static const char *const keys[INPUT_KINDS] = { "readings", "differences", "nominal", "resolution", "standard",
						   "estimate" };
	int found = 0;

	for (int k = 0; k < INPUT_KINDS; k++)
		if (yaml_find(node, keys[k])) {
			in->kind = (enum input_kind)k;
			found++;
		}
	return found;
}

/* The keys that say how well a stated estimate is known have no place beside what is known otherwise. */
static void check_unstated(struct schema_context *c, const struct yaml *node, const struct input_spec *in)
{
	static const char *const keys[] = { "standard_uncertainty", "expanded_uncertainty", "coverage_factor", "half_width",
					    "distribution", "top", "limits_within" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (yaml_find(node, keys[i]))
			schema_problem_key(c, node, keys[i], "only beside an estimate: the uncertainty of '%s' follows from the "
					   "rest of it; write another input for what comes on top", in->name);
	if (in->has_common && in->common_to != COMMON_POINT && in->kind != INPUT_NOMINAL)
		schema_problem_key(c, node, "common_to", "only of what is stated: readings and resolutions belong to "
				   "their point, and a certificate to the laboratory");
	if (in->has_freedom != (in->pooled.unit != NULL))
		schema_problem_key(c, node, in->has_freedom ? "degrees_of_freedom" : "pooled_deviation",
				   "a pooled_deviation and its degrees_of_freedom belong together");
}

static void check_conditions(struct schema_context *c, const struct yaml *node, const struct input_spec *in)
{
	if (in->conditions.n && in->kind != INPUT_STANDARD)
		schema_problem_key(c, node, "conditions", "only of a standard");
}

static void check_pooled(struct schema_context *c, const struct yaml *node, const struct input_spec *in)
{
	if (in->pooled.unit && in->kind != INPUT_READINGS && in->kind != INPUT_DIFFERENCES)
		schema_problem_key(c, node, "pooled_deviation", "only of readings and differences");
	else if (in->pooled.unit && in->pooled.number < 0)
		schema_problem_key(c, node, "pooled_deviation", "a standard deviation is not negative");
}

static void check_shape(struct schema_context *c, const struct yaml *node, struct input_spec *in)
{
	if (!in->has_distribution)
		in->distribution = in->half_width.unit ? DISTRIBUTION_RECTANGULAR : DISTRIBUTION_NORMAL;
	if (in->half_width.unit && in->distribution <= DISTRIBUTION_T)
		schema_problem_key(c, node, "distribution", "a %s distribution has no half-width; give its standard or expanded "
				   "uncertainty", distribution_names[in->distribution]);
	if (!in->half_width.unit && in->distribution > DISTRIBUTION_T)
		schema_problem_key(c, node, "distribution", "a %s distribution is given by its half_width",
				   distribution_names[in->distribution]);
	if (in->has_top != (in->distribution == DISTRIBUTION_TRAPEZOIDAL))
		schema_problem_key(c, node, in->has_top ? "top" : "distribution",
				   "'top' and the trapezoidal distribution belong together");
	if (!in->limits_within.unit != (in->distribution != DISTRIBUTION_CURVILINEAR))
		schema_problem_key(c, node, in->limits_within.unit ? "limits_within" : "distribution",
				   "'limits_within' and the curvilinear distribution belong together");
	if (in->distribution == DISTRIBUTION_T && !in->has_freedom)
		schema_problem_key(c, node, "distribution", "a t distribution has degrees_of_freedom");
}

/* A number without a unit is one: of the unit 1. */
static void take_for_number(struct value *v)
{
	if (!v->unit || *v->unit)
		return;
	free(v->unit);
	v->unit = mem_string("1");
}

static void check_stated(struct schema_context *c, const struct yaml *node, struct input_spec *in)
{
	struct value *given[] = { &in->standard, &in->expanded, &in->half_width };
	int n = 0;

	take_for_number(&in->estimate);
	take_for_number(&in->limits_within);
	for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
		take_for_number(given[i]);
		n += given[i]->unit != NULL;
		if (given[i]->unit && given[i]->number < 0)
			schema_problem_at(c, (struct place){ given[i]->line, given[i]->column },
					  "an uncertainty is not negative");
	}
	if (n != 1)
		schema_problem_at(c, in->place, "say how well '%s' is known by one of standard_uncertainty, expanded_uncertainty and "
				  "half_width; this has %d of them", in->name, n);
	if (!in->expanded.unit != !in->has_factor)
		schema_problem_at(c, in->place, "an expanded uncertainty and its coverage_factor belong together");
	if (n == 1)
		check_shape(c, node, in);
	if (!in->has_common)
		in->common_to = COMMON_RUN;
}

static void check_input(struct schema_context *c, const struct yaml *node, void *out)
{
	struct input_spec *in = out;
	int found = count_kinds(node, in);

	if (!in->has_freedom)
		in->degrees_of_freedom = INFINITY;
	if (found != 1)
		schema_problem_at(c, in->place, "'%s' is one of readings, differences, nominal, resolution, standard and estimate; "
				  "this has %d of them", in->name, found);
	else if (in->kind == INPUT_STATED)
		check_stated(c, node, in);
	else
		check_unstated(c, node, in);
	check_pooled(c, node, in);
	check_conditions(c, node, in);
}

static const struct schema input_schema = {
	.what = "an input", .size = sizeof(struct input_spec), .rows = input_rows,
	.place = offsetof(struct input_spec, place), .check = check_input,
};

#define AT(field) .offset = offsetof(struct correlation_spec, field)
static const struct schema_row correlation_rows[] = {
	{ .key = "between", .type = S_STRINGS, AT(between), .required = true, .help = "two inputs" },
	{ .key = "coefficient", .type = S_NUMBER, AT(coefficient), .given = offsetof(struct correlation_spec, stated),
	  .low = -1, .high = 1, .help = "without it: estimated from their simultaneous readings" },
	{ 0 }
};
#undef AT

static const struct schema correlation_schema = {
	.what = "a correlation", .size = sizeof(struct correlation_spec), .rows = correlation_rows,
	.place = offsetof(struct correlation_spec, place),
};

#define AT(field) .offset = offsetof(struct result_spec, field)
static const struct schema_row result_rows[] = {
	{ .key = "name", .type = S_NAME, AT(name), .required = true, .help = "its name in the archive" },
	{ .key = "title", .type = S_TEXTS, AT(title), .help = "what it is, for people" },
	{ .key = "indication", CHANNEL, AT(indication), .help = "without a model: what the instrument under test shows" },
	{ .key = "reference", CHANNEL, AT(reference), .help = "without a model: what it should show" },
	{ .key = "model", .type = S_STRING, AT(model), .help = "the measurement function, of the inputs' names" },
	{ .key = "unit", .type = S_STRING, AT(unit), .help = "of a model's result" },
	{ .key = "channel", CHANNEL, AT(channel), .help = "of a model: the channel it is about; the point's value for it is nominal" },
	{ .key = "inputs", .type = S_DICT, AT(inputs), .sub = &input_schema, .help = "all that the model's names stand for" },
	{ .key = "correlations", .type = S_LIST, AT(correlations), .sub = &correlation_schema,
	  .help = "between inputs that have nothing in common by their identity" },
	{ .key = "coverage_probability", .type = S_NUMBER, AT(coverage_probability), .low = 0.5, .high = 0.9999,
	  .fallback = "0.9545", .help = "of the expanded uncertainty" },
	{ .key = "method", .type = S_ENUM, AT(method), .words = method_words, .fallback = "gum",
	  .help = "the law of propagation (JCGM 100), the propagation of distributions (JCGM 101), or both side by side" },
	{ .key = "second_order", .type = S_BOOL, AT(second_order), .fallback = "no",
	  .help = "gum: the next terms of the series too, where the model is not linear" },
	{ .key = "trials", .type = S_INT, AT(trials), .low = 0, .high = 100000000, .fallback = "0",
	  .help = "monte_carlo: how many; 0: as many as two significant digits need (JCGM 101, 7.9)" },
	{ .key = "seed", .type = S_INT, AT(seed), .low = 0, .high = 9007199254740991, .fallback = "1",
	  .help = "monte_carlo: the same seed, the same draws" },
	{ 0 }
};
#undef AT

/* Keys of one form have no place in the other. */
static void check_form(struct schema_context *c, const struct yaml *node, void *out)
{
	static const char *const plain[] = { "indication", "reference" };
	static const char *const model[] = { "unit", "channel", "inputs", "correlations", "coverage_probability", "method",
					     "second_order", "trials", "seed" };
	const struct yaml *text = yaml_find(node, "model");
	struct result_spec *r = out;

	if (text)
		r->model_place = (struct place){ text->line, text->column };
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (!r->model != (yaml_find(node, plain[i]) != NULL))
			schema_problem_key(c, node, plain[i], r->model ? "'%s' has no place beside a model: name it among the inputs"
					   : "a result has either a model or an indication and a reference: no '%s'", plain[i]);
	for (size_t i = 0; !r->model && i < sizeof model / sizeof *model; i++)
		if (yaml_find(node, model[i]))
			schema_problem_key(c, node, model[i], "'%s' goes with a model", model[i]);
	if (r->model && !r->unit)
		schema_problem_key(c, node, "model", "a model's result has a unit");
}

const struct schema result_spec_schema = {
	.what = "a result", .size = sizeof(struct result_spec), .rows = result_rows,
	.place = offsetof(struct result_spec, place), .check = check_form,
};

void procedure_walk_result(struct result_spec *r, procedure_visit *visit, void *who)
{
	struct input_spec *in = r->inputs.items;

	if (!r->model) {
		visit(who, &r->indication, USE_RESULT);
		visit(who, &r->reference, USE_RESULT);
	}
	if (r->channel.text)
		visit(who, &r->channel, USE_NOMINAL);
	for (size_t i = 0; i < r->inputs.n; i++) {
		bool counts = in[i].kind == INPUT_READINGS || in[i].kind == INPUT_DIFFERENCES ||
			in[i].kind == INPUT_STANDARD;

		if (in[i].channel.text)
			visit(who, &in[i].channel, counts ? USE_RESULT : USE_NOMINAL);
		if (in[i].subtracted.text)
			visit(who, &in[i].subtracted, USE_RESULT);
		for (size_t k = 0; k < in[i].conditions.n; k++)
			visit(who, (struct channel_ref *)in[i].conditions.items + k, USE_CONDITION);
	}
}

/* With the whole procedure. */

static void check_measured(void *who, struct channel_ref *r, enum use use)
{
	struct schema_context *c = who;

	if (use == USE_RESULT && !procedure_measures(c->user, r->text))
		schema_problem_at(c, r->place, "no step at the points measures %s", r->text);
	if (use == USE_CONDITION && !procedure_measures(c->user, r->text) && !procedure_watches(c->user, r->text))
		schema_problem_at(c, r->place, "%s is neither read all along, as environment, nor at the points", r->text);
}

static void check_differing(struct schema_context *c, const struct channel_ref *a, const struct channel_ref *b,
			    const char *what)
{
	if (a->text && b->text && !strcmp(a->text, b->text))
		schema_problem_at(c, b->place, "%s are the same channel", what);
}

static bool of_channel(const struct input_spec *in, const char *channel)
{
	return (in->kind == INPUT_READINGS || in->kind == INPUT_DIFFERENCES) &&
		((in->channel.text && !strcmp(in->channel.text, channel)) ||
		 (in->subtracted.text && !strcmp(in->subtracted.text, channel)));
}

/* A mean and a difference that the same readings are in are not independent, and nothing says how much. */
static void check_overlap(struct schema_context *c, const struct input_spec *a, const struct input_spec *b)
{
	if (a->kind == INPUT_READINGS && b->kind == INPUT_READINGS)
		return;
	if ((a->channel.text && of_channel(b, a->channel.text)) || (a->subtracted.text && of_channel(b, a->subtracted.text)))
		schema_problem_at(c, b->place, "'%s' and '%s' rest on the same readings and would be taken as independent: take "
				  "'readings' of each channel, with a correlation between them", a->name, b->name);
}

static void check_overlaps(struct schema_context *c, const struct result_spec *r)
{
	const struct input_spec *in = r->inputs.items;

	for (size_t i = 0; i < r->inputs.n; i++)
		for (size_t k = 0; k < i; k++)
			if (in[k].kind == INPUT_READINGS || in[k].kind == INPUT_DIFFERENCES)
				check_overlap(c, &in[k], &in[i]);
}

static const struct input_spec *input_named(const struct result_spec *r, const char *name)
{
	const struct input_spec *in = r->inputs.items;

	for (size_t i = 0; i < r->inputs.n; i++)
		if (!strcmp(in[i].name, name))
			return &in[i];
	return NULL;
}

static void check_correlation(struct schema_context *c, const struct result_spec *r, const struct correlation_spec *k)
{
	const struct input_spec *both[2] = { NULL, NULL };

	if (k->between.n != 2) {
		schema_problem_at(c, k->place, "a correlation is between two inputs");
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		both[i] = input_named(r, k->between.list[i]);
		if (!both[i])
			schema_problem_at(c, k->place, "'%s' has no input '%s'", r->name, k->between.list[i]);
	}
	if (!both[0] || !both[1])
		return;
	if (both[0] == both[1])
		schema_problem_at(c, k->place, "a correlation is between two different inputs");
	if (!k->stated && (both[0]->kind != INPUT_READINGS || both[1]->kind != INPUT_READINGS))
		schema_problem_at(c, k->place, "a correlation without a coefficient is estimated from readings of both");
}

static void check_result(struct schema_context *c, struct result_spec *r)
{
	const struct input_spec *in = r->inputs.items;
	const struct correlation_spec *k = r->correlations.items;

	procedure_walk_result(r, check_measured, c);
	check_differing(c, &r->indication, &r->reference, "indication and reference");
	for (size_t i = 0; i < r->inputs.n; i++)
		check_differing(c, &in[i].channel, &in[i].subtracted, "the two of a difference");
	check_overlaps(c, r);
	for (size_t i = 0; i < r->correlations.n; i++)
		check_correlation(c, r, &k[i]);
}

void procedure_check_results(struct schema_context *c, const struct procedure *p)
{
	struct result_spec *r = p->results.items;

	for (size_t i = 0; i < p->results.n; i++) {
		check_result(c, &r[i]);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(r[i].name, r[k].name))
				schema_problem_at(c, r[i].place, "a result '%s' is there already", r[i].name);
	}
}
