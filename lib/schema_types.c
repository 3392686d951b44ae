/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema_types.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "unit.h"

#define NAME_MAX_LENGTH 63
#define LANGUAGE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

static const struct time_unit {
	const char *name;
	double ns;
} time_units[] = {
	{ "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "min", 60e9 }, { "h", 3600e9 },
};

static void put_limits(const struct schema_row *row, const char *unit, struct buf *out)
{
	if (row->low == 0 && row->high == 0)
		return;
	if (isinf(row->high))
		buf_printf(out, ", at least %.12g%s", row->low, unit);
	else
		buf_printf(out, " from %.12g%s to %.12g%s", row->low, unit, row->high, unit);
}

void schema_describe(const struct schema_row *row, struct buf *out)
{
	static const char *const forms[] = {
		[S_NAME] = "a name in small letters, digits, '_', '.' and '-'",
		[S_STRING] = "a text",
		[S_TEXTS] = "a text, or a mapping of languages to texts",
		[S_BOOL] = "yes or no",
		[S_INT] = "a whole number",
		[S_NUMBER] = "a number",
		[S_DURATION] = "a duration such as 200 ms, 1.5 s or 2 min",
		[S_VALUE] = "a number and a unit such as 10 mV",
		[S_ENUM] = "one of: ",
		[S_STRINGS] = "a text or a list of texts",
		[S_MAP] = "a mapping of keys to values",
		[S_LIST] = "a list of mappings",
		[S_DICT] = "a mapping of names to mappings",
		[S_CUSTOM] = "",
	};

	buf_puts(out, row->type == S_CUSTOM ? row->form : forms[row->type]);
	if (row->type == S_INT || row->type == S_NUMBER)
		put_limits(row, "", out);
	if (row->type == S_DURATION)
		put_limits(row, " s", out);
	for (size_t i = 0; row->type == S_ENUM && row->words[i]; i++)
		buf_printf(out, "%s%s", i ? ", " : "", row->words[i]);
}

/* A plain scalar without text, or YAML's own words for nothing. */
static bool is_nothing(const struct yaml *node)
{
	return node->kind == YAML_TEXT && !node->quoted &&
	       (!node->len || !strcmp(node->text, "~") || !strcmp(node->text, "null"));
}

/* "'1,5'", cut at a character's end. */
static void put_found(const struct yaml *node, struct buf *out)
{
	size_t n = node->len;

	if (node->kind != YAML_TEXT) {
		buf_puts(out, node->kind == YAML_LIST ? "a list" : "a mapping");
		return;
	}
	if (is_nothing(node)) {
		buf_puts(out, "nothing");
		return;
	}
	if (n > 40)
		for (n = 40; n > 0 && (node->text[n] & 0xC0) == 0x80; n--)
			;
	buf_printf(out, "'%.*s%s'", (int)n, node->text, n < node->len ? "..." : "");
}

static void mismatch(struct schema_context *c, const struct yaml *node, const char *expected,
		     const char *hint)
{
	struct buf found = { 0 };

	put_found(node, &found);
	schema_problem(c, node, "%s%sexpected %s, found %s%s%s", node->key ? node->key : "",
		       node->key ? ": " : "", expected, found.data, hint ? "; " : "", hint ? hint : "");
	buf_release(&found);
}

static void wrong(const struct schema_row *row, struct schema_context *c, const struct yaml *node,
		  const char *hint)
{
	struct buf form = { 0 };

	schema_describe(row, &form);
	mismatch(c, node, form.data, hint);
	buf_release(&form);
}

const char *schema_scalar(struct schema_context *c, const struct yaml *node, const char *expected)
{
	if (node->kind == YAML_TEXT && node->len && !is_nothing(node))
		return node->text;
	mismatch(c, node, expected, NULL);
	return NULL;
}

static void set_string(char **field, const char *text)
{
	free(*field);
	*field = mem_string(text);
}

static bool is_name_of(const char *text, size_t n)
{
	return (islower((unsigned char)*text) || isdigit((unsigned char)*text)) &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_.-") >= n && n <= NAME_MAX_LENGTH;
}

static bool is_name(const char *text)
{
	return is_name_of(text, strlen(text));
}

static void read_name(const struct schema_row *row, struct schema_context *c,
		      const struct yaml *node, void *field)
{
	if (node->kind != YAML_TEXT || is_nothing(node) || !is_name(node->text))
		wrong(row, c, node, node->len > NAME_MAX_LENGTH ? "it is too long" : NULL);
	else
		set_string(field, node->text);
}

static void read_string(const struct schema_row *row, struct schema_context *c,
			const struct yaml *node, void *field)
{
	if (node->kind != YAML_TEXT || is_nothing(node) || !node->len)
		wrong(row, c, node, NULL);
	else
		set_string(field, node->text);
}

static void add_text(struct texts *t, const char *language, const char *text)
{
	t->list = mem_grow(t->list, t->n, sizeof *t->list);
	t->list[t->n++] = (struct text){ mem_string(language), mem_string(text) };
}

static void read_texts(const struct schema_row *row, struct schema_context *c,
		       const struct yaml *node, void *field)
{
	if (node->kind == YAML_LIST || (node->kind == YAML_TEXT && !node->len) || is_nothing(node)) {
		wrong(row, c, node, NULL);
		return;
	}
	if (node->kind == YAML_TEXT)
		add_text(field, "", node->text);
	for (const struct yaml *y = node->first; y; y = y->next) {
		if (strlen(y->key) < 2 || strspn(y->key, LANGUAGE) != strlen(y->key))
			schema_problem_key(c, node, y->key,
					   "'%s' is not a language tag such as en or zh-CN",
					   y->key);
		else if (schema_scalar(c, y, "a text"))
			add_text(field, y->key, y->text);
	}
}

static void read_bool(const struct schema_row *row, struct schema_context *c,
		      const struct yaml *node, void *field)
{
	static const char *const words[] = { "no", "yes", "false", "true" };

	for (size_t i = 0; node->kind == YAML_TEXT && !node->quoted && i < 4; i++) {
		if (!strcmp(node->text, words[i])) {
			*(bool *)field = i & 1;
			return;
		}
	}
	wrong(row, c, node, NULL);
}

static bool outside(const struct schema_row *row, double v)
{
	return (row->low != 0 || row->high != 0) && (v < row->low || v > row->high);
}

/* What a person probably did, where a number is expected; NULL if nothing is known. */
static const char *number_hint(const struct yaml *node)
{
	double v;
	struct err e;

	if (node->kind != YAML_TEXT)
		return NULL;
	if (node->quoted && !number_parse(node->text, node->len, &v, &e))
		return "write it without quotes";
	if (strchr(node->text, ','))
		return "the decimal sign is a point";
	if (strchr(node->text, ' ') && !number_parse(node->text, strcspn(node->text, " "), &v, &e))
		return "it has no unit of its own here";
	return NULL;
}

static void read_int(const struct schema_row *row, struct schema_context *c,
		     const struct yaml *node, void *field)
{
	const char *digits = node->kind == YAML_TEXT ? node->text + strspn(node->text, "+-") : "";
	int64_t v;
	struct err e;

	if (node->kind != YAML_TEXT || node->quoted || number_parse_int(node->text, node->len, &v, &e))
		wrong(row, c, node, number_hint(node));
	else if (digits[0] == '0' && digits[1])
		wrong(row, c, node, "leading zeros mean another number to other readers of YAML");
	else if (outside(row, (double)v))
		wrong(row, c, node, NULL);
	else
		*(int64_t *)field = v;
}

static void read_number(const struct schema_row *row, struct schema_context *c,
			const struct yaml *node, void *field)
{
	double v;
	struct err e;

	e.code = ERR_NONE;
	if (node->kind != YAML_TEXT || node->quoted || number_parse(node->text, node->len, &v, &e))
		wrong(row, c, node, strstr(e.code ? e.text : "", "outside") ?
		      "that is beyond what a number can be" : number_hint(node));
	else if (outside(row, v))
		wrong(row, c, node, NULL);
	else
		*(double *)field = v;
}

/* "10 mV" is the number's length, then blanks, then the unit. */
static int split(const struct yaml *node, double *number, const char **unit, struct err *e)
{
	size_t n = strcspn(node->text, " \t");

	*unit = node->text + n + strspn(node->text + n, " \t");
	return number_parse(node->text, n, number, e);
}

static void read_duration(const struct schema_row *row, struct schema_context *c,
			  const struct yaml *node, void *field)
{
	const char *unit;
	double v;
	struct err e;

	if (node->kind != YAML_TEXT || is_nothing(node) || split(node, &v, &unit, &e)) {
		wrong(row, c, node, NULL);
		return;
	}
	for (size_t i = 0; i < sizeof time_units / sizeof *time_units; i++) {
		double ns = v * time_units[i].ns;

		if (strcmp(unit, time_units[i].name))
			continue;
		if (!(ns >= 0 && ns < 9e18) || outside(row, ns / 1e9))
			wrong(row, c, node, NULL);
		else
			*(int64_t *)field = llround(ns);
		return;
	}
	wrong(row, c, node,
	      *unit ? "the units of time are ns, us, ms, s, min and h" : "the unit is missing");
}

static void read_value(const struct schema_row *row, struct schema_context *c,
		       const struct yaml *node, void *field)
{
	struct value *v = field;
	const char *unit;
	struct err e;

	if (node->kind != YAML_TEXT || is_nothing(node) || split(node, &v->number, &unit, &e)) {
		wrong(row, c, node, node->kind == YAML_TEXT && strchr(node->text, ',') ?
		      number_hint(node) : NULL);
		return;
	}
	if (*unit && unit_check(unit, &e)) {
		schema_problem(c, node, "%s%s%s", node->key ? node->key : "", node->key ? ": " : "",
			       e.text);
		return;
	}
	set_string(&v->unit, unit);
	v->line = node->line;
	v->column = node->column;
}

static void read_enum(const struct schema_row *row, struct schema_context *c,
		      const struct yaml *node, void *field)
{
	const char *near = NULL;
	char hint[96];
	size_t n = 0;

	for (; node->kind == YAML_TEXT && row->words[n]; n++) {
		if (!strcmp(node->text, row->words[n])) {
			*(int *)field = (int)n + (int)row->low;
			return;
		}
	}
	if (node->kind == YAML_TEXT)
		near = nearest_word(node->text, row->words, n);
	if (near)
		snprintf(hint, sizeof hint, "did you mean '%s'?", near);
	wrong(row, c, node, near ? hint : NULL);
}

static void add_string(struct schema_context *c, const struct yaml *node, struct strings *s)
{
	if (!schema_scalar(c, node, "a text"))
		return;
	s->list = mem_grow(s->list, s->n, sizeof *s->list);
	s->list[s->n++] = mem_string(node->text);
}

static void read_strings(const struct schema_row *row, struct schema_context *c,
			 const struct yaml *node, void *field)
{
	if (node->kind == YAML_MAP || is_nothing(node))
		wrong(row, c, node, NULL);
	else if (node->kind == YAML_TEXT)
		add_string(c, node, field);
	else
		for (const struct yaml *y = node->first; y; y = y->next)
			add_string(c, y, field);
}

static void read_map(const struct schema_row *row, struct schema_context *c,
		     const struct yaml *node, void *field)
{
	if (node->kind != YAML_MAP)
		wrong(row, c, node, NULL);
	else
		schema_read(row->sub, c, node, field);
}

static char *add_item(struct list *l, size_t size)
{
	char *item;

	l->items = mem_grow(l->items, l->n, size);
	item = (char *)l->items + l->n++ * size;
	memset(item, 0, size);
	return item;
}

static void read_list(const struct schema_row *row, struct schema_context *c,
		      const struct yaml *node, void *field)
{
	if (node->kind != YAML_LIST)
		wrong(row, c, node, NULL);
	for (const struct yaml *y = node->kind == YAML_LIST ? node->first : NULL; y; y = y->next)
		schema_read(row->sub, c, y, add_item(field, row->sub->size));
}

static void read_dict(const struct schema_row *row, struct schema_context *c,
		      const struct yaml *node, void *field)
{
	if (node->kind != YAML_MAP) {
		wrong(row, c, node, NULL);
		return;
	}
	for (const struct yaml *y = node->first; y; y = y->next) {
		char *item;

		if (!is_name_of(y->key, row->inputs ? strcspn(y->key, "@") : strlen(y->key))) {
			schema_problem_key(c, node, y->key,
					   "'%s' is not a name in small letters, digits, "
					   "'_', '.' and '-'", y->key);
			continue;
		}
		item = add_item(field, row->sub->size);
		*(char **)(void *)item = mem_string(y->key);
		schema_read(row->sub, c, y, item);
	}
}

static void read_custom(const struct schema_row *row, struct schema_context *c,
			const struct yaml *node, void *field)
{
	if (is_nothing(node))
		wrong(row, c, node, NULL);
	else
		row->custom(c, node, field);
}

void schema_read_value(const struct schema_row *row, struct schema_context *c,
		       const struct yaml *node, void *field)
{
	static void (*const readers[])(const struct schema_row *, struct schema_context *,
				       const struct yaml *, void *) = {
		[S_NAME] = read_name,     [S_STRING] = read_string, [S_TEXTS] = read_texts,
		[S_BOOL] = read_bool,     [S_INT] = read_int,       [S_NUMBER] = read_number,
		[S_DURATION] = read_duration, [S_VALUE] = read_value, [S_ENUM] = read_enum,
		[S_STRINGS] = read_strings, [S_MAP] = read_map,     [S_LIST] = read_list,
		[S_DICT] = read_dict,     [S_CUSTOM] = read_custom,
	};

	readers[row->type](row, c, node, field);
}

static void release_texts(struct texts *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->list[i].language);
		free(t->list[i].text);
	}
	free(t->list);
	*t = (struct texts){ 0 };
}

static void release_strings(struct strings *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i]);
	free(s->list);
	*s = (struct strings){ 0 };
}

static void release_list(const struct schema_row *row, struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		char *item = (char *)l->items + i * row->sub->size;

		if (row->type == S_DICT)
			free(*(char **)(void *)item);
		schema_release(row->sub, item);
	}
	free(l->items);
	*l = (struct list){ 0 };
}

static void release_text(char **text)
{
	free(*text);
	*text = NULL;
}

/* Rows of different mappings may share a field (the steps of a procedure do): what was
 * released once is empty and may be released again. */
void schema_release_value(const struct schema_row *row, void *field)
{
	switch (row->type) {
	case S_NAME:
	case S_STRING:
		release_text(field);
		break;
	case S_VALUE:
		release_text(&((struct value *)field)->unit);
		break;
	case S_TEXTS:
		release_texts(field);
		break;
	case S_STRINGS:
		release_strings(field);
		break;
	case S_MAP:
		schema_release(row->sub, field);
		break;
	case S_LIST:
	case S_DICT:
		release_list(row, field);
		break;
	case S_CUSTOM:
		if (row->release)
			row->release(field);
		break;
	default:
		break;
	}
}
