/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "record.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const uint8_t zeros[HASH_SIZE];

static struct draft reading(const char *keys)
{
	return (struct draft){
		.kind = RECORD_READING, .channel = "meter.voltage.dc", .utc_ns = 1795492762123456789,
		.mono_ns = 42, .keys = keys, .keys_len = strlen(keys),
	};
}

static void header_is_as_documented(void **state)
{
	struct draft d = reading(",\"value\":1.5,\"unit\":\"V\"");
	struct buf out = { 0 }, expected = { 0 };
	struct err e;

	(void)state;
	buf_puts(&out, "before");
	assert_int_equal(record_encode(&out, "LAB-20261124-0001", 7, 3, zeros, &d, &e), 0);
	buf_printf(&expected, "before{\"v\":1,\"run\":\"LAB-20261124-0001\",\"seq\":7,\"kind\":\"reading\","
		   "\"channel\":\"meter.voltage.dc\",\"nth\":3,\"utc_ns\":1795492762123456789,\"mono_ns\":42,"
		   "\"boot\":\"%s\",\"prev\":\"%064d\",\"value\":1.5,\"unit\":\"V\"}", instant_boot(), 0);
	assert_string_equal(out.data, expected.data);
	buf_release(&out);
	buf_release(&expected);
}

static void decoding_gives_back(void **state)
{
	struct draft d = reading(",\"value\":1.5,\"unit\":\"V\",\"raw\":\"+1.5E0\\u00ff\",\"point\":-1,\"at_ns\":null");
	uint8_t prev[HASH_SIZE];
	struct buf out = { 0 };
	struct record r;
	struct span v;
	struct err e;
	int64_t i;
	double x;
	char s[8];

	(void)state;
	hash_of(prev, "x", 1);
	d.utc_ns = -5;
	d.mono_ns = INT64_MAX;
	assert_int_equal(record_encode(&out, "L", INT64_MAX, 9, prev, &d, &e), 0);
	assert_int_equal(record_decode(&r, (struct span){ out.data, out.len }, "body", 4, &e), 0);
	assert_true(r.seq == INT64_MAX && r.nth == 9 && r.kind == RECORD_READING);
	assert_true(r.utc_ns == -5 && r.mono_ns == INT64_MAX);
	assert_string_equal(r.run, "L");
	assert_string_equal(r.channel, d.channel);
	assert_string_equal(r.boot, instant_boot());
	assert_memory_equal(r.prev, prev, HASH_SIZE);
	assert_true(r.body_len == 4 && r.header.n == out.len);

	assert_int_equal(record_get(&r, "unit", &v), 1);
	assert_int_equal(record_get(&r, "nothing", &v), 0);
	assert_int_equal(record_get_int(&r, "point", &i), 1);
	assert_int_equal(i, -1);
	assert_int_equal(record_get_int(&r, "at_ns", &i), 0);
	assert_int_equal(record_get_number(&r, "value", &x), 1);
	assert_true(x == 1.5);
	assert_int_equal(record_get_number(&r, "unit", &x), 0);
	assert_int_equal(record_get_string(&r, "unit", s, sizeof s), 1);
	assert_string_equal(s, "V");
	assert_int_equal(record_get_string(&r, "raw", s, sizeof s), 0);    /* does not fit */
	assert_int_equal(record_get_string(&r, "value", s, sizeof s), 0);
	buf_release(&out);
}

static void refused(const char *run, struct draft d, const char *why)
{
	struct buf out = { 0 };
	struct err e;

	buf_puts(&out, "kept");
	if (record_encode(&out, run, 0, 0, zeros, &d, &e) != -1)
		fail_msg("accepted: %s", out.data);
	assert_int_equal(e.code, ERR_CONFIG);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
	assert_string_equal(out.data, "kept");
	buf_release(&out);
}

static void what_could_not_be_read_is_not_written(void **state)
{
	struct draft d = reading("");
	struct buf long_text = { 0 };
	struct err e;

	(void)state;
	d.keys = NULL;                 /* none is fine */
	assert_int_equal(record_encode(&long_text, "L", 0, 0, zeros, &d, &e), 0);
	buf_clear(&long_text);
	refused("", d, "name of a run");
	refused("a/b", d, "name of a run");
	refused("a\"b", d, "name of a run");
	refused("a\\b", d, "name of a run");
	refused("a\nb", d, "name of a run");
	refused("a234567890123456789012345678901234567890123456789012345678901234", d, "name of a run");
	refused("\xff", d, "name of a run");
	d.channel = "a/b";
	refused("L", d, "name of a channel");
	d.channel = "12345678901234567890123456789012345678901234567890"
		    "1234567890123456789012345678901234567890123456";
	refused("L", d, "name of a channel");
	refused("L", reading(",\"a\":"), "not JSON");
	refused("L", reading("\"a\":1"), "not JSON");
	refused("L", reading(",\"a\":1}"), "not JSON");
	refused("L", reading(",\"a\":nan"), "not JSON");
	d = reading("");
	d.kind = RECORD_KINDS;
	refused("L", d, "no kind");
	d = reading("");
	d.body_len = RECORD_BODY_MAX + 1;
	refused("L", d, "body of 1048577");
	buf_puts(&long_text, ",\"a\":\"");
	for (int i = 0; i < RECORD_HEADER_MAX; i++)
		buf_putc(&long_text, 'x');
	buf_putc(&long_text, '"');
	refused("L", reading(long_text.data), "is above the 65536");
	buf_release(&long_text);
}

#define ZEROS64 "0000000000000000000000000000000000000000000000000000000000000000"
#define GOOD "{\"v\":1,\"run\":\"L\",\"seq\":0,\"kind\":\"event\",\"channel\":\"\",\"nth\":0,\"utc_ns\":1," \
	     "\"mono_ns\":2,\"boot\":\"b\",\"prev\":\"" ZEROS64 "\"}"
#define MEMBERS_OF_GOOD 10

static const struct {
	const char *from, *to, *why;
} faults[] = {
	{ "\"v\":1", "\"v\":2", "bad value of \"v\"" },
	{ "\"v\":1", "\"v\":1.0", "bad value of \"v\"" },
	{ "\"v\":1,", "", "where \"v\" belongs" },
	{ "\"run\":\"L\"", "\"run\":\"\"", "bad value of \"run\"" },
	{ "\"run\":\"L\"", "\"run\":1", "bad value of \"run\"" },
	{ "\"run\":\"L\"", "\"run\":\"a/b\"", "bad value of \"run\"" },
	{ "\"run\":\"L\"", "\"run\":\"a\\u0041\"", "bad value of \"run\"" },
	{ "\"run\":\"L\"", "\"RUN\":\"L\"", "where \"run\" belongs" },
	{ "\"seq\":0", "\"seq\":-1", "bad value of \"seq\"" },
	{ "\"seq\":0", "\"seq\":null", "bad value of \"seq\"" },
	{ "\"seq\":0", "\"seq\":9223372036854775808", "bad value of \"seq\"" },
	{ "\"event\"", "\"events\"", "bad value of \"kind\"" },
	{ "\"event\"", "[]", "bad value of \"kind\"" },
	{ "\"event\"", "7", "bad value of \"kind\"" },
	{ "\"channel\":\"\"", "\"channel\":null", "bad value of \"channel\"" },
	{ "\"nth\":0", "\"nth\":\"0\"", "bad value of \"nth\"" },
	{ "\"utc_ns\":1", "\"utc_ns\":1e9", "bad value of \"utc_ns\"" },
	{ "\"utc_ns\":1,\"mono_ns\":2", "\"mono_ns\":2,\"utc_ns\":1", "where \"utc_ns\" belongs" },
	{ "\"boot\":\"b\"", "\"boot\":\"1234567890123456789012345678901234567\"", "bad value of \"boot\"" },
	{ "\"prev\":\"0", "\"prev\":\"", "bad value of \"prev\"" },
	{ "\"prev\":\"0", "\"prev\":\"g", "bad value of \"prev\"" },
	{ ",\"prev\":\"" ZEROS64 "\"", "", "lacks \"prev\"" },
	{ "\"}", "\",\"seq\":0}", "\"seq\" twice" },
	{ "\"}", "\",\"s\\u0065q\":0}", "\"seq\" twice" },
	{ "\"}", "\"", "not JSON" },
	{ "\"}", "\"} x", "not JSON" },
	{ "\"}", "\",\"a\":01}", "not JSON" },
	{ "{\"v\"", "[\"v\"", "not a JSON object" },
};

static void faults_are_named(void **state)
{
	struct record r;
	struct err e;

	(void)state;
	assert_int_equal(record_decode(&r, (struct span){ GOOD, sizeof GOOD - 1 }, NULL, 0, &e), 0);
	for (size_t i = 0; i < COUNT(faults); i++) {
		const char *at = strstr(GOOD, faults[i].from);
		struct buf b = { 0 };

		assert_non_null(at);
		buf_add(&b, GOOD, (size_t)(at - GOOD));
		buf_puts(&b, faults[i].to);
		buf_puts(&b, at + strlen(faults[i].from));
		if (record_decode(&r, (struct span){ b.data, b.len }, NULL, 0, &e) != -1)
			fail_msg("accepted: %s", b.data);
		assert_int_equal(e.code, ERR_CORRUPT);
		if (!strstr(e.text, faults[i].why))
			fail_msg("'%s' does not say '%s'", e.text, faults[i].why);
		buf_release(&b);
	}
	assert_int_equal(record_decode(&r, (struct span){ GOOD, sizeof GOOD - 1 }, NULL, RECORD_BODY_MAX + 1, &e), -1);
	assert_int_equal(record_decode(&r, (struct span){ "", 0 }, NULL, 0, &e), -1);
}

/* Headers written without a blank are read by a shorter way: it must see the same. */
static void blanks_make_no_difference(void **state)
{
	static const char *const own[] = { "", ",\"a\":{\"b\":[1]},\"c\":null" };
	struct record plain, spaced;
	struct err e;

	(void)state;
	for (size_t i = 0; i < 2 * MEMBERS_OF_GOOD; i++) {
		struct buf a = { 0 }, b = { 0 };

		buf_printf(&a, "%.*s%s}", (int)sizeof GOOD - 2, GOOD, own[i % 2]);
		for (size_t k = 0, colons = 0; k < a.len; k++) {
			buf_putc(&b, a.data[k]);
			if (a.data[k] == ':' && colons++ == i / 2)
				buf_putc(&b, ' ');
		}
		memset(&plain, 0, sizeof plain);
		memset(&spaced, 0, sizeof spaced);
		assert_int_equal(record_decode(&plain, (struct span){ a.data, a.len }, NULL, 0, &e), 0);
		assert_int_equal(record_decode(&spaced, (struct span){ b.data, b.len }, NULL, 0, &e), 0);
		assert_int_equal(plain.own + 1, spaced.own);
		assert_string_equal(a.data + plain.own, b.data + spaced.own);
		plain.own = spaced.own;
		plain.header = spaced.header;
		assert_memory_equal(&plain, &spaced, sizeof plain);
		buf_release(&a);
		buf_release(&b);
	}
}

/* Computed with Python's hashlib from the formula in docs/stream.md. */
static void chain_of_two(void **state)
{
	struct hash *h = hash_new();
	uint8_t head[HASH_SIZE];
	char text[HASH_TEXT];

	(void)state;
	record_chain(h, head, zeros, (struct span){ "{}", 2 }, NULL, 0);
	assert_string_equal(hash_text(head, text), "4e4120caabf4acce6499be4723073f58deb31c771e6377b3fd7e6c84fdc7e078");
	record_chain(h, head, head, (struct span){ "{\"a\":1}", 7 }, "body", 4);
	assert_string_equal(hash_text(head, text), "dc814cfa72fdeab25faa7f8df1b473274536b7467be3985c25ed881b576d5d26");
	hash_free(&h);
}

static void topics(void **state)
{
	char t[256];

	(void)state;
	assert_int_equal(record_topic(t, sizeof t, "L-1", RECORD_READING, "meter.voltage.dc"), 29);
	assert_string_equal(t, "L-1/reading/meter.voltage.dc/");
	assert_int_equal(record_topic(t, sizeof t, "L-1", RECORD_STOP, ""), 9);
	assert_string_equal(t, "L-1/stop/");
}

static void names_and_back(void **state)
{
	enum reading_status s;
	enum record_kind k;

	(void)state;
	for (int i = 0; i < RECORD_KINDS; i++) {
		const char *name = record_kind_name((enum record_kind)i);

		assert_int_equal(record_kind_parse((struct span){ name, strlen(name) }, &k), 0);
		assert_int_equal(k, i);
	}
	for (int i = 0; i < READING_STATUSES; i++) {
		const char *name = reading_status_name((enum reading_status)i);

		assert_int_equal(reading_status_parse((struct span){ name, strlen(name) }, &s), 0);
		assert_int_equal(s, i);
	}
	assert_int_equal(record_kind_parse((struct span){ "read", 4 }, &k), -1);
	assert_int_equal(reading_status_parse((struct span){ "", 0 }, &s), -1);
}

static void counts(void **state)
{
	struct record_counts a = { 0 }, b = { 0 };
	struct buf text = { 0 };
	char name[16];
	struct err e;

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "c%d", i * 37 % 100);
		record_counts_add(&a, RECORD_CHANNEL, name);
		record_counts_add(&a, RECORD_READING, name);
	}
	record_counts_add(&a, RECORD_EVENT, "");
	assert_int_equal(a.n, 101);
	assert_int_equal(a.kinds[RECORD_READING], 100);
	assert_int_equal(record_counts_channel(&a, "c99")->records, 2);
	assert_int_equal(record_counts_channel(&a, "c99")->readings, 1);
	assert_int_equal(record_counts_channel(&a, "")->readings, 0);

	record_counts_put(&text, &a);
	assert_int_equal(json_check((struct span){ text.data, text.len }), 0);
	assert_int_equal(record_counts_get(&b, (struct span){ text.data, text.len }, &e), 0);
	assert_true(record_counts_equal(&a, &b));
	record_counts_add(&b, RECORD_READING, "c5");
	assert_false(record_counts_equal(&a, &b));
	record_counts_release(&a);
	record_counts_release(&b);
	buf_release(&text);
}

static void counts_are_read_strictly(void **state)
{
	static const char *const bad[] = {
		"", "[]", "{}", "{\"kinds\":{}}", "{\"kinds\":[],\"channels\":{}}",
		"{\"kinds\":{\"reading\":-1},\"channels\":{}}", "{\"kinds\":{\"x\":1},\"channels\":{}}",
		"{\"kinds\":{},\"channels\":{\"a\":{}}}", "{\"kinds\":{},\"channels\":{\"a\":{\"records\":1}}}",
		"{\"kinds\":{},\"channels\":{\"a\":1}}", "{\"kinds\":{},\"channels\":[1]}",
	};
	struct record_counts c = { 0 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (record_counts_get(&c, (struct span){ bad[i], strlen(bad[i]) }, &e) == 0)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(e.code, ERR_CORRUPT);
		assert_null(c.channels);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_is_as_documented),
		cmocka_unit_test(decoding_gives_back),
		cmocka_unit_test(what_could_not_be_read_is_not_written),
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(blanks_make_no_difference),
		cmocka_unit_test(chain_of_two),
		cmocka_unit_test(topics),
		cmocka_unit_test(names_and_back),
		cmocka_unit_test(counts),
		cmocka_unit_test(counts_are_read_strictly),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
