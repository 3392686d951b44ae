/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines.h - a record as one line, for people or for programs. */
#ifndef LINES_H
#define LINES_H

#include <stdio.h>

#include "record.h"

void lines_text(const struct record *r, FILE *out);     /* seq, time, kind, channel, what it says */
void lines_json(const struct record *r, FILE *out);     /* its header as it is */

#endif
