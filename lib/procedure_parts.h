/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_parts.h - what the files of the procedure module share.  For procedure*.c alone. */
#ifndef PROCEDURE_PARTS_H
#define PROCEDURE_PARTS_H

#include "procedure.h"

/* What a channel is named for. */
enum use {
	USE_ENVIRONMENT, USE_SET, USE_SETTLE, USE_MEASURE,
	USE_VALUE,       /* a point gives it a value */
	USE_RESULT,      /* its readings at the points */
	USE_CONDITION,   /* its readings while a point goes on, environment or not */
	USE_NOMINAL,     /* what the points state for it, or how finely it shows */
};

/* Every place that names a channel, in the order of the struct. */
typedef void procedure_visit(void *who, struct channel_ref *r, enum use use);
void procedure_walk(const struct procedure *p, procedure_visit *visit, void *who);

/* The value a point gives to a channel, or NULL. */
struct assignment *point_value(const struct procedure_point *pt, const char *channel);

/* A row of a table for a channel; and the channel of a text that stands at a place. */
extern const char procedure_channel_form[];
void procedure_read_channel(struct schema_context *c, const struct yaml *node, void *field);
void procedure_set_channel(struct schema_context *c, const char *text, struct place at, struct channel_ref *r);
void procedure_free_channel(void *field);
#define CHANNEL .type = S_CUSTOM, .custom = procedure_read_channel, .release = procedure_free_channel, \
		.form = procedure_channel_form

void procedure_read_channels(struct schema_context *c, const struct yaml *node, void *field);   /* a struct list of them */
void procedure_free_channels(void *field);

bool procedure_measures(const struct procedure *p, const char *channel);      /* at the points */
bool procedure_watches(const struct procedure *p, const char *channel);       /* all along, as environment */
void procedure_check_results(struct schema_context *c, const struct procedure *p);
void procedure_walk_result(struct result_spec *r, procedure_visit *visit, void *who);
void procedure_check(struct schema_context *c, const struct yaml *node, void *procedure);
void procedure_check_step(struct schema_context *c, const struct yaml *node, void *step);

#endif
