/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recover.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_tree(const char *folder)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Is it one of those that a setup is loaded from? */
static bool is_wanted(const char *what)
{
	static const char *const wanted[] = { "procedure", "bench", "model", "standard", "quantities" };

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (!strcmp(what, wanted[i]))
			return true;
	return false;
}

/* Those lie in a folder, MANYs/NAME.yaml. */
static bool is_one_of_many(const char *what)
{
	return !strcmp(what, "model") || !strcmp(what, "standard");
}

/* Appends a part of a text to its file in the scratch folder. */
static int lay_out(const struct record *r, const char *scratch, struct err *e)
{
	char what[32] = "", name[128] = "", path[600];
	int fd;
	bool bad;

	record_get_string(r, "what", what, sizeof what);
	if (!is_wanted(what))
		return 0;
	record_get_string(r, "name", name, sizeof name);
	if (strchr(name, '/'))
		return err_set(e, ERR_CORRUPT, "a file record is named '%s'", name);
	if (is_one_of_many(what))
		snprintf(path, sizeof path, "%s/%ss/%s.yaml", scratch, what, name);
	else
		snprintf(path, sizeof path, "%s/%s.yaml", scratch, what);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	bad = fd < 0 || write(fd, r->body, r->body_len) != (ssize_t)r->body_len;
	if (bad)
		err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return bad ? -1 : 0;
}

static void note_event(struct recovered *out, const struct record *r)
{
	char event[32] = "";
	int64_t point = -1, attempt = 0;

	record_get_string(r, "event", event, sizeof event);
	record_get_int(r, "point", &point);
	record_get_int(r, "attempt", &attempt);
	if (!strcmp(event, "point.end")) {
		out->next_point = (int32_t)point + 1;
		out->last_attempt = 0;
	} else if (!strcmp(event, "point.begin") && point == out->next_point) {
		out->last_attempt = (int32_t)attempt;
	} else if (!strcmp(event, "hold") || !strcmp(event, "release")) {
		out->held = !strcmp(event, "hold");
	} else if (!strcmp(event, "prompt")) {
		out->asked++;
	} else if (!strcmp(event, "stop.requested") || !strcmp(event, "abort.requested")) {
		out->resumable = false;
	}
}

/* 1 if the record was opened: its start record is there. */
static int walk(struct recovered *out, struct journal_reader *reader, const char *scratch, struct err *e)
{
	struct span resumable;
	struct record r;
	int more, opened = 0;

	while ((more = journal_read_next(reader, &r, e)) > 0) {
		if (r.kind == RECORD_FILE && lay_out(&r, scratch, e) < 0)
			return -1;
		if (r.kind == RECORD_EVENT)
			note_event(out, &r);
		if (r.kind != RECORD_START)
			continue;
		opened = 1;
		record_get_string(&r, "operator", out->operator, sizeof out->operator);
		if (record_get(&r, "resumable", &resumable) == 1)
			json_get_bool(resumable, &out->resumable);
	}
	return more < 0 ? -1 : opened;
}

static int load(struct recovered *out, const char *scratch, struct err *e)
{
	char quantities[600], bench[600], procedure[600];
	struct problems ps = { 0 };
	int failed = 0;

	snprintf(quantities, sizeof quantities, "%s/quantities.yaml", scratch);
	snprintf(bench, sizeof bench, "%s/bench.yaml", scratch);
	snprintf(procedure, sizeof procedure, "%s/procedure.yaml", scratch);
	if (setup_load(&out->setup, quantities, bench, scratch, procedure, &ps) < 0)
		failed = problems_err(&ps, e);
	problems_release(&ps);
	return failed;
}

static int make_folders(const char *scratch)
{
	static const char *const within[] = { "models", "standards" };
	char path[600];

	if (mkdir(scratch, 0777) < 0 && errno != EEXIST)
		return -1;
	for (size_t i = 0; i < sizeof within / sizeof *within; i++) {
		snprintf(path, sizeof path, "%s/%s", scratch, within[i]);
		if (mkdir(path, 0777) < 0)
			return -1;
	}
	return 0;
}

int recover_read(struct recovered *out, const char *folder, uint64_t records, const char *scratch,
		 struct err *e)
{
	struct journal_reader *reader;
	int opened;

	*out = (struct recovered){ 0 };
	remove_tree(scratch);
	if (make_folders(scratch) < 0)
		return err_set(e, ERR_IO, "%s: %s", scratch, strerror(errno));
	if (journal_read_open(&reader, folder, e) < 0)
		return -1;
	journal_read_limit(reader, records);
	opened = walk(out, reader, scratch, e);
	journal_read_close(&reader);
	if (opened > 0)
		opened = load(out, scratch, e);
	remove_tree(scratch);
	return opened < 0 ? -1 : 0;
}

int recover_status(const char *folder, uint64_t records, char *status, size_t size, struct err *e)
{
	struct journal_reader *reader;
	struct record r;
	int found;

	status[0] = '\0';
	if (journal_read_open(&reader, folder, e) < 0)
		return -1;
	journal_read_limit(reader, records);
	found = journal_read_seek(reader, records - 1, e) < 0 ? -1 : journal_read_next(reader, &r, e);
	if (found > 0)
		record_get_string(&r, "status", status, size);
	journal_read_close(&reader);
	return found < 0 ? -1 : 0;
}
