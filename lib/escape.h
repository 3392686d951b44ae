/* SPDX-License-Identifier: GPL-3.0-or-later
 * escape.h - bytes of an instrument as one line a person can read and type.
 *
 * Printable ASCII stands for itself; \n \r \t \\ and \xNN for the rest.  A blank at the very end is
 * written \x20: nobody would see it.  Hexadecimal is pairs of digits with blanks between. */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>

#include "err.h"
#include "mem.h"

/* Appends the bytes that the text stands for.  ERR_CONFIG names what is wrong with it. */
int  escape_parse(struct buf *out, const char *text, size_t n, struct err *e);
int  escape_parse_hex(struct buf *out, const char *text, size_t n, struct err *e);

void escape_write(struct buf *out, const void *bytes, size_t n);
void escape_write_hex(struct buf *out, const void *bytes, size_t n);

/* Is it more text than not, so that a person would rather read it as such? */
bool escape_is_text(const void *bytes, size_t n);

#endif
