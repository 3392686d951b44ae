/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_journal_crash.c - a power cut or a failure at every call the journal makes.
 *
 * A journal is filled, over several segments and two lives, on storage that keeps beside each
 * file what a disk would hold (power.h).  At every call, what a cut would leave is recovered:
 * every acknowledged record is there, nothing that was not appended, and the journal goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "folder.h"
#include "io.h"
#include "journal.h"
#include "journal_aid.h"
#include "power.h"

#define RUN "LAB-20261124-0001"

static const struct journal_options small = {
	.segment_bytes = 12000, .reserve_bytes = 4096, .ahead_bytes = 6000,
};

static char *folder, *path, *image;
static struct err e;

/* What the watcher must know of the journal being filled. */
static struct {
	struct journal *journal;
	uint64_t acknowledged, appended;
	uint64_t seed;
} world;

static struct tally {
	uint64_t images, cut, absent;
	uint64_t tears_left;
	bool every_prefix;
} tally;

static void make_folder(void)
{
	/* Images are many and small: memory will do, where there is some. */
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	folder = folder_new();
	path = mem_format("%s/journal", folder);
	image = mem_format("%s/image", folder);
}

static void remove_folder(void)
{
	folder_remove(&folder);
	free(path);
	free(image);
}

static void remove_journal(const char *which)
{
	char *copy = mem_string(which);

	folder_remove(&copy);
}

#define MUST(expression) do { \
	if ((expression) < 0) \
		fail_msg("seed %" PRIu64 ", call %" PRIu64 ": %s: %s", world.seed, power_count(), \
			 #expression, e.text); \
} while (0)

/* Recovers what is in a folder: at least and at most so many records, each just as appended,
 * and it goes on. */
static uint64_t check_recovery(const char *where, uint64_t least, uint64_t most)
{
	unsigned kept_epochs[4], kept_epoch = aid_epoch;
	struct journal_recovery found;
	struct journal_summary s;
	struct journal *j;
	uint64_t n;

	MUST(journal_open(&j, where, &small, &found, &e));
	n = found.records;
	if (n < least || n > most)
		fail_msg("seed %" PRIu64 ", call %" PRIu64 ": %" PRIu64 " records came back, not %" PRIu64
			 " to %" PRIu64, world.seed, power_count(), n, least, most);
	memcpy(kept_epochs, &aid_epochs[n], sizeof kept_epochs);
	aid_epoch = 77;
	for (uint64_t i = 0; i < 4; i++)
		MUST(aid_append(j, n + i, JOURNAL_ORDINARY, &e));
	MUST(journal_commit(j, &e));
	journal_close(&j);
	MUST(journal_verify(where, &s, &e));
	assert_int_equal(s.records, n + 4);
	journal_summary_release(&s);
	if (aid_read_all(where, &e) != (int64_t)n + 4)
		fail_msg("seed %" PRIu64 ", call %" PRIu64 ": not what was appended: %s", world.seed,
			 power_count(), e.text);
	memcpy(&aid_epochs[n], kept_epochs, sizeof kept_epochs);
	aid_epoch = kept_epoch;
	tally.cut += found.cut_bytes > 0;
	return n;
}

static void check_image(enum power_loss loss)
{
	uint64_t appended = world.journal ? journal_next_seq(world.journal) : world.appended;
	struct journal_recovery found;
	struct journal *j;

	tally.images++;
	if (!power_image(image, loss)) {
		assert_int_equal(world.acknowledged, 0);
		tally.absent++;
		return;
	}
	/* Before the creation returned there may be no journal yet. */
	if (appended == 0 && journal_open(&j, image, &small, &found, &e) < 0) {
		assert_true(e.code == ERR_STATE);
		tally.absent++;
	} else {
		if (appended == 0)
			journal_close(&j);
		check_recovery(image, world.acknowledged, appended);
	}
	remove_journal(image);
}

static void cut_here(void)
{
	if (tally.every_prefix) {
		check_image(POWER_ALL_KEPT);
		check_image(POWER_ALL_LOST);
	}
	if (tally.tears_left > 0) {
		tally.tears_left--;
		check_image(POWER_TORN);
	}
}

/* Fills a journal: groups of many sizes, some discarded, reserved records between.  False once
 * it has died. */
static bool fill(uint64_t groups)
{
	for (uint64_t g = 0; g < groups; g++) {
		uint64_t n = power_random(4) ? power_random(4) + 1 : power_random(30);
		struct err first, second;

		for (uint64_t i = 0; i < n; i++) {
			enum journal_class c = power_random(5) ? JOURNAL_ORDINARY : JOURNAL_RESERVED;

			if (aid_append(world.journal, journal_next_seq(world.journal), c, &first) < 0 &&
			    first.code != ERR_FULL)
				goto died;
		}
		if (power_random(6) == 0) {
			journal_discard(world.journal);
			aid_epoch++;
		}
		if (journal_commit(world.journal, &first) < 0) {
			if (first.code != ERR_FULL)
				goto died;
			assert_int_equal(journal_pending(world.journal), 0);
			aid_epoch++;
		}
		assert_true(journal_acknowledged(world.journal) == journal_next_seq(world.journal));
		world.acknowledged = journal_acknowledged(world.journal);
		continue;
died:
		/* Dead is dead, and says the same each time. */
		assert_int_equal(first.code, ERR_IO);
		assert_int_equal(journal_commit(world.journal, &second), -1);
		assert_string_equal(first.text, second.text);
		assert_int_equal(aid_append(world.journal, journal_next_seq(world.journal),
					    JOURNAL_RESERVED, &second), -1);
		assert_string_equal(first.text, second.text);
		return false;
	}
	return true;
}

static void end_life(void)
{
	world.appended = journal_next_seq(world.journal);
	journal_close(&world.journal);
}

/* Two lives of a journal.  Failures end it early, wherever they come. */
static void live(uint64_t seed)
{
	struct journal_recovery found;
	struct journal *j;

	world.seed = seed;
	world.acknowledged = world.appended = 0;
	aid_epoch = 0;
	if (journal_create(&j, path, RUN, &small, &e) < 0)
		return;
	world.journal = j;
	fill(12);
	end_life();
	if (journal_open(&j, path, &small, &found, &e) < 0)
		return;
	if (found.records < world.acknowledged || found.records > world.appended)
		fail_msg("seed %" PRIu64 ": %" PRIu64 " records in the second life, %" PRIu64 " to %" PRIu64
			 " in the first", seed, found.records, world.acknowledged, world.appended);
	world.acknowledged = found.records;
	world.journal = j;
	fill(6);
	end_life();
}

/* In a full world some call finds no space, too, once or from then on. */
static void one_world(uint64_t seed, void (*watch)(void), bool full)
{
	power_on(path, seed);
	power_watch(watch);
	if (full)
		power_fail(1 + power_random(120), ENOSPC, power_random(2));
	live(seed);
	power_off();
	if (access(path, F_OK) == 0)
		remove_journal(path);
}

static void every_prefix(void **state)
{
	(void)state;
	make_folder();
	tally = (struct tally){ 0 };
	tally.every_prefix = true;
	for (uint64_t seed = 1; seed <= 3; seed++)
		one_world(seed, cut_here, false);
	print_message("%" PRIu64 " images, %" PRIu64 " with a tail that was cut\n", tally.images, tally.cut);
	assert_true(tally.images > 300 && tally.cut > 20);
	remove_folder();
}

static void torn_images(void **state)
{
	uint64_t want = getenv("ETALON_LONG") ? 10000 : 1000;

	(void)state;
	make_folder();
	tally = (struct tally){ 0 };
	tally.tears_left = want;
	for (uint64_t seed = 100; tally.tears_left > 0; seed++)
		one_world(seed, cut_here, seed % 2);
	print_message("%" PRIu64 " images, %" PRIu64 " with a tail that was cut\n", tally.images, tally.cut);
	assert_int_equal(tally.images, want);
	assert_true(tally.cut > want / 20);
	remove_folder();
}

/* The second cut comes while the first is being recovered from. */
static uint64_t least, most;

static void cut_recovery(void)
{
	if (!power_image(image, POWER_TORN))
		fail_msg("the folder is gone");
	tally.images++;
	check_recovery(image, least, most);
	remove_journal(image);
}

static void recover_under_cuts(void)
{
	char *torn = mem_format("%s/torn", folder);
	struct journal_recovery found;
	struct journal *j;

	if (world.acknowledged < 3 || power_random(4) || !power_image(torn, POWER_TORN)) {
		free(torn);
		return;
	}
	least = world.acknowledged;
	most = world.journal ? journal_next_seq(world.journal) : world.appended;
	power_on(torn, world.seed);
	power_watch(cut_recovery);
	MUST(journal_open(&j, torn, &small, &found, &e));
	least = found.records;         /* from here on they count as acknowledged */
	journal_close(&j);
	power_off();
	remove_journal(torn);
	free(torn);
}

static void cuts_during_recovery(void **state)
{
	(void)state;
	make_folder();
	tally = (struct tally){ 0 };
	for (uint64_t seed = 500; seed < (getenv("ETALON_LONG") ? 560 : 504); seed++)
		one_world(seed, recover_under_cuts, false);
	print_message("%" PRIu64 " images\n", tally.images);
	assert_true(tally.images > 200);
	remove_folder();
}

static uint64_t calls_of_a_world(uint64_t seed)
{
	uint64_t n;

	power_on(path, seed);
	live(seed);
	n = power_count();
	power_off();
	remove_journal(path);
	return n;
}

/* A failure at call n of a world that is otherwise the same; false if n is beyond its end. */
static bool one_failure(uint64_t seed, uint64_t n, int error, bool lasting)
{
	const struct io *seam;
	enum power_call kind;
	bool met;

	power_on(path, seed);
	seam = io;
	power_fail(n, error, lasting);
	live(seed);
	met = power_failed(&kind);
	power_fail(0, 0, false);
	/* A write that fails for want of space, is interrupted or comes short is no death. */
	if (met && kind == POWER_PWRITE && !lasting && error != EIO && world.appended > 0 &&
	    world.acknowledged < 20)
		fail_msg("seed %" PRIu64 ", call %" PRIu64 ": a write failed once with %d and only %" PRIu64
			 " records were acknowledged", seed, n, error, world.acknowledged);
	/* The power goes, or the program starts again on a machine that lives. */
	io = &io_system;
	if (power_image(image, POWER_ALL_LOST)) {
		if (world.acknowledged > 0)
			check_recovery(image, world.acknowledged, world.appended);
		remove_journal(image);
	} else {
		assert_int_equal(world.acknowledged, 0);
	}
	io = seam;
	if (world.acknowledged > 0)
		check_recovery(path, world.acknowledged, world.appended);
	power_off();
	if (access(path, F_OK) == 0)
		remove_journal(path);
	return met;
}

static void every_call_fails(void **state)
{
	static const struct {
		int error;
		bool lasting;
	} ways[] = {
		{ EIO, false }, { EIO, true }, { ENOSPC, false }, { ENOSPC, true }, { EDQUOT, false },
		{ EINTR, false }, { POWER_SHORT, false }, { EROFS, true },
	};
	uint64_t failures = 0, total;

	(void)state;
	make_folder();
	total = calls_of_a_world(7);
	for (size_t w = 0; w < sizeof ways / sizeof *ways; w++)
		for (uint64_t n = 1; n <= total; n++)
			failures += one_failure(7, n, ways[w].error, ways[w].lasting);
	print_message("%" PRIu64 " failures\n", failures);
	assert_true(failures > 5 * total);
	remove_folder();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_prefix),
		cmocka_unit_test(torn_images),
		cmocka_unit_test(cuts_during_recovery),
		cmocka_unit_test(every_call_fails),
	};

	return cmocka_run_group_tests_name("journal crash", tests, NULL, NULL);
}
