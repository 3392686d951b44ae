/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive_read.h"
#include "journal.h"

struct records {
	char *where;
	struct journal_reader *journal; /* one of these two */
	struct archive_reader *archive;
};

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The journal folder meant by a run's identity; NULL if it is not one, or not here. */
static char *journal_of(const char *run)
{
	char *folder;

	if (strchr(run, '/'))
		return NULL;
	folder = where_journal(run);
	if (is_folder(folder))
		return folder;
	free(folder);
	return NULL;
}

static char *find(const char *what, struct err *e)
{
	struct stat st;
	char *folder;

	if (stat(what, &st) == 0)
		return mem_string(what);
	if (errno != ENOENT) {
		err_set(e, ERR_IO, "%s: %s", what, strerror(errno));
		return NULL;
	}
	folder = journal_of(what);
	if (!folder)
		err_set(e, ERR_CONFIG,
			"'%s' is neither a journal folder, nor an archive, nor a run with a journal "
			"in %s/journals; `etalon list` names the runs",
			what, where_state());
	return folder;
}

int records_open(struct records **s, const char *what, struct err *e)
{
	char *where = find(what, e);
	int bad;

	*s = NULL;
	if (!where)
		return -1;
	*s = mem_new(sizeof **s);
	(*s)->where = where;
	if (is_folder(where))
		bad = journal_read_open(&(*s)->journal, where, e);
	else
		bad = archive_read_open(&(*s)->archive, where, e);
	if (bad)
		records_close(s);
	return bad;
}

int records_next(struct records *s, struct record *r, struct err *e)
{
	return s->journal ? journal_read_next(s->journal, r, e) : archive_read_next(s->archive, r, e);
}

const char *records_where(const struct records *s)
{
	return s->where;
}

void records_close(struct records **s)
{
	if (!*s)
		return;
	journal_read_close(&(*s)->journal);
	archive_read_close(&(*s)->archive);
	free((*s)->where);
	free(*s);
	*s = NULL;
}
