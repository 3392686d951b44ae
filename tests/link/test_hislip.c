/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_hislip.c - links over HiSLIP: messages, their ends and their numbers, from a server that cuts, delays,
 * repeats and forges them. */
#include <setjmp.h>
#include <stdarg.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "slip_caller.h"

static void question_and_answer(void **state)
{
	static const struct slip_row script[] = { ANSWER("+1.0\n"), ANSWER("+2.0"), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	assert_string_equal(s.p.device, "hislip0");
	assert_int_equal(s.p.locks, 1);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+1.0", 4);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+2.0", 4);       /* the end of the message does for the mark */
	assert_memory_equal(s.p.written, "READ?\nREAD?\n", 12);
	assert_int_equal(s.p.ends, 2);
	assert_int_equal(s.p.delivered, 1);            /* told with the second question of the first answer */
	link_close(&s.l);
	assert_int_equal(s.p.releases, 1);
	assert_int_equal(s.p.release_number, 0xffffff02);
	slip_caller_finish(&s);
}

static void answer_in_parts(void **state)
{
	static const struct slip_row script[] = {
		PART("+1.0"), PART(""), PART("0"), ANSWER("2\n"),
		PART("3\n"), ANSWER(""),
		SPOILT_PART("#14", SLIP_NO_NUMBER, 0), SPOILT_PART("a\nb", SLIP_NO_NUMBER, 0), ANSWER("\n"),
		ANSWER(""), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+1.002", 6);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "3", 1);          /* its end comes by itself and is no answer */
	slip_caller_ask(&s);
	slip_caller_expect(&s, BLOCK, "#14a\nb\n", 7);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "", 0);
	slip_caller_finish(&s);
}

/* At every byte of the header and of the payload. */
static void message_split_anywhere(void **state)
{
	struct slip_caller s;

	(void)state;
	for (int at = 1; at < 16 + 5; at++) {
		const struct slip_row script[] = { SPOILT("+1.0\n", SLIP_SPLIT, at), SPOILT("+2\n", SLIP_SPLIT, 17), { 0 } };

		slip_caller_begin(&s, script);
		slip_caller_ask(&s);
		slip_caller_expect(&s, LINE, "+1.0", 4);
		slip_caller_ask(&s);
		slip_caller_expect(&s, LINE, "+2", 2);
		slip_caller_finish(&s);
	}
}

/* Never half of an answer, wherever the connection breaks. */
static void message_cut_anywhere(void **state)
{
	struct slip_caller s;

	(void)state;
	for (int at = 0; at < 16 + 5; at++) {
		const struct slip_row script[] = { SPOILT("+1.0\n", SLIP_CUT, at), { 0 } };

		slip_caller_begin(&s, script);
		slip_caller_ask(&s);
		slip_caller_expect_failure(&s, LINE, GUARD_MS, ERR_CLOSED);
		link_urgent(s.l, true);                /* and says so at once from then on */
		assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_CLOSED);
		slip_caller_finish(&s);
	}
}

/* An answer to another question is dropped, and what came without a number before it; ours is found behind. */
static void another_number(void **state)
{
	static const int others[] = { -2, 2, -100, 1, -1, 0x40000000 };
	struct slip_caller s;

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		const struct slip_row script[] = {
			SPOILT_PART("+0.0\n", SLIP_NUMBER, others[i]), ANSWER("+1.0\n"),
			SPOILT_PART("+0.", SLIP_NO_NUMBER, 0), SPOILT_PART("1\n", SLIP_NUMBER, others[i]), ANSWER("+2.0\n"),
			SPOILT("+0.0\n", SLIP_NUMBER, others[i]), SPOILT("+0.0\n", SLIP_NO_NUMBER, 0), { 0 } };

		slip_caller_begin(&s, script);
		slip_caller_ask(&s);
		slip_caller_expect(&s, LINE, "+1.0", 4);
		slip_caller_ask(&s);
		slip_caller_expect(&s, LINE, "+2.0", 4);
		slip_caller_ask(&s);
		slip_caller_expect_failure(&s, LINE, 30, ERR_TIMEOUT);
		slip_caller_clear(&s);
		slip_caller_ask(&s);                   /* an end without a number is nobody's */
		slip_caller_expect_failure(&s, LINE, 30, ERR_TIMEOUT);
		slip_caller_finish(&s);
	}
}

static void late_answer_never_answers_the_next(void **state)
{
	static const struct slip_row script[] = { SPOILT("+1.0\n", SLIP_LATE, 120), ANSWER("+2.0\n"), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	slip_caller_expect_failure(&s, LINE, 30, ERR_TIMEOUT);
	slip_caller_clear(&s);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+2.0", 4);
	slip_caller_finish(&s);
}

/* A clear numbers anew: what comes after it all the same would have the next question's number. */
static void stale_answer_after_clear(void **state)
{
	static const struct slip_row script[] = { SPOILT("+1.0\n", SLIP_AFTER_CLEAR, 0), ANSWER("+2.0\n"), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	slip_caller_expect_failure(&s, LINE, 30, ERR_TIMEOUT);
	assert_int_equal(link_clear(s.l, NS_PER_MS, instant_after_ms(GUARD_MS), &s.e), 5);    /* what came of it */
	assert_int_equal(s.p.clears, 2);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+2.0", 4);
	slip_caller_finish(&s);
}

/* The second copy is found before the next question, or has another number after it. */
static void answer_twice(void **state)
{
	static const struct slip_row script[] = { SPOILT("+1.0\n", SLIP_TWICE, 0), ANSWER("+2.0\n"), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+1.0", 4);
	if (link_write(s.l, "READ?\n", 6, instant_after_ms(GUARD_MS), &s.e) < 0) {
		assert_string_equal(s.e.text, "5 bytes had come before the question was asked");
		slip_caller_clear(&s);
		slip_caller_ask(&s);
	}
	slip_caller_expect(&s, LINE, "+2.0", 4);
	slip_caller_finish(&s);
}

/* Nor is another message's number believed when nothing was asked. */
static void unasked(void **state)
{
	static const struct slip_row script[] = { ANSWER("+1.0\n"), SPOILT("+2.0\n", SLIP_NUMBER, -2), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+1.0", 4);
	slip_caller_ask(&s);
	slip_caller_expect_failure(&s, LINE, 20, ERR_TIMEOUT);
	slip_caller_clear(&s);
	slip_say(&s.p, 0xfffffe00, "stray\n");
	poll(NULL, 0, 20);
	assert_int_equal(link_write(s.l, "READ?\n", 6, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_string_equal(s.e.text, "it said something that nobody had asked for");
	assert_int_equal(link_clear(s.l, NS_PER_MS, instant_after_ms(GUARD_MS), &s.e), 6);
	slip_caller_finish(&s);
}

static void dribble_meets_the_deadline(void **state)
{
	static const struct slip_row script[] = { SPOILT("+1.0\n", SLIP_DRIBBLE, 5), ANSWER("+2.0\n"), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	slip_caller_expect_failure(&s, LINE, 60, ERR_TIMEOUT);
	slip_caller_clear(&s);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+2.0", 4);
	slip_caller_finish(&s);
}

/* Each leaves the link out of step and, where the stream itself is in doubt, the connection torn. */
static void messages_that_are_none(void **state)
{
	static const struct {
		struct slip_row row;
		enum err_code code;
		const char *why;
		bool torn;
	} rows[] = {
		{ SPOILT("1\n", SLIP_PROLOGUE, 0), ERR_PROTOCOL, "what came is no HiSLIP message", true },
		{ SPOILT("1\n", SLIP_TYPE, 1), ERR_PROTOCOL, "a message came that is no answer", true },
		{ SPOILT("1\n", SLIP_TYPE, 9), ERR_PROTOCOL, "a message came that is no answer", true },
		{ SPOILT("1\n", SLIP_TYPE, 22), ERR_PROTOCOL, "a message came that is no answer", true },
		{ SPOILT("1\n", SLIP_TYPE, 255), ERR_PROTOCOL, "a message came that is no answer", true },
		{ SPOILT("oops", SLIP_ERROR, 4), ERR_PROTOCOL,
		  "it complains: a message longer than it takes, oops (HiSLIP error 4)", false },
		{ SPOILT("\x01!\xff", SLIP_ERROR, 99), ERR_PROTOCOL,
		  "it complains: ?!? (HiSLIP error 99)", false },
		{ SPOILT("", SLIP_ERROR, 2), ERR_PROTOCOL, "it complains: a control code it does not know (HiSLIP error 2)", false },
		{ SPOILT("", SLIP_FATAL, 1), ERR_CLOSED, "it ends the session: a header that is none (HiSLIP fatal error 1)", true },
		{ SPOILT("", SLIP_INTERRUPTED, 0), ERR_PROTOCOL,
		  "it was asked again before its answer had been read (Interrupted)", false },
	};
	struct slip_caller s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct slip_row script[] = { rows[i].row, ANSWER("2\n"), { 0 } };

		slip_caller_begin(&s, script);
		slip_caller_ask(&s);
		dialogue_expect_failure_saying(s.l, rows[i].code, rows[i].why, &s.e);
		if (rows[i].torn) {
			assert_int_equal(link_clear(s.l, 0, instant_after_ms(GUARD_MS), &s.e), -1);
			assert_int_equal(s.e.code, ERR_CLOSED);
		} else {
			slip_caller_clear(&s);
			slip_caller_ask(&s);
			slip_caller_expect(&s, LINE, "2", 1);
		}
		slip_caller_finish(&s);
	}
}

/* A length nobody can mean costs no memory and no time beyond the deadline. */
static void length_nobody_can_mean(void **state)
{
	static const struct slip_row script[] = {
		SPOILT("1234", SLIP_TOO_LONG, 0), { 0 } };
	static const struct slip_row unnumbered[] = {
		SPOILT_PART("1", SLIP_NO_NUMBER, 0), SPOILT("1", SLIP_TOO_LONG, 0), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	slip_caller_expect_failure(&s, LINE, 50, ERR_TIMEOUT);
	slip_caller_finish(&s);
	slip_caller_begin(&s, unnumbered);
	slip_caller_ask(&s);
	slip_caller_expect_failure(&s, LINE, 50, ERR_TIMEOUT);
	slip_caller_finish(&s);
}

/* Several megabytes, either way, with the end at and around the border of the largest message. */
static void megabytes(void **state)
{
	static const size_t sizes[] = { 65536 - 16 - 1, 65536 - 16, 65536 - 16 + 1, 2 * (65536 - 16), 5 * 1024 * 1024 + 3 };
	size_t most = sizes[COUNT(sizes) - 1];
	char *text = mem_new(most + 1);
	struct slip_caller s;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		size_t n = sizes[i];
		struct slip_row script[] = { { text, n, true, SLIP_NOT, 0 }, { 0 } };

		memset(text, '\n', n);
		snprintf(text, 10, "#7%07zu", n - 9);
		text[9] = '\n';
		for (size_t j = 9; j < n; j++)
			text[j] = (char)(j * 2654435761u >> 13);
		slip_caller_prepare(&s, script);
		s.p.chunk = i % 2 ? 65536 - 16 : 0;    /* of the server's choice, or as large as we take */
		slip_start(&s.p);
		assert_int_equal(slip_caller_open(&s), 0);
		assert_int_equal(link_write(s.l, text, n, instant_after_ms(GUARD_MS), &s.e), 0);
		slip_caller_expect(&s, BLOCK, text, n);
		assert_int_equal(s.p.written_n, n);
		assert_memory_equal(s.p.written, text, n);
		assert_int_equal(s.p.ends, 1);
		assert_int_equal(s.p.messages, (n + 65536 - 17) / (65536 - 16));
		assert_true(s.p.longest <= 65536);
		slip_caller_finish(&s);
	}
	free(text);
}

static void blocks_and_ends(void **state)
{
	static const struct slip_row script[] = {
		ANSWER("#13a\nb"), PART("#0a"), ANSWER("\nb\n"), ANSWER("#15a\nb"), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	slip_caller_expect(&s, BLOCK, "#13a\nb", 6);   /* without a mark */
	slip_caller_ask(&s);
	slip_caller_expect(&s, BLOCK, "#0a\nb\n", 6);  /* indefinite: up to the end, whatever stands in it */
	slip_caller_ask(&s);
	slip_caller_expect_failure(&s, BLOCK, GUARD_MS, ERR_PROTOCOL);     /* cut short: known at once */
	slip_caller_finish(&s);
}

static void cancel_ends_any_wait(void **state)
{
	static const struct slip_row script[] = { SPOILT("", SLIP_SILENT, 0), { 0 } };
	struct slip_caller s;
	pthread_t t;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	pthread_create(&t, NULL, dialogue_cancel_soon, &s.cancel);
	slip_caller_expect_failure(&s, LINE, 60 * 1000, ERR_CANCELLED);
	pthread_join(t, NULL);
	link_urgent(s.l, true);
	assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(GUARD_MS), &s.e), 0);
	slip_caller_wait_for(&s, &s.p.ends, 2);
	assert_memory_equal(s.p.written + s.p.written_n - 4, "OFF\n", 4);
	slip_caller_finish(&s);
}

/* Half of the answer has come: none of it is left for the next question. */
static void abort_in_the_middle(void **state)
{
	static const struct slip_row script[] = {
		PART("+1."), SPOILT_PART("0", SLIP_NO_NUMBER, 0), SPOILT("", SLIP_SILENT, 0), ANSWER("+2.0\n"), { 0 } };
	struct slip_caller s;
	eventfd_t count;
	pthread_t t;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	pthread_create(&t, NULL, dialogue_cancel_soon, &s.cancel);
	slip_caller_expect_failure(&s, LINE, 60 * 1000, ERR_CANCELLED);
	pthread_join(t, NULL);
	assert_int_equal(eventfd_read(s.cancel, &count), 0);
	slip_caller_clear(&s);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+2.0", 4);
	slip_caller_finish(&s);
}

/* A message that was sent half-way cannot be taken back: only a new session helps. */
static void half_sent(void **state)
{
	static const struct slip_row script[] = { SPOILT("+1.0\n", SLIP_LATE, 300), ANSWER("+2.0\n"), { 0 } };
	size_t n = 12 << 20;
	char *text = mem_new(n);
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	slip_caller_ask(&s);
	link_urgent(s.l, true);
	assert_int_equal(link_write(s.l, text, n, instant_after_ms(50), &s.e), -1);
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	link_close(&s.l);
	assert_int_equal(slip_caller_open(&s), 0);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "+2.0", 4);
	slip_caller_finish(&s);
	free(text);
}

/* A command that makes safe waits for no end of an answer, and is held up by nothing that came. */
static void emergency_waits_for_nothing(void **state)
{
	static const struct slip_row ends[] = { PART("1\n"), SPOILT("", SLIP_SILENT, 0), { 0 } };
	static const struct slip_row complaint[] = { SPOILT("1\n", SLIP_LATE, 30), SPOILT("", SLIP_ERROR, 0), { 0 } };
	struct slip_caller s;
	instant before;

	(void)state;
	slip_caller_begin(&s, ends);
	slip_caller_ask(&s);
	slip_caller_expect(&s, LINE, "1", 1);
	link_urgent(s.l, true);
	before = instant_now();
	assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(60 * 1000), &s.e), 0);
	assert_true(instant_now() - before < GUARD_MS * NS_PER_MS);
	slip_caller_finish(&s);
	slip_caller_begin(&s, complaint);
	slip_caller_ask(&s);
	slip_caller_expect_failure(&s, LINE, 1, ERR_TIMEOUT);
	link_urgent(s.l, true);
	assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(GUARD_MS), &s.e), 0);
	slip_caller_wait_for(&s, &s.p.ends, 2);
	assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(GUARD_MS), &s.e), 0);
	slip_caller_wait_for(&s, &s.p.ends, 3);
	slip_caller_finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(question_and_answer),
		cmocka_unit_test(answer_in_parts),
		cmocka_unit_test(message_split_anywhere),
		cmocka_unit_test(message_cut_anywhere),
		cmocka_unit_test(another_number),
		cmocka_unit_test(late_answer_never_answers_the_next),
		cmocka_unit_test(stale_answer_after_clear),
		cmocka_unit_test(answer_twice),
		cmocka_unit_test(unasked),
		cmocka_unit_test(dribble_meets_the_deadline),
		cmocka_unit_test(messages_that_are_none),
		cmocka_unit_test(length_nobody_can_mean),
		cmocka_unit_test(megabytes),
		cmocka_unit_test(blocks_and_ends),
		cmocka_unit_test(cancel_ends_any_wait),
		cmocka_unit_test(abort_in_the_middle),
		cmocka_unit_test(half_sent),
		cmocka_unit_test(emergency_waits_for_nothing),
	};

	alarm(120);                             /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
