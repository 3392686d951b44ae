/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recorder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASK_EVERY   (5 * NS_PER_S)
#define ASK_MS      2000
#define LAST_ASK_MS 300                /* on the way out */
#define PIECE       4096               /* records replayed in one turn */
#define HEAR_MOST   4096
#define LOCK_MS     5000

/* Folders. */

/* A new one is made durable in the folder it is in. */
static int make_folder(const char *path, struct err *e)
{
	char *copy = mem_string(path);
	int made = mkdir(path, 0755), bad = made < 0 && errno != EEXIST, fd = -1;

	if (made == 0) {
		fd = open(dirname(copy), O_RDONLY | O_CLOEXEC);
		bad = fd < 0 || fsync(fd) < 0;
	}
	if (bad)
		err_set(e, errno == ENOSPC ? ERR_FULL : ERR_IO, "folder %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(copy);
	return bad ? -1 : 0;
}

/* Before this one is sure that no other is still at work, it touches nothing: one whose daemon
 * was killed needs a moment to see it. */
static int lock_folder(const char *folder, struct err *e)
{
	char *path = mem_format("%s/lock", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644), bad = 0;
	instant by = instant_after_ms(LOCK_MS);

	if (fd < 0)
		bad = err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	while (!bad && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (instant_passed(by))
			bad = err_set(e, ERR_STATE,
				      "%s: another etalon-record is at work on this state folder", path);
		instant_sleep_until(instant_after(20 * NS_PER_MS));
	}
	free(path);
	return bad;                    /* held until the process ends */
}

/* Old live files are of no use: those still needed are made again. */
static void sweep(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		size_t n = strlen(entry->d_name);

		if (n > 3 && !strcmp(entry->d_name + n - 3, ".h5"))
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d)
		closedir(d);
}

/* runs/YYYY, the year as the run's name LAB-YYYYMMDD-NNNN has it. */
static char *year_folder(const struct recorder *r, const char *run, struct err *e)
{
	const char *last = strrchr(run, '-'), *date = last && last - run > 9 ? last - 8 : NULL;
	char *runs = mem_format("%s/runs", r->state), *folder = NULL;

	if (!date || date[-1] != '-' || strspn(date, "0123456789") != 8)
		err_set(e, ERR_CONFIG, "'%s' is no name of a run", run);
	else
		folder = mem_format("%s/%.4s", runs, date);
	if (folder && (make_folder(runs, e) < 0 || make_folder(folder, e) < 0)) {
		free(folder);
		folder = NULL;
	}
	free(runs);
	return folder;
}

static char *archive_path(const struct recorder *r, const char *run, struct err *e)
{
	char *folder = year_folder(r, run, e);
	char *path = folder ? mem_format("%s/%s.h5", folder, run) : NULL;

	free(folder);
	return path;
}

/* Runs. */

static struct followed *find(const struct recorder *r, const char *run)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->runs[i].run, run))
			return &r->runs[i];
	return NULL;
}

static struct followed *follow(struct recorder *r, const char *run)
{
	struct followed *f = find(r, run);

	if (f)
		return f;
	r->runs = mem_grow(r->runs, r->n, sizeof *r->runs);
	f = &r->runs[r->n++];
	*f = (struct followed){ 0 };
	snprintf(f->run, sizeof f->run, "%s", run);
	return f;
}

static void forget(struct recorder *r, struct followed *f)
{
	followed_release(f);
	*f = r->runs[--r->n];
}

/* The daemon. */

static json_t *ask(struct recorder *r, const char *cmd, json_t *args, int ms)
{
	struct err e;
	json_t *answer = client_ask(r->client, cmd, args, ms, &e);

	if (answer)
		log_release(&r->silence, "etalond answers again");
	else
		log_complain(&r->silence, "%s: %s", cmd, e.text);
	return answer;
}

static void note_run(struct recorder *r, const json_t *o)
{
	const char *run = json_string_value(json_object_get(o, "run"));
	const char *state = json_string_value(json_object_get(o, "state"));
	uint64_t records = (uint64_t)json_integer_value(json_object_get(o, "records"));
	struct followed *f;

	if (!run || !state || strlen(run) >= RUN_NAME || json_is_true(json_object_get(o, "sealed")))
		return;
	f = follow(r, run);
	if (f->seen < records)
		f->seen = records;
	if (!strcmp(state, "ended"))
		followed_stop(f);
}

static void ask_for_runs(struct recorder *r)
{
	json_t *answer = ask(r, "run.list", NULL, ASK_MS), *o;
	size_t i;

	r->ask_again = instant_after(ASK_EVERY);
	json_array_foreach(json_object_get(answer, "runs"), i, o)
		note_run(r, o);
	json_decref(answer);
}

struct catching { struct recorder *r; char run[RUN_NAME]; };

static int take(void *who, const struct record *record, struct err *e)
{
	const struct catching *c = who;
	struct followed *f = find(c->r, c->run);

	(void)e;
	if (f && !strcmp(record->run, f->run))
		followed_take(f, record);
	return 0;
}

/* One piece, so that the stream is heard in between. */
static void catch_up(struct recorder *r, struct followed *f)
{
	struct catching c = { .r = r };
	uint64_t from = f->next, next;
	struct err e;

	memcpy(c.run, f->run, sizeof c.run);
	if (client_replay(r->client, c.run, from, from + PIECE, &next, take, &c, &e) < 0)
		log_complain(&r->silence, "replay of %s: %s", c.run, e.text);
	else
		log_release(&r->silence, "etalond answers again");
	if (next == from)
		f->seen = from;        /* asked for again when the next list says there is more */
}

static json_t *tell(struct recorder *r, const struct followed *f, const char *path, int ms)
{
	return ask(r, "run.sealed", json_pack("{s:s, s:s, s:s, s:s}", "run", f->run, "path", path,
					      "digest", f->digest, "head", f->head), ms);
}

/* One in a turn. */
static void tell_sealed(struct recorder *r, int ms)
{
	struct followed *f = NULL;
	json_t *answer = NULL;
	struct err e;
	char *path;

	for (size_t i = 0; i < r->n && !f; i++)
		if (r->runs[i].digest[0] && instant_passed(r->runs[i].seal_again))
			f = &r->runs[i];
	path = f ? archive_path(r, f->run, &e) : NULL;
	if (path)
		answer = tell(r, f, path, ms);
	if (answer)
		forget(r, f);
	else if (f)
		f->seal_again = instant_after(ASK_EVERY);
	free(path);
	json_decref(answer);
}

/* Sealing. */

static bool wants_seal(const struct followed *f)
{
	return f->stopped && !f->digest[0];
}

static void seal(struct recorder *r, struct followed *f)
{
	char *journal = mem_format("%s/journals/%s", r->state, f->run);
	struct err e;
	char *path = archive_path(r, f->run, &e);

	memcpy(r->sealing_run, f->run, sizeof r->sealing_run);
	if (!path || sealing_start(&r->sealing, journal, path, &e) < 0)
		followed_not_sealed(f, &e);
	free(journal);
	free(path);
}

static void seal_next(struct recorder *r)
{
	for (size_t i = 0; i < r->n && !r->sealing.pid; i++)
		if (wants_seal(&r->runs[i]) && instant_passed(r->runs[i].seal_again))
			seal(r, &r->runs[i]);
}

void recorder_sealing_said(struct recorder *r)
{
	struct followed *f = find(r, r->sealing_run);
	struct sealed made;
	struct err e;
	int ended = sealing_read(&r->sealing, &made, &e);

	if (ended > 0 && f) {
		followed_sealed(f, r->live, made.head, made.digest);
		f->seal_again = instant_now();
		log_line(LOG_NOTICE, "%s is sealed: digest %s", f->run, f->digest);
	} else if (ended < 0 && f) {
		followed_not_sealed(f, &e);
	}
}

/* Turns. */

void recorder_hear(struct recorder *r)
{
	struct record record;
	struct err e;
	int heard = 1;

	for (int i = 0; i < HEAR_MOST && heard; i++) {
		heard = client_heard(r->client, &record, &e);
		if (heard > 0)
			followed_take(follow(r, record.run), &record);
		else if (heard < 0)
			log_line(LOG_WARNING, "a message of the stream is passed over: %s", e.text);
	}
}

static void flush(struct recorder *r)
{
	for (size_t i = 0; i < r->n; i++)
		followed_flush(&r->runs[i]);
	r->flush_again = instant_after(r->live_ns);
}

bool recorder_turn(struct recorder *r)
{
	bool lag = false;

	if (instant_passed(r->ask_again))
		ask_for_runs(r);
	for (size_t i = 0; i < r->n && !lag; i++) {
		lag = followed_lags(&r->runs[i], r->live);
		if (lag)
			catch_up(r, &r->runs[i]);
	}
	if (instant_passed(r->flush_again))
		flush(r);
	seal_next(r);
	tell_sealed(r, ASK_MS);
	return lag;
}

instant recorder_next(const struct recorder *r)
{
	instant next = r->ask_again;

	for (size_t i = 0; i < r->n; i++) {
		const struct followed *f = &r->runs[i];

		if (f->dirty && r->flush_again < next)
			next = r->flush_again;
		if (f->stopped && !r->sealing.pid && f->seal_again < next)
			next = f->seal_again;
	}
	return next;
}

void recorder_finish(struct recorder *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (wants_seal(&r->runs[i]))
			r->runs[i].seal_again = instant_now();
	do {
		while (r->sealing.pid)
			recorder_sealing_said(r);
		tell_sealed(r, LAST_ASK_MS);
		seal_next(r);
	} while (r->sealing.pid);
}

int recorder_open(struct recorder *r, const char *control, const char *stream, const char *state,
		  struct err *e)
{
	r->state = mem_string(state);
	r->live = mem_format("%s/live", state);
	if (make_folder(r->live, e) < 0 || lock_folder(r->live, e) < 0)
		return -1;
	sweep(r->live);
	if (client_open(&r->client, control, e) < 0)
		return -1;
	r->stream = client_listen(r->client, stream, "", e);
	return r->stream ? 0 : -1;
}

void recorder_close(struct recorder *r)
{
	sealing_kill(&r->sealing);
	for (size_t i = 0; i < r->n; i++)
		followed_release(&r->runs[i]);
	free(r->runs);
	client_close(&r->client);
	free(r->state);
	free(r->live);
}
