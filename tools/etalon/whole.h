/* SPDX-License-Identifier: GPL-3.0-or-later
 * whole.h - an output file that appears whole or not at all: written beside its place as NAME.part, on disk before it gets its
 * name. */
#ifndef WHOLE_H
#define WHOLE_H

#include <stdio.h>

#include "err.h"

struct whole {
	const char *path;
	char *part;
	FILE *out;              /* to write to */
};

/* ERR_IO: also where a NAME.part is there already.  The path is not copied. */
int whole_open(struct whole *w, const char *path, struct err *e);
/* bad: what was to be written could not be, and e says why; then nothing remains of the file.  Returns -1 in that case too. */
int whole_close(struct whole *w, int bad, struct err *e);

#endif
