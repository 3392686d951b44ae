/* SPDX-License-Identifier: GPL-3.0-or-later
 * folder.h - a folder of its own for a test, and files in it. */
#ifndef FOLDER_H
#define FOLDER_H

#include <stddef.h>

char *folder_new(void);                  /* under $TMPDIR or /tmp; the caller frees the name */
void folder_remove(char **folder);       /* with all that is in it, and frees the name */

char *file_read(const char *path, size_t *n);              /* the caller frees it */
void file_write(const char *path, const void *data, size_t n);
char *folder_put(const char *folder, const char *name, const char *text);   /* the path, to be freed */
void file_flip(const char *path, long at, int with);       /* xors one byte */

#endif
