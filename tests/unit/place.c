/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "place.h"

#include "folder.h"

struct err place_err;

int place_new(void **state)
{
	struct place *p = mem_new(sizeof *p);

	p->folder = folder_new();
	p->journal = mem_format("%s/journal", p->folder);
	p->file = mem_format("%s/run.h5", p->folder);
	*state = p;
	return 0;
}

int place_free(void **state)
{
	struct place *p = *state;

	folder_remove(&p->folder);
	free(p->journal);
	free(p->file);
	free(p);
	return 0;
}
