/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_registers.c - the keys of a model file that only Modbus devices have. */
#include "model_parts.h"

static const char *const tables[] = { "holding", "input", "coil", "discrete", NULL };
static const char *const types[] = { "int16", "uint16", "int32", "uint32", "float32",
				    "float64", "bit", NULL };
static const char *const orders[] = { "ABCD", "CDAB", "BADC", "DCBA", NULL };

#define AT(field) .offset = offsetof(struct registers, field)
static const struct schema_row registers_rows[] = {
	{ .key = "table", .type = S_ENUM, AT(table), .words = tables, .fallback = "holding",
	  .help = "which of the four tables of the device" },
	{ .key = "address", .type = S_INT, AT(address), .low = 0, .high = 65535, .required = true,
	  .help = "the first register, as it goes over the line, from 0 (not 40001)" },
	{ .key = "type", .type = S_ENUM, AT(type), .words = types, .required = true,
	  .help = "what the registers hold; bit for coils and discrete inputs" },
	{ .key = "order", .type = S_ENUM, AT(order), .words = orders, .fallback = "ABCD",
	  .help = "order of the bytes over the line, A the most significant: CDAB has its words swapped, "
		  "BADC its bytes, DCBA both" },
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

#define AT(field) .offset = offsetof(struct model, field)
static const struct schema_row modbus_rows[] = {
	{ .key = "span", .type = S_INT, AT(modbus.span), .low = 1, .high = 125, .fallback = "125",
	  .help = "most registers the device gives in one request" },
	{ .key = "gap", .type = S_INT, AT(modbus.gap), .low = 0, .high = 124, .fallback = "0",
	  .help = "how many registers that nobody asked for may be read over" },
	{ 0 }
};
#undef AT

const struct schema modbus_schema = { .what = "modbus", .rows = modbus_rows };
