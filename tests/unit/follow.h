/* SPDX-License-Identifier: GPL-3.0-or-later
 * follow.h - an HDF5 reader that follows a live file while another has it open to write.
 *
 * HDF5 opens a file only once in a process, so each look is a child process. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <stddef.h>

long   follow_rows(const char *file, const char *table);                  /* -1: it cannot be read */
double follow_number(const char *file, const char *table, const char *member, size_t row);   /* NaN */

#endif
