/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "archive_verify.h"
#include "folder.h"
#include "place.h"
#include "run_aid.h"
#include "tamper.h"

static struct archive_result made;
static struct archive_report report;

#define VALUE "/entry/readings/meter.voltage.dc/value"

static void make(struct place *p, enum run_aid what)
{
	run_aid(p->journal, what);
	OK(archive_build(p->journal, p->file, &made, &place_err));
}

static int make_archive(void **state)
{
	place_new(state);
	make(*state, RUN_AID_WHOLE);
	return 0;
}

static int remove_archive(void **state)
{
	archive_report_release(&report);
	return place_free(state);
}

static void verify(struct place *p, const char *journal)
{
	archive_report_release(&report);
	OK(archive_verify_child(p->file, journal, &report, &place_err));
}

static bool found(const char *text)
{
	size_t i;

	for (i = 0; i < report.n; i++)
		if (strstr(report.findings[i], text))
			return true;
	return false;
}

static void print_findings(void)
{
	size_t i;

	for (i = 0; i < report.n; i++)
		print_message("  finding: %s\n", report.findings[i]);
}

#define FOUND(text) do { \
	if (!found(text)) { \
		print_findings(); \
		fail_msg("nothing is said of \"%s\"", text); \
	} \
} while (0)

#define NOT_FOUND(text) do { \
	if (found(text)) { \
		print_findings(); \
		fail_msg("something is said of \"%s\"", text); \
	} \
} while (0)

#define PROVEN() do { \
	print_findings(); \
	assert_int_equal(report.total, 0); \
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
		PROVEN();
	}
}

static void the_report_says_what_was_proven(void **state)
{
	struct place *p = *state;

	verify(p, NULL);
	PROVEN();
	assert_string_equal(report.seal.run, RUN_AID_NAME);
	assert_int_equal(report.seal.records, made.records);
	assert_memory_equal(report.seal.digest, made.digest, HASH_SIZE);
	assert_memory_equal(report.seal.head, made.head, HASH_SIZE);
	assert_string_equal(report.status, "complete");
	assert_true(report.simulated);
	assert_int_equal(report.readings, 24);
	assert_int_equal(report.parsed, 24);
}

static void a_changed_value_is_named(void **state)
{
	struct place *p = *state;

	tamper_number(p->file, VALUE, 2, 1.5);
	verify(p, NULL);
	FOUND("digest of the seal");
	FOUND(VALUE ", row 2: the archive has 1.5, its records give 1.002");
	tamper_reseal(p->file);
	verify(p, NULL);
	NOT_FOUND("digest of the seal");
	FOUND(VALUE ", row 2: the archive has 1.5, its records give 1.002");
}

static void a_changed_raw_byte_is_named(void **state)
{
	struct place *p = *state;

	tamper_byte(p->file, "/entry/readings/meter.voltage.dc/raw", 1, 1);
	verify(p, NULL);
	FOUND("digest of the seal");
	FOUND("/entry/readings/meter.voltage.dc/raw, row 1");
}

static void a_changed_attribute_is_named(void **state)
{
	struct place *p = *state;

	tamper_attribute(p->file, VALUE, "units", "mV");
	verify(p, NULL);
	FOUND("digest of the seal");
	FOUND(VALUE "@units is not what the records give");
	NOT_FOUND("row");
}

static void a_changed_text_is_named(void **state)
{
	struct place *p = *state;

	tamper_text(p->file, "/entry/title", "DC volts");
	tamper_reseal(p->file);
	verify(p, NULL);
	FOUND("/entry/title, row 0: the archive has \"DC volts\", its records give \"DC volts (simulated)\"");
	assert_int_equal(report.total, 1);
}

static void what_is_missing_or_too_much_is_named(void **state)
{
	struct place *p = *state;

	tamper_remove(p->file, "/entry/procedure/data");
	tamper_add(p->file, "/entry/extra");
	tamper_reseal(p->file);
	verify(p, NULL);
	FOUND("/entry/procedure/data is missing");
	FOUND("/entry/extra/ is in the archive, but the records do not give it");
}

static void a_changed_record_breaks_the_chain(void **state)
{
	struct place *p = *state;

	tamper_byte(p->file, "/entry/record/prev", 5 * HASH_SIZE, 1);
	tamper_reseal(p->file);
	verify(p, NULL);
	FOUND("the chain is broken at record 5");
}

/* The forger changes a text both in its record and where it is shown. */
static void a_text_changed_in_both_places_breaks_the_chain(void **state)
{
	struct place *p = *state;

	tamper_byte(p->file, "/entry/record/body", 0, 2);
	tamper_text(p->file, "/entry/procedure/data", "rrocedure: dcv\n# 1 Ω\n");
	tamper_reseal(p->file);
	verify(p, NULL);
	FOUND("the chain is broken at record 1");
	FOUND("the text procedure dcv.yaml does not have the SHA-256 of its record");
	NOT_FOUND("/entry/procedure/data");
}

static void a_changed_seal_is_named(void **state)
{
	struct place *p = *state;
	char other[HASH_TEXT];

	memset(other, 'a', sizeof other - 1);
	other[sizeof other - 1] = '\0';
	tamper_text(p->file, "/entry/seal/digest", other);
	verify(p, NULL);
	FOUND("the content does not have the digest of the seal");
	assert_int_equal(report.total, 1);
	tamper_reseal(p->file);
	tamper_text(p->file, "/entry/seal/head", other);
	verify(p, NULL);
	FOUND("do not chain up to the head of the seal");
	assert_int_equal(report.total, 1);
	tamper_number(p->file, "/entry/seal/records", 0, 3);
	verify(p, NULL);
	FOUND("the seal says 3");
	tamper_remove(p->file, "/entry/seal");
	verify(p, NULL);
	FOUND("there is no seal");
}

static struct journal *begin(struct place *p)
{
	struct journal *j;

	OK(journal_create(&j, p->journal, RUN_AID_NAME, NULL, &place_err));
	return j;
}

static void end(struct place *p, struct journal *j)
{
	OK(journal_commit(j, &place_err));
	journal_close(&j);
	OK(archive_build(p->journal, p->file, &made, &place_err));
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
	FOUND("of kind event it counts 2, the archive holds 1");
}

/* Everything agrees with everything, but not with what the instrument said. */
static void a_value_that_is_not_its_reply_is_named(void **state)
{
	struct place *p = *state;

	make(p, RUN_AID_WRONG);
	verify(p, p->journal);
	FOUND("the value is 1.0009999999999999, its raw reply says 1.002");
	FOUND("the status is \"ok\", its raw reply says \"overload\"");
	FOUND("its raw reply is not what the model file says");
	assert_int_equal(report.total, 3);
}

static void another_journal_is_not_this_one(void **state)
{
	struct place *p = *state;
	char *other = mem_format("%s/other", p->folder);

	verify(p, p->journal);
	PROVEN();
	run_aid(other, RUN_AID_NO_RESULTS);
	verify(p, other);
	FOUND("is another one in the journal");
	assert_int_equal(report.total, 1);
	free(other);
}

static void what_is_no_archive_is_a_finding_or_an_error(void **state)
{
	struct place *p = *state;

	assert_int_equal(archive_verify_child("/nonexistent", NULL, &report, &place_err), -1);
	assert_int_equal(place_err.code, ERR_IO);
	file_write(p->file, "hello", 5);
	verify(p, NULL);
	assert_int_equal(report.total, 1);
	FOUND("cannot be opened");
	archive_report_release(&report);
	assert_int_equal(archive_verify_child(p->file, "/nonexistent", &report, &place_err), -1);
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
		silent += report.total == 0;
	}
	file_write(p->file, good, n / 2);
	verify(p, NULL);
	assert_true(report.total > 0);
	assert_true(silent < trials);          /* some bytes of a file mean nothing */
	free(good);
	free(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind_of_run_is_proven, place_new, remove_archive),
		cmocka_unit_test_setup_teardown(the_report_says_what_was_proven, make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(a_changed_value_is_named, make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(a_changed_raw_byte_is_named, make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(a_changed_attribute_is_named, make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(a_changed_text_is_named, make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(what_is_missing_or_too_much_is_named, make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(a_changed_record_breaks_the_chain, make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(a_text_changed_in_both_places_breaks_the_chain,
						make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(a_changed_seal_is_named, make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(wrong_counts_are_named, place_new, remove_archive),
		cmocka_unit_test_setup_teardown(a_value_that_is_not_its_reply_is_named, place_new, remove_archive),
		cmocka_unit_test_setup_teardown(another_journal_is_not_this_one, make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(what_is_no_archive_is_a_finding_or_an_error,
						make_archive, remove_archive),
		cmocka_unit_test_setup_teardown(mutated_files_are_survived, make_archive, remove_archive),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
