/* SPDX-License-Identifier: GPL-3.0-or-later
 * format.h - how a simulated instrument writes a number: simulate.format of its model. */
#ifndef FORMAT_H
#define FORMAT_H

#include "mem.h"
#include "model.h"

/* The answer of a point: as its format has it, else the shortest number and the suffix. */
void format_value(const struct point *p, double value, struct buf *out);
/* As the point's unstable format has it, if it has one. */
void format_unstable(const struct point *p, double value, struct buf *out);
/* Makes the answer's unit another one: what follows the number, or where nothing does, mV. */
/* The answer to the read-back of a value set. */
void format_readback(const struct point *p, double value, struct buf *out);
void format_other_unit(const struct point *p, struct buf *answer);

#endif
