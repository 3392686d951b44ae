/* SPDX-License-Identifier: GPL-3.0-or-later
 * Records go through the encoder, as a journal's do. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tally.h"

static const char run[] = "LAB-20261124-0001";

/* Adds a record made of its own members; returns what tally_add says. */
static instant moment;           /* mono_ns of the records added */

static int add_raw(struct tally *t, enum record_kind kind, const char *channel, const char *keys, struct err *e)
{
	struct draft d = { .kind = kind, .channel = channel, .mono_ns = moment,
			   .keys = keys, .keys_len = strlen(keys) };
	uint8_t prev[HASH_SIZE] = { 0 };
	struct buf header = { 0 };
	struct record r;
	int bad;

	assert_int_equal(record_encode(&header, run, 7, 0, prev, &d, e), 0);
	assert_int_equal(record_decode(&r, (struct span){ header.data, header.len }, "", 0, e), 0);
	bad = tally_add(t, &r, e);
	buf_release(&header);
	return bad;
}

static void add(struct tally *t, enum record_kind kind, const char *channel, const char *keys)
{
	struct err e;

	if (add_raw(t, kind, channel, keys, &e) < 0)
		fail_msg("%s", e.text);
}

static struct tally *begun(void)
{
	struct tally *t = tally_new();

	add(t, RECORD_START, "", ",\"points\":["
	    "{\"name\":\"zero\",\"values\":{\"source.voltage.dc\":0.5,\"source.resistance\":7}},"
	    "{\"name\":\"+10 V\",\"values\":{\"source.voltage.dc\":10}}],"
	    "\"results\":[{\"name\":\"gain\",\"indication\":\"meter.voltage.dc\",\"reference\":\"ref.voltage.dc\"}]");
	add(t, RECORD_CHANNEL, "ref.voltage.dc", ",\"unit\":\"V\"");
	add(t, RECORD_CHANNEL, "meter.voltage.dc", ",\"unit\":\"V\"");
	add(t, RECORD_CHANNEL, "room.temperature", ",\"unit\":\"degC\",\"environment\":true");
	return t;
}

static void event(struct tally *t, const char *name, int point, int attempt)
{
	char *keys = mem_format(",\"event\":\"%s\",\"point\":%d,\"attempt\":%d", name, point, attempt);

	add(t, RECORD_EVENT, "", keys);
	free(keys);
}

static void reading_of(struct tally *t, const char *channel, int point, int attempt, int k, const char *value,
		       const char *status)
{
	char *keys = mem_format(",\"value\":%s,\"unit\":\"V\",\"status\":\"%s\",\"raw\":\"\",\"point\":%d,\"attempt\":%d,"
				"\"step\":2,\"k\":%d,\"use\":\"measure\"", value, status, point, attempt, k);

	add(t, RECORD_READING, channel, keys);
	free(keys);
}

static void reading(struct tally *t, const char *channel, int point, int attempt, int k, const char *value)
{
	reading_of(t, channel, point, attempt, k, value, strcmp(value, "null") ? "ok" : "overload");
}

static const struct result *results(struct tally *t, size_t expected)
{
	const struct result *list;
	struct err e;
	size_t n;

	if (tally_results(t, &list, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(n, expected);
	return list;
}

static void a_point_gives_means_and_a_paired_error(void **state)
{
	struct tally *t = begun();
	const struct result *r;

	(void)state;
	event(t, "point.begin", 1, 1);
	reading(t, "ref.voltage.dc", 1, 1, 0, "10");
	reading(t, "meter.voltage.dc", 1, 1, 0, "10.5");
	reading(t, "ref.voltage.dc", 1, 1, 1, "11");
	reading(t, "meter.voltage.dc", 1, 1, 1, "11.75");
	add(t, RECORD_READING, "room.temperature", ",\"value\":23,\"unit\":\"degC\",\"status\":\"ok\",\"raw\":\"\"");
	event(t, "point.end", 1, 1);
	r = results(t, 3);
	assert_string_equal(r[0].channel, "ref.voltage.dc");
	assert_int_equal(r[0].n, 2);
	assert_true(r[0].value == 10.5);
	assert_true(r[0].deviation == sqrt(0.5));
	assert_string_equal(r[1].channel, "meter.voltage.dc");
	assert_int_equal(r[2].kind, RESULT_ERROR_OF_INDICATION);
	assert_string_equal(r[2].name, "gain");
	assert_string_equal(r[2].channel, "meter.voltage.dc");
	assert_string_equal(r[2].reference, "ref.voltage.dc");
	assert_int_equal(r[2].method, METHOD_PAIRED_DIFFERENCES);
	assert_int_equal(r[2].point, 1);
	assert_int_equal(r[2].n, 2);
	assert_true(r[2].nominal == 10);
	assert_true(r[2].value == 0.625);
	assert_true(r[2].uncertainty == 0.125);
	assert_true(r[2].degrees_of_freedom == 1);
	tally_free(&t);
}

static void a_pair_with_a_sentinel_is_left_out(void **state)
{
	struct tally *t = begun();
	const struct result *r;

	(void)state;
	event(t, "point.begin", 0, 1);
	reading(t, "ref.voltage.dc", 0, 1, 0, "10");
	reading(t, "meter.voltage.dc", 0, 1, 0, "null");
	reading(t, "ref.voltage.dc", 0, 1, 1, "11");
	reading(t, "meter.voltage.dc", 0, 1, 1, "12");
	event(t, "point.end", 0, 1);
	r = results(t, 3);
	assert_int_equal(r[0].n, 2);
	assert_int_equal(r[1].n, 1);
	assert_int_equal(r[1].excluded, 1);
	assert_int_equal(r[2].method, METHOD_PAIRED_DIFFERENCES);
	assert_int_equal(r[2].n, 1);
	assert_int_equal(r[2].excluded, 1);
	assert_true(r[2].value == 1);
	assert_true(isnan(r[2].uncertainty));
	tally_free(&t);
}

static void readings_without_partners_give_a_difference_of_means(void **state)
{
	struct tally *t = begun();
	const struct result *r;

	(void)state;
	event(t, "point.begin", 0, 1);
	reading(t, "ref.voltage.dc", 0, 1, 0, "1");
	reading(t, "ref.voltage.dc", 0, 1, 1, "3");
	reading(t, "meter.voltage.dc", 0, 1, 0, "4");
	reading(t, "meter.voltage.dc", 0, 1, 1, "6");
	reading(t, "meter.voltage.dc", 0, 1, 2, "8");
	event(t, "point.end", 0, 1);
	r = results(t, 3);
	assert_int_equal(r[2].method, METHOD_DIFFERENCE_OF_MEANS);
	assert_int_equal(r[2].n, 3);
	assert_int_equal(r[2].n_reference, 2);
	assert_true(r[2].value == 4);
	assert_true(fabs(r[2].uncertainty - sqrt(1 + 4.0 / 3)) < 1e-15);
	tally_free(&t);
}

/* The meter's link was away: its readings came half a second after their partners. */
static void partners_that_came_late_are_no_pairs(void **state)
{
	struct tally *t = begun();
	const struct result *r;

	(void)state;
	event(t, "point.begin", 0, 1);
	for (int k = 0; k < 4; k++) {
		moment = k * 50 * NS_PER_MS;
		reading(t, "ref.voltage.dc", 0, 1, k, "1");
		moment += k == 0 ? 500 * NS_PER_MS : 460 * NS_PER_MS;
		reading(t, "meter.voltage.dc", 0, 1, k, "2");
	}
	moment = 0;
	event(t, "point.end", 0, 1);
	r = results(t, 3);
	assert_int_equal(r[2].method, METHOD_DIFFERENCE_OF_MEANS);
	tally_free(&t);
}

static void only_the_last_attempt_counts(void **state)
{
	struct tally *t = begun();
	const struct result *r;

	(void)state;
	event(t, "point.begin", 0, 1);
	reading(t, "ref.voltage.dc", 0, 1, 0, "100");
	event(t, "point.end", 0, 1);
	event(t, "point.begin", 0, 2);
	reading(t, "ref.voltage.dc", 0, 2, 0, "1");
	event(t, "point.end", 0, 2);
	r = results(t, 3);
	assert_true(r[0].value == 1);
	assert_int_equal(r[0].attempt, 2);
	tally_free(&t);
}

static void a_point_that_did_not_end_has_no_result(void **state)
{
	struct tally *t = begun();

	(void)state;
	results(t, 0);
	event(t, "point.begin", 0, 1);
	reading(t, "ref.voltage.dc", 0, 1, 0, "100");
	results(t, 0);
	tally_free(&t);
}

static void settling_and_baseline_do_not_count(void **state)
{
	struct tally *t = begun();
	const struct result *r;

	(void)state;
	reading(t, "ref.voltage.dc", -1, 1, 0, "100");
	event(t, "point.begin", 0, 1);
	add(t, RECORD_READING, "ref.voltage.dc", ",\"value\":5,\"unit\":\"V\",\"status\":\"ok\",\"raw\":\"\",\"point\":0,"
	    "\"attempt\":1,\"step\":1,\"k\":0,\"use\":\"settle\"");
	reading(t, "ref.voltage.dc", 0, 1, 0, "2");
	event(t, "point.end", 0, 1);
	r = results(t, 3);
	assert_int_equal(r[0].n, 1);
	assert_true(r[0].value == 2);
	tally_free(&t);
}

/* Those inside would be a biased sample. */
static void readings_out_of_range_take_the_others_with_them(void **state)
{
	struct tally *t = begun();
	const struct result *r;

	(void)state;
	event(t, "point.begin", 0, 1);
	reading(t, "ref.voltage.dc", 0, 1, 0, "10");
	reading(t, "meter.voltage.dc", 0, 1, 0, "11");
	reading(t, "ref.voltage.dc", 0, 1, 1, "11");
	reading_of(t, "meter.voltage.dc", 0, 1, 1, "13", "out_of_range");
	event(t, "point.end", 0, 1);
	event(t, "point.begin", 1, 1);
	reading(t, "ref.voltage.dc", 1, 1, 0, "10");
	reading(t, "meter.voltage.dc", 1, 1, 0, "11");
	event(t, "point.end", 1, 1);
	r = results(t, 6);
	assert_int_equal(r[0].n, 2);
	assert_int_equal(r[1].n, 0);
	assert_int_equal(r[1].excluded, 2);
	assert_true(isnan(r[1].value));
	assert_int_equal(r[2].n, 0);
	assert_true(isnan(r[2].value));
	assert_true(r[4].value == 11 && r[5].value == 1);       /* another point's stand */
	tally_free(&t);
}

static void a_point_without_a_good_reading_gives_null(void **state)
{
	struct tally *t = begun();
	struct buf keys = { 0 };
	const struct result *r;

	(void)state;
	event(t, "point.begin", 0, 1);
	reading(t, "ref.voltage.dc", 0, 1, 0, "null");
	event(t, "point.end", 0, 1);
	r = results(t, 3);
	assert_int_equal(r[0].n, 0);
	assert_int_equal(r[0].excluded, 1);
	result_put(&keys, &r[0]);
	assert_string_equal(keys.data, ",\"result\":\"mean\",\"point\":0,\"attempt\":1,\"n\":0,\"excluded\":1,\"value\":null,"
			    "\"unit\":\"V\",\"experimental_standard_deviation\":null,"
			    "\"experimental_standard_deviation_of_the_mean\":null");
	assert_int_equal(r[2].n, 0);
	assert_true(isnan(r[2].value));
	assert_true(r[2].nominal == 0.5);
	buf_release(&keys);
	tally_free(&t);
}

static void contradictions_are_refused(void **state)
{
	struct tally *t = begun();
	struct err e;

	(void)state;
	assert_int_equal(add_raw(t, RECORD_EVENT, "", ",\"event\":\"point.begin\",\"point\":2,\"attempt\":1", &e), -1);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_string_equal(e.text, "record 7 of LAB-20261124-0001: it names a point that the start record does not have");
	assert_int_equal(add_raw(t, RECORD_READING, "meter.current", ",\"value\":5,\"status\":\"ok\",\"point\":0,\"attempt\":1,"
				 "\"step\":1,\"k\":0,\"use\":\"measure\"", &e), -1);
	assert_int_equal(add_raw(t, RECORD_READING, "ref.voltage.dc", ",\"value\":null,\"status\":\"ok\",\"point\":0,"
				 "\"attempt\":1,\"step\":1,\"k\":0,\"use\":\"measure\"", &e), -1);
	assert_int_equal(add_raw(t, RECORD_START, "", ",\"points\":[]", &e), -1);
	tally_free(&t);
}

/* What was put is got back, bit by bit. */
static void results_survive_their_record(void **state)
{
	struct result in = { .kind = RESULT_ERROR_OF_INDICATION, .channel = "meter.voltage.dc", .unit = "V",
			     .point = 3, .attempt = 2, .n = 9, .excluded = 1, .value = 0.1 + 0.2, .name = "gain",
			     .reference = "ref.voltage.dc", .n_reference = 9, .nominal = NAN,
			     .uncertainty = 1e-300 / 3, .degrees_of_freedom = 8,
			     .method = METHOD_DIFFERENCE_OF_MEANS };
	uint8_t prev[HASH_SIZE] = { 0 };
	struct buf keys = { 0 }, header = { 0 };
	struct draft d = { .kind = RECORD_RESULT, .channel = in.channel };
	struct record record;
	struct result out;
	struct err e;

	(void)state;
	result_put(&keys, &in);
	d.keys = keys.data;
	d.keys_len = keys.len;
	assert_int_equal(record_encode(&header, run, 0, 0, prev, &d, &e), 0);
	assert_int_equal(record_decode(&record, (struct span){ header.data, header.len }, "", 0, &e), 0);
	assert_int_equal(result_get(&out, &record, &e), 1);
	assert_string_equal(out.channel, in.channel);
	assert_string_equal(out.reference, in.reference);
	assert_true(out.value == in.value && out.uncertainty == in.uncertainty);
	assert_true(isnan(out.nominal));
	assert_int_equal(out.method, in.method);
	assert_int_equal(out.n_reference, 9);
	buf_release(&keys);
	buf_release(&header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_point_gives_means_and_a_paired_error),
		cmocka_unit_test(a_pair_with_a_sentinel_is_left_out),
		cmocka_unit_test(readings_without_partners_give_a_difference_of_means),
		cmocka_unit_test(partners_that_came_late_are_no_pairs),
		cmocka_unit_test(only_the_last_attempt_counts),
		cmocka_unit_test(a_point_that_did_not_end_has_no_result),
		cmocka_unit_test(settling_and_baseline_do_not_count),
		cmocka_unit_test(readings_out_of_range_take_the_others_with_them),
		cmocka_unit_test(a_point_without_a_good_reading_gives_null),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(results_survive_their_record),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
