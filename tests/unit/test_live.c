/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

#include "follow.h"
#include "journal.h"
#include "live.h"
#include "place.h"
#include "run_aid.h"

/* HDF5 cannot give back what belongs to a file that did not close: the full disk below. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libhdf5_serial";
}

static int make_run(void **state)
{
	struct place *p;

	place_new(state);
	p = *state;
	run_aid(p->journal, RUN_AID_WHOLE);
	return 0;
}

static int add_all(struct live *l, const char *journal)
{
	struct journal_reader *j;
	struct record r;
	int more;

	OK(journal_read_open(&j, journal, &place_err));
	while ((more = journal_read_next(j, &r, &place_err)) > 0)
		if (live_add(l, &r, &place_err) < 0)
			more = -1;
	journal_read_close(&j);
	return more;
}

static void a_reader_sees_rows_after_a_flush(void **state)
{
	struct place *p = *state;
	struct live *l;

	OK(live_create(&l, p->file, RUN_AID_NAME, &place_err));
	assert_int_equal(follow_rows(p->file, "/entry/readings"), 0);
	OK(add_all(l, p->journal));
	OK(live_flush(l, &place_err));
	assert_int_equal(follow_rows(p->file, "/entry/channels"), 2);
	assert_int_equal(follow_rows(p->file, "/entry/readings"), 20);
	assert_int_equal(follow_rows(p->file, "/entry/environment"), 4);
	assert_int_equal(follow_rows(p->file, "/entry/events"), 5);
	assert_true(follow_number(p->file, "/entry/readings", "value", 1) == 1.001);
	assert_true(follow_number(p->file, "/entry/readings", "status", 4) == READING_OVERLOAD);
	assert_true(follow_number(p->file, "/entry/readings", "point", 19) == 2);
	live_close(&l);
}

static void long_replies_are_cut_and_say_so(void **state)
{
	static const char keys[] = ",\"value\":1,\"unit\":\"V\",\"status\":\"ok\",\"raw\":\"%0*d\"";
	struct place *p = *state;
	char *other = mem_format("%s/other", p->folder);
	struct journal *j;
	struct live *l;
	char text[512];

	OK(journal_create(&j, other, RUN_AID_NAME, NULL, &place_err));
	snprintf(text, sizeof text, keys, 64, 1);
	run_aid_add(j, RECORD_READING, "a.b", text, NULL, 0);
	snprintf(text, sizeof text, keys, 65, 1);
	run_aid_add(j, RECORD_READING, "a.b", text, NULL, 0);
	OK(journal_commit(j, &place_err));
	journal_close(&j);
	OK(live_create(&l, p->file, RUN_AID_NAME, &place_err));
	OK(add_all(l, other));
	OK(live_flush(l, &place_err));
	assert_true(follow_number(p->file, "/entry/readings", "raw_length", 0) == 64);
	assert_true(follow_number(p->file, "/entry/readings", "raw_cut", 0) == 0);
	assert_true(follow_number(p->file, "/entry/readings", "raw_length", 1) == 65);
	assert_true(follow_number(p->file, "/entry/readings", "raw_cut", 1) == 1);
	live_close(&l);
	free(other);
}

static void it_can_be_made_again_over_an_old_one(void **state)
{
	struct place *p = *state;
	struct live *l;
	int i;

	for (i = 0; i < 3; i++) {
		OK(live_create(&l, p->file, RUN_AID_NAME, &place_err));
		OK(add_all(l, p->journal));
		OK(live_flush(l, &place_err));
		assert_int_equal(follow_rows(p->file, "/entry/readings"), 20);
		live_close(&l);
	}
}

/* A file that may not grow is a disk that is full. */
static void a_full_disk_is_an_error_and_a_new_file_works(void **state)
{
	struct place *p = *state;
	struct rlimit old, small = { 65536, RLIM_INFINITY };
	struct live *l;
	int i, bad = 0;

	getrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_IGN);
	OK(live_create(&l, p->file, RUN_AID_NAME, &place_err));
	small.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	for (i = 0; !bad && i < 100; i++)
		bad = add_all(l, p->journal) < 0 || live_flush(l, &place_err) < 0;
	assert_true(bad);
	live_close(&l);
	setrlimit(RLIMIT_FSIZE, &old);
	OK(live_create(&l, p->file, RUN_AID_NAME, &place_err));
	OK(add_all(l, p->journal));
	OK(live_flush(l, &place_err));
	assert_int_equal(follow_rows(p->file, "/entry/readings"), 20);
	live_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_reader_sees_rows_after_a_flush, make_run, place_free),
		cmocka_unit_test_setup_teardown(long_replies_are_cut_and_say_so, make_run, place_free),
		cmocka_unit_test_setup_teardown(it_can_be_made_again_over_an_old_one, make_run, place_free),
		cmocka_unit_test_setup_teardown(a_full_disk_is_an_error_and_a_new_file_works, make_run, place_free),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
