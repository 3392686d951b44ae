/* SPDX-License-Identifier: GPL-3.0-or-later
 * reply.h - from what an instrument said to a value.
 *
 * Pure functions of the model file and the raw bytes, shared by the drivers, which ask, and
 * `etalon verify`, which proves years later that each value is what its raw reply parses to. */
#ifndef REPLY_H
#define REPLY_H

#include "model.h"

#define REPLY_QUOTE 100

/* Parses one reply (terminator already removed; for Modbus the register bytes as they came
 * over the line) for one point.  The value is in the quantity's unit, NaN unless the status is
 * READING_OK.  ERR_PROTOCOL if it is not what the model file says: wrong form, trailing text, a
 * wrong unit.  Blanks around the whole, and before a suffix, do not matter; a `reply` pattern
 * must match the whole.
 *
 * Sentinels are compared with the number the instrument said (for Modbus: that in the
 * registers), before scaling and units; large ones to 1e-6, as some come through a float32.
 * Without any in the model file, SCPI-99's hold: 9.9E37 and above is overload, -9.9E37 and
 * below underload, 9.91E37 not a number. */
int reply_parse(const struct model *m, const struct point *p, const void *raw, size_t n,
		double *value, enum reading_status *status, struct err *e);

/* A pattern somewhere in n bytes; groups may be NULL.  Bytes of 0 match nothing. */
bool pattern_matches(const struct pattern *p, const char *text, size_t n, regmatch_t *groups, size_t n_groups);

/* Bytes as a message shows them: quoted, unprintable ones as \xNN, cut where too long. */
const char *reply_quote(char out[REPLY_QUOTE], const void *raw, size_t n);

/* Registers (big-endian words as on the line, 2 bytes each; one byte 0/1 for bits) to a number
 * and back; docs in model.h.  registers_bytes: how many line bytes the type takes. */
size_t registers_bytes(const struct registers *r);
size_t registers_words(const struct registers *r);
double registers_number(const struct registers *r, const uint8_t *bytes);   /* before scale and offset */
double registers_decode(const struct registers *r, const uint8_t *bytes);
/* Scale and offset, and back.  A scale such as 0.1, which no double holds, divides by its whole
 * inverse: 3 gives the double nearest to 0.3. */
double registers_apply(const struct registers *r, double number);
double registers_undo(const struct registers *r, double value);
/* ERR_CONFIG: the type cannot hold it.  Integers take the nearest. */
int    registers_encode(const struct registers *r, double value, uint8_t *bytes, struct err *e);

#endif
