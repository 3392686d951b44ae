/* SPDX-License-Identifier: GPL-3.0-or-later
 * nearest.h - "did you mean": the known word that a mistyped one was probably meant to be. */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

/* Edits (insert, delete, replace, swap two neighbours) between two words, letter case free.
 * Words beyond 63 bytes are taken for quite different. */
unsigned nearest_distance(const char *a, const char *b);

/* One of the n words, or NULL if none is near: an edit for every three letters at most, or only
 * its end missing ("serial" for "serial_number"). */
const char *nearest_word(const char *wrong, const char *const *words, size_t n);

/* For a caller whose words are not an array: start with { .word = NULL } and offer them all. */
struct nearest {
	const char *word;
	unsigned distance;
};
void nearest_offer(struct nearest *best, const char *wrong, const char *word);

/* The same of the names of a folder's YAML files, without their ending.  The caller frees it. */
char *nearest_file(const char *folder, const char *wrong);

#endif
