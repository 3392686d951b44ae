/* SPDX-License-Identifier: GPL-3.0-or-later
 * standard_parts.h - what the files of the standard module share.  For standard*.c alone.
 *
 * A file is read by the tables of standard_schema.c, with the check of each mapping in standard_check.c; once all of it
 * was read without a problem, standard_resolve.c makes of it what is used. */
#ifndef STANDARD_PARTS_H
#define STANDARD_PARTS_H

#include "standard.h"

/* What schema_context's user is while a standard is read. */
struct standard_loading {
	struct standard *standard;
	const struct quantities *quantities;
};

void standard_check_row(struct schema_context *c, const struct yaml *node, void *row);
void standard_check_coefficient(struct schema_context *c, const struct yaml *node, void *coefficient);
void standard_check_polynomial(struct schema_context *c, const struct yaml *node, void *polynomial);
void standard_check_its90(struct schema_context *c, const struct yaml *node, void *thermometer);
void standard_check_drift(struct schema_context *c, const struct yaml *node, void *drift);
void standard_check_influence(struct schema_context *c, const struct yaml *node, void *influence);
void standard_check_statement(struct schema_context *c, const struct yaml *node, void *statement);
void standard_check_certificate(struct schema_context *c, const struct yaml *node, void *certificate);
void standard_check(struct schema_context *c, const struct yaml *node, void *standard);

/* Units converted, signs turned, inputs named. */
void standard_resolve(struct schema_context *c, const struct standard *s, const struct certificate *cert,
		      struct standard_statement *t);
void standard_forget(struct standard_statement *t);             /* frees what that made */

/* The indication, or else the nominal value. */
static inline const struct value *row_argument(const struct standard_row *r)
{
	return r->indication.unit ? &r->indication : &r->nominal;
}

#endif
