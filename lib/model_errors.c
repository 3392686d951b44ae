/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_errors.c - the keys of a model file about its error queue: how it is asked, when, how far, and
 * what a report in it is worth. */
#include <string.h>

#include "model_parts.h"

static const char *const severities[] = { "ignore", "warning", "error", "fatal", NULL };

static const struct schema_row grade_rows[] = {
	{ .key = "match", .type = S_CUSTOM, .offset = offsetof(struct grade, match), .required = true,
	  .custom = pattern_read, .release = pattern_free, .form = pattern_form,
	  .help = "reports that match it" },
	{ .key = "is", .type = S_ENUM, .offset = offsetof(struct grade, is), .words = severities,
	  .required = true,
	  .help = "what they are worth: nothing, an event on record, a refusal of what was done, or the end of "
		  "trust in the instrument: the run holds" },
	{ 0 }
};

static const struct schema grade_schema = {
	.what = "a severity", .size = sizeof(struct grade), .rows = grade_rows,
};

static const char when_form[] = "a list of: attach, set, measure, safe";
static const char *const occasions[] = { "attach", "set", "measure", "safe" };

static unsigned occasion(const char *word)
{
	for (unsigned i = 0; i < 4; i++)
		if (!strcmp(occasions[i], word))
			return 1u << i;
	return 0;
}

static void read_when(struct schema_context *c, const struct yaml *node, void *field)
{
	const struct yaml *first = node->kind == YAML_LIST ? node->first : node;
	unsigned *when = field;

	for (const struct yaml *y = first; y; y = node->kind == YAML_LIST ? y->next : NULL) {
		const char *word = schema_scalar(c, y, when_form);
		unsigned bit = word ? occasion(word) : 0;

		if (word && !bit)
			schema_problem(c, y, "when: expected %s, found '%s'", when_form, word);
		*when |= bit;
	}
}

static void no_when(void *field)
{
	*(unsigned *)field = 0;
}

static void check(struct schema_context *c, const struct yaml *node, void *model)
{
	static const char *const rest[] = { "drain", "when", "severity", "status_bit" };
	struct model *m = model;

	if (!m->errors.ask != !m->errors.ok.text)
		schema_problem_key(c, node, m->errors.ask ? "ask" : "ok", "'%s' means nothing without '%s'",
				   m->errors.ask ? "ask" : "ok", m->errors.ask ? "ok" : "ask");
	for (size_t i = 0; !m->errors.ask && i < 4; i++)
		if (yaml_find(node, rest[i]))
			schema_problem_key(c, node, rest[i], "'%s' means nothing without 'ask'", rest[i]);
	if (!m->errors.when)
		m->errors.when = OCCASION_ATTACH | OCCASION_SET;
}

/* They fill a part of struct model itself. */
#define AT(field) .offset = offsetof(struct model, errors.field)
static const struct schema_row errors_rows[] = {
	{ .key = "ask", .type = S_STRING, AT(ask), .help = "the question, such as SYST:ERR?" },
	{ .key = "ok", .type = S_CUSTOM, AT(ok), .custom = pattern_read, .release = pattern_free,
	  .form = pattern_form, .help = "the answer that means no error" },
	{ .key = "drain", .type = S_INT, AT(drain), .low = 1, .high = 1000, .fallback = "20",
	  .help = "how many answers to read at most until that one comes" },
	{ .key = "when", .type = S_CUSTOM, AT(when), .custom = read_when, .release = no_when, .form = when_form,
	  .help = "after what it is asked; without this key after attach and set" },
	{ .key = "severity", .type = S_LIST, AT(severity), .sub = &grade_schema,
	  .help = "what its reports are worth, the first that matches; the others are errors" },
	{ .key = "status_bit", .type = S_INT, AT(status_bit), .high = 7,
	  .given = offsetof(struct model, errors.has_status_bit),
	  .help = "the queue is asked only while this bit of the status byte is set" },
	{ 0 }
};
#undef AT

const struct schema errors_schema = { .what = "the error queue", .rows = errors_rows, .check = check };
