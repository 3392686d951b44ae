/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "archive_verify.h"
#include "folder.h"
#include "run_aid.h"
#include "tamper.h"

#define VALUE "/entry/readings/meter.voltage.dc/value"

static struct err e;

#define OK(expression) do { \
	if ((expression) < 0) \
		fail_msg("%s: %s", #expression, e.text); \
} while (0)

struct place {
	char *folder, *journal, *file;
	struct archive_result made;
	struct archive_report report;
};

static void make(struct place *p, enum run_aid what)
{
	run_aid(p->journal, what);
	OK(archive_build(p->journal, p->file, &p->made, &e));
}

static int make_place(void **state)
{
	struct place *p = mem_new(sizeof *p);

	p->folder = folder_new();
	p->journal = mem_format("%s/journal", p->folder);
	p->file = mem_format("%s/run.h5", p->folder);
	*state = p;
	return 0;
}

static int make_archive(void **state)
{
	make_place(state);
	make(*state, RUN_AID_WHOLE);
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	archive_report_release(&p->report);
	folder_remove(&p->folder);
	free(p->journal);
	free(p->file);
	free(p);
	return 0;
}

static void verify(struct place *p, const char *journal)
{
	archive_report_release(&p->report);
	OK(archive_verify_child(p->file, journal, &p->report, &e));
}

static bool found(const struct place *p, const char *text)
{
	size_t i;

	for (i = 0; i < p->report.n; i++)
		if (strstr(p->report.findings[i], text))
			return true;
	return false;
}

static void print_findings(const struct place *p)
{
	size_t i;

	for (i = 0; i < p->report.n; i++)
		print_message("  finding: %s\n", p->report.findings[i]);
}

#define FOUND(p, text) do { \
	if (!found(p, text)) { \
		print_findings(p); \
		fail_msg("nothing is said of \"%s\"", text); \
	} \
} while (0)

#define NOT_FOUND(p, text) do { \
	if (found(p, text)) { \
		print_findings(p); \
		fail_msg("something is said of \"%s\"", text); \
	} \
} while (0)

#define PROVEN(p) do { \
	print_findings(p); \
	assert_int_equal((p)->report.total, 0); \
} while (0)

static void every_kind_of_run_is_proven(void **state)
{
	static const enum run_aid runs[] = { RUN_AID_WHOLE, RUN_AID_EMPTY, RUN_AID_CUT,
					    RUN_AID_NO_RESULTS };
	struct place *p = *state;
	size_t i;

	for (i = 0; i < sizeof runs / sizeof *runs; i++) {
		free(p->journal);
		p->journal = mem_format("%s/journal%zu", p->folder, i);
		make(p, runs[i]);
		verify(p, p->journal);
		PROVEN(p);
	}
}

static void the_report_says_what_was_proven(void **state)
{
	struct place *p = *state;

	verify(p, NULL);
	PROVEN(p);
	assert_string_equal(p->report.seal.run, RUN_AID_NAME);
	assert_int_equal(p->report.seal.records, p->made.records);
	assert_memory_equal(p->report.seal.digest, p->made.digest, HASH_SIZE);
	assert_memory_equal(p->report.seal.head, p->made.head, HASH_SIZE);
	assert_string_equal(p->report.status, "complete");
	assert_true(p->report.simulated);
	assert_int_equal(p->report.readings, 24);
	assert_int_equal(p->report.parsed, 24);
}

static void a_changed_value_is_named(void **state)
{
	struct place *p = *state;

	tamper_number(p->file, VALUE, 2, 1.5);
	verify(p, NULL);
	FOUND(p, "digest of the seal");
	FOUND(p, VALUE ", row 2: the archive has 1.5, its records give 1.002");
	tamper_reseal(p->file);
	verify(p, NULL);
	NOT_FOUND(p, "digest of the seal");
	FOUND(p, VALUE ", row 2: the archive has 1.5, its records give 1.002");
}

static void a_changed_raw_byte_is_named(void **state)
{
	struct place *p = *state;

	tamper_byte(p->file, "/entry/readings/meter.voltage.dc/raw", 1, 1);
	verify(p, NULL);
	FOUND(p, "digest of the seal");
	FOUND(p, "/entry/readings/meter.voltage.dc/raw, row 1");
}

static void a_changed_attribute_is_named(void **state)
{
	struct place *p = *state;

	tamper_attribute(p->file, VALUE, "units", "mV");
	verify(p, NULL);
	FOUND(p, "digest of the seal");
	FOUND(p, VALUE "@units is not what the records give");
	NOT_FOUND(p, "row");
}

static void a_changed_text_is_named(void **state)
{
	struct place *p = *state;

	tamper_text(p->file, "/entry/title", "DC volts");
	tamper_reseal(p->file);
	verify(p, NULL);
	FOUND(p,
	      "/entry/title, row 0: the archive has \"DC volts\", its records give \"DC volts (simulated)\"");
	assert_int_equal(p->report.total, 1);
}

static void what_is_missing_or_too_much_is_named(void **state)
{
	struct place *p = *state;

	tamper_remove(p->file, "/entry/procedure/data");
	tamper_add(p->file, "/entry/extra");
	tamper_reseal(p->file);
	verify(p, NULL);
	FOUND(p, "/entry/procedure/data is missing");
	FOUND(p, "/entry/extra/ is in the archive, but the records do not give it");
}

static void a_changed_record_breaks_the_chain(void **state)
{
	struct place *p = *state;

	tamper_byte(p->file, "/entry/record/prev", 5 * HASH_SIZE, 1);
	tamper_reseal(p->file);
	verify(p, NULL);
	FOUND(p, "the chain is broken at record 5");
}

/* The forger changes a text both in its record and where it is shown. */
static void a_text_changed_in_both_places_breaks_the_chain(void **state)
{
	struct place *p = *state;

	tamper_byte(p->file, "/entry/record/body", 0, 2);
	tamper_text(p->file, "/entry/procedure/data", "rrocedure: dcv\n# 1 Ω\n");
	tamper_reseal(p->file);
	verify(p, NULL);
	FOUND(p, "the chain is broken at record 1");
	FOUND(p, "the text procedure dcv.yaml does not have the SHA-256 of its record");
	NOT_FOUND(p, "/entry/procedure/data");
}

static void a_changed_seal_is_named(void **state)
{
	struct place *p = *state;
	char other[HASH_TEXT];

	memset(other, 'a', sizeof other - 1);
	other[sizeof other - 1] = '\0';
	tamper_text(p->file, "/entry/seal/digest", other);
	verify(p, NULL);
	FOUND(p, "the content does not have the digest of the seal");
	assert_int_equal(p->report.total, 1);
	tamper_reseal(p->file);
	tamper_text(p->file, "/entry/seal/head", other);
	verify(p, NULL);
	FOUND(p, "do not chain up to the head of the seal");
	assert_int_equal(p->report.total, 1);
	tamper_number(p->file, "/entry/seal/records", 0, 3);
	verify(p, NULL);
	FOUND(p, "the seal says 3");
	tamper_remove(p->file, "/entry/seal");
	verify(p, NULL);
	FOUND(p, "there is no seal");
}

static struct journal *begin(struct place *p)
{
	struct journal *j;

	OK(journal_create(&j, p->journal, RUN_AID_NAME, NULL, &e));
	return j;
}

static void end(struct place *p, struct journal *j)
{
	OK(journal_commit(j, &e));
	journal_close(&j);
	OK(archive_build(p->journal, p->file, &p->made, &e));
}

static void wrong_counts_are_named(void **state)
{
	struct place *p = *state;
	struct journal *j = begin(p);

	run_aid_add(j, RECORD_EVENT, "", ",\"event\":\"x\",\"text\":\"x\"", NULL, 0);
	run_aid_add(j, RECORD_STOP, "",
		    ",\"status\":\"complete\",\"counts\":{\"kinds\":{\"event\":2},\"channels\":"
		    "{\"\":{\"records\":2,\"readings\":0}}}", NULL, 0);
	end(p, j);
	verify(p, NULL);
	FOUND(p, "of kind event it counts 2, the archive holds 1");
}

/* Everything agrees with everything, but not with what the instrument said. */
static void a_value_that_is_not_its_reply_is_named(void **state)
{
	struct place *p = *state;

	make(p, RUN_AID_WRONG);
	verify(p, p->journal);
	FOUND(p, "the value is 1.0009999999999999, its raw reply says 1.002");
	FOUND(p, "the status is \"ok\", its raw reply says \"overload\"");
	FOUND(p, "its raw reply is not what the model file says");
	assert_int_equal(p->report.total, 3);
}

static void another_journal_is_not_this_one(void **state)
{
	struct place *p = *state;
	char *other = mem_format("%s/other", p->folder);

	verify(p, p->journal);
	PROVEN(p);
	run_aid(other, RUN_AID_NO_RESULTS);
	verify(p, other);
	FOUND(p, "is another one in the journal");
	assert_int_equal(p->report.total, 1);
	free(other);
}

static void what_is_no_archive_is_a_finding_or_an_error(void **state)
{
	struct place *p = *state;

	assert_int_equal(archive_verify_child("/nonexistent", NULL, &p->report, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	file_write(p->file, "hello", 5);
	verify(p, NULL);
	assert_int_equal(p->report.total, 1);
	FOUND(p, "cannot be opened");
	archive_report_release(&p->report);
	assert_int_equal(archive_verify_child(p->file, "/nonexistent", &p->report, &e), -1);
}

/* Whatever a foreign file does to the library, it does in the child. */
static void mutated_files_are_survived(void **state)
{
	struct place *p = *state;
	size_t n, i, silent = 0;
	char *good = file_read(p->file, &n), *bad = mem_new(n);
	uint32_t random = 12345;
	const size_t trials = 30;

	chmod(p->file, 0644);
	for (i = 0; i < trials; i++) {
		int k;

		memcpy(bad, good, n);
		for (k = 0; k < 8; k++) {
			random = random * 1664525 + 1013904223;
			bad[random % n] ^= (char)(random >> 24 | 1);
		}
		file_write(p->file, bad, n);
		verify(p, NULL);
		silent += p->report.total == 0;
	}
	file_write(p->file, good, n / 2);
	verify(p, NULL);
	assert_true(p->report.total > 0);
	assert_true(silent < trials);          /* some bytes of a file mean nothing */
	free(good);
	free(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind_of_run_is_proven, make_place, remove_place),
		cmocka_unit_test_setup_teardown(the_report_says_what_was_proven, make_archive,
						remove_place),
		cmocka_unit_test_setup_teardown(a_changed_value_is_named, make_archive, remove_place),
		cmocka_unit_test_setup_teardown(a_changed_raw_byte_is_named, make_archive,
						remove_place),
		cmocka_unit_test_setup_teardown(a_changed_attribute_is_named, make_archive,
						remove_place),
		cmocka_unit_test_setup_teardown(a_changed_text_is_named, make_archive, remove_place),
		cmocka_unit_test_setup_teardown(what_is_missing_or_too_much_is_named, make_archive,
						remove_place),
		cmocka_unit_test_setup_teardown(a_changed_record_breaks_the_chain, make_archive,
						remove_place),
		cmocka_unit_test_setup_teardown(a_text_changed_in_both_places_breaks_the_chain,
						make_archive,
						remove_place),
		cmocka_unit_test_setup_teardown(a_changed_seal_is_named, make_archive, remove_place),
		cmocka_unit_test_setup_teardown(wrong_counts_are_named, make_place, remove_place),
		cmocka_unit_test_setup_teardown(a_value_that_is_not_its_reply_is_named, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(another_journal_is_not_this_one, make_archive,
						remove_place),
		cmocka_unit_test_setup_teardown(what_is_no_archive_is_a_finding_or_an_error,
						make_archive, remove_place),
		cmocka_unit_test_setup_teardown(mutated_files_are_survived, make_archive, remove_place),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
