/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_rpc.c - remote procedure calls to a server that cuts, delays, repeats and forges its replies: seen
 * from a link over VXI-11, which must never take one for the answer to another question. */
#include <setjmp.h>
#include <stdarg.h>
#include <arpa/inet.h>
#include <unistd.h>

#include <cmocka.h>

#include "caller.h"
#include "rpc.h"

static void reply_in_fragments(void **state)
{
	struct caller s;

	(void)state;
	for (int size = 1; size < 50; size += 3) {
		const struct part script[] = { SPOILT("+1.0023\n", SPOIL_FRAGMENTS, size),
					       SPOILT("+2\n", SPOIL_FRAGMENTS, size), { 0 } };

		caller_begin(&s, script);
		caller_ask(&s);
		caller_expect(&s, LINE, "+1.0023", 7);
		caller_ask(&s);
		caller_expect(&s, LINE, "+2", 2);
		caller_finish(&s);
	}
}

static void dribble_meets_the_deadline(void **state)
{
	static const struct part script[] = { SPOILT("+1.0\n", SPOIL_DRIBBLE, 5), PART("+2.0\n", PEER_END), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect_failure(&s, LINE, 60, ERR_TIMEOUT);
	caller_clear(&s);
	caller_ask(&s);
	caller_expect(&s, LINE, "+2.0", 4);
	caller_finish(&s);
}

static void old_reply_is_dropped(void **state)
{
	static const struct part script[] = { PART("+1.0\n", PEER_END), SPOILT("+2.0\n", SPOIL_OLD_FIRST, 0), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect(&s, LINE, "+1.0", 4);
	caller_ask(&s);
	caller_expect(&s, LINE, "+2.0", 4);
	caller_finish(&s);
}

static void late_reply_never_answers_the_next(void **state)
{
	static const struct part script[] = { SPOILT("+1.0\n", SPOIL_LATE, 120), PART("+2.0\n", PEER_END), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect_failure(&s, LINE, 30, ERR_TIMEOUT);
	caller_clear(&s);
	caller_ask(&s);
	caller_expect(&s, LINE, "+2.0", 4);
	caller_finish(&s);
}

/* Each leaves the link out of step and, where the stream itself is in doubt, the connection torn. */
static void replies_that_are_none(void **state)
{
	static const struct {
		struct part part;
		const char *why;
		bool torn;
	} rows[] = {
		{ SPOILT("1\n", SPOIL_WRONG_XID, 0), "a call that was never made", true },
		{ SPOILT("1\n", SPOIL_CALL, 0), "a call that was never made", true },
		{ SPOILT("1\n", SPOIL_HUGE, 0), "longer than any reply may be", true },
		{ SPOILT("1\n", SPOIL_ACCEPT_STATE, 1), "it does not serve this program", false },
		{ SPOILT("1\n", SPOIL_ACCEPT_STATE, 2), "it serves another version of this program", false },
		{ SPOILT("1\n", SPOIL_ACCEPT_STATE, 4), "it cannot decode the arguments", false },
		{ SPOILT("1\n", SPOIL_ACCEPT_STATE, 5), "it has an error of its own", false },
		{ SPOILT("1\n", SPOIL_ACCEPT_STATE, 6), "no reply to a remote procedure call", true },
		{ SPOILT("1\n", SPOIL_DENIED, 0), "it speaks another version of RPC", false },
		{ SPOILT("1\n", SPOIL_DENIED, 1), "it wants to know who calls", false },
		{ SPOILT("1\n", SPOIL_SHORT, 0), "too short", true },
		{ SPOILT("1\n", SPOIL_SHORT, 4), "no part of a message", true },
		{ SPOILT("1\n", SPOIL_SHORT, 14), "no part of a message", true },
		{ PART("", 0), "no part of a message", true },
	};
	struct caller s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct part script[] = { rows[i].part, PART("2\n", PEER_END), { 0 } };
		const char *got;

		caller_begin(&s, script);
		caller_ask(&s);
		assert_int_equal(link_read(s.l, &got, LINE, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_PROTOCOL);
		if (!strstr(s.e.text, rows[i].why))
			fail_msg("%s: %s", rows[i].why, s.e.text);
		if (rows[i].torn) {
			assert_int_equal(link_clear(s.l, 0, instant_after_ms(GUARD_MS), &s.e), -1);
			assert_int_equal(s.e.code, ERR_CLOSED);
		} else {
			caller_clear(&s);
			caller_ask(&s);
			caller_expect(&s, LINE, "2", 1);
		}
		caller_finish(&s);
	}
}

/* More than was asked for must not be written anywhere. */
static void more_than_was_asked_for(void **state)
{
	char *text = mem_new(60000);
	struct part script[] = { { text, 60000, PEER_END, 0, SPOIL_NOT, 0 }, { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect_failure(&s, LINE, GUARD_MS, ERR_PROTOCOL);
	caller_finish(&s);
	free(text);
}

/* Whoever asked can do without it, or not. */
static void procedure_nobody_knows(void **state)
{
	static const struct part script[] = { SPOILT("1\n", SPOIL_ACCEPT_STATE, 3), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect_failure(&s, LINE, GUARD_MS, ERR_STATE);
	caller_finish(&s);
}

static void closed_in_the_middle(void **state)
{
	static const struct part script[] = { SPOILT("+1.0\n", SPOIL_CLOSE, 0), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	caller_expect_failure(&s, LINE, GUARD_MS, ERR_CLOSED);
	link_urgent(s.l, true);                 /* and says so at once from then on */
	assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	caller_finish(&s);
}

static int find_port(struct caller *s, uint16_t *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons(s->p.port) };
	struct sockaddr_storage where = { 0 };

	memcpy(&where, &to, sizeof to);
	return rpc_find_port(&where, sizeof to, 0x0607AF, 1, port, -1, instant_after_ms(GUARD_MS), &s->e);
}

static void portmapper(void **state)
{
	struct caller s;
	uint16_t port;

	(void)state;
	caller_prepare(&s, NULL);
	peer_start(&s.p);
	assert_int_equal(find_port(&s, &port), 0);
	assert_int_equal(port, s.p.port);
	s.p.registered = 0;
	assert_int_equal(find_port(&s, &port), -1);
	assert_string_equal(s.e.text, "portmapper: the program is not registered there");
	s.p.registered = 65536;
	assert_int_equal(find_port(&s, &port), -1);
	assert_string_equal(s.e.text, "portmapper: what it answers is no port");
	peer_stop(&s.p);
	assert_int_equal(find_port(&s, &port), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	assert_int_equal(caller_open(&s), -1);     /* nobody there */
	assert_int_equal(s.e.code, ERR_CLOSED);
	close(s.cancel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_in_fragments),
		cmocka_unit_test(dribble_meets_the_deadline),
		cmocka_unit_test(old_reply_is_dropped),
		cmocka_unit_test(late_reply_never_answers_the_next),
		cmocka_unit_test(replies_that_are_none),
		cmocka_unit_test(more_than_was_asked_for),
		cmocka_unit_test(procedure_nobody_knows),
		cmocka_unit_test(closed_in_the_middle),
		cmocka_unit_test(portmapper),
	};

	alarm(120);                             /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
