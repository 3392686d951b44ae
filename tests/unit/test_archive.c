/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "place.h"
#include "run_aid.h"

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
		OK(archive_build(journal, p->file, &r, &place_err));
		OK(journal_verify(journal, &s, &place_err));
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
	OK(archive_build(p->journal, p->file, &a, &place_err));
	OK(archive_build(p->journal, other, &b, &place_err));
	assert_memory_equal(a.digest, b.digest, HASH_SIZE);
	OK(archive_build(p->journal, p->file, &b, &place_err));       /* over a read-only one */
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
	OK(archive_build(p->journal, p->file, &r, &place_err));
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
	assert_int_equal(archive_build(p->journal, p->file, &r, &place_err), -1);
	assert_int_equal(place_err.code, ERR_STATE);
	assert_int_equal(access(p->file, F_OK), -1);
}

static void a_damaged_journal_leaves_the_old_file(void **state)
{
	struct place *p = *state;
	struct archive_result r;
	char *segment = mem_format("%s/000001", p->journal);

	run_aid(p->journal, RUN_AID_WHOLE);
	OK(archive_build(p->journal, p->file, &r, &place_err));
	file_flip(segment, 3000, 1);
	assert_int_equal(archive_build(p->journal, p->file, &r, &place_err), -1);
	assert_int_equal(place_err.code, ERR_CORRUPT);
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

	OK(journal_create(&j, p->journal, RUN_AID_NAME, NULL, &place_err));
	for (i = 0; i < 20000; i++) {
		snprintf(keys, sizeof keys,
			 ",\"value\":%d,\"unit\":\"V\",\"status\":\"ok\",\"raw\":\"%d\","
			 "\"span_ns\":1,\"point\":0,\"attempt\":1,\"step\":0,\"k\":%d,\"use\":\"measure\"", i, i, i);
		run_aid_add(j, RECORD_READING, "a.b", keys, NULL, 0);
		if (i % 4 == 0)
			run_aid_add(j, RECORD_EVENT, "", ",\"event\":\"note\",\"text\":\"x\"", NULL, 0);
	}
	run_aid_add(j, RECORD_STOP, "", ",\"status\":\"complete\"", NULL, 0);
	OK(journal_commit(j, &place_err));
	journal_close(&j);
	OK(archive_build(p->journal, p->file, &r, &place_err));
	assert_int_equal(r.records, 25001);
}

/* A journal as format 1 was first written: what is made of it must never change again.  (The
 * other tests compare the archive with the projection of today, which would drift with it.) */
static void a_kept_journal_gives_the_digest_of_its_day(void **state)
{
	struct place *p = *state;
	struct archive_result r;
	char digits[HASH_TEXT];

	OK(archive_build("tests/data/journal-format-1", p->file, &r, &place_err));
	assert_string_equal(hash_text(r.head, digits),
			    "93372dcc61c2bc8491b499ff8c2ede4566c1a26b79de028728e2d499e3077769");
	assert_string_equal(hash_text(r.digest, digits),
			    "4ded456711ee3f1e4e516d80a1208bb7aac3278b4dda27b272744c1565c57273");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(builds_every_kind_of_run),
		IN_PLACE(same_journal_gives_the_same_digest_and_bytes),
		IN_PLACE(the_file_is_read_only_and_nothing_is_left_beside_it),
		IN_PLACE(a_run_without_stop_is_not_sealed),
		IN_PLACE(a_damaged_journal_leaves_the_old_file),
		IN_PLACE(long_columns_are_whole),
		IN_PLACE(a_kept_journal_gives_the_digest_of_its_day),
	};

	return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
