/* SPDX-License-Identifier: GPL-3.0-or-later
 * truth.h - the file in which the simulation says what was really the case.
 *
 * JSON lines.  The first names what was played: {"bench", "seed"}.  Then, for every answer to a
 * measuring question, one per quantity in it
 *
 *     {"utc_ns", "role", "quantity", "node", "truth", "unit", "ideal", "value", "said", "fault"}
 *
 * truth: the node's true value at utc_ns, the centre of the measurement, in V, degC or %;
 * ideal: what an instrument without errors, noise and steps would have said, in `unit`, the
 * instrument's; value: what this one measured; said: its answer without terminator (Modbus:
 * the register bytes), byte 0xNN as character U+00NN, the same text as `raw` in a reading's
 * record; fault: the one that struck this answer, or null.  For every set that took effect
 *
 *     {"utc_ns", "role", "quantity", "node", "unit", "set", "fault"}
 *
 * and for every fault that struck instead of an answer (nak, exception)
 *
 *     {"utc_ns", "role", "fault"}
 *
 * Lines are buffered; truth_flush puts them into the file.  Any thread; NULL writes nothing. */
#ifndef TRUTH_H
#define TRUTH_H

#include "err.h"
#include "json.h"

struct truth;

struct truth_entry {
	int64_t utc_ns;
	const char *role, *quantity, *node, *unit, *fault;     /* quantity NULL: a fault alone */
	double truth, ideal, value;
	struct span said;            /* p NULL: a set of `value` */
};

int  truth_open(struct truth **t, const char *path, const char *bench, int64_t seed, struct err *e);
void truth_write(struct truth *t, const struct truth_entry *entry);
void truth_fault(struct truth *t, const char *role, const char *fault);        /* it struck instead of an answer */
void truth_flush(struct truth *t);
void truth_close(struct truth **t);

#endif
