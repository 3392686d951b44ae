/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "journal_place.h"

const struct journal_options journal_small = {
	.segment_bytes = 20000, .reserve_bytes = 16384, .ahead_bytes = 8192,
};

struct err journal_err;

int journal_place_new(void **state)
{
	struct journal_place *p = mem_new(sizeof *p);

	p->folder = folder_new();
	p->path = mem_format("%s/journal", p->folder);
	*state = p;
	return 0;
}

int journal_place_free(void **state)
{
	struct journal_place *p = *state;

	folder_remove(&p->folder);
	free(p->path);
	free(p);
	return 0;
}

char *segment_path(const char *folder, unsigned n)
{
	static char path[512];

	snprintf(path, sizeof path, "%s/%06u", folder, n);
	return path;
}

void append_n(struct journal *j, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		OK(aid_append(j, journal_next_seq(j), JOURNAL_ORDINARY, &journal_err));
}

void make_journal(const char *path, uint64_t records, unsigned group)
{
	struct journal *j;

	OK(journal_create(&j, path, RUN, &journal_small, &journal_err));
	while (journal_next_seq(j) < records) {
		append_n(j, group);
		OK(journal_commit(j, &journal_err));
	}
	journal_close(&j);
	assert_null(j);
}
