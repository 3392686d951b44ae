/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_registers.c - the keys of a model file that only Modbus devices have. */
#include "model_parts.h"

static const char *const tables[] = { "holding", "input", "coil", "discrete", NULL };
static const char *const types[] = { "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32",
				    "float64", "bcd16", "bcd32", "text", "bit", NULL };
static const char *const orders[] = { "ABCD", "CDAB", "BADC", "DCBA", NULL };
static const char *const meanings[] = { "overload", "underload", "not_a_number", "unstable", NULL };

#define AT(field) .offset = offsetof(struct registers, bits.field)
static const struct schema_row bits_rows[] = {
	{ .key = "from", .type = S_INT, AT(from), .low = 0, .high = 63, .required = true,
	  .help = "the lowest of the bits; 0 is the least significant" },
	{ .key = "count", .type = S_INT, AT(count), .low = 1, .high = 63, .fallback = "1",
	  .help = "how many bits" },
	{ 0 }
};
#undef AT

/* Its rows fill struct registers itself. */
static const struct schema bits_schema = { .what = "a field of bits", .rows = bits_rows };

#define AT(field) .offset = offsetof(struct registers, field)
static const struct schema_row registers_rows[] = {
	{ .key = "table", .type = S_ENUM, AT(table), .words = tables, .fallback = "holding",
	  .help = "which of the four tables of the device" },
	{ .key = "address", .type = S_INT, AT(address), .low = 0, .high = 65535, .required = true,
	  .help = "the first register, as it goes over the line, from 0 (not 40001)" },
	{ .key = "type", .type = S_ENUM, AT(type), .words = types, .required = true,
	  .help = "what the registers hold; bit for coils and discrete inputs, text to prove an identity" },
	{ .key = "count", .type = S_INT, AT(count), .low = 1, .high = REGISTERS_TEXT / 2 - 1,
	  .help = "how many registers a text has, two characters in each" },
	{ .key = "order", .type = S_ENUM, AT(order), .words = orders, .fallback = "ABCD",
	  .help = "order of the bytes over the line, A the most significant: CDAB has its words swapped, "
		  "BADC its bytes, DCBA both" },
	{ .key = "bits", .type = S_MAP, .sub = &bits_schema,
	  .help = "the number is a field of bits of this integer; of a signed type it has a sign" },
	{ .key = "scale", .type = S_NUMBER, AT(scale), .fallback = "1",
	  .help = "the value is scale times the number in the registers, plus offset" },
	{ .key = "offset", .type = S_NUMBER, AT(offset), .fallback = "0",
	  .help = "added after scaling, in the unit of the point" },
	{ 0 }
};
#undef AT

const struct schema registers_schema = {
	.what = "a register", .size = sizeof(struct registers), .rows = registers_rows,
	.check = model_check_registers,
};

#define AT(field) .offset = offsetof(struct register_write, field)
static const struct schema_row write_rows[] = {
	{ .key = "registers", .type = S_MAP, AT(registers), .sub = &registers_schema, .required = true,
	  .help = "where it is written" },
	{ .key = "write", .type = S_NUMBER, AT(value), .required = true,
	  .help = "the value they are given, after scale and offset" },
	{ .key = "function", .type = S_INT, AT(function), .low = 5, .high = 22,
	  .help = "the function code that writes: 5, 6, 15, 16, or 22 for a field of bits; without it 5, 6 or 16, the first that can" },
	{ 0 }
};
#undef AT

const struct schema write_schema = {
	.what = "a write", .size = sizeof(struct register_write), .rows = write_rows,
	.place = offsetof(struct register_write, place), .check = model_check_write,
};

#define AT(field) .offset = offsetof(struct register_proof, field)
static const struct schema_row proof_rows[] = {
	{ .key = "registers", .type = S_MAP, AT(registers), .sub = &registers_schema, .required = true,
	  .help = "what is read" },
	{ .key = "is", .type = S_NUMBER, AT(is), .required = true,
	  .help = "the value they must hold, after scale and offset" },
	{ .key = "watch", .type = S_BOOL, AT(watch), .fallback = "no",
	  .help = "of a state: read beside every reading too, so that a device whose power was cut is brought into its "
		  "state again before a reading is believed" },
	{ 0 }
};
#undef AT

const struct schema proof_schema = {
	.what = "a proof", .size = sizeof(struct register_proof), .rows = proof_rows,
	.place = offsetof(struct register_proof, place), .check = model_check_proof,
};

#define AT(field) .offset = offsetof(struct register_poll, field)
static const struct schema_row poll_rows[] = {
	{ .key = "registers", .type = S_MAP, AT(registers), .sub = &registers_schema, .required = true,
	  .help = "what is read again and again" },
	{ .key = "is", .type = S_NUMBER, AT(is), .required = true,
	  .help = "until they hold this value, after scale and offset" },
	{ .key = "every", .type = S_DURATION, AT(every_ns), .low = 0.001, .high = 60, .fallback = "200 ms",
	  .help = "how long to wait between two looks" },
	{ .key = "within", .type = S_DURATION, AT(within_ns), .low = 0.001, .high = 3600, .required = true,
	  .help = "how long it may take" },
	{ 0 }
};
#undef AT

const struct schema poll_schema = {
	.what = "a wait", .size = sizeof(struct register_poll), .rows = poll_rows, .check = model_check_poll,
};

#define AT(field) .offset = offsetof(struct register_status, field)
static const struct schema_row status_rows[] = {
	{ .key = "registers", .type = S_MAP, AT(registers), .sub = &registers_schema, .required = true,
	  .help = "what is read beside the reading, in the same request where the device allows it" },
	{ .key = "is", .type = S_NUMBER, AT(is), .given = offsetof(struct register_status, has_is),
	  .help = "it applies while they hold this value; without it, while they hold anything but 0" },
	{ .key = "means", .type = S_ENUM, AT(status), .words = meanings, .low = READING_OVERLOAD, .required = true,
	  .help = "what the reading is marked with then, instead of a value" },
	{ 0 }
};
#undef AT

const struct schema register_status_schema = {
	.what = "a status", .size = sizeof(struct register_status), .rows = status_rows,
	.place = offsetof(struct register_status, place), .check = model_check_status,
};

#define AT(field) .offset = offsetof(struct readable, field)
static const struct schema_row readable_rows[] = {
	{ .key = "table", .type = S_ENUM, AT(table), .words = tables, .fallback = "holding",
	  .help = "which of the four tables" },
	{ .key = "from", .type = S_INT, AT(from), .low = 0, .high = 65535, .required = true,
	  .help = "the first register of the block" },
	{ .key = "count", .type = S_INT, AT(count), .low = 1, .high = 65536, .required = true,
	  .help = "how many it has" },
	{ 0 }
};
#undef AT

static const struct schema readable_schema = {
	.what = "a readable block", .size = sizeof(struct readable), .rows = readable_rows,
	.place = offsetof(struct readable, place),
};

#define AT(field) .offset = offsetof(struct model, modbus.field)
static const struct schema_row modbus_rows[] = {
	{ .key = "span", .type = S_INT, AT(span), .low = 1, .high = 125, .fallback = "125",
	  .help = "most registers the device gives in one request" },
	{ .key = "bit_span", .type = S_INT, AT(bit_span), .low = 1, .high = 2000, .fallback = "2000",
	  .help = "most coils or discrete inputs it gives in one request" },
	{ .key = "gap", .type = S_INT, AT(gap), .low = 0, .high = 124, .fallback = "0",
	  .help = "how many registers that nobody asked for may be read over" },
	{ .key = "readable", .type = S_LIST, AT(readable), .sub = &readable_schema,
	  .help = "blocks within which everything may be read; a request never leaves one, and of a table that has "
		  "any nothing else is read" },
	{ .key = "turnaround", .type = S_DURATION, AT(turnaround_ns), .low = 0, .high = 10, .fallback = "0 s",
	  .help = "silence on the line that the device needs before a request, where 3.5 characters are too short" },
	{ 0 }
};
#undef AT

const struct schema modbus_schema = { .what = "modbus", .rows = modbus_rows, .check = model_check_modbus };

static const char readback_form[] = "the registers to read back, or no";

/* `no`, or registers of their own. */
void modbus_read_readback(struct schema_context *c, const struct yaml *node, void *field)
{
	struct point *p = (struct point *)(void *)((char *)field - offsetof(struct point, modbus.readback));

	if (node->kind == YAML_TEXT && !strcmp(node->text, "no"))
		p->modbus.readback.none = true;
	else if (node->kind == YAML_MAP && !schema_read(&registers_schema, c, node, &p->modbus.readback.registers))
		p->modbus.readback.given = true;
	else if (node->kind != YAML_MAP)
		schema_problem(c, node, "readback: expected %s", readback_form);
}

bool model_is_modbus(const struct schema_context *c)
{
	const struct model_loading *l = c->user;

	return l->model->manner == MANNER_MODBUS;
}
