/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_registers_check.c - what no single key shows of registers: where they end, what they can hold, whether
 * they may be read or written. */
#include <math.h>
#include <string.h>

#include "model_parts.h"

static const struct modbus_model *limits(const struct schema_context *c)
{
	const struct model_loading *l = c->user;

	return &l->model->modbus;
}

static void check_bits(struct schema_context *c, const struct yaml *node, const struct registers *r)
{
	int64_t width = 16 * (int64_t)registers_words(r);

	if (r->type > TYPE_UINT64)
		schema_problem_key(c, node, "bits", "only integers have a field of bits");
	else if (r->bits.from + r->bits.count > width)
		schema_problem_key(c, node, "bits", "bits %d to %d, and the integer has %d", (int)r->bits.from,
				   (int)(r->bits.from + r->bits.count - 1), (int)width);
}

static void check_text(struct schema_context *c, const struct yaml *node, const struct registers *r)
{
	if (!r->count)
		schema_problem_key(c, node, "type", "a text needs the key 'count': how many registers it has");
	if (r->order != ORDER_ABCD && r->order != ORDER_BADC)
		schema_problem_key(c, node, "order", "a text has the order ABCD or, its characters swapped in pairs, BADC");
	if (r->scale != 1 || r->offset != 0)
		schema_problem_key(c, node, r->scale != 1 ? "scale" : "offset", "a text is not scaled");
}

static void check_extent(struct schema_context *c, const struct yaml *node, const struct registers *r)
{
	bool bits = table_of_bits(r->table);
	int64_t words = (int64_t)registers_words(r), span = limits(c)->span;

	if (r->address + words > 65536)
		schema_problem_key(c, node, "address",
				   "%d registers from %d end beyond the last, 65535",
				   (int)words, (int)r->address);
	if (span && words > span && !bits)
		schema_problem_key(c, node, "type", "it takes %d registers, and the model's span is %d",
				   (int)words, (int)span);
}

void model_check_registers(struct schema_context *c, const struct yaml *node, void *registers)
{
	const struct registers *r = registers;
	bool bits = table_of_bits(r->table);

	if (bits != (r->type == TYPE_BIT))
		schema_problem_key(c, node, "type", bits ? "coils and discrete inputs are of type bit" :
				   "registers hold numbers; type bit is for coils and discrete inputs");
	if (r->count && r->type != TYPE_TEXT)
		schema_problem_key(c, node, "count", "only a text has a 'count' of its own; the type says how long a number is");
	if (r->type == TYPE_TEXT)
		check_text(c, node, r);
	if (r->bits.count)
		check_bits(c, node, r);
	if (r->type != TYPE_TEXT || r->count)
		check_extent(c, node, r);
	if (r->scale == 0)
		schema_problem_key(c, node, "scale", "a scale of 0 makes every reading the same");
}

/* Of a table with readable blocks, all that is read lies in one of them. */
void model_check_readable(struct schema_context *c, const struct yaml *node, const char *key,
			  const struct registers *r)
{
	const struct readable *b = limits(c)->readable.items;
	int64_t end = r->address + (int64_t)registers_words(r);
	bool any = false;

	for (size_t i = 0; i < limits(c)->readable.n; i++) {
		if (b[i].table != r->table)
			continue;
		any = true;
		if (r->address >= b[i].from && end <= b[i].from + b[i].count)
			return;
	}
	if (any)
		schema_problem_key(c, node, key, "%s %d to %d lie in no block of 'readable'", table_name(r->table),
				   (int)r->address, (int)end - 1);
}

void model_check_number(struct schema_context *c, const struct yaml *node, const char *key,
			const struct registers *r)
{
	if (r->type == TYPE_TEXT)
		schema_problem_key(c, node, key, "a text proves an identity; here it takes a number");
}

enum { MASK_WRITE = 22 };

static void check_function(struct schema_context *c, const struct yaml *node, const struct registers *r,
			   int64_t function)
{
	bool coil = r->table == TABLE_COIL;

	if (function == MASK_WRITE) {
		if (!r->bits.count || registers_words(r) > 1)
			schema_problem_key(c, node, "function", "function 22 changes a field of bits of one register");
	} else if (function && function != (coil ? 5 : 6) && function != (coil ? 15 : 16))
		schema_problem_key(c, node, "function", coil ? "coils are written with function 5 or 15" :
				   "holding registers are written with function 6 or 16");
	else if (function == 6 && registers_words(r) > 1)
		schema_problem_key(c, node, "function", "function 6 writes one register, and these are %d",
				   (int)registers_words(r));
}

/* Registers that are to be written; under this key of the mapping, with this function. */
static void check_written(struct schema_context *c, const struct yaml *node, const char *key,
			  const struct registers *r, int64_t function)
{
	if (r->table != TABLE_HOLDING && r->table != TABLE_COIL)
		schema_problem_key(c, node, key, "only holding registers and coils can be written");
	else
		check_function(c, node, r, function);
	if (r->bits.count && function != MASK_WRITE)
		schema_problem_key(c, node, key, "whole registers are written; a field of bits of one needs function: 22, which "
				   "not every device knows");
	model_check_number(c, node, key, r);
}

void model_check_write(struct schema_context *c, const struct yaml *node, void *write)
{
	const struct register_write *w = write;
	uint8_t bytes[REGISTERS_NUMBER];
	struct err e;

	check_written(c, node, "registers", &w->registers, w->function);
	if (w->registers.type != TYPE_TEXT && registers_encode(&w->registers, w->value, bytes, &e) < 0)
		schema_problem_key(c, node, "write", "%s", e.text);
}

/* A value that the registers can never hold is waited for in vain. */
static void check_held(struct schema_context *c, const struct yaml *node, const struct registers *r, double is)
{
	uint8_t bytes[REGISTERS_NUMBER] = { 0 };
	struct err e;

	model_check_number(c, node, "registers", r);
	model_check_readable(c, node, "registers", r);
	if (r->type == TYPE_TEXT)
		return;
	if (registers_encode(r, is, bytes, &e) < 0)
		schema_problem_key(c, node, "is", "%s", e.text);
	else if (registers_decode(r, bytes) != is)
		schema_problem_key(c, node, "is", "the registers never hold exactly %.12g; the nearest is %.12g", is,
				   registers_decode(r, bytes));
}

void model_check_proof(struct schema_context *c, const struct yaml *node, void *proof)
{
	const struct register_proof *p = proof;

	check_held(c, node, &p->registers, p->is);
}

void model_check_poll(struct schema_context *c, const struct yaml *node, void *poll)
{
	const struct register_poll *p = poll;

	check_held(c, node, &p->registers, p->is);
	if (p->every_ns > p->within_ns)
		schema_problem_key(c, node, "every", "it is looked at once only: 'every' is longer than 'within'");
}

void model_check_status(struct schema_context *c, const struct yaml *node, void *status)
{
	const struct register_status *s = status;

	check_held(c, node, &s->registers, s->has_is ? s->is : registers_apply(&s->registers, 0));
}

void model_check_modbus(struct schema_context *c, const struct yaml *node, void *model)
{
	const struct list *l = &((const struct model *)model)->modbus.readable;
	const struct readable *b = l->items;

	(void)node;
	for (size_t i = 0; i < l->n; i++) {
		if (b[i].from + b[i].count > 65536)
			schema_problem_at(c, b[i].place, "the block ends beyond the last register, 65535");
		for (size_t k = 0; k < i; k++)
			if (b[i].table == b[k].table && b[i].from < b[k].from + b[k].count &&
			    b[k].from < b[i].from + b[i].count)
				schema_problem_at(c, b[i].place, "the block overlaps that at line %d", b[k].place.line);
	}
}

/* After the mapping of a point: what is read and what is written of it. */
void model_check_point_registers(struct schema_context *c, const struct yaml *node, const struct point *p)
{
	const struct modbus_point *m = &p->modbus;

	if (p->has_registers) {
		model_check_number(c, node, "registers", &p->registers);
		model_check_readable(c, node, "registers", &p->registers);
	}
	if (p->has_target) {
		check_written(c, node, "target", &p->target, m->function);
		if (!m->readback.none && !m->readback.given)
			model_check_readable(c, node, "target", &p->target);
	}
	if (m->readback.given) {
		model_check_number(c, node, "readback", &m->readback.registers);
		model_check_readable(c, node, "readback", &m->readback.registers);
	}
}

void model_check_watched(struct schema_context *c, const struct model *m)
{
	const struct register_proof *p = m->modbus.safe_check.items;

	for (size_t i = 0; i < m->modbus.safe_check.n; i++)
		if (p[i].watch)
			schema_problem_at(c, p[i].place, "what is watched belongs to 'state': a device is safe only where it "
					  "is made so");
}

/* Does init leave something else there? */
static bool init_changes(const struct modbus_model *m, const struct register_proof *p)
{
	const struct register_write *w = m->init.items;
	uint8_t bytes[REGISTERS_NUMBER] = { 0 };
	struct err e;

	for (size_t i = 0; i < m->init.n; i++)
		if (w[i].registers.table == p->registers.table && w[i].registers.address == p->registers.address &&
		    registers_encode(&w[i].registers, w[i].value, bytes, &e) == 0 &&
		    registers_decode(&p->registers, bytes) != p->is)
			return true;
	return false;
}

void model_check_registers_power(struct schema_context *c, const struct yaml *node, const struct model *m)
{
	if (!m->modbus.has_power_on)
		return;
	if (m->modbus.power_on.watch)
		schema_problem_at(c, m->modbus.power_on.place, "what is watched belongs to 'state': it is lost at a power-on");
	if (!init_changes(&m->modbus, &m->modbus.power_on))
		schema_problem_key(c, node, "power_on", "nothing in 'init' changes these registers: each attach would look like a "
				   "power-on");
}
