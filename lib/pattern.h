/* SPDX-License-Identifier: GPL-3.0-or-later
 * pattern.h - regular expressions of a model file: POSIX extended ones, compiled when the file loads. */
#ifndef PATTERN_H
#define PATTERN_H

#include <regex.h>

#include "schema.h"

struct pattern {
	char *text;
	regex_t compiled;                /* valid if text is set */
};

extern const char pattern_form[];
void pattern_read(struct schema_context *c, const struct yaml *node, void *field);
void pattern_free(void *field);
/* A pattern somewhere in n bytes; groups may be NULL.  Bytes of 0 match nothing. */
bool pattern_matches(const struct pattern *p, const char *text, size_t n, regmatch_t *groups, size_t n_groups);

#endif
