/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema_types.h"

__attribute__((format(printf, 4, 0)))
static void problem_v(struct schema_context *c, int line, int column, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof text, fmt, ap);
	problem_add(c->problems, c->source->path, line, column, "%s", text);
}

void schema_problem(struct schema_context *c, const struct yaml *node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_v(c, node->line, node->column, fmt, ap);
	va_end(ap);
}

void schema_problem_at(struct schema_context *c, struct place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_v(c, at.line, at.column, fmt, ap);
	va_end(ap);
}

/* A mapping stands where its key does, so that a reader finds its name there. */
static struct place place_of(const struct yaml *node)
{
	if (node->key)
		return (struct place){ node->key_line, node->key_column };
	return (struct place){ node->line, node->column };
}

void schema_problem_key(struct schema_context *c, const struct yaml *map, const char *key,
			const char *fmt, ...)
{
	const struct yaml *child = yaml_find(map, key);
	struct place at = place_of(child ? child : map);
	va_list ap;

	va_start(ap, fmt);
	problem_v(c, at.line, at.column, fmt, ap);
	va_end(ap);
}

static const struct schema_row *find_row(const struct schema *s, const struct schema_context *c, const char *key)
{
	for (const struct schema_row *row = s->rows; row->key; row++)
		if (!strcmp(row->key, key) && (!row->when || row->when(c)))
			return row;
	return NULL;
}

static void unknown_key(const struct schema *s, struct schema_context *c, const struct yaml *child)
{
	struct nearest best = { 0 };
	struct buf known = { 0 };

	for (const struct schema_row *row = s->rows; row->key; row++) {
		if (find_row(s, c, row->key) != row)
			continue;
		nearest_offer(&best, child->key, row->key);
		buf_printf(&known, "%s%s", known.len ? ", " : "", row->key);
	}
	if (best.word)
		schema_problem_at(c, place_of(child), "unknown key '%s' in %s; did you mean '%s'?",
				  child->key, s->what, best.word);
	else
		schema_problem_at(c, place_of(child), "unknown key '%s' in %s, which knows: %s",
				  child->key, s->what, known.data);
	buf_release(&known);
}

static bool needs_nothing(const struct schema *s)
{
	for (const struct schema_row *row = s->rows; row->key; row++)
		if (row->required)
			return false;
	return true;
}

static void read_default(const struct schema_row *row, struct schema_context *c, char *field)
{
	struct yaml text = { .kind = YAML_TEXT, .text = (char *)(uintptr_t)row->fallback };

	if (row->type == S_MAP && needs_nothing(row->sub)) {
		for (const struct schema_row *r = row->sub->rows; r->key; r++)
			read_default(r, c, field + r->offset);
	} else if (row->fallback) {
		text.len = strlen(row->fallback);
		schema_read_value(row, c, &text, field);
	}
}

int schema_read(const struct schema *s, struct schema_context *c, const struct yaml *node, void *out)
{
	size_t before = c->problems->total;
	char *base = out;

	if (node->kind != YAML_MAP) {
		schema_problem(c, node, "%s is a mapping of keys to values", s->what);
		return -1;
	}
	if (s->place)
		*(struct place *)(void *)(base + s->place) = place_of(node);
	for (const struct yaml *child = node->first; child; child = child->next)
		if (!find_row(s, c, child->key))
			unknown_key(s, c, child);
	for (const struct schema_row *row = s->rows; row->key; row++) {
		const struct yaml *child = yaml_find(node, row->key);

		if (find_row(s, c, row->key) != row)
			continue;
		if (!child && row->required)
			schema_problem_at(c, place_of(node), "%s needs the key '%s': %s", s->what,
					  row->key, row->help);
		if (!child) {
			read_default(row, c, base + row->offset);
			continue;
		}
		if (row->given)
			*(bool *)(base + row->given) = true;
		schema_read_value(row, c, child, base + row->offset);
	}
	if (s->check && c->problems->total == before)
		s->check(c, node, out);
	return c->problems->total == before ? 0 : -1;
}

int schema_read_source(const struct schema *s, struct schema_context *c, void *out)
{
	struct yaml *root = yaml_parse(c->source, c->problems);
	int bad = root ? schema_read(s, c, root, out) : -1;

	yaml_drop(&root);
	return bad;
}

void schema_release(const struct schema *s, void *out)
{
	for (const struct schema_row *row = s->rows; row->key; row++)
		schema_release_value(row, (char *)out + row->offset);
}

/* scdoc takes _ and * for emphasis, and a line end for its own. */
static void put_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			buf_puts(out, "\\\\n");
			continue;
		}
		if (strchr("_*\\<>#~", *text))
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
}

static void walk_rows(const struct schema *s, const char *prefix, schema_visit *visit, void *who)
{
	for (const struct schema_row *row = s->rows; row->key; row++) {
		struct buf name = { 0 }, form = { 0 };

		buf_printf(&name, "%s%s", prefix, row->key);
		schema_describe(row, &form);
		visit(who, &(struct schema_key){ name.data, form.data,
						 row->required ? "required" : row->fallback ? row->fallback : "-",
						 row->help });
		if (row->sub) {
			buf_puts(&name,
				 row->type == S_LIST ? "[]." : row->type == S_DICT ? ".NAME." : ".");
			walk_rows(row->sub, name.data, visit, who);
		}
		buf_release(&name);
		buf_release(&form);
	}
}

void schema_walk(const struct schema *s, schema_visit *visit, void *who)
{
	walk_rows(s, "", visit, who);
}

static void put_row(void *who, const struct schema_key *key)
{
	struct buf *out = who;

	buf_puts(out, "|  *");
	put_escaped(out, key->name);
	buf_puts(out, "*\n:  ");
	put_escaped(out, key->form);
	buf_puts(out, "\n:  ");
	put_escaped(out, key->fallback);
	buf_puts(out, "\n:  ");
	put_escaped(out, key->help);
	buf_putc(out, '\n');
}

void schema_help(const struct schema *s, struct buf *out)
{
	buf_puts(out, "[[ *key*\n:[ value\n:[ default\n:[ meaning\n");
	schema_walk(s, put_row, out);
	buf_putc(out, '\n');
}

static const char *text_in(const struct texts *t, const char *language, size_t n)
{
	for (size_t i = 0; i < t->n; i++)
		if (strlen(t->list[i].language) == n && !strncmp(t->list[i].language, language, n))
			return t->list[i].text;
	return NULL;
}

const char *texts_pick(const struct texts *t, const char *language)
{
	const char *best = NULL;

	if (language) {
		best = text_in(t, language, strlen(language));
		if (!best)
			best = text_in(t, language, strcspn(language, "-_"));
	}
	if (!best)
		best = text_in(t, "", 0);
	if (!best)
		best = text_in(t, "en", 2);
	if (!best && t->n)
		best = t->list[0].text;
	return best ? best : "";
}
