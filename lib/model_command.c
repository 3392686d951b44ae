/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "number.h"

static const char *const effects[] = { "none", "zero", "self_calibration", NULL };
static const char choices_form[] = "a mapping of words to what is sent for them";

static void read_choices(struct schema_context *c, const struct yaml *node, void *field)
{
	struct list *l = field;
	struct choice *choices;

	if (node->kind != YAML_MAP || !node->n) {
		schema_problem(c, node, "choices: expected %s", choices_form);
		return;
	}
	choices = mem_array(node->n, sizeof *choices);
	*l = (struct list){ choices, node->n };
	for (const struct yaml *y = node->first; y; y = y->next, choices++) {
		const char *sent = schema_scalar(c, y, "what is sent for it");

		choices->word = mem_string(y->key);
		choices->sent = mem_string(sent ? sent : "");
	}
}

static void free_choices(void *field)
{
	struct list *l = field;
	struct choice *choices = l->items;

	for (size_t i = 0; i < l->n; i++) {
		free(choices[i].word);
		free(choices[i].sent);
	}
	free(choices);
	*l = (struct list){ 0 };
}

static void check_argument(struct schema_context *c, const struct yaml *node, void *argument)
{
	const struct argument *a = argument;

	if (a->choices.n ? a->has_low || a->has_high : !a->has_low || !a->has_high)
		schema_problem_at(c, a->place, "argument '%s' has either choices, or low and high", a->name);
	else if (!a->choices.n && a->low > a->high)
		schema_problem_key(c, node, "low", "low is above high");
	if (a->choices.n && (a->whole || a->unit))
		schema_problem_at(c, a->place, "'whole' and 'unit' mean nothing where there are choices");
}

#define AT(field) .offset = offsetof(struct argument, field)
static const struct schema_row argument_rows[] = {
	{ .key = "choices", .type = S_CUSTOM, AT(choices), .custom = read_choices, .release = free_choices,
	  .form = choices_form, .help = "the words it may be, and what is sent for each" },
	{ .key = "low", .type = S_NUMBER, AT(low), .given = offsetof(struct argument, has_low),
	  .help = "the least number it may be" },
	{ .key = "high", .type = S_NUMBER, AT(high), .given = offsetof(struct argument, has_high),
	  .help = "the greatest; what is beyond is refused, not clipped" },
	{ .key = "whole", .type = S_BOOL, AT(whole), .fallback = "no", .help = "it is a whole number" },
	{ .key = "unit", .type = S_STRING, AT(unit), .help = "what it counts, for people" },
	{ 0 }
};
#undef AT

static const struct schema argument_schema = {
	.what = "an argument", .size = sizeof(struct argument), .rows = argument_rows,
	.place = offsetof(struct argument, place), .check = check_argument,
};

/* The next {NAME} at or behind p: its name; NULL: none. */
static const char *next_hole(const char *p, struct span *name)
{
	const char *open = strchr(p, '{'), *close = open ? strchr(open, '}') : NULL;

	if (!close)
		return NULL;
	*name = (struct span){ open + 1, (size_t)(close - open - 1) };
	return open;
}

static bool is_called(struct span name, const char *text)
{
	return strlen(text) == name.n && !memcmp(text, name.p, name.n);
}

static const struct argument *find_argument(const struct model_command *k, struct span name)
{
	const struct argument *a = k->arguments.items;

	for (size_t i = 0; i < k->arguments.n; i++)
		if (is_called(name, a[i].name))
			return &a[i];
	return NULL;
}

static bool sends(const struct model_command *k, const struct argument *a)
{
	struct span name;

	for (size_t i = 0; i < k->send.n; i++)
		for (const char *p = k->send.list[i]; (p = next_hole(p, &name)); p++)
			if (is_called(name, a->name))
				return true;
	return false;
}

static void check_command(struct schema_context *c, const struct yaml *node, void *command)
{
	const struct model_command *k = command;
	const struct argument *a = k->arguments.items;
	struct span name;

	for (size_t i = 0; i < k->send.n; i++)
		for (const char *p = k->send.list[i]; (p = next_hole(p, &name)); p++)
			if (!find_argument(k, name))
				schema_problem_key(c, node, "send", "'{%.*s}' is not among the arguments",
						   (int)name.n, name.p);
	for (size_t i = 0; i < k->arguments.n; i++)
		if (!sends(k, &a[i]))
			schema_problem_at(c, a[i].place, "argument '%s' is nowhere sent", a[i].name);
	if (!k->ask != !k->expect.text)
		schema_problem_key(c, node, k->ask ? "ask" : "expect", "'ask' and 'expect' belong together");
}

#define AT(field) .offset = offsetof(struct model_command, field)
static const struct schema_row command_rows[] = {
	{ .key = "title", .type = S_TEXTS, AT(title), .help = "what it does, for people" },
	{ .key = "send", .type = S_STRINGS, AT(send), .required = true,
	  .help = "what is sent; {NAME} stands for an argument" },
	{ .key = "arguments", .type = S_DICT, AT(arguments), .sub = &argument_schema, .help = "its arguments, by name" },
	{ .key = "done", .type = S_CUSTOM, AT(done), .custom = model_wait_read, .release = model_wait_release,
	  .form = model_wait_form, .sub = &model_wait_schema, .help = "what shows that it is done" },
	{ .key = "timeout", .type = S_DURATION, AT(timeout_ns), .low = 0.001, .high = 86400,
	  .help = "of each of its exchanges, where it is not the model's" },
	{ .key = "ask", .type = S_STRING, AT(ask), .help = "a question behind it that shows whether it went well" },
	{ .key = "expect", .type = S_CUSTOM, AT(expect), .custom = pattern_read, .release = pattern_free,
	  .form = pattern_form, .help = "what its answer must match" },
	{ .key = "effect", .type = S_ENUM, AT(effect), .words = effects, .fallback = "none",
	  .help = "whether it zeroes the instrument or calibrates it by itself" },
	{ .key = "lasts", .type = S_DURATION, AT(lasts_ns), .low = 0, .high = 86400, .fallback = "0 s",
	  .help = "how long etalon-sim takes for it" },
	{ 0 }
};
#undef AT

const struct schema model_command_schema = {
	.what = "a command", .size = sizeof(struct model_command), .rows = command_rows,
	.place = offsetof(struct model_command, place), .check = check_command,
};

const struct model_command *model_command_find(const struct list *commands, const char *name)
{
	const struct model_command *k = commands->items;

	for (size_t i = 0; i < commands->n; i++)
		if (!strcmp(k[i].name, name))
			return &k[i];
	return NULL;
}

/* Arguments. */

static int put_choice(const struct argument *a, const char *text, struct buf *out, struct err *e)
{
	const struct choice *choices = a->choices.items;
	struct buf words = { 0 };

	for (size_t i = 0; i < a->choices.n; i++) {
		if (!strcmp(choices[i].word, text)) {
			buf_puts(out, choices[i].sent);
			buf_release(&words);
			return 0;
		}
		buf_printf(&words, "%s%s", i ? ", " : "", choices[i].word);
	}
	err_set(e, ERR_CONFIG, "%s: expected one of: %s, found '%s'", a->name, words.data, text);
	buf_release(&words);
	return -1;
}

static int put_number(const struct argument *a, const char *text, struct buf *out, struct err *e)
{
	char number[NUMBER_TEXT];
	double x;

	if (number_parse(text, strlen(text), &x, e) < 0)
		return err_wrap(e, "%s", a->name);
	if (!(x >= a->low && x <= a->high))
		return err_set(e, ERR_CONFIG, "%s: expected a number from %.12g to %.12g%s%s, found %s", a->name,
			       a->low, a->high, a->unit ? " " : "", a->unit ? a->unit : "", text);
	if (a->whole && x != floor(x))
		return err_set(e, ERR_CONFIG, "%s: expected a whole number, found %s", a->name, text);
	buf_add(out, number, number_format(x == 0 ? 0 : x, number));
	return 0;
}

static const char *given_to(const struct given *given, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(given[i].name, name))
			return given[i].text;
	return NULL;
}

static int put_argument(const struct argument *a, const struct given *given, size_t n, struct buf *out,
			struct err *e)
{
	const char *text = given_to(given, n, a->name);

	if (!text)
		return err_set(e, ERR_CONFIG, "it needs the argument '%s'", a->name);
	return a->choices.n ? put_choice(a, text, out, e) : put_number(a, text, out, e);
}

static int compose_line(const struct model_command *k, const char *line, const struct given *given, size_t n,
			struct buf *out, struct err *e)
{
	struct span name;
	const char *hole;

	for (; (hole = next_hole(line, &name)); line = name.p + name.n + 1) {
		buf_add(out, line, (size_t)(hole - line));
		if (put_argument(find_argument(k, name), given, n, out, e) < 0)
			return -1;
	}
	buf_printf(out, "%s\n", line);
	return 0;
}

int model_command_compose(const struct model_command *k, const struct given *given, size_t n, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (!find_argument(k, (struct span){ given[i].name, strlen(given[i].name) }))
			return err_set(e, ERR_CONFIG, "%s has no argument '%s'", k->name, given[i].name);
	for (size_t i = 0; i < k->send.n; i++)
		if (compose_line(k, k->send.list[i], given, n, out, e) < 0)
			return err_wrap(e, "%s", k->name);
	return 0;
}
