/* SPDX-License-Identifier: GPL-3.0-or-later
 * inputs.h - the hole {inputs} of a question: the list of inputs that were asked for together.
 *
 * Its answer has a field for each in that order, so that which field belongs to which input is known from what was
 * sent, and from nothing else.  Shared by the drivers, which fill the hole, and `etalon verify`, which reads it back. */
#ifndef INPUTS_H
#define INPUTS_H

#include <stdbool.h>

#include "json.h"

#define INPUTS_HOLE "{inputs}"

/* Is the text this question?  list: what stands in its hole; empty where it has none. */
bool inputs_match(const char *question, struct span text, struct span *list);
/* The n-th of the list, from 1.  False: it has fewer. */
bool inputs_nth(struct span list, int64_t n, struct span *one);

#endif
