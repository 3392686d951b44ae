/* SPDX-License-Identifier: GPL-3.0-or-later
 * vocabulary.h - which quantities.yaml a file is to be read against when no daemon says so. */
#ifndef VOCABULARY_H
#define VOCABULARY_H

/* `asked` if it is set, else the nearest quantities.yaml: beside the file, in one of the two
 * folders above it, or /etc/etalon's.  The caller frees it. */
char *vocabulary_path(const char *file, const char *asked);

#endif
