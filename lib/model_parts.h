/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_parts.h - the pieces of reading a model file that lie in several files.  For model*.c
 * and pattern.c alone. */
#ifndef MODEL_PARTS_H
#define MODEL_PARTS_H

#include "model.h"

/* What schema_context's user is while a model file is read. */
struct model_loading {
	struct model *model;
	const struct quantities *quantities;
};

extern const char pattern_form[];
void pattern_read(struct schema_context *c, const struct yaml *node, void *field);
void pattern_free(void *field);

extern const struct schema point_schema, registers_schema, modbus_schema;

/* What the tables call once a mapping has been read. */
void model_check(struct schema_context *c, const struct yaml *node, void *model);
void model_check_identity(struct schema_context *c, const struct yaml *node, void *model);
void model_check_errors(struct schema_context *c, const struct yaml *node, void *model);
void model_check_answer(struct schema_context *c, const struct yaml *node, void *answer);
void model_check_point(struct schema_context *c, const struct yaml *node, void *point);
void model_check_registers(struct schema_context *c, const struct yaml *node, void *registers);

#endif
