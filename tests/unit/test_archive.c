/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"
#include "folder.h"
#include "run_aid.h"

static struct err e;

#define OK(expression) do { \
	if ((expression) < 0) \
		fail_msg("%s: %s", #expression, e.text); \
} while (0)

struct place { char *folder, *journal, *file; };

static int make_place(void **state)
{
	struct place *p = mem_new(sizeof *p);

	p->folder = folder_new();
	p->journal = mem_format("%s/journal", p->folder);
	p->file = mem_format("%s/run.h5", p->folder);
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	folder_remove(&p->folder);
	free(p->journal);
	free(p->file);
	free(p);
	return 0;
}

static void builds_every_kind_of_run(void **state)
{
	static const enum run_aid runs[] = { RUN_AID_WHOLE, RUN_AID_EMPTY, RUN_AID_CUT,
					    RUN_AID_NO_RESULTS };
	struct place *p = *state;
	struct archive_result r;
	struct journal_summary s;
	size_t i;

	for (i = 0; i < sizeof runs / sizeof *runs; i++) {
		char *journal = mem_format("%s%zu", p->journal, i);

		run_aid(journal, runs[i]);
		OK(archive_build(journal, p->file, &r, &e));
		OK(journal_verify(journal, &s, &e));
		assert_string_equal(r.run, RUN_AID_NAME);
		assert_int_equal(r.records, s.records);
		assert_memory_equal(r.head, s.head, HASH_SIZE);
		journal_summary_release(&s);
		free(journal);
	}
}

static void same_journal_gives_the_same_digest_and_bytes(void **state)
{
	struct place *p = *state;
	struct archive_result a, b;
	char *other = mem_format("%s/other.h5", p->folder), *x, *y;
	size_t nx, ny;

	run_aid(p->journal, RUN_AID_WHOLE);
	OK(archive_build(p->journal, p->file, &a, &e));
	OK(archive_build(p->journal, other, &b, &e));
	assert_memory_equal(a.digest, b.digest, HASH_SIZE);
	OK(archive_build(p->journal, p->file, &b, &e));       /* over a read-only one */
	assert_memory_equal(a.digest, b.digest, HASH_SIZE);
	x = file_read(p->file, &nx);
	y = file_read(other, &ny);
	assert_int_equal(nx, ny);
	assert_memory_equal(x, y, nx);
	free(x);
	free(y);
	free(other);
}

static void the_file_is_read_only_and_nothing_is_left_beside_it(void **state)
{
	struct place *p = *state;
	struct archive_result r;
	char *part = mem_format("%s.part", p->file);
	struct stat st;

	run_aid(p->journal, RUN_AID_WHOLE);
	OK(archive_build(p->journal, p->file, &r, &e));
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0444);
	assert_int_equal(access(part, F_OK), -1);
	free(part);
}

static void a_run_without_stop_is_not_sealed(void **state)
{
	struct place *p = *state;
	struct archive_result r;

	run_aid(p->journal, RUN_AID_OPEN);
	assert_int_equal(archive_build(p->journal, p->file, &r, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(access(p->file, F_OK), -1);
}

static void a_damaged_journal_leaves_the_old_file(void **state)
{
	struct place *p = *state;
	struct archive_result r;
	char *segment = mem_format("%s/000001", p->journal);

	run_aid(p->journal, RUN_AID_WHOLE);
	OK(archive_build(p->journal, p->file, &r, &e));
	file_flip(segment, 3000, 1);
	assert_int_equal(archive_build(p->journal, p->file, &r, &e), -1);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_int_equal(access(p->file, F_OK), 0);
	free(segment);
}

/* More rows than a chunk of any column, and joined bytes of more than one chunk. */
static void long_columns_are_whole(void **state)
{
	struct place *p = *state;
	struct archive_result r;
	struct journal *j;
	char keys[256];
	int i;

	OK(journal_create(&j, p->journal, RUN_AID_NAME, NULL, &e));
	for (i = 0; i < 20000; i++) {
		snprintf(keys, sizeof keys,
			 ",\"value\":%d,\"unit\":\"V\",\"status\":\"ok\",\"raw\":\"%d\","
			 "\"span_ns\":1,\"point\":0,\"attempt\":1,\"step\":0,\"k\":%d,\"use\":\"measure\"", i, i, i);
		run_aid_add(j, RECORD_READING, "a.b", keys, NULL, 0);
		if (i % 4 == 0)
			run_aid_add(j, RECORD_EVENT, "", ",\"event\":\"note\",\"text\":\"x\"", NULL, 0);
	}
	run_aid_add(j, RECORD_STOP, "", ",\"status\":\"complete\"", NULL, 0);
	OK(journal_commit(j, &e));
	journal_close(&j);
	OK(archive_build(p->journal, p->file, &r, &e));
	assert_int_equal(r.records, 25001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(builds_every_kind_of_run, make_place, remove_place),
		cmocka_unit_test_setup_teardown(same_journal_gives_the_same_digest_and_bytes,
						make_place, remove_place),
		cmocka_unit_test_setup_teardown(the_file_is_read_only_and_nothing_is_left_beside_it,
						make_place, remove_place),
		cmocka_unit_test_setup_teardown(a_run_without_stop_is_not_sealed, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(a_damaged_journal_leaves_the_old_file, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(long_columns_are_whole, make_place, remove_place),
	};

	return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
