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
	"  voltage.dc: {unit: V, meaning: direct voltage}\n"
	"  temperature: {unit: degC, meaning: temperature}\n"
	"  humidity.relative: {unit: '%', meaning: humidity}\n";

static const char model[] =
	"model: box\nmanufacturer: Acme\nnumber: B1\ntitle: Box\ndriver: scpi\nseen: manual\n"
	"identity: {ask: '*IDN?', expect: 'ACME'}\n"
	"sentinels: [{value: 257, status: overload}, {value: 514, status: not_a_number}]\n"
	"points:\n"
	"  voltage.dc@trace: {ask: 'CURV?', block: {format: int16, count: 3}}\n"
	"  voltage.dc@asked: {ask: 'CURV?', block: {format: int16, count_ask: 'COUN?'}}\n"
	"  voltage.dc@1: {ask: 'MEAS? (@{inputs})'}\n"
	"  voltage.dc@2: {ask: 'MEAS? (@{inputs})'}\n"
	"  voltage.dc@left: {ask: 'BOTH?', field: 1}\n"
	"  voltage.dc@right: {ask: 'BOTH?', field: 2}\n";

static const char room[] =
	"model: room\nmanufacturer: Acme\nnumber: R1\ntitle: Room\ndriver: modbus\nseen: manual\n"
	"points:\n"
	"  temperature:\n"
	"    registers: {table: input, address: 100, type: int16}\n"
	"    status: [{registers: {table: input, address: 102, type: uint16}, means: not_a_number}]\n"
	"  humidity.relative: {registers: {table: input, address: 101, type: uint16}}\n";

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
	add_text("model", "room.yaml", room);
	run_aid_add(j, RECORD_START, "", ",\"laboratory\":\"LAB\",\"operator\":\"Ada\",\"procedure\":\"p\",\"title\":\"P\","
		    "\"bench\":\"b\",\"simulated\":true,\"points\":[{\"name\":\"one\",\"values\":{}}],"
		    "\"roles\":{\"meter\":{\"model\":\"box\",\"address\":\"tcp://h:1\"},"
		    "\"room\":{\"model\":\"room\",\"address\":\"modbus+tcp://h:502/1\"}}", NULL, 0);
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

static void add_array_of(const char *input, const char *raw, const char *status, const char *more, const char *bytes,
			 size_t n)
{
	char channel[64], keys[512];

	snprintf(keys, sizeof keys, ",\"value\":null,\"unit\":\"V\",\"status\":\"%s\",\"raw\":\"%s\",\"dtype\":\"int16\","
		 "\"shape\":[%zu],\"sent\":\"big\",\"sample_interval_ns\":0%s,\"bytes\":%zu,\"part\":1,\"parts\":1,\"span_ns\":1",
		 status, raw, n / 2, more, n);
	snprintf(channel, sizeof channel, "meter.voltage.dc@%s", input);
	run_aid_add(j, RECORD_READING, channel, keys, bytes, n);
}

static void add_array(const char *raw, const char *status, const char *more, const char *bytes, size_t n)
{
	add_array_of("trace", raw, status, more, bytes, n);
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
		"record 5: the status is \"ok\", the numbers of its array say \"overload\"",
		"record 5: 0 of its numbers are \"overload\", its array has 2",
		"record 6: the status is \"overload\", the numbers of its array say \"ok\"",
		"record 6: 1 of its numbers are \"overload\", its array has 0",
		"record 7: 2 of its numbers are \"not_a_number\", its array has 1",
		"record 8: the array has 2 numbers in place of 3", NULL
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
		"meter.voltage.dc@1, record 9: field 2 of its exchange meter-1 is input 2, not 1",
		"meter.voltage.dc@2, record 10: field 1 of its exchange meter-1 is input 1, not 2",
		"meter.voltage.dc@1, record 12: field 1 of its exchange meter-2 is input 2, not 1",
		"meter.voltage.dc@1, record 13: its raw reply is not the one of its exchange meter-1",
		"meter.voltage.dc@2, record 14: it is field 2 of a reply, and names no exchange",
		"meter.voltage.dc@1, record 15: its exchange meter-9 is not on record before it",
		"meter.voltage.dc@left, record 16: its exchange meter-1 asked 'MEAS? (@1,2)\\x0A', the model file says BOTH?",
		"meter.voltage.dc@2, record 18: it is field 2, and its exchange meter-3 asked for 1", NULL
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

static void count(int number, const char *asked, const char *told)
{
	char keys[256];

	snprintf(keys, sizeof keys, ",\"role\":\"meter\",\"why\":\"count\",\"id\":\"meter-%d\",\"sent\":\"%s\\n\","
		 "\"received\":\"%s\",\"span_ns\":1", number, asked, told);
	run_aid_add(j, RECORD_EXCHANGE, "", keys, NULL, 0);
}

static void add_counted(const char *more)
{
	add_array_of("asked", "#16", "ok", more, "\1\0\2\0\3\0", 6);
}

#define COUNTED(n) ",\"counted\":\"meter-" n "\""

/* Two settings in turn, and at last a journal from before arrays named what counts them. */
static void arrays_have_the_count_they_were_told(void **state)
{
	static const char *const none[] = { NULL };
	struct place *p = *state;

	begin(p);
	announce("asked", ",\"datatype\":\"int16\",\"block\":true,\"scale\":1,\"offset\":0");
	count(1, "COUN?", "+3");
	count(2, "COUN?", "+4");
	add_counted(COUNTED("1"));
	add_counted("");
	end(p);
	finds(none);
}

static void an_array_of_another_count_is_named(void **state)
{
	static const char *const texts[] = {
		"record 5: no exchange before it says that it has 3 numbers",
		"record 10: it has 3 numbers, which its exchange meter-1 does not say",
		"record 11: it has 3 numbers, which its exchange meter-2 does not say",
		"record 12: it has 3 numbers, which its exchange meter-3 does not say",
		"record 13: it has 3 numbers, which its exchange meter-4 does not say",
		"record 14: its exchange meter-9, which counts its numbers, is not on record before it", NULL
	};
	struct place *p = *state;

	begin(p);
	announce("asked", ",\"datatype\":\"int16\",\"block\":true,\"scale\":1,\"offset\":0");
	add_counted("");
	count(1, "COUN?", "4");
	count(2, "POIN?", "3");
	count(3, "COUN?", "some");
	add_exchange(4, "COUN?", "3");                          /* a measurement */
	for (int i = 1; i <= 4; i++) {
		char more[32];

		snprintf(more, sizeof more, ",\"counted\":\"meter-%d\"", i);
		add_counted(more);
	}
	add_counted(COUNTED("9"));
	end(p);
	finds(texts);
}

/* Registers: unit 1, function 4.  Bytes are written as records have them. */

static void begin_room(struct place *p)
{
	static const char *const quantities_of[] = { "temperature", "humidity.relative" };

	begin(p);
	for (size_t i = 0; i < 2; i++) {
		char channel[64], keys[256];

		snprintf(channel, sizeof channel, "room.%s", quantities_of[i]);
		snprintf(keys, sizeof keys, ",\"role\":\"room\",\"quantity\":\"%s\",\"unit\":\"1\",\"instrument\":\"room\","
			 "\"environment\":false,\"simulated\":true,\"datatype\":\"float64\"", quantities_of[i]);
		run_aid_add(j, RECORD_CHANNEL, channel, keys, NULL, 0);
	}
}

static void add_read(int number, const char *sent, const char *received)
{
	char keys[512];

	snprintf(keys, sizeof keys, ",\"role\":\"room\",\"why\":\"measure\",\"id\":\"room-%d\",\"sent\":\"%s\","
		 "\"received\":\"%s\",\"span_ns\":1", number, sent, received);
	run_aid_add(j, RECORD_EXCHANGE, "", keys, NULL, 0);
}

static void add_room(const char *quantity, double value, const char *raw, int exchange)
{
	char channel[64], keys[512];
	int n;

	snprintf(channel, sizeof channel, "room.%s", quantity);
	n = snprintf(keys, sizeof keys, ",\"value\":%.17g,\"unit\":\"1\",\"status\":\"ok\",\"raw\":\"%s\",\"span_ns\":1", value, raw);
	if (exchange)
		snprintf(keys + n, sizeof keys - (size_t)n, ",\"exchange\":\"room-%d\"", exchange);
	run_aid_add(j, RECORD_READING, channel, keys, NULL, 0);
}

#define WORD(low)  "\\u0000\\u00" low
#define READ(from, n)  "\\u0001\\u0004" WORD(from) WORD(n)
#define GOT(bytes)     "\\u0001\\u0004\\u00" bytes

/* 100 and 101 in one request, and the status of the first in it or in another; and as journals had it that named none. */
static void registers_of_one_reply_are_those_of_their_channels(void **state)
{
	static const char *const none[] = { NULL };
	struct place *p = *state;

	begin_room(p);
	add_read(1, READ("64", "03"), GOT("06") WORD("17") WORD("2d") WORD("00"));
	add_room("temperature", 23, WORD("17") WORD("00"), 1);
	add_room("humidity.relative", 45, WORD("2d"), 1);
	add_read(2, READ("64", "02"), GOT("04") WORD("17") WORD("2d"));
	add_room("temperature", 23, WORD("17") WORD("00"), 2);
	add_room("temperature", 24, WORD("18") WORD("00"), 0);
	end(p);
	finds(none);
	assert_int_equal(report.parsed, 4);
}

static void registers_of_another_channel_are_named(void **state)
{
	static const char *const texts[] = {
		"record 7: its raw reply is not what its exchange room-1 read",
		"record 8: its raw reply is not what its exchange room-1 read",
		"record 10: its exchange room-2 read 1 from 101 on by function 4, the model file says 1 from input registers 100 on",
		"record 12: its exchange room-3 read 3 from 100 on by function 3, the model file says 1 from input registers 101 on",
		"record 14: its exchange room-4 is not registers read and answered",
		"record 16: its exchange room-5 is not registers read and answered",
		"record 18: its raw reply is not what its exchange room-6 read",
		"record 19: its exchange room-9 is not on record before it", NULL
	};
	struct place *p = *state;

	begin_room(p);
	add_read(1, READ("64", "03"), GOT("06") WORD("17") WORD("2d") WORD("00"));
	add_room("temperature", 45, WORD("2d") WORD("00"), 1);          /* of the humidity */
	add_room("humidity.relative", 23, WORD("17"), 1);
	add_read(2, READ("65", "01"), GOT("02") WORD("17"));
	add_room("temperature", 23, WORD("17") WORD("00"), 2);
	add_read(3, "\\u0001\\u0003" WORD("64") WORD("03"), "\\u0001\\u0003\\u0006" WORD("17") WORD("2d") WORD("00"));
	add_room("humidity.relative", 45, WORD("2d"), 3);
	add_read(4, READ("64", "03"), GOT("04") WORD("17") WORD("2d"));  /* too short for what was asked */
	add_room("humidity.relative", 45, WORD("2d"), 4);
	add_read(5, "\\u0001\\u0006" WORD("64") WORD("03"), "\\u0001\\u0006" WORD("64") WORD("03"));      /* a write */
	add_room("humidity.relative", 3, WORD("03"), 5);
	add_read(6, READ("64", "03"), GOT("06") WORD("17") WORD("2d") WORD("01"));      /* its status was not 0 */
	add_room("temperature", 23, WORD("17") WORD("00"), 6);
	add_room("temperature", 23, WORD("17") WORD("00"), 9);
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
		REPLIES(arrays_have_the_count_they_were_told),
		REPLIES(an_array_of_another_count_is_named),
		REPLIES(registers_of_one_reply_are_those_of_their_channels),
		REPLIES(registers_of_another_channel_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
