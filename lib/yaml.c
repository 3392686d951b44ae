/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "yaml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* libyaml gives events and marks (counted in characters); this makes the tree and refuses. */
struct reader {
	yaml_parser_t parser;
	const struct source *source;
	struct problems *problems;
	size_t nodes;
	size_t characters, bytes;        /* one place of the text, in both counts */
	bool stop;                       /* nothing sensible can follow */
};

/* Length of the UTF-8 character at p, 0 if it is none: overlong forms, surrogates and numbers
 * beyond U+10FFFF are none. */
static size_t character(const unsigned char *p, size_t left, uint32_t *code)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = *p < 0x80 ? 1 : *p < 0xC0 ? 0 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : *p < 0xF8 ? 4 : 0;
	uint32_t c = n == 1 ? *p : *p & (0x7Fu >> n);

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (c < lowest[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return 0;
	*code = c;
	return n;
}

/* Characters that an editor does not show as themselves.  The last two break lines for libyaml
 * and for no editor: every place after them would be wrong. */
static bool invisible(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0) ||
	       c == 0x2028 || c == 0x2029 || c == 0xFFFE || c == 0xFFFF;
}

static size_t mark_length(const struct source *s)
{
	return s->len >= 3 && !memcmp(s->text, "\xEF\xBB\xBF", 3) ? 3 : 0;
}

static bool check_characters(const struct source *s, struct problems *ps)
{
	const unsigned char *p = (const unsigned char *)s->text;
	int line = 1, column = 1;
	uint32_t code = 0;

	for (size_t i = mark_length(s), n; i < s->len; i += n) {
		n = character(p + i, s->len - i, &code);
		if (n == 0) {
			problem_add(ps, s->path, line, column, "byte 0x%02X is not UTF-8", p[i]);
			return false;
		}
		if (invisible(code)) {
			problem_add(ps, s->path, line, column, "character U+%04X does not belong in "
				    "a text file", (unsigned)code);
			return false;
		}
		column++;
		if (code == '\n' || (code == '\r' && p[i + 1] != '\n')) {
			line++;
			column = 1;
		}
	}
	return true;
}

static void complain(struct reader *r, yaml_mark_t at, const char *what)
{
	problem_add(r->problems, r->source->path, (int)at.line + 1, (int)at.column + 1, "%s", what);
}

static void syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *what = p->problem ? p->problem : "this is not YAML";

	r->stop = true;
	if (!strcmp(what, "found character that cannot start any token"))
		what = "a tab, '@', '`' or '%' begins a value here: indent with spaces, or put the "
		       "text in quotes";
	problem_add(r->problems, r->source->path, (int)p->problem_mark.line + 1,
		    (int)p->problem_mark.column + 1, "%s%s%s", what, p->context ? ", " : "",
		    p->context ? p->context : "");
}

static bool next(struct reader *r, yaml_event_t *ev)
{
	if (r->stop)
		return false;
	if (!yaml_parser_parse(&r->parser, ev)) {
		syntax(r);
		return false;
	}
	return true;
}

static size_t byte_of(struct reader *r, size_t character_index)
{
	const unsigned char *p = (const unsigned char *)r->source->text;
	uint32_t code;

	if (character_index < r->characters) {
		r->characters = 0;
		r->bytes = mark_length(r->source);
	}
	for (; r->characters < character_index && r->bytes < r->source->len; r->characters++)
		r->bytes += character(p + r->bytes, r->source->len - r->bytes, &code);
	return r->bytes;
}

static struct yaml *new_node(struct reader *r, enum yaml_kind kind, yaml_mark_t at)
{
	struct yaml *y = mem_new(sizeof *y);

	y->kind = kind;
	y->line = (int)at.line + 1;
	y->column = (int)at.column + 1;
	if (++r->nodes > YAML_NODES_MAX && !r->stop) {
		complain(r, at, "more values than a file may have (100,000)");
		r->stop = true;
	}
	return y;
}

static struct yaml *read_node(struct reader *r, yaml_event_t *ev, int depth);

static struct yaml *scalar(struct reader *r, const yaml_event_t *ev)
{
	struct yaml *y = new_node(r, YAML_TEXT, ev->start_mark);

	y->len = ev->data.scalar.length;
	y->text = mem_new(y->len + 1);
	memcpy(y->text, ev->data.scalar.value, y->len);
	y->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	y->from = byte_of(r, ev->start_mark.index);
	y->to = byte_of(r, ev->end_mark.index);
	if (memchr(y->text, '\0', y->len))
		complain(r, ev->start_mark, "a text cannot hold the character NUL; one that an instrument sends is matched by [^ -~]");
	return y;
}

/* An empty text, so that reading can go on after a refusal. */
static struct yaml *stand_in(struct reader *r, yaml_mark_t at)
{
	struct yaml *y = new_node(r, YAML_TEXT, at);

	y->text = mem_string("");
	return y;
}

static bool is_word(const struct yaml *y)
{
	for (const char *p = y->text; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-@", *p))
			return false;
	return y->len > 0 && strlen(y->text) == y->len;
}

static void append(struct yaml *parent, struct yaml ***tail, struct yaml *child)
{
	if (!child)
		return;
	**tail = child;
	*tail = &child->next;
	parent->n++;
}

static struct yaml *read_list(struct reader *r, yaml_mark_t at, int depth)
{
	struct yaml *list = new_node(r, YAML_LIST, at), **tail = &list->first;
	yaml_event_t ev;

	while (next(r, &ev)) {
		bool end = ev.type == YAML_SEQUENCE_END_EVENT;

		if (!end)
			append(list, &tail, read_node(r, &ev, depth));
		yaml_event_delete(&ev);
		if (end)
			break;
	}
	return list;
}

static int by_key(const void *a, const void *b)
{
	const struct yaml *x = *(struct yaml *const *)a, *y = *(struct yaml *const *)b;
	int c = strcmp(x->key, y->key);

	if (c)
		return c;
	if (x->key_line != y->key_line)
		return x->key_line < y->key_line ? -1 : 1;
	return (x->key_column > y->key_column) - (x->key_column < y->key_column);
}

static void check_duplicates(struct reader *r, const struct yaml *map)
{
	const struct yaml **sorted = mem_array(map->n, sizeof *sorted);
	size_t n = 0;

	for (const struct yaml *y = map->first; y; y = y->next)
		sorted[n++] = y;
	qsort(sorted, n, sizeof *sorted, by_key);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(sorted[i]->key, sorted[i - 1]->key))
			problem_add(r->problems, r->source->path, sorted[i]->key_line,
				    sorted[i]->key_column, "key '%s' is here a second time; it stood at "
				    "line %d", sorted[i]->key, sorted[i - 1]->key_line);
	free(sorted);
}

/* The value of an entry whose key has been read; takes the key over. */
static struct yaml *read_entry(struct reader *r, struct yaml *key, int depth)
{
	yaml_event_t ev;
	struct yaml *value;

	if (!next(r, &ev))
		return NULL;
	value = read_node(r, &ev, depth);
	yaml_event_delete(&ev);
	if (!value)
		return NULL;
	value->key_line = key->line;
	value->key_column = key->column;
	value->key = key->text ? key->text : mem_string("");
	key->text = NULL;
	return value;
}

static struct yaml *read_map(struct reader *r, yaml_mark_t at, int depth)
{
	struct yaml *map = new_node(r, YAML_MAP, at), **tail = &map->first;
	yaml_event_t ev;

	while (next(r, &ev)) {
		struct yaml *key;

		if (ev.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&ev);
			break;
		}
		key = read_node(r, &ev, depth);
		if (key && (key->kind != YAML_TEXT || !is_word(key)))
			complain(r, ev.start_mark,
				 "a key is a word of letters, digits, '_', '.', '-' and '@'");
		yaml_event_delete(&ev);
		if (key)
			append(map, &tail, read_entry(r, key, depth));
		yaml_drop(&key);
	}
	check_duplicates(r, map);
	return map;
}

static void refuse_extras(struct reader *r, const yaml_event_t *ev, const yaml_char_t *anchor,
			  const yaml_char_t *tag)
{
	if (anchor)
		complain(r, ev->start_mark, "anchors (&name) are not used here: write the value out");
	if (tag)
		complain(r, ev->start_mark,
			 "tags (!name) are not used here: the key says what a value is");
}

static struct yaml *read_node(struct reader *r, yaml_event_t *ev, int depth)
{
	if (depth >= YAML_DEPTH_MAX) {
		complain(r, ev->start_mark, "nested deeper than 32 levels");
		r->stop = true;
		return NULL;
	}
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		refuse_extras(r, ev, ev->data.scalar.anchor, ev->data.scalar.tag);
		return scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
		refuse_extras(r, ev, ev->data.sequence_start.anchor, ev->data.sequence_start.tag);
		return read_list(r, ev->start_mark, depth + 1);
	case YAML_MAPPING_START_EVENT:
		refuse_extras(r, ev, ev->data.mapping_start.anchor, ev->data.mapping_start.tag);
		return read_map(r, ev->start_mark, depth + 1);
	case YAML_ALIAS_EVENT:
		complain(r, ev->start_mark, "aliases (*name) are not used here: write the value out");
		return stand_in(r, ev->start_mark);
	default:
		return NULL;
	}
}

/* Stream and document events around the one root. */
static struct yaml *read_stream(struct reader *r)
{
	struct yaml *root = NULL;
	yaml_event_t ev;

	while (next(r, &ev)) {
		bool end = ev.type == YAML_STREAM_END_EVENT;

		if (ev.type == YAML_DOCUMENT_START_EVENT && root) {
			complain(r, ev.start_mark, "a second document begins here; a file holds one");
			r->stop = true;
		} else if (!root) {
			root = read_node(r, &ev, 0);
		}
		yaml_event_delete(&ev);
		if (end)
			break;
	}
	return root;
}

struct yaml *yaml_parse(const struct source *s, struct problems *ps)
{
	struct reader r = { .source = s, .problems = ps, .bytes = mark_length(s) };
	size_t before = ps->total;
	struct yaml *root;

	if (!check_characters(s, ps))
		return NULL;
	if (!yaml_parser_initialize(&r.parser))
		abort();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)s->text + r.bytes,
				     s->len - r.bytes);
	root = read_stream(&r);
	yaml_parser_delete(&r.parser);
	if (!root && ps->total == before)
		problem_add(ps, s->path, 1, 1, "the file is empty");
	if (ps->total != before)
		yaml_drop(&root);
	return root;
}

struct yaml *yaml_find(const struct yaml *map, const char *key)
{
	if (map->kind != YAML_MAP)
		return NULL;
	for (struct yaml *y = map->first; y; y = y->next)
		if (!strcmp(y->key, key))
			return y;
	return NULL;
}

void yaml_drop(struct yaml **y)
{
	struct yaml *node = *y;

	*y = NULL;
	if (!node)
		return;
	while (node->first) {
		struct yaml *child = node->first;

		node->first = child->next;
		yaml_drop(&child);
	}
	free(node->key);
	free(node->text);
	free(node);
}
