/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_vxi11.c - links over VXI-11: messages and their ends, locks, clear and abort, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "caller.h"

static void question_and_answer(void **state)
{
	static const struct part script[] = { PART("+1.0\n", PEER_END), PART("+2.0", PEER_END), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	assert_string_equal(s.p.device, "inst0");
	assert_int_equal(s.p.locks, 1);
	caller_ask(&s);
	caller_expect(&s, LINE, "+1.0", 4);
	caller_ask(&s);
	caller_expect(&s, LINE, "+2.0", 4);            /* the end of the message does for the mark */
	assert_memory_equal(s.p.written, "READ?\nREAD?\n", 12);
	assert_int_equal(s.p.ends, 2);
	link_close(&s.l);
	assert_int_equal(s.p.destroyed, 1);
	caller_finish(&s);
}

static void answer_in_parts(void **state)
{
	static const struct part script[] = {
		PART("+1.0", PEER_COUNT), PART("0", 0), PART("2\n", PEER_END),
		PART("3\n", PEER_CHARACTER), PART("#14a\nb", PEER_CHARACTER), PART("\n", PEER_END),
		PART("", PEER_END), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect(&s, LINE, "+1.002", 6);
	caller_ask(&s);
	caller_expect(&s, LINE, "3", 1);
	caller_ask(&s);
	caller_expect(&s, BLOCK, "#14a\nb\n", 7);
	caller_ask(&s);
	caller_expect(&s, LINE, "", 0);
	caller_finish(&s);
}

/* The end of a reply that fills the request comes by itself; what else comes then is no answer. */
static void end_behind_the_border(void **state)
{
	static const struct part script[] = {
		PART("1\n", PEER_COUNT), PART("", PEER_END), PART("2\n", PEER_COUNT), PART("stale\n", PEER_END),
		PART("3\n", PEER_END), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect(&s, LINE, "1", 1);
	caller_ask(&s);
	caller_expect(&s, LINE, "2", 1);
	assert_int_equal(link_write(s.l, "READ?\n", 6, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_PROTOCOL);
	assert_int_equal(link_clear(s.l, 0, instant_after_ms(GUARD_MS), &s.e), 6);
	assert_int_equal(s.p.clears, 2);
	caller_ask(&s);
	caller_expect(&s, LINE, "3", 1);
	caller_finish(&s);
}

static void blocks_and_ends(void **state)
{
	static const struct part script[] = {
		PART("#13a\nb", PEER_END), PART("#0a\n", PEER_COUNT), PART("b\n", PEER_END), PART("#15a\nb", PEER_END), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect(&s, BLOCK, "#13a\nb", 6);        /* without a mark */
	caller_ask(&s);
	caller_expect(&s, BLOCK, "#0a\nb\n", 6);       /* indefinite: up to the end, whatever stands in it */
	caller_ask(&s);
	caller_expect_failure(&s, BLOCK, GUARD_MS, ERR_PROTOCOL);      /* cut short: known at once */
	caller_finish(&s);
}

static void big_answer(void **state)
{
	size_t n = 60000;
	char *text = mem_new(n + 8);
	struct part script[] = { { text, 0, 0, 0, SPOIL_NOT, 0 }, { 0 } };
	struct caller s;

	(void)state;
	memset(text, '\n', n + 7);
	for (size_t size = 4090; size <= 4100; size++) {
		snprintf(text, 7, "#4%04zu", size - 6);
		text[6] = '\n';
		script[0].n = size;
		script[0].reason = PEER_END;
		caller_begin(&s, script);
		caller_ask(&s);
		caller_expect(&s, BLOCK, text, size);
		caller_finish(&s);
	}
	free(text);
}

static void command_in_parts(void **state)
{
	static const uint32_t takes[] = { 0, 1, 700 };
	char *text = mem_new(5000);
	struct caller s;

	(void)state;
	for (size_t i = 0; i < 5000; i++)
		text[i] = (char)('a' + i % 26);
	for (size_t i = 0; i < COUNT(takes); i++) {
		for (size_t n = 1023; n <= 3073; n += 1025) {
			caller_prepare(&s, NULL);
			s.p.most = 1024;
			s.p.takes = takes[i];
			peer_start(&s.p);
			assert_int_equal(caller_open(&s), 0);
			assert_int_equal(link_write(s.l, text, n, instant_after_ms(GUARD_MS), &s.e), 0);
			assert_int_equal(s.p.written_n, n);
			assert_memory_equal(s.p.written, text, n);
			assert_int_equal(s.p.ends, 1);
			assert_true(s.p.longest <= 1024);
			caller_finish(&s);
		}
	}
	free(text);
}

/* What a server says of the size it takes: at least 1024 by the specification, whatever it claims. */
static void size_nobody_can_use(void **state)
{
	static const uint32_t sizes[] = { 0, 1, UINT32_MAX };
	struct caller s;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		caller_prepare(&s, NULL);
		s.p.most = sizes[i];
		peer_start(&s.p);
		assert_int_equal(caller_open(&s), 0);
		caller_ask(&s);
		assert_int_equal(s.p.writes, 1);
		caller_finish(&s);
	}
}

static void errors_of_the_device(void **state)
{
	static const struct { uint32_t number; enum err_code code; const char *text; } rows[] = {
		{ 1, ERR_PROTOCOL, "it found a syntax error" }, { 3, ERR_CLOSED, "the device is not accessible" },
		{ 4, ERR_CLOSED, "it does not know this link any more" },
		{ 5, ERR_PROTOCOL, "it found an error in the parameters" },
		{ 6, ERR_CLOSED, "the channel is not established" },
		{ 8, ERR_PROTOCOL, "it does not support this operation" }, { 9, ERR_CLOSED, "it is out of resources" },
		{ 11, ERR_CLOSED, "it is locked by another client" },
		{ 12, ERR_PROTOCOL, "no lock is held by this link" }, { 15, ERR_TIMEOUT, "it timed out" },
		{ 17, ERR_CLOSED, "it had an input or output error" }, { 21, ERR_PROTOCOL, "the address is invalid" },
		{ 23, ERR_PROTOCOL, "the call was aborted" },
		{ 2, ERR_PROTOCOL, "error 2, which VXI-11 does not have" },
	};
	struct caller s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct part script[] = { FAILS(rows[i].number), { 0 } };
		const char *got;

		caller_begin(&s, script);
		caller_ask(&s);
		assert_int_equal(link_read(s.l, &got, LINE, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_string_equal(err_word(s.e.code), err_word(rows[i].code));
		assert_non_null(strstr(s.e.text, rows[i].text));
		caller_finish(&s);
	}
}

static void write_and_clear_that_fail(void **state)
{
	struct caller s;

	(void)state;
	caller_begin(&s, NULL);
	s.p.write_error = 17;
	assert_int_equal(link_write(s.l, "X\n", 2, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_non_null(strstr(s.e.text, "device_write: it had an input or output error (VXI-11 error 17)"));
	s.p.clear_error = 17;
	assert_int_equal(link_clear(s.l, 0, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_false(link_in_step(s.l));
	s.p.clear_error = 8;                    /* there are servers without it */
	caller_clear(&s);
	caller_finish(&s);
}

static void silence_is_aborted(void **state)
{
	static const struct part script[] = { PART("1\n", PEER_END), SILENT, PART("3\n", PEER_END), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect(&s, LINE, "1", 1);
	assert_int_equal(s.p.aborts, 0);
	caller_ask(&s);
	caller_expect_failure(&s, LINE, 50, ERR_TIMEOUT);
	caller_clear(&s);
	assert_int_equal(s.p.aborts, 1);
	caller_ask(&s);
	caller_expect(&s, LINE, "3", 1);
	assert_int_equal(s.p.aborts, 1);
	caller_finish(&s);
}

/* The call that waits is aborted before the command that makes safe, or that would wait behind it. */
static void cancel_ends_any_wait(void **state)
{
	static const struct part script[] = { SILENT, { 0 } };
	struct caller s;
	pthread_t t;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	pthread_create(&t, NULL, dialogue_cancel_soon, &s.cancel);
	caller_expect_failure(&s, LINE, 60 * 1000, ERR_CANCELLED);
	pthread_join(t, NULL);
	for (instant by = instant_after_ms(GUARD_MS); s.p.aborts == 0 && !instant_passed(by); )
		usleep(1000);
	assert_int_equal(s.p.aborts, 1);        /* at once, not with the next command */
	assert_int_equal(link_clear(s.l, NS_PER_MS, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CANCELLED);
	link_urgent(s.l, true);
	assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_memory_equal(s.p.written + s.p.written_n - 4, "OFF\n", 4);
	assert_true(s.p.aborts >= 1);           /* perhaps the clear was cancelled as well */
	caller_finish(&s);
}

/* A command that makes safe waits for no end of an answer that is still to come. */
static void emergency_waits_for_no_end(void **state)
{
	static const struct part script[] = { PART("1\n", PEER_COUNT), SILENT, { 0 } };
	struct caller s;
	instant before;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect(&s, LINE, "1", 1);
	link_urgent(s.l, true);
	before = instant_now();
	assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(60 * 1000), &s.e), 0);
	assert_true(instant_now() - before < GUARD_MS * NS_PER_MS);
	assert_memory_equal(s.p.written + s.p.written_n - 4, "OFF\n", 4);
	caller_finish(&s);
}

static void no_time_for_silence(void **state)
{
	struct caller s;

	(void)state;
	caller_begin(&s, NULL);
	link_distrust(s.l);
	assert_int_equal(link_clear(s.l, 10 * NS_PER_S, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	assert_false(link_in_step(s.l));
	caller_finish(&s);
}

static void locks(void **state)
{
	struct caller s;

	(void)state;
	caller_prepare(&s, NULL);
	s.p.no_lock = true;                     /* a server without locks gets a link without */
	peer_start(&s.p);
	assert_int_equal(caller_open(&s), 0);
	assert_int_equal(s.p.links, 2);
	assert_int_equal(s.p.locks, 1);
	caller_finish(&s);
	caller_prepare(&s, NULL);
	s.p.link_error = 11;
	peer_start(&s.p);
	assert_int_equal(caller_open(&s), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	assert_non_null(strstr(s.e.text, "create_link: it is locked by another client"));
	assert_int_equal(s.p.destroyed, 0);
	caller_finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(question_and_answer),
		cmocka_unit_test(answer_in_parts),
		cmocka_unit_test(end_behind_the_border),
		cmocka_unit_test(blocks_and_ends),
		cmocka_unit_test(big_answer),
		cmocka_unit_test(command_in_parts),
		cmocka_unit_test(size_nobody_can_use),
		cmocka_unit_test(errors_of_the_device),
		cmocka_unit_test(write_and_clear_that_fail),
		cmocka_unit_test(silence_is_aborted),
		cmocka_unit_test(cancel_ends_any_wait),
		cmocka_unit_test(emergency_waits_for_no_end),
		cmocka_unit_test(no_time_for_silence),
		cmocka_unit_test(locks),
	};

	alarm(120);                             /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
