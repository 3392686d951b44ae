/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_parts.h - what the files of the procedure module share.  For procedure*.c alone. */
#ifndef PROCEDURE_PARTS_H
#define PROCEDURE_PARTS_H

#include "procedure.h"

/* What a channel is named for. */
enum use {
	USE_ENVIRONMENT, USE_SET, USE_SETTLE, USE_MEASURE,
	USE_VALUE,       /* a point gives it a value */
	USE_RESULT,
};

/* Every place that names a channel, in the order of the struct. */
typedef void procedure_visit(void *who, struct channel_ref *r, enum use use);
void procedure_walk(const struct procedure *p, procedure_visit *visit, void *who);

/* The value a point gives to a channel, or NULL. */
struct assignment *point_value(const struct procedure_point *pt, const char *channel);

void procedure_check(struct schema_context *c, const struct yaml *node, void *procedure);
void procedure_check_step(struct schema_context *c, const struct yaml *node, void *step);

#endif
