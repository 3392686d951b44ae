/* SPDX-License-Identifier: GPL-3.0-or-later
 * values.h - is each value what its raw reply parses to under the model file of the run?
 *
 * And is it what was asked for (exchanges.h)?  Records are given in order.  The texts the run rests on are checked against their own
 * SHA-256 on the way. */
#ifndef VALUES_H
#define VALUES_H

#include "members.h"
#include "record.h"
#include "report.h"

struct values;

struct values *values_new(struct archive_report *report);
void values_add(struct values *v, const struct record *r, struct members *m);
void values_end(struct values **v);            /* checks the last text, and frees */

#endif
