/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_power.h"

#include "model_parts.h"

#define AT(field) .offset = offsetof(struct model_number, field)
#define ASKED_ROWS \
	{ .key = "ask", .type = S_STRING, AT(ask), .required = true, .help = "the question" }, \
	{ .key = "reply", .type = S_CUSTOM, AT(reply), .custom = pattern_read, .release = pattern_free, \
	  .form = pattern_form, .help = "the whole answer; its first group is the number" }, \
	{ .key = "field", .type = S_INT, AT(field), .low = 1, .high = 1000, \
	  .help = "which of the fields between commas is the number, from 1" }, \
	{ .key = "unit", .type = S_STRING, AT(unit), .help = "the unit of the number" }

static void check_number(struct schema_context *c, const struct yaml *node, const struct model_number *a)
{
	if (a->reply.text && a->reply.compiled.re_nsub < 1)
		schema_problem_key(c, node, "reply", "the number is the first group of 'reply': it has no ( )");
	if (a->reply.text && a->field)
		schema_problem_key(c, node, "field", "the number is found by 'reply' or by 'field', not by both");
}

static void check_unit(struct schema_context *c, const struct yaml *node, struct model_number *a, const char *wanted)
{
	struct err e;

	if (!a->unit)
		schema_problem(c, node, "it needs the unit of the number, 'unit', one that converts to '%s'", wanted);
	else if (unit_convert(&a->convert, a->unit, wanted, &e))
		schema_problem_key(c, node, "unit", "%s", e.text);
}

static void check_temperature(struct schema_context *c, const struct yaml *node, void *asked)
{
	check_number(c, node, asked);
	check_unit(c, node, asked, "K");
}

static void check_age(struct schema_context *c, const struct yaml *node, void *asked)
{
	check_number(c, node, asked);
	check_unit(c, node, asked, "s");
}

static const struct schema_row asked_rows[] = { ASKED_ROWS, { 0 } };

static const struct schema temperature_schema = {
	.what = "the temperature", .size = sizeof(struct model_number), .rows = asked_rows, .check = check_temperature,
};
static const struct schema age_schema = {
	.what = "the age", .size = sizeof(struct model_number), .rows = asked_rows, .check = check_age,
};

#undef AT
#define AT(field) .offset = offsetof(struct model_moment, field)
static const struct schema_row moment_rows[] = {
	{ .key = "ask", .type = S_STRING, AT(ask), .required = true,
	  .help = "the question when it was: year, month, day, hour, minute and second, by the instrument's clock" },
	{ .key = "now", .type = S_STRING, AT(now), .required = true, .help = "the question what its clock says now" },
	{ 0 }
};
#undef AT
#define AT(field) .offset = offsetof(struct model_number, field)

static const struct schema moment_schema = {
	.what = "the time", .size = sizeof(struct model_moment), .rows = moment_rows,
};

static void check_requirement(struct schema_context *c, const struct yaml *node, void *requirement)
{
	struct requirement *r = requirement;

	check_number(c, node, &r->asked);
	if (!yaml_find(node, "low") && !yaml_find(node, "high"))
		schema_problem(c, node, "a requirement has 'low', 'high' or both");
	else if (r->low > r->high)
		schema_problem_key(c, node, "low", "low is above high");
}

static const struct schema_row requirement_rows[] = {
	ASKED_ROWS,
	{ .key = "low", .type = S_NUMBER, .offset = offsetof(struct requirement, low), .fallback = "-1e308", .help = "the least number it may be, in its unit" },
	{ .key = "high", .type = S_NUMBER, .offset = offsetof(struct requirement, high), .fallback = "1e308", .help = "the greatest" },
	{ .key = "text", .type = S_STRING, .offset = offsetof(struct requirement, text), .required = true,
	  .help = "what it is, for people: battery, oven" },
	{ 0 }
};
#undef AT

const struct schema requirement_schema = {
	.what = "a requirement", .size = sizeof(struct requirement), .rows = requirement_rows,
	.place = offsetof(struct requirement, asked.place), .check = check_requirement,
};

/* The mappings below fill parts of struct model itself: their rows stand at offset 0 of it. */
static const char *const when_words[] = { "measurement", "attach", NULL };

static void check_power_on(struct schema_context *c, const struct yaml *node, void *model)
{
	const struct model *m = model;

	if (!m->power_on.shows.text == !m->power_on.has_bit)
		schema_problem(c, node, "what betrays a power-on is either 'shows' or 'bit'");
}

#define AT(field) .offset = offsetof(struct model, power_on.field)
static const struct schema_row power_on_rows[] = {
	{ .key = "ask", .type = S_STRING, AT(ask), .required = true,
	  .help = "the question, asked before anything else is changed: *ESR?" },
	{ .key = "shows", .type = S_CUSTOM, AT(shows), .custom = pattern_read, .release = pattern_free,
	  .form = pattern_form, .help = "what its answer matches if it was switched on, or reset, since" },
	{ .key = "bit", .type = S_INT, AT(bit), .high = 31, .given = offsetof(struct model, power_on.has_bit),
	  .help = "or the bit of it, a number, that is set then: 7 of *ESR?" },
	{ .key = "when", .type = S_ENUM, AT(when), .words = when_words, .fallback = "measurement",
	  .help = "measurement: after each one too, before it is believed; attach: only then, which is enough where "
		  "the connection does not outlive the power" },
	{ 0 }
};
#undef AT

const struct schema power_on_schema = {
	.what = "power_on", .rows = power_on_rows, .check = check_power_on,
};

#define AT(field) .offset = offsetof(struct model, after_power_on.field)
static const struct schema_row after_power_on_rows[] = {
	{ .key = "warm_up", .type = S_DURATION, AT(warm_up_ns), .low = 0, .high = 604800, .fallback = "0 s",
	  .help = "how long it is not believed then" },
	{ .key = "commands", .type = S_STRINGS, AT(commands),
	  .help = "commands of this file that are carried out then, in order: zero, self-calibration" },
	{ 0 }
};
#undef AT

const struct schema after_power_on_schema = { .what = "after_power_on", .rows = after_power_on_rows };

/* What it says itself serves a limit. */
static void check_told(struct schema_context *c, const struct yaml *node, const struct self_calibration *s)
{
	if (s->has_age_ask && !s->age_ns)
		schema_problem_key(c, node, "age_ask", "'age_ask' means nothing without 'age'");
	if (s->has_time_ask && !s->age_ns)
		schema_problem_key(c, node, "time_ask", "'time_ask' means nothing without 'age'");
	if (s->has_time_ask && s->has_age_ask)
		schema_problem_key(c, node, "time_ask", "it says how old it is, 'age_ask', or when it was, 'time_ask', not both");
	if (s->has_temperature_ask && !s->has_temperature)
		schema_problem_key(c, node, "temperature_ask", "'temperature_ask' means nothing without 'temperature'");
}

static void check_self_calibration(struct schema_context *c, const struct yaml *node, void *model)
{
	struct self_calibration *s = &((struct model *)model)->self_calibration;
	struct err e;

	if (!s->change.unit != !s->has_temperature)
		schema_problem_key(c, node, s->change.unit ? "temperature_change" : "temperature",
				   "'temperature_change' and 'temperature' belong together");
	if (s->change.unit && difference_in(&s->change, "K", &s->change_k, &e))
		schema_problem_key(c, node, "temperature_change", "%s", e.text);
	else if (s->change.unit && s->change_k <= 0)
		schema_problem_key(c, node, "temperature_change", "a change is more than 0 K");
	if (!s->age_ns && !s->change.unit)
		schema_problem(c, node, "it says how old a self-calibration may be, 'age', or how large a change of "
			       "temperature since, 'temperature_change'");
	check_told(c, node, s);
}

#define AT(field) .offset = offsetof(struct model, self_calibration.field)
static const struct schema_row self_calibration_rows[] = {
	{ .key = "command", .type = S_STRING, AT(command),
	  .help = "the command of this file that does it; without it a person must" },
	{ .key = "age", .type = S_DURATION, AT(age_ns), .low = 1, .high = 31536000,
	  .help = "how old it may be" },
	{ .key = "temperature_change", .type = S_VALUE, AT(change),
	  .help = "by how much its temperature may have changed since" },
	{ .key = "temperature", .type = S_MAP, AT(temperature), .sub = &temperature_schema,
	  .given = offsetof(struct model, self_calibration.has_temperature), .help = "the question for that" },
	{ .key = "age_ask", .type = S_MAP, AT(age_ask), .sub = &age_schema,
	  .given = offsetof(struct model, self_calibration.has_age_ask),
	  .help = "the question for its age, where the instrument knows: beside what is remembered here, the older counts" },
	{ .key = "time_ask", .type = S_MAP, AT(time_ask), .sub = &moment_schema,
	  .given = offsetof(struct model, self_calibration.has_time_ask),
	  .help = "the questions when it was, where the instrument has a clock; likewise" },
	{ .key = "temperature_ask", .type = S_MAP, AT(temperature_ask), .sub = &temperature_schema,
	  .given = offsetof(struct model, self_calibration.has_temperature_ask),
	  .help = "the question for its temperature then, where it knows: beside what is remembered, the farther counts" },
	{ 0 }
};
#undef AT

const struct schema self_calibration_schema = {
	.what = "self_calibration", .rows = self_calibration_rows, .check = check_self_calibration,
};
