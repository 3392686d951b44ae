/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "whole.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

int whole_open(struct whole *w, const char *path, struct err *e)
{
	*w = (struct whole){ .path = path, .part = mem_format("%s.part", path) };
	w->out = fopen(w->part, "wxe");
	if (w->out)
		return 0;
	err_set(e, ERR_IO, "%s: %s", w->part, strerror(errno));
	free(w->part);
	return -1;
}

int whole_close(struct whole *w, int bad, struct err *e)
{
	if (!bad && (fflush(w->out) || ferror(w->out) || fsync(fileno(w->out)) < 0))
		bad = err_set(e, ERR_IO, "%s: %s", w->part, strerror(errno));
	fclose(w->out);
	if (!bad && rename(w->part, w->path) < 0)
		bad = err_set(e, ERR_IO, "%s: %s", w->path, strerror(errno));
	if (bad)
		unlink(w->part);
	free(w->part);
	return bad ? -1 : 0;
}
