/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_journal.c - what a journal keeps and shows; how damage is met is in test_journal_damage.c. */
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
#include "journal_place.h"

static void what_goes_in_comes_out(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_summary s;

	make_journal(path, 600, 10);
	assert_int_equal(aid_read_all(path, &journal_err), 600);
	OK(journal_verify(path, &s, &journal_err));
	assert_int_equal(s.records, 600);
	assert_string_equal(s.run, RUN);
	assert_true(s.segments > 5);
	assert_false(s.stopped);
	assert_int_equal(s.counts.kinds[RECORD_EVENT], 120);
	journal_summary_release(&s);
}

static void nothing_is_shown_before_it_is_durable(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal *j;

	OK(journal_create(&j, path, RUN, NULL, &journal_err));
	assert_int_equal(aid_read_all(path, &journal_err), 0);
	append_n(j, 3);
	assert_int_equal(journal_next_seq(j), 3);
	assert_int_equal(journal_acknowledged(j), 0);
	assert_true(journal_pending(j) > 0);
	assert_int_equal(aid_read_all(path, &journal_err), 0);
	OK(journal_commit(j, &journal_err));
	assert_int_equal(journal_acknowledged(j), 3);
	assert_int_equal(journal_pending(j), 0);
	assert_int_equal(aid_read_all(path, &journal_err), 0);       /* no commit frame says so yet */
	append_n(j, 1);
	OK(journal_commit(j, &journal_err));
	assert_int_equal(aid_read_all(path, &journal_err), 3);
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &journal_err), 4);
}

static void records_handed_out_stay(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	static struct record at[2000];
	struct journal *j;
	struct aid a;

	OK(journal_create(&j, path, RUN, NULL, &journal_err));
	for (int round = 0; round < 2; round++) {
		uint64_t from = journal_next_seq(j);

		for (uint64_t i = 0; i < 2000; i++) {
			OK(journal_append(j, aid_draft(&a, from + i), JOURNAL_ORDINARY, &at[i], &journal_err));
		}
		OK(journal_commit(j, &journal_err));
		for (uint64_t i = 0; i < 2000; i++) {
			struct record r;

			assert_true(aid_is(&at[i], from + i));
			OK(record_decode(&r, at[i].header, at[i].body, at[i].body_len, &journal_err));
			assert_true(r.nth == at[i].nth && !memcmp(r.prev, at[i].prev, HASH_SIZE));
			assert_string_equal(r.boot, at[i].boot);
			assert_string_equal(r.run, at[i].run);
		}
	}
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &journal_err), 4000);
}

static void reopening_goes_on(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_recovery found;
	struct journal_summary s;
	struct journal *j;

	make_journal(path, 100, 7);
	for (int i = 0; i < 20; i++) {
		OK(journal_open(&j, path, &journal_small, &found, &journal_err));
		assert_int_equal(found.records, 105 + i * 10);
		assert_int_equal(found.cut_bytes, 0);
		assert_false(found.stopped);
		assert_string_equal(journal_run(j), RUN);
		append_n(j, 10);
		OK(journal_commit(j, &journal_err));
		journal_close(&j);
	}
	OK(journal_verify(path, &s, &journal_err));
	assert_int_equal(s.records, 305);
	journal_summary_release(&s);
	assert_int_equal(aid_read_all(path, &journal_err), 305);
}

static void one_appends(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_recovery found;
	struct journal *j, *other;

	OK(journal_create(&j, path, RUN, NULL, &journal_err));
	FAILS(journal_open(&other, path, NULL, &found, &journal_err), ERR_STATE);
	if (!strstr(journal_err.text, path) || !strstr(journal_err.text, "already open"))
		fail_msg("%s", journal_err.text);
	FAILS(journal_create(&other, path, RUN, NULL, &journal_err), ERR_STATE);
	assert_int_equal(aid_read_all(path, &journal_err), 0);
	journal_close(&j);
	OK(journal_open(&j, path, NULL, &found, &journal_err));
	journal_close(&j);
	journal_close(&j);
	FAILS(journal_open(&j, "/nonexistent/journal", NULL, &found, &journal_err), ERR_IO);
	FAILS(journal_create(&j, "/nonexistent/journal", RUN, NULL, &journal_err), ERR_IO);
	FAILS(journal_create(&j, path, "", NULL, &journal_err), ERR_CONFIG);
}

static void nothing_follows_stop(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct draft stop = { .kind = RECORD_STOP, .channel = "" };
	struct journal_recovery found;
	struct journal_summary s;
	struct buf keys = { 0 };
	struct journal *j;

	for (int wrong = 0; wrong < 2; wrong++) {
		OK(journal_create(&j, path, RUN, &journal_small, &journal_err));
		append_n(j, 50);
		buf_clear(&keys);
		json_key(&keys, "counts");
		record_counts_put(&keys, journal_counts(j));
		if (wrong)
			strstr(keys.data, "\"event\":10")[9] = '1';
		stop.keys = keys.data;
		stop.keys_len = keys.len;
		OK(journal_append(j, &stop, JOURNAL_RESERVED, NULL, &journal_err));
		FAILS(aid_append(j, 51, JOURNAL_ORDINARY, &journal_err), ERR_STATE);
		OK(journal_commit(j, &journal_err));
		journal_close(&j);
		OK(journal_open(&j, path, &journal_small, &found, &journal_err));
		assert_true(found.stopped);
		FAILS(aid_append(j, 51, JOURNAL_RESERVED, &journal_err), ERR_STATE);
		journal_close(&j);
		if (wrong)
			FAILS(journal_verify(path, &s, &journal_err), ERR_CORRUPT);
		else
			OK(journal_verify(path, &s, &journal_err));
		assert_true(s.stopped);
		journal_summary_release(&s);
		unlink(segment_path(path, 1));
		unlink(segment_path(path, 2));
	}
	buf_release(&keys);
}

static void discarding(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct record_counts before = { 0 };
	struct buf text = { 0 };
	struct journal *j;
	uint8_t head[HASH_SIZE];

	OK(journal_create(&j, path, RUN, &journal_small, &journal_err));
	append_n(j, 1);
	OK(journal_commit(j, &journal_err));
	record_counts_put(&text, journal_counts(j));
	OK(record_counts_get(&before, (struct span){ text.data, text.len }, &journal_err));
	memcpy(head, journal_head(j), HASH_SIZE);
	append_n(j, 4000);                           /* more than one block */
	journal_discard(j);
	assert_int_equal(journal_next_seq(j), 1);
	assert_int_equal(journal_pending(j), 0);
	assert_memory_equal(journal_head(j), head, HASH_SIZE);
	assert_true(record_counts_equal(journal_counts(j), &before));
	journal_discard(j);
	OK(journal_commit(j, &journal_err));
	append_n(j, 9);
	OK(journal_commit(j, &journal_err));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &journal_err), 10);
	record_counts_release(&before);
	buf_release(&text);
}

static void bad_drafts_leave_no_trace(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal *j;
	struct aid a;

	OK(journal_create(&j, path, RUN, NULL, &journal_err));
	for (int i = 0; i < 5; i++) {
		aid_draft(&a, 0)->channel = "not/a/name";
		FAILS(journal_append(j, &a.draft, JOURNAL_ORDINARY, NULL, &journal_err), ERR_CONFIG);
		assert_int_equal(journal_counts(j)->n, i ? 4 : 0);
		append_n(j, 3);
		aid_draft(&a, 0)->keys = ",broken";
		a.draft.keys_len = 7;
		FAILS(journal_append(j, &a.draft, JOURNAL_ORDINARY, NULL, &journal_err), ERR_CONFIG);
		append_n(j, 3);
		OK(journal_commit(j, &journal_err));
	}
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &journal_err), 30);
}

static void a_reader_follows_a_writer(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_reader *shown, *limited;
	uint64_t n_shown = 0, n_limited = 0;
	struct record r;
	struct journal *j;
	int more;

	OK(journal_create(&j, path, RUN, &journal_small, &journal_err));
	OK(journal_read_open(&shown, path, &journal_err));
	OK(journal_read_open(&limited, path, &journal_err));
	journal_read_limit(limited, 0);
	for (int round = 0; round < 60; round++) {
		append_n(j, 7);
		OK(journal_commit(j, &journal_err));
		journal_read_limit(limited, journal_acknowledged(j));
		while ((more = journal_read_next(limited, &r, &journal_err)) > 0)
			assert_true(aid_is(&r, n_limited++));
		OK(more);
		assert_int_equal(n_limited, journal_acknowledged(j));
		while ((more = journal_read_next(shown, &r, &journal_err)) > 0)
			assert_true(aid_is(&r, n_shown++));
		OK(more);
		assert_true(n_shown == n_limited - 7);
	}
	journal_close(&j);
	while ((more = journal_read_next(shown, &r, &journal_err)) > 0)
		assert_true(aid_is(&r, n_shown++));
	assert_int_equal(n_shown, 420);
	journal_read_limit(limited, 421);            /* says more than is there */
	FAILS(journal_read_next(limited, &r, &journal_err), ERR_CORRUPT);
	journal_read_close(&shown);
	journal_read_close(&limited);
	journal_read_close(&limited);
}

static void seeking(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_reader *r;
	struct record rec;
	unsigned segment;
	uint64_t offset;

	make_journal(path, 500, 10);
	OK(journal_read_open(&r, path, &journal_err));
	assert_string_equal(journal_read_run(r), RUN);
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t seq = i * 7919 % 500;

		OK(journal_read_seek(r, seq, &journal_err));
		assert_int_equal(journal_read_next(r, &rec, &journal_err), 1);
		assert_true(aid_is(&rec, seq));
		journal_read_place(r, &segment, &offset);
		assert_true(segment >= 1 && offset > 0);
	}
	OK(journal_read_seek(r, 500, &journal_err));
	assert_int_equal(journal_read_next(r, &rec, &journal_err), 0);
	OK(journal_read_seek(r, 0, &journal_err));
	assert_int_equal(journal_read_next(r, &rec, &journal_err), 1);
	assert_true(aid_is(&rec, 0));
	journal_read_close(&r);
}

/* The ten thousand dollar question of a full disk, on a real one. */
static void fill_and_free(const char *where)
{
	char *path = mem_format("%s/journal", where), *ballast = mem_format("%s/ballast", where);
	struct journal *j;
	uint64_t reserved = 0, n;

	OK(journal_create(&j, path, RUN, &journal_small, &journal_err));
	do
		n = journal_next_seq(j);
	while (aid_append(j, n, JOURNAL_ORDINARY, &journal_err) == 0 && journal_commit(j, &journal_err) == 0);
	assert_int_equal(journal_err.code, ERR_FULL);
	assert_int_equal(journal_acknowledged(j), n);
	assert_int_equal(journal_pending(j), 0);
	/* The reserve takes safety's records, in order, and none of the ordinary. */
	while (aid_append(j, n + reserved, JOURNAL_RESERVED, &journal_err) == 0) {
		OK(journal_commit(j, &journal_err));
		reserved++;
		FAILS(aid_append(j, n + reserved, JOURNAL_ORDINARY, &journal_err), ERR_FULL);
	}
	assert_int_equal(journal_err.code, ERR_FULL);
	assert_true(reserved >= 10);
	/* Space comes back. */
	OK(unlink(ballast));
	append_n(j, 10);
	OK(journal_commit(j, &journal_err));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &journal_err), n + reserved + 10);
	free(path);
	free(ballast);
}

/* In a mount namespace of its own, so that nothing is left behind.  Exit 77: not permitted. */
static int on_journal_small_disk(const char *where)
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
	const char *folder = ((struct journal_place *)*state)->folder;
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(on_journal_small_disk(folder));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("a file system of its own is not permitted here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_JOURNAL_PLACE(what_goes_in_comes_out),
		IN_JOURNAL_PLACE(nothing_is_shown_before_it_is_durable),
		IN_JOURNAL_PLACE(records_handed_out_stay),
		IN_JOURNAL_PLACE(reopening_goes_on),
		IN_JOURNAL_PLACE(one_appends),
		IN_JOURNAL_PLACE(nothing_follows_stop),
		IN_JOURNAL_PLACE(discarding),
		IN_JOURNAL_PLACE(bad_drafts_leave_no_trace),
		IN_JOURNAL_PLACE(a_reader_follows_a_writer),
		IN_JOURNAL_PLACE(seeking),
		IN_JOURNAL_PLACE(a_full_disk),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
