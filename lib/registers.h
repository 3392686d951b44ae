/* SPDX-License-Identifier: GPL-3.0-or-later
 * registers.h - Modbus registers and the numbers and texts in them.
 *
 * Bytes are those of the line: big-endian words, two bytes a register, or one byte 0 or 1 for a coil or a discrete
 * input.  Our own, because libmodbus 3.1.6 has float setters that are not the inverse of its getters. */
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum register_table { TABLE_HOLDING, TABLE_INPUT, TABLE_COIL, TABLE_DISCRETE };
enum register_type {
	TYPE_INT16, TYPE_UINT16, TYPE_INT32, TYPE_UINT32, TYPE_INT64, TYPE_UINT64, TYPE_FLOAT32, TYPE_FLOAT64,
	TYPE_BCD16, TYPE_BCD32,          /* four, eight decimal digits, the most significant first */
	TYPE_TEXT,                       /* two characters a register, ended by NULs or blanks */
	TYPE_BIT,
};
/* The order names the bytes A (most significant) to D as they come over the line; for 16-bit types
 * only AB (or BA) of it matters, for 64-bit types it is applied to words likewise (ABCD: big end
 * first; CDAB: words swapped; BADC: bytes swapped; DCBA: both).  A text has ABCD or BADC. */
enum register_order { ORDER_ABCD, ORDER_CDAB, ORDER_BADC, ORDER_DCBA };

#define REGISTERS_NUMBER 8               /* most bytes of a number */
#define REGISTERS_TEXT   64              /* of a text, with NUL */

struct registers {
	int table, type, order;          /* the enums above */
	int64_t address;                 /* as on the wire, from 0 */
	int64_t count;                   /* of a text: how many registers */
	struct { int64_t from, count; } bits;    /* a field of an integer, bit 0 the least; count 0: the whole */
	double scale, offset;            /* value = scale * number + offset */
};

bool   table_of_bits(int table);
const char *table_name(int table);               /* "input registers" */
uint8_t table_read_function(int table);          /* the Modbus function that reads it */

size_t registers_words(const struct registers *r);       /* registers, or one coil */
size_t registers_bytes(const struct registers *r);       /* of the line */
bool   registers_same(const struct registers *a, const struct registers *b);     /* one place, one meaning */

/* What belongs to them in the answer to a read of their table that began at `from`. */
void   registers_cut(const struct registers *r, int64_t from, const uint8_t *answer, uint8_t *bytes);

/* Before scale and offset.  NaN: decimal digits that are none.  A field of a signed type has a sign.
 * 64-bit integers beyond 2^53 go to the nearest double. */
double registers_number(const struct registers *r, const uint8_t *bytes);
/* Scale and offset, and back.  A scale such as 0.1, which no double holds, divides by its whole
 * inverse: 3 gives the double nearest to 0.3. */
double registers_apply(const struct registers *r, double number);
double registers_undo(const struct registers *r, double value);
double registers_decode(const struct registers *r, const uint8_t *bytes);
/* ERR_CONFIG: the type cannot hold it.  Integers take the nearest.  A field changes its bits in what
 * `bytes` holds; anything else fills them. */
int    registers_encode(const struct registers *r, double value, uint8_t *bytes, struct err *e);
/* The bits of a field, as they stand on the line: 1 where it does. */
void   registers_mask(const struct registers *r, uint8_t *bytes);

/* ERR_PROTOCOL: a byte that is no printable ASCII.  NULs and blanks at the end are cut off. */
int    registers_text(const struct registers *r, const uint8_t *bytes, char out[REGISTERS_TEXT], struct err *e);
void   registers_put_text(const struct registers *r, const char *text, uint8_t *bytes);  /* cut where too long */

#endif
