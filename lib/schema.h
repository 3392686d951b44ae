/* SPDX-License-Identifier: GPL-3.0-or-later
 * schema.h - what a mapping in a file may contain, as a table that fills a struct.
 *
 * One row per key: name, type, where it goes, range, default, help.  The same table gives
 * the check, the message with file, line and column, and the manual's list of keys.  Unknown
 * keys name the nearest known one.  Everything is checked in one pass. */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nearest.h"
#include "yaml.h"

enum schema_type {
	S_NAME,        /* char *: [a-z0-9][a-z0-9_.-]*, at most 63 characters */
	S_STRING,      /* char *: any text, not empty */
	S_TEXTS,       /* struct texts: one text, or a mapping of language to text */
	S_BOOL,        /* bool: yes no true false */
	S_INT,         /* int64_t, within [low, high]; written without leading zeros */
	S_NUMBER,      /* double, strictly, within [low, high] */
	S_DURATION,    /* int64_t ns: "200 ms", "1.5 s", "2 min", "1 h"; within [low, high] seconds */
	S_VALUE,       /* struct value: number and unit, "10 mV" */
	S_ENUM,        /* int: index in words, plus low */
	S_STRINGS,     /* struct strings: list of texts, or one text */
	S_MAP,         /* a struct in place, read with sub; where the key is absent and no key of sub
	                  is required, the defaults of sub hold */
	S_LIST,        /* struct list of structs of sub: a list of mappings */
	S_DICT,        /* struct list of structs of sub: a mapping name -> mapping; the name goes to
	                  the char * at offset 0 of each */
	S_CUSTOM,      /* read by row->custom, freed by row->release */
};

struct texts { struct text { char *language, *text; } *list; size_t n; };  /* language "" if none */
struct value { double number; char *unit; int line, column; };     /* unit "" if bare number */
struct strings { char **list; size_t n; };
struct list { void *items; size_t n; };

struct schema_context {
	const struct source *source;
	struct problems *problems;
	void *user;
};

struct schema_row {
	const char *key;
	enum schema_type type;
	size_t offset;                   /* in the struct */
	size_t given;                    /* offset of a bool set where the key is there; 0: none */
	bool required;
	double low, high;                /* S_INT, S_NUMBER, S_DURATION; both 0: no limits */
	const char *fallback;            /* the default, as it would be written; NULL: zeroes */
	const char *const *words;        /* S_ENUM: NULL-terminated */
	const struct schema *sub;        /* S_MAP, S_LIST, S_DICT */
	bool inputs;                     /* S_DICT: names may go on with @ and what sub's check looks at */
	void (*custom)(struct schema_context *c, const struct yaml *node, void *field);
	void (*release)(void *field);    /* leaves the field empty, and takes an empty one */
	const char *form;                /* S_CUSTOM: what is expected, for messages and manual */
	/* Does the row hold in this file?  NULL: it does.  Of rows that share a key the first that does counts. */
	bool (*when)(const struct schema_context *c);
	const char *help;                /* one sentence for the manual */
};

struct schema {
	const char *what;                /* "a step", for messages */
	size_t size;                     /* of the struct */
	const struct schema_row *rows;   /* ended by key NULL */
	size_t place;                    /* offset of a struct place, or 0 for none */
	/* What no single key shows: called once all keys of the mapping were read without a problem. */
	void (*check)(struct schema_context *c, const struct yaml *node, void *out);
};

struct place { int line, column; };      /* where a mapping stood, for later checks */

/* Fills *out (zeroed by the caller).  Problems are added; returns 0 if it added none. */
int  schema_read(const struct schema *s, struct schema_context *c, const struct yaml *node, void *out);
/* The same of the whole of c's source. */
int  schema_read_source(const struct schema *s, struct schema_context *c, void *out);
void schema_release(const struct schema *s, void *out);          /* frees what it filled */
void schema_read_value(const struct schema_row *row, struct schema_context *c,
		       const struct yaml *node, void *field);    /* one value alone */
void schema_problem(struct schema_context *c, const struct yaml *node, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same at a key of a mapping (at the mapping itself where it has no such key), or at a place. */
void schema_problem_key(struct schema_context *c, const struct yaml *map, const char *key,
			const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void schema_problem_at(struct schema_context *c, struct place at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The text of a scalar; NULL, after a problem that says what was expected, for anything else. */
const char *schema_scalar(struct schema_context *c, const struct yaml *node, const char *expected);
/* Every key there may be, those of mappings within with their names in front: points.NAME.ask.  default:
 * "required", "-" where there is none. */
struct schema_key { const char *name, *form, *fallback, *help; };
typedef void schema_visit(void *who, const struct schema_key *key);
void schema_walk(const struct schema *s, schema_visit *visit, void *who);
void schema_help(const struct schema *s, struct buf *out);       /* scdoc table */

/* The text in this language ("de-CH" also takes "de"), else the one without, else English, else
 * the first; "" if there is none. */
const char *texts_pick(const struct texts *t, const char *language);

#endif
