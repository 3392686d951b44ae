/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_journal_damage.c - journals of processes that died, torn and damaged ones: what is recovered, cut, refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "journal_place.h"

/* A journal whose process died: the lock is gone, nothing was trimmed. */
static void die_with(const char *path, unsigned groups, unsigned pending)
{
	pid_t pid = fork();
	struct journal *j;

	if (pid == 0) {
		if (journal_create(&j, path, RUN, &journal_small, &journal_err) < 0)
			_exit(1);
		for (unsigned i = 0; i < groups; i++) {
			for (int k = 0; k < 5; k++)
				aid_append(j, journal_next_seq(j), JOURNAL_ORDINARY, &journal_err);
			if (journal_commit(j, &journal_err) < 0)
				_exit(1);
		}
		for (unsigned i = 0; i < pending; i++)
			aid_append(j, journal_next_seq(j), JOURNAL_ORDINARY, &journal_err);
		_exit(0);
	}
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void the_dead_are_recovered(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_recovery found;
	struct journal *j;

	die_with(path, 20, 3);
	assert_int_equal(aid_read_all(path, &journal_err), 95);
	OK(journal_open(&j, path, &journal_small, &found, &journal_err));
	assert_int_equal(found.records, 100);
	assert_int_equal(journal_acknowledged(j), 100);
	append_n(j, 5);
	OK(journal_commit(j, &journal_err));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &journal_err), 105);
}

static void a_torn_tail_is_cut(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_recovery found;
	struct journal_summary s;
	struct journal *j;
	size_t n;
	char *bytes;

	OK(journal_create(&j, path, RUN, NULL, &journal_err));
	append_n(j, 10);
	OK(journal_commit(j, &journal_err));
	append_n(j, 10);
	OK(journal_commit(j, &journal_err));
	journal_close(&j);
	OK(journal_verify(path, &s, &journal_err));
	journal_summary_release(&s);
	/* Without the closing commit frame and the last record's last byte. */
	bytes = file_read(segment_path(path, 1), &n);
	file_write(segment_path(path, 1), bytes, n - 41);
	free(bytes);
	OK(journal_open(&j, path, NULL, &found, &journal_err));
	assert_int_equal(found.records, 19);
	assert_true(found.cut_bytes > 0);
	append_n(j, 1);
	OK(journal_commit(j, &journal_err));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &journal_err), 20);
}

/* Every single byte below what is durable: never cut, always named. */
static void damage_is_never_cut(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_recovery found;
	struct journal_summary s;
	struct journal *j;
	size_t n;

	make_journal(path, 25, 5);
	free(file_read(segment_path(path, 1), &n));
	for (long at = 0; at < (long)n - 40; at += at < 1000 ? 1 : 37) {
		file_flip(segment_path(path, 1), at, 1 << at % 8);
		FAILS(journal_open(&j, path, &journal_small, &found, &journal_err), ERR_CORRUPT);
		assert_null(j);
		if (!strstr(journal_err.text, "000001, offset "))
			fail_msg("no place in: %s", journal_err.text);
		FAILS(aid_read_all(path, &journal_err), ERR_CORRUPT);
		FAILS(journal_verify(path, &s, &journal_err), ERR_CORRUPT);
		journal_summary_release(&s);
		file_flip(segment_path(path, 1), at, 1 << at % 8);
	}
	assert_int_equal(aid_read_all(path, &journal_err), 25);
}

static void old_segments_are_checked(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_summary s;
	char *bytes, *name;
	size_t n;

	make_journal(path, 300, 5);
	name = mem_string(segment_path(path, 2));
	bytes = file_read(name, &n);
	file_flip(name, (long)n / 2, 4);
	FAILS(journal_verify(path, &s, &journal_err), ERR_CORRUPT);
	assert_non_null(strstr(journal_err.text, "000002, offset "));
	journal_summary_release(&s);
	/* Cut short between frames or within one. */
	for (size_t less = 1; less < 2 * n; less = less * 2 + 1) {
		if (less > n)
			less = n;
		file_write(name, bytes, n - less);
		FAILS(journal_verify(path, &s, &journal_err), ERR_CORRUPT);
		journal_summary_release(&s);
		FAILS(aid_read_all(path, &journal_err), ERR_CORRUPT);
	}
	/* Something behind its end; zeros there are what a crash during rotation leaves. */
	bytes = mem_resize(bytes, n + 100, 1);
	memset(bytes + n, 0, 100);
	file_write(name, bytes, n + 100);
	assert_int_equal(aid_read_all(path, &journal_err), 300);
	bytes[n + 99] = 1;
	file_write(name, bytes, n + 100);
	FAILS(aid_read_all(path, &journal_err), ERR_CORRUPT);
	/* Gone, or another one's. */
	unlink(name);
	FAILS(aid_read_all(path, &journal_err), ERR_CORRUPT);
	assert_non_null(strstr(journal_err.text, "missing"));
	free(bytes);
	bytes = file_read(segment_path(path, 3), &n);
	file_write(name, bytes, n);
	FAILS(aid_read_all(path, &journal_err), ERR_CORRUPT);
	free(bytes);
	free(name);
}

static void junk_is_nobodys_business(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_recovery found;
	struct journal *j;
	static const char *const names[] = { "README", "00001", "0000001", "000002~", ".000002", "00000a", "000000" };

	make_journal(path, 10, 5);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *name = mem_format("%s/%s", path, names[i]);

		file_write(name, "junk", 4);
		free(name);
	}
	assert_int_equal(aid_read_all(path, &journal_err), 10);
	OK(journal_open(&j, path, NULL, &found, &journal_err));
	append_n(j, 1);
	OK(journal_commit(j, &journal_err));
	journal_close(&j);
	assert_int_equal(aid_read_all(path, &journal_err), 11);
}

static void half_begun_segments(void **state)
{
	const char *path = ((struct journal_place *)*state)->path;
	struct journal_recovery found;
	struct journal *j;
	size_t n;
	char *bytes;

	mkdir(path, 0700);
	FAILS(journal_open(&j, path, NULL, &found, &journal_err), ERR_STATE);
	file_write(segment_path(path, 1), "", 0);
	FAILS(journal_open(&j, path, NULL, &found, &journal_err), ERR_STATE);
	make_journal(path, 10, 5);                   /* goes where only a beginning was */
	FAILS(journal_create(&j, path, RUN, NULL, &journal_err), ERR_STATE);
	bytes = file_read(segment_path(path, 1), &n);
	for (size_t length = 0; length < 100; length += 33) {      /* torn first frame */
		file_write(segment_path(path, 2), bytes, length);
		assert_int_equal(aid_read_all(path, &journal_err), 10 + length / 33);
		OK(journal_open(&j, path, NULL, &found, &journal_err));
		assert_int_equal(access(segment_path(path, 2), F_OK), -1);
		append_n(j, 1);
		OK(journal_commit(j, &journal_err));
		journal_close(&j);
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_JOURNAL_PLACE(the_dead_are_recovered),
		IN_JOURNAL_PLACE(a_torn_tail_is_cut),
		IN_JOURNAL_PLACE(damage_is_never_cut),
		IN_JOURNAL_PLACE(old_segments_are_checked),
		IN_JOURNAL_PLACE(junk_is_nobodys_business),
		IN_JOURNAL_PLACE(half_begun_segments),
	};

	return cmocka_run_group_tests_name("journal damage", tests, NULL, NULL);
}
