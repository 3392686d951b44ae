/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_unit.h - {unit} in the texts of a model file: which of the instruments on one line it is.
 *
 * Instruments that share a line are told apart by what is said, in commands, in replies and in what stands around them.
 * So a model file that says {unit} is loaded anew for each unit of a bench, with the number of its address in the place
 * of the words, before anything else is made of it: whatever the file says of a reply, that of another unit does not
 * match.  {unit:02} is the number with two digits, {unit:X} and {unit:02X} are hexadecimal. */
#ifndef MODEL_UNIT_H
#define MODEL_UNIT_H

#include "problem.h"
#include "yaml.h"

#define MODEL_UNIT_USUAL 1             /* where an address states none */

/* Does the file say it anywhere? */
bool model_unit_named(const struct source *s);
/* Fills in every text of the tree.  A hole that is none of these forms is a problem. */
void model_unit_fill(struct yaml *root, int unit, const struct source *s, struct problems *ps);

#endif
