/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sched.h>
#include <unistd.h>

#include "folder.h"
#include "journal.h"
#include "journal_aid.h"

#define RUN "LAB-20261124-0001"

static const struct journal_options small = {
	.segment_bytes = 20000, .reserve_bytes = 16384, .ahead_bytes = 8192,
};

static struct err e;

#define OK(expression) do { \
	if ((expression) < 0) \
		fail_msg("%s: %s", #expression, e.text); \
} while (0)

#define FAILS(expression, expected) do { \
	if ((expression) >= 0) \
		fail_msg("%s succeeded", #expression); \
	if (e.code != (expected)) \
		fail_msg("%s: %s, not %s: %s", #expression, err_word(e.code), err_word(expected), e.text); \
} while (0)

struct place {
	char *folder, *path;       /* a folder, and the journal's in it */
};

static int make_place(void **state)
{
	struct place *p = mem_new(sizeof *p);

	p->folder = folder_new();
	p->path = mem_format("%s/journal", p->folder);
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	folder_remove(&p->folder);
	free(p->path);
	free(p);
	return 0;
}

static char *segment_path(const char *folder, unsigned n)
{
	static char path[512];

	snprintf(path, sizeof path, "%s/%06u", folder, n);
	return path;
}

static void append_n(struct journal *j, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		OK(aid_append(j, journal_next_seq(j), JOURNAL_ORDINARY, &e));
}

static void make_journal(const char *path, uint64_t records, unsigned group)
{
	struct journal *j;

	OK(journal_create(&j, path, RUN, &small, &e));
	while (journal_next_seq(j) < records) {
		append_n(j, group);
		OK(journal_commit(j, &e));
	}
	journal_close(&j);
	assert_null(j);
}

static void what_goes_in_comes_out(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_summary s;

	make_journal(path, 600, 10);
	assert_int_equal(aid_read_all(path, &e), 600);
	OK(journal_verify(path, &s, &e));
	assert_int_equal(s.records, 600);
	assert_string_equal(s.run, RUN);
	assert_true(s.segments > 5);
	assert_false(s.stopped);
	assert_int_equal(s.counts.kinds[RECORD_EVENT], 120);
	journal_summary_release(&s);
}

static void nothing_is_shown_before_it_is_durable(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal *j;

	OK(journal_create(&j, path, RUN, NULL, &e));
	assert_int_equal(aid_read_all(path, &e), 0);
	append_n(j, 3);
	assert_int_equal(journal_next_seq(j), 3);
	assert_int_equal(journal_acknowledged(j), 0);
	assert_true(journal_pending(j) > 0);
	assert_int_equal(aid_read_all(path, &e), 0);
	OK(journal_commit(j, &e));
	assert_int_equal(journal_acknowledged(j), 3);
	assert_int_equal(journal_pending(j), 0);
	assert_int_equal(aid_read_all(path, &e), 0);       /* no commit frame says so yet */
	append_n(j, 1);
	OK(journal_commit(j, &e));
	assert_int_equal(aid_read_all(path, &e), 3);
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &e), 4);
}

static void records_handed_out_stay(void **state)
{
	const char *path = ((struct place *)*state)->path;
	static struct record at[2000];
	struct journal *j;
	struct aid a;

	OK(journal_create(&j, path, RUN, NULL, &e));
	for (int round = 0; round < 2; round++) {
		uint64_t from = journal_next_seq(j);

		for (uint64_t i = 0; i < 2000; i++) {
			OK(journal_append(j, aid_draft(&a, from + i), JOURNAL_ORDINARY, &at[i], &e));
		}
		OK(journal_commit(j, &e));
		for (uint64_t i = 0; i < 2000; i++) {
			struct record r;

			assert_true(aid_is(&at[i], from + i));
			OK(record_decode(&r, at[i].header, at[i].body, at[i].body_len, &e));
			assert_true(r.nth == at[i].nth && !memcmp(r.prev, at[i].prev, HASH_SIZE));
			assert_string_equal(r.boot, at[i].boot);
			assert_string_equal(r.run, at[i].run);
		}
	}
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &e), 4000);
}

static void reopening_goes_on(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_recovery found;
	struct journal_summary s;
	struct journal *j;

	make_journal(path, 100, 7);
	for (int i = 0; i < 20; i++) {
		OK(journal_open(&j, path, &small, &found, &e));
		assert_int_equal(found.records, 105 + i * 10);
		assert_int_equal(found.cut_bytes, 0);
		assert_false(found.stopped);
		assert_string_equal(journal_run(j), RUN);
		append_n(j, 10);
		OK(journal_commit(j, &e));
		journal_close(&j);
	}
	OK(journal_verify(path, &s, &e));
	assert_int_equal(s.records, 305);
	journal_summary_release(&s);
	assert_int_equal(aid_read_all(path, &e), 305);
}

/* A journal whose process died: the lock is gone, nothing was trimmed. */
static void die_with(const char *path, unsigned groups, unsigned pending)
{
	pid_t pid = fork();
	struct journal *j;

	if (pid == 0) {
		if (journal_create(&j, path, RUN, &small, &e) < 0)
			_exit(1);
		for (unsigned i = 0; i < groups; i++) {
			for (int k = 0; k < 5; k++)
				aid_append(j, journal_next_seq(j), JOURNAL_ORDINARY, &e);
			if (journal_commit(j, &e) < 0)
				_exit(1);
		}
		for (unsigned i = 0; i < pending; i++)
			aid_append(j, journal_next_seq(j), JOURNAL_ORDINARY, &e);
		_exit(0);
	}
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void the_dead_are_recovered(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_recovery found;
	struct journal *j;

	die_with(path, 20, 3);
	assert_int_equal(aid_read_all(path, &e), 95);
	OK(journal_open(&j, path, &small, &found, &e));
	assert_int_equal(found.records, 100);
	assert_int_equal(journal_acknowledged(j), 100);
	append_n(j, 5);
	OK(journal_commit(j, &e));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &e), 105);
}

static void a_torn_tail_is_cut(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_recovery found;
	struct journal_summary s;
	struct journal *j;
	size_t n;
	char *bytes;

	OK(journal_create(&j, path, RUN, NULL, &e));
	append_n(j, 10);
	OK(journal_commit(j, &e));
	append_n(j, 10);
	OK(journal_commit(j, &e));
	journal_close(&j);
	OK(journal_verify(path, &s, &e));
	journal_summary_release(&s);
	/* Without the closing commit frame and the last record's last byte. */
	bytes = file_read(segment_path(path, 1), &n);
	file_write(segment_path(path, 1), bytes, n - 41);
	free(bytes);
	OK(journal_open(&j, path, NULL, &found, &e));
	assert_int_equal(found.records, 19);
	assert_true(found.cut_bytes > 0);
	append_n(j, 1);
	OK(journal_commit(j, &e));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &e), 20);
}

/* Every single byte below what is durable: never cut, always named. */
static void damage_is_never_cut(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_recovery found;
	struct journal_summary s;
	struct journal *j;
	size_t n;

	make_journal(path, 25, 5);
	free(file_read(segment_path(path, 1), &n));
	for (long at = 0; at < (long)n - 40; at += at < 1000 ? 1 : 37) {
		file_flip(segment_path(path, 1), at, 1 << at % 8);
		FAILS(journal_open(&j, path, &small, &found, &e), ERR_CORRUPT);
		assert_null(j);
		if (!strstr(e.text, "000001, offset "))
			fail_msg("no place in: %s", e.text);
		FAILS(aid_read_all(path, &e), ERR_CORRUPT);
		FAILS(journal_verify(path, &s, &e), ERR_CORRUPT);
		journal_summary_release(&s);
		file_flip(segment_path(path, 1), at, 1 << at % 8);
	}
	assert_int_equal(aid_read_all(path, &e), 25);
}

static void old_segments_are_checked(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_summary s;
	char *bytes, *name;
	size_t n;

	make_journal(path, 300, 5);
	name = mem_string(segment_path(path, 2));
	bytes = file_read(name, &n);
	file_flip(name, (long)n / 2, 4);
	FAILS(journal_verify(path, &s, &e), ERR_CORRUPT);
	assert_non_null(strstr(e.text, "000002, offset "));
	journal_summary_release(&s);
	/* Cut short between frames or within one. */
	for (size_t less = 1; less < 2 * n; less = less * 2 + 1) {
		if (less > n)
			less = n;
		file_write(name, bytes, n - less);
		FAILS(journal_verify(path, &s, &e), ERR_CORRUPT);
		journal_summary_release(&s);
		FAILS(aid_read_all(path, &e), ERR_CORRUPT);
	}
	/* Something behind its end; zeros there are what a crash during rotation leaves. */
	bytes = mem_resize(bytes, n + 100, 1);
	memset(bytes + n, 0, 100);
	file_write(name, bytes, n + 100);
	assert_int_equal(aid_read_all(path, &e), 300);
	bytes[n + 99] = 1;
	file_write(name, bytes, n + 100);
	FAILS(aid_read_all(path, &e), ERR_CORRUPT);
	/* Gone, or another one's. */
	unlink(name);
	FAILS(aid_read_all(path, &e), ERR_CORRUPT);
	assert_non_null(strstr(e.text, "missing"));
	free(bytes);
	bytes = file_read(segment_path(path, 3), &n);
	file_write(name, bytes, n);
	FAILS(aid_read_all(path, &e), ERR_CORRUPT);
	free(bytes);
	free(name);
}

static void junk_is_nobodys_business(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_recovery found;
	struct journal *j;
	static const char *const names[] = { "README", "00001", "0000001", "000002~", ".000002", "00000a", "000000" };

	make_journal(path, 10, 5);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *name = mem_format("%s/%s", path, names[i]);

		file_write(name, "junk", 4);
		free(name);
	}
	assert_int_equal(aid_read_all(path, &e), 10);
	OK(journal_open(&j, path, NULL, &found, &e));
	append_n(j, 1);
	OK(journal_commit(j, &e));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &e), 11);
}

static void half_begun_segments(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_recovery found;
	struct journal *j;
	size_t n;
	char *bytes;

	mkdir(path, 0700);
	FAILS(journal_open(&j, path, NULL, &found, &e), ERR_STATE);
	file_write(segment_path(path, 1), "", 0);
	FAILS(journal_open(&j, path, NULL, &found, &e), ERR_STATE);
	make_journal(path, 10, 5);                   /* goes where only a beginning was */
	FAILS(journal_create(&j, path, RUN, NULL, &e), ERR_STATE);
	bytes = file_read(segment_path(path, 1), &n);
	for (size_t length = 0; length < 100; length += 33) {      /* torn first frame */
		file_write(segment_path(path, 2), bytes, length);
		assert_int_equal(aid_read_all(path, &e), 10 + length / 33);
		OK(journal_open(&j, path, NULL, &found, &e));
		assert_int_equal(access(segment_path(path, 2), F_OK), -1);
		append_n(j, 1);
		OK(journal_commit(j, &e));
		journal_close(&j);
	}
	free(bytes);
}

static void one_appends(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_recovery found;
	struct journal *j, *other;

	OK(journal_create(&j, path, RUN, NULL, &e));
	FAILS(journal_open(&other, path, NULL, &found, &e), ERR_STATE);
	if (!strstr(e.text, path) || !strstr(e.text, "already open"))
		fail_msg("%s", e.text);
	FAILS(journal_create(&other, path, RUN, NULL, &e), ERR_STATE);
	assert_int_equal(aid_read_all(path, &e), 0);
	journal_close(&j);
	OK(journal_open(&j, path, NULL, &found, &e));
	journal_close(&j);
	journal_close(&j);
	FAILS(journal_open(&j, "/nonexistent/journal", NULL, &found, &e), ERR_IO);
	FAILS(journal_create(&j, "/nonexistent/journal", RUN, NULL, &e), ERR_IO);
	FAILS(journal_create(&j, path, "", NULL, &e), ERR_CONFIG);
}

static void nothing_follows_stop(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct draft stop = { .kind = RECORD_STOP, .channel = "" };
	struct journal_recovery found;
	struct journal_summary s;
	struct buf keys = { 0 };
	struct journal *j;

	for (int wrong = 0; wrong < 2; wrong++) {
		OK(journal_create(&j, path, RUN, &small, &e));
		append_n(j, 50);
		buf_clear(&keys);
		json_key(&keys, "counts");
		record_counts_put(&keys, journal_counts(j));
		if (wrong)
			strstr(keys.data, "\"event\":10")[9] = '1';
		stop.keys = keys.data;
		stop.keys_len = keys.len;
		OK(journal_append(j, &stop, JOURNAL_RESERVED, NULL, &e));
		FAILS(aid_append(j, 51, JOURNAL_ORDINARY, &e), ERR_STATE);
		OK(journal_commit(j, &e));
		journal_close(&j);
		OK(journal_open(&j, path, &small, &found, &e));
		assert_true(found.stopped);
		FAILS(aid_append(j, 51, JOURNAL_RESERVED, &e), ERR_STATE);
		journal_close(&j);
		if (wrong)
			FAILS(journal_verify(path, &s, &e), ERR_CORRUPT);
		else
			OK(journal_verify(path, &s, &e));
		assert_true(s.stopped);
		journal_summary_release(&s);
		unlink(segment_path(path, 1));
		unlink(segment_path(path, 2));
	}
	buf_release(&keys);
}

static void discarding(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct record_counts before = { 0 };
	struct buf text = { 0 };
	struct journal *j;
	uint8_t head[HASH_SIZE];

	OK(journal_create(&j, path, RUN, &small, &e));
	append_n(j, 1);
	OK(journal_commit(j, &e));
	record_counts_put(&text, journal_counts(j));
	OK(record_counts_get(&before, (struct span){ text.data, text.len }, &e));
	memcpy(head, journal_head(j), HASH_SIZE);
	append_n(j, 4000);                           /* more than one block */
	journal_discard(j);
	assert_int_equal(journal_next_seq(j), 1);
	assert_int_equal(journal_pending(j), 0);
	assert_memory_equal(journal_head(j), head, HASH_SIZE);
	assert_true(record_counts_equal(journal_counts(j), &before));
	journal_discard(j);
	OK(journal_commit(j, &e));
	append_n(j, 9);
	OK(journal_commit(j, &e));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &e), 10);
	record_counts_release(&before);
	buf_release(&text);
}

static void bad_drafts_leave_no_trace(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal *j;
	struct aid a;

	OK(journal_create(&j, path, RUN, NULL, &e));
	for (int i = 0; i < 5; i++) {
		aid_draft(&a, 0)->channel = "not/a/name";
		FAILS(journal_append(j, &a.draft, JOURNAL_ORDINARY, NULL, &e), ERR_CONFIG);
		assert_int_equal(journal_counts(j)->n, i ? 4 : 0);
		append_n(j, 3);
		aid_draft(&a, 0)->keys = ",broken";
		a.draft.keys_len = 7;
		FAILS(journal_append(j, &a.draft, JOURNAL_ORDINARY, NULL, &e), ERR_CONFIG);
		append_n(j, 3);
		OK(journal_commit(j, &e));
	}
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &e), 30);
}

static void a_reader_follows_a_writer(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_reader *shown, *limited;
	uint64_t n_shown = 0, n_limited = 0;
	struct record r;
	struct journal *j;
	int more;

	OK(journal_create(&j, path, RUN, &small, &e));
	OK(journal_read_open(&shown, path, &e));
	OK(journal_read_open(&limited, path, &e));
	journal_read_limit(limited, 0);
	for (int round = 0; round < 60; round++) {
		append_n(j, 7);
		OK(journal_commit(j, &e));
		journal_read_limit(limited, journal_acknowledged(j));
		while ((more = journal_read_next(limited, &r, &e)) > 0)
			assert_true(aid_is(&r, n_limited++));
		OK(more);
		assert_int_equal(n_limited, journal_acknowledged(j));
		while ((more = journal_read_next(shown, &r, &e)) > 0)
			assert_true(aid_is(&r, n_shown++));
		OK(more);
		assert_true(n_shown == n_limited - 7);
	}
	journal_close(&j);
	while ((more = journal_read_next(shown, &r, &e)) > 0)
		assert_true(aid_is(&r, n_shown++));
	assert_int_equal(n_shown, 420);
	journal_read_limit(limited, 421);            /* says more than is there */
	FAILS(journal_read_next(limited, &r, &e), ERR_CORRUPT);
	journal_read_close(&shown);
	journal_read_close(&limited);
	journal_read_close(&limited);
}

static void seeking(void **state)
{
	const char *path = ((struct place *)*state)->path;
	struct journal_reader *r;
	struct record rec;
	unsigned segment;
	uint64_t offset;

	make_journal(path, 500, 10);
	OK(journal_read_open(&r, path, &e));
	assert_string_equal(journal_read_run(r), RUN);
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t seq = i * 7919 % 500;

		OK(journal_read_seek(r, seq, &e));
		assert_int_equal(journal_read_next(r, &rec, &e), 1);
		assert_true(aid_is(&rec, seq));
		journal_read_place(r, &segment, &offset);
		assert_true(segment >= 1 && offset > 0);
	}
	OK(journal_read_seek(r, 500, &e));
	assert_int_equal(journal_read_next(r, &rec, &e), 0);
	OK(journal_read_seek(r, 0, &e));
	assert_int_equal(journal_read_next(r, &rec, &e), 1);
	assert_true(aid_is(&rec, 0));
	journal_read_close(&r);
}

/* The ten thousand dollar question of a full disk, on a real one. */
static void fill_and_free(const char *where)
{
	char *path = mem_format("%s/journal", where), *ballast = mem_format("%s/ballast", where);
	struct journal *j;
	uint64_t reserved = 0, n;

	OK(journal_create(&j, path, RUN, &small, &e));
	do
		n = journal_next_seq(j);
	while (aid_append(j, n, JOURNAL_ORDINARY, &e) == 0 && journal_commit(j, &e) == 0);
	assert_int_equal(e.code, ERR_FULL);
	assert_int_equal(journal_acknowledged(j), n);
	assert_int_equal(journal_pending(j), 0);
	/* The reserve takes safety's records, in order, and none of the ordinary. */
	while (aid_append(j, n + reserved, JOURNAL_RESERVED, &e) == 0) {
		OK(journal_commit(j, &e));
		reserved++;
		FAILS(aid_append(j, n + reserved, JOURNAL_ORDINARY, &e), ERR_FULL);
	}
	assert_int_equal(e.code, ERR_FULL);
	assert_true(reserved >= 10);
	/* Space comes back. */
	OK(unlink(ballast));
	append_n(j, 10);
	OK(journal_commit(j, &e));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &e), n + reserved + 10);
	free(path);
	free(ballast);
}

/* In a mount namespace of its own, so that nothing is left behind.  Exit 77: not permitted. */
static int on_small_disk(const char *where)
{
	char *ballast = mem_format("%s/ballast", where);
	struct buf b = { 0 };

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", where, "tmpfs", 0, "size=1m") < 0)
		return 77;
	buf_reserve(&b, 500000);
	memset(b.data, 1, 500000);
	file_write(ballast, b.data, 500000);
	buf_release(&b);
	free(ballast);
	fill_and_free(where);
	return 0;
}

static void a_full_disk(void **state)
{
	const char *folder = ((struct place *)*state)->folder;
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(on_small_disk(folder));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("a file system of its own is not permitted here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_goes_in_comes_out),
		T(nothing_is_shown_before_it_is_durable),
		T(records_handed_out_stay),
		T(reopening_goes_on),
		T(the_dead_are_recovered),
		T(a_torn_tail_is_cut),
		T(damage_is_never_cut),
		T(old_segments_are_checked),
		T(junk_is_nobodys_business),
		T(half_begun_segments),
		T(one_appends),
		T(nothing_follows_stop),
		T(discarding),
		T(bad_drafts_leave_no_trace),
		T(a_reader_follows_a_writer),
		T(seeking),
		T(a_full_disk),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
