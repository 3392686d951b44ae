/* SPDX-License-Identifier: GPL-3.0-or-later
 * grid.h - columns of text on a terminal.  Numbers line up at their decimal point. */
#ifndef GRID_H
#define GRID_H

#include <stdio.h>

#include "mem.h"

struct grid;

/* columns: one letter each: l left, r right, d at the decimal point. */
struct grid *grid_new(const char *columns);
void grid_heading(struct grid *t, const char *const *words);     /* a cell each; NULL last */
void grid_cell(struct grid *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void grid_print(const struct grid *t, const char *indent, FILE *out);
void grid_free(struct grid **t);

/* How many columns of the terminal a UTF-8 text takes. */
size_t text_width(const char *s);

#endif
