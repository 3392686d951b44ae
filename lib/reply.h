/* SPDX-License-Identifier: GPL-3.0-or-later
 * reply.h - from what an instrument said to a value.
 *
 * Pure functions of the model file and the raw bytes, shared by the drivers, which ask, and
 * `etalon verify`, which proves years later that each value is what its raw reply parses to. */
#ifndef REPLY_H
#define REPLY_H

#include "model.h"

/* Parses one reply (terminator already removed; for Modbus the register bytes as they came
 * over the line) for one point.  The value is in the quantity's unit.  ERR_PROTOCOL if it is not
 * what the model file says: wrong form, trailing text, a wrong unit. */
int reply_parse(const struct model *m, const struct point *p, const void *raw, size_t n,
		double *value, enum reading_status *status, struct err *e);

/* Registers (big-endian words as on the line, 2 bytes each; one byte 0/1 for bits) to a number
 * and back; docs in model.h.  registers_bytes: how many line bytes the type takes. */
size_t registers_bytes(const struct registers *r);
size_t registers_words(const struct registers *r);
double registers_decode(const struct registers *r, const uint8_t *bytes);
int    registers_encode(const struct registers *r, double value, uint8_t *bytes, struct err *e);

#endif
