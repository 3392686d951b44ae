/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_verify_replies.c - a forger, or a fault of ours, in the records themselves: the chain holds and the seal is
 * right, but a reading is not what its instrument said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive_verify.h"
#include "journal.h"
#include "place.h"
#include "run_aid.h"

static const char quantities[] =
	"quantities:\n"
	"  voltage.dc: {unit: V, meaning: direct voltage}\n";

static const char model[] =
	"model: box\nmanufacturer: Acme\nnumber: B1\ntitle: Box\ndriver: scpi\nseen: manual\n"
	"identity: {ask: '*IDN?', expect: 'ACME'}\n"
	"sentinels: [{value: 257, status: overload}, {value: 514, status: not_a_number}]\n"
	"points:\n"
	"  voltage.dc@trace: {ask: 'CURV?', block: {format: int16, count: 3}}\n"
	"  voltage.dc@1: {ask: 'MEAS? (@{inputs})'}\n"
	"  voltage.dc@2: {ask: 'MEAS? (@{inputs})'}\n"
	"  voltage.dc@left: {ask: 'BOTH?', field: 1}\n"
	"  voltage.dc@right: {ask: 'BOTH?', field: 2}\n";

static struct journal *j;
static struct archive_report report;

static void add_text(const char *what, const char *name, const char *text)
{
	char digits[HASH_TEXT], keys[512];
	uint8_t hash[HASH_SIZE];

	hash_of(hash, text, strlen(text));
	snprintf(keys, sizeof keys, ",\"what\":\"%s\",\"name\":\"%s\",\"sha256\":\"%s\",\"bytes\":%zu,\"part\":1,\"parts\":1,"
		 "\"media_type\":\"application/yaml\"", what, name, hash_text(hash, digits), strlen(text));
	run_aid_add(j, RECORD_FILE, "", keys, text, strlen(text));
}

static void begin(struct place *p)
{
	OK(journal_create(&j, p->journal, RUN_AID_NAME, NULL, &place_err));
	add_text("quantities", "quantities.yaml", quantities);
	add_text("model", "box.yaml", model);
	run_aid_add(j, RECORD_START, "", ",\"laboratory\":\"LAB\",\"operator\":\"Ada\",\"procedure\":\"p\",\"title\":\"P\","
		    "\"bench\":\"b\",\"simulated\":true,\"points\":[{\"name\":\"one\",\"values\":{}}],"
		    "\"roles\":{\"meter\":{\"model\":\"box\",\"address\":\"tcp://h:1\"}}", NULL, 0);
}

static void announce(const char *input, const char *more)
{
	char channel[64], keys[512];

	snprintf(channel, sizeof channel, "meter.voltage.dc@%s", input);
	snprintf(keys, sizeof keys, ",\"role\":\"meter\",\"quantity\":\"voltage.dc\",\"input\":\"%s\",\"unit\":\"V\","
		 "\"instrument\":\"box\",\"environment\":false,\"simulated\":true%s", input, more);
	run_aid_add(j, RECORD_CHANNEL, channel, keys, NULL, 0);
}

static void end(struct place *p)
{
	struct buf keys = { 0 };
	struct archive_result made;

	buf_puts(&keys, ",\"status\":\"complete\",\"reason\":\"\",\"simulated\":true,\"counts\":");
	record_counts_put(&keys, journal_counts(j));
	run_aid_add(j, RECORD_STOP, "", keys.data, NULL, 0);
	buf_release(&keys);
	OK(journal_commit(j, &place_err));
	journal_close(&j);
	OK(archive_build(p->journal, p->file, &made, &place_err));
	archive_report_release(&report);
	OK(archive_verify(p->file, NULL, &report, &place_err));
}

/* The findings are those, in this order; NULL ends them. */
static void finds(const char *const *texts)
{
	size_t n = 0;

	while (texts[n])
		n++;
	for (size_t i = 0; i < report.n; i++)
		if (report.n != n || !strstr(report.findings[i], texts[i]))
			print_message("  finding: %s\n", report.findings[i]);
	assert_int_equal(report.total, n);
	for (size_t i = 0; i < n; i++)
		assert_non_null(strstr(report.findings[i], texts[i]));
}

static void announce_trace(void)
{
	announce("trace", ",\"datatype\":\"int16\",\"block\":true,\"scale\":1,\"offset\":0,\"count\":3,"
		 "\"sentinels\":[{\"value\":257,\"status\":\"overload\"},{\"value\":514,\"status\":\"not_a_number\"}]");
}

static void add_array(const char *raw, const char *status, const char *more, const char *bytes, size_t n)
{
	char keys[512];

	snprintf(keys, sizeof keys, ",\"value\":null,\"unit\":\"V\",\"status\":\"%s\",\"raw\":\"%s\",\"dtype\":\"int16\","
		 "\"shape\":[%zu],\"sent\":\"big\",\"sample_interval_ns\":0%s,\"bytes\":%zu,\"part\":1,\"parts\":1,\"span_ns\":1",
		 status, raw, n / 2, more, n);
	run_aid_add(j, RECORD_READING, "meter.voltage.dc@trace", keys, bytes, n);
}

static void arrays_say_themselves_what_is_no_number(void **state)
{
	static const char *const none[] = { NULL };
	struct place *p = *state;

	begin(p);
	announce_trace();
	add_array("#16", "ok", "", "\1\0\2\0\3\0", 6);
	add_array("#16", "not_a_number", ",\"sentinels\":{\"overload\":1,\"not_a_number\":1}", "\2\2\1\1\3\0", 6);
	end(p);
	finds(none);
	assert_int_equal(report.parsed, 2);
}

static void arrays_that_hide_what_is_no_number_are_named(void **state)
{
	static const char *const texts[] = {
		"record 4: the status is \"ok\", the numbers of its array say \"overload\"",
		"record 4: 0 of its numbers are \"overload\", its array has 2",
		"record 5: the status is \"overload\", the numbers of its array say \"ok\"",
		"record 5: 1 of its numbers are \"overload\", its array has 0",
		"record 6: 2 of its numbers are \"not_a_number\", its array has 1",
		"record 7: the array has 2 numbers in place of 3", NULL
	};
	struct place *p = *state;

	begin(p);
	announce_trace();
	add_array("#16", "ok", "", "\1\1\2\0\1\1", 6);
	add_array("#16", "overload", ",\"sentinels\":{\"overload\":1}", "\1\0\2\0\3\0", 6);
	add_array("#16", "not_a_number", ",\"sentinels\":{\"not_a_number\":2}", "\1\0\2\2\3\0", 6);
	add_array("#14", "ok", "", "\1\0\2\0", 4);
	end(p);
	finds(texts);
}

static void add_exchange(int number, const char *sent, const char *received)
{
	char keys[512];

	snprintf(keys, sizeof keys, ",\"role\":\"meter\",\"why\":\"measure\",\"id\":\"meter-%d\",\"sent\":\"%s\\n\","
		 "\"received\":\"%s\",\"span_ns\":1", number, sent, received);
	run_aid_add(j, RECORD_EXCHANGE, "", keys, NULL, 0);
}

static void add_reading(const char *input, double value, const char *raw, const char *more)
{
	char channel[64], keys[512];

	snprintf(channel, sizeof channel, "meter.voltage.dc@%s", input);
	snprintf(keys, sizeof keys, ",\"value\":%.17g,\"unit\":\"V\",\"status\":\"ok\",\"raw\":\"%s\",\"span_ns\":1%s", value,
		 raw, more);
	run_aid_add(j, RECORD_READING, channel, keys, NULL, 0);
}

static void begin_inputs(struct place *p)
{
	static const char *const inputs[] = { "1", "2", "left", "right" };

	begin(p);
	for (size_t i = 0; i < 4; i++)
		announce(inputs[i], ",\"datatype\":\"float64\"");
}

#define EXCHANGE(n)      ",\"exchange\":\"meter-" n "\""
#define FIELD(n, field)  EXCHANGE(n) ",\"field\":" field

static void readings_of_one_reply_belong_to_their_inputs(void **state)
{
	static const char *const none[] = { NULL };
	struct place *p = *state;

	begin_inputs(p);
	add_exchange(1, "MEAS? (@1,2)", "5,7");
	add_exchange(2, "MEAS? (@2)", "8");
	add_reading("1", 5, "5,7", FIELD("1", "1"));
	add_reading("2", 7, "5,7", FIELD("1", "2"));
	add_reading("2", 8, "8", FIELD("2", "1"));
	add_exchange(3, "BOTH?", "5,7");
	add_reading("right", 7, "5,7", EXCHANGE("3"));
	add_reading("left", 5, "5,7", EXCHANGE("3"));
	add_exchange(1, "MEAS? (@2,1)", "3,4");                 /* numbered anew after a restart */
	add_reading("2", 3, "3,4", FIELD("1", "1"));
	end(p);
	finds(none);
	assert_int_equal(report.parsed, 6);
}

/* Each value is what its field of its raw reply says: only what was sent shows whose it is. */
static void a_reading_of_another_input_is_named(void **state)
{
	static const char *const texts[] = {
		"meter.voltage.dc@1, record 8: field 2 of its exchange meter-1 is input 2, not 1",
		"meter.voltage.dc@2, record 9: field 1 of its exchange meter-1 is input 1, not 2",
		"meter.voltage.dc@1, record 11: field 1 of its exchange meter-2 is input 2, not 1",
		"meter.voltage.dc@1, record 12: its raw reply is not the one of its exchange meter-1",
		"meter.voltage.dc@2, record 13: it is field 2 of a reply, and names no exchange",
		"meter.voltage.dc@1, record 14: its exchange meter-9 is not on record before it",
		"meter.voltage.dc@left, record 15: its exchange meter-1 asked 'MEAS? (@1,2)\\x0A', the model file says BOTH?",
		"meter.voltage.dc@2, record 17: it is field 2, and its exchange meter-3 asked for 1", NULL
	};
	struct place *p = *state;

	begin_inputs(p);
	add_exchange(1, "MEAS? (@1,2)", "5,7");
	add_reading("1", 7, "5,7", FIELD("1", "2"));
	add_reading("2", 5, "5,7", FIELD("1", "1"));
	add_exchange(2, "MEAS? (@2)", "8");
	add_reading("1", 8, "8", FIELD("2", "1"));
	add_reading("1", 6, "6,7", FIELD("1", "1"));
	add_reading("2", 7, "5,7", ",\"field\":2");
	add_reading("1", 5, "5,7", FIELD("9", "1"));
	add_reading("left", 5, "5,7", EXCHANGE("1"));
	add_exchange(3, "MEAS? (@1)", "1,2");
	add_reading("2", 2, "1,2", FIELD("3", "2"));
	end(p);
	finds(texts);
}

static int remove_all(void **state)
{
	archive_report_release(&report);
	return place_free(state);
}

#define REPLIES(test) cmocka_unit_test_setup_teardown(test, place_new, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPLIES(arrays_say_themselves_what_is_no_number),
		REPLIES(arrays_that_hide_what_is_no_number_are_named),
		REPLIES(readings_of_one_reply_belong_to_their_inputs),
		REPLIES(a_reading_of_another_input_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
