/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_parts.h - the pieces of reading a model file that lie in several files.  For model*.c alone. */
#ifndef MODEL_PARTS_H
#define MODEL_PARTS_H

#include "model.h"

/* What schema_context's user is while a model file is read. */
struct model_loading {
	struct model *model;
	const struct quantities *quantities;
	bool file;                       /* about to be used, and no copy in the journal of a run */
};

extern const struct schema point_schema, registers_schema, modbus_schema, model_line_schema,
	errors_schema, range_schema, point_manual_schema, model_manual_schema;
extern const struct schema write_schema, proof_schema, poll_schema, register_status_schema;     /* of Modbus */
bool model_is_modbus(const struct schema_context *c);
void modbus_read_readback(struct schema_context *c, const struct yaml *node, void *field);
/* A number in printf's form, which the simulator hands to printf. */
extern const char format_form[];
void format_read(struct schema_context *c, const struct yaml *node, void *field);
void text_free(void *field);
extern const struct schema point_schema, registers_schema, modbus_schema;
extern const struct schema frame_schema, acknowledge_schema, columns_schema, mark_schema;

extern const char unit_words_form[];
void unit_words_read(struct schema_context *c, const struct yaml *node, void *field);
void unit_words_free(void *field);

/* What the tables call once a mapping has been read. */
void model_check(struct schema_context *c, const struct yaml *node, void *model);
void model_check_file(struct schema_context *c, const struct yaml *node, const struct model *m);
void model_check_identity(struct schema_context *c, const struct yaml *node, void *model);
void model_check_answer(struct schema_context *c, const struct yaml *node, void *answer);
void model_check_point(struct schema_context *c, const struct yaml *node, void *point);
void model_check_ranges(struct schema_context *c, const struct yaml *node, struct point *p);
void model_check_block(struct schema_context *c, const struct yaml *node, const struct point *p);
void model_check_manual(struct schema_context *c, const struct yaml *node, struct point *p);
/* Once frame and points are known: how far answers reach (model_reply.c). */
void model_check_replies(struct schema_context *c, const struct yaml *node, struct model *m);
void model_check_text(struct schema_context *c, const struct yaml *node, struct model *m);
void model_check_talker(struct schema_context *c, const struct yaml *node, const struct model *m);
void model_check_heard(struct schema_context *c, const struct yaml *node, const struct point *p);
void model_check_text_point(struct schema_context *c, const struct yaml *node, struct point *p);
void model_check_registers(struct schema_context *c, const struct yaml *node, void *registers);
void model_check_write(struct schema_context *c, const struct yaml *node, void *write);
void model_check_proof(struct schema_context *c, const struct yaml *node, void *proof);
void model_check_poll(struct schema_context *c, const struct yaml *node, void *poll);
void model_check_status(struct schema_context *c, const struct yaml *node, void *status);
void model_check_modbus(struct schema_context *c, const struct yaml *node, void *model);

/* Registers under a key of a mapping: a number, where it may be read, what may be written. */
void model_check_number(struct schema_context *c, const struct yaml *node, const char *key,
			const struct registers *r);
void model_check_readable(struct schema_context *c, const struct yaml *node, const char *key,
			  const struct registers *r);
void model_check_registers_power(struct schema_context *c, const struct yaml *node, const struct model *m);
void model_check_watched(struct schema_context *c, const struct model *m);
void model_check_point_registers(struct schema_context *c, const struct yaml *node, const struct point *p);

#endif
