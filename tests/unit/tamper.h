/* SPDX-License-Identifier: GPL-3.0-or-later
 * tamper.h - a forger's hand in an HDF5 file.  Every function aborts if it cannot. */
#ifndef TAMPER_H
#define TAMPER_H

#include <stddef.h>

void tamper_number(const char *file, const char *dataset, size_t row, double value);
void tamper_byte(const char *file, const char *dataset, size_t row, int with);      /* xor */
void tamper_text(const char *file, const char *dataset, const char *text);          /* a scalar */
void tamper_attribute(const char *file, const char *object, const char *name, const char *text);
void tamper_remove(const char *file, const char *path);
void tamper_add(const char *file, const char *path);
void tamper_reseal(const char *file);             /* makes the digest of the seal right again */

#endif
