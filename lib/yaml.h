/* SPDX-License-Identifier: GPL-3.0-or-later
 * yaml.h - a YAML text as a tree in which every node knows its line and column.
 *
 * libyaml reads; we refuse what a laboratory's file never needs and what hides mistakes:
 * anchors and aliases, tags, several documents, duplicate keys, keys that are not plain
 * words, bad UTF-8 and control characters, nesting beyond 32, more than 100,000 nodes, files beyond 4 MiB.
 * Types are the schema's business (schema.h): a scalar here is its text. */
#ifndef YAML_TREE_H
#define YAML_TREE_H

#include <stdbool.h>

#include "problem.h"

#define SOURCE_MAX      (4 << 20)    /* bytes of a file */
#define YAML_DEPTH_MAX  32
#define YAML_NODES_MAX  100000

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	int line, column;            /* from 1 */
	size_t from, to;             /* byte offsets of a scalar in the source */
	bool quoted;                 /* a scalar in quotes or a block: never null */
	char *key;                   /* in a map: the entry's key */
	int key_line, key_column;
	char *text;                  /* of a scalar */
	size_t len;
	struct yaml *first, *next;   /* children in order; sibling */
	size_t n;                    /* number of children */
};

struct source {                      /* a file as it was read: kept verbatim for the record */
	char *path;
	char *text;
	size_t len;
	char sha256[65];
};

/* Reads a file; ERR_CONFIG or ERR_IO. */
int  source_load(struct source *s, const char *path, struct err *e);
int  source_text(struct source *s, const char *path, const void *text, size_t n, struct err *e); /* from memory */
/* The same two, telling what is wrong as a problem. */
int  source_read(struct source *s, const char *path, struct problems *ps);
int  source_given(struct source *s, const char *path, const void *text, size_t n, struct problems *ps);
void source_release(struct source *s);

/* NULL if there was any problem at all; an empty text is one. */
struct yaml *yaml_parse(const struct source *s, struct problems *ps);
struct yaml *yaml_find(const struct yaml *map, const char *key);
void yaml_drop(struct yaml **y);     /* libyaml exports a yaml_free of its own and would call ours */

#endif
