/* SPDX-License-Identifier: GPL-3.0-or-later
 * reply.h - from what an instrument said to a value.
 *
 * Pure functions of the model file and the raw bytes, shared by the drivers, which ask, and
 * `etalon verify`, which proves years later that each value is what its raw reply parses to. */
#ifndef REPLY_H
#define REPLY_H

#include "model.h"

#define REPLY_QUOTE 100

/* The text within a reply whose frame the model file describes; without a frame the reply itself.
 * ERR_PROTOCOL: the frame or its checksum is not as it should be. */
int reply_open(const struct model *m, struct span raw, struct span *text, struct err *e);

/* Is this message of a talker one of the point's, with a number or with the sign that there is none? */
bool reply_heard(const struct point *p, struct span text);

/* Parses one reply (terminator already removed, but with its frame, if it has one; for Modbus the
 * register bytes as they came over the line, behind them those of the point's `status`) for one
 * point.  The value is in the quantity's unit, NaN unless the status has one (reading_has_value):
 * READING_OUT_OF_RANGE keeps it, beyond low or high by more than the point's overrange.  ERR_PROTOCOL if it is not what the model file says: wrong form, trailing text, a
 * wrong unit.  Blanks around the whole, and before a suffix, do not matter; a `reply` pattern
 * must match the whole.
 *
 * Sentinels are compared with the number the instrument said (for Modbus: that in the
 * registers), before scaling and units; large ones to 1e-6, as some come through a float32.
 * Without any in the model file, SCPI-99's hold: 9.9E37 and above is overload, -9.9E37 and
 * below underload, 9.91E37 not a number. */
int reply_parse(const struct model *m, const struct point *p, const void *raw, size_t n,
		double *value, enum reading_status *status, struct err *e);

/* The same where the question, not the model file, decided which field of the reply it is. */
int reply_parse_field(const struct model *m, const struct point *p, int64_t field, const void *raw, size_t n,
		      double *value, enum reading_status *status, struct err *e);

/* Adds to `found` which of an array's numbers, or of those of a part of it, are sentinels, by the same rules.  The
 * bytes are those of block_split: whole numbers. */
void reply_array(const struct model *m, const struct block_form *f, struct span bytes, struct block_marks *found);

/* The sentinels that such an array has beside those of its model file: SCPI-99's, or none.  Returns how many. */
size_t reply_usual_sentinels(const struct block_form *f, const struct sentinel **list);

/* The answer to an array's `count_ask`: a whole number of at least 1. */
int reply_count(struct span reply, uint64_t *count, struct err *e);

/* Without the blanks, tabs and carriage returns around it. */
struct span reply_trim(struct span s);

/* Bytes as a message shows them: quoted, unprintable ones as \xNN, cut where too long. */
const char *reply_quote(char out[REPLY_QUOTE], const void *raw, size_t n);

/* How many bytes the raw reading of a Modbus point has: those of its registers, then those of each `status`. */
size_t reply_registers_bytes(const struct point *p);

#endif
