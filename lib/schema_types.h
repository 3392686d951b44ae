/* SPDX-License-Identifier: GPL-3.0-or-later
 * schema_types.h - one value of one row: the types of schema.h.  For schema.c alone. */
#ifndef SCHEMA_TYPES_H
#define SCHEMA_TYPES_H

#include "schema.h"

void schema_release_value(const struct schema_row *row, void *field);   /* leaves it empty */
void schema_describe(const struct schema_row *row, struct buf *out);    /* "a whole number from 1 to 9" */

#endif
