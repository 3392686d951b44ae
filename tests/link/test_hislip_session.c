/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_hislip_session.c - HiSLIP sessions: how they begin, what they agree on, lock, device clear, status byte, service
 * requests, trigger; from servers that do not keep to the specification, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <poll.h>
#include <unistd.h>

#include <cmocka.h>

#include "slip_caller.h"

#define LONG_MS (60 * 1000)

static void begin_without_lock(struct slip *p) { p->lock_answer = -1; }
static void begin_locked(struct slip *p) { p->lock_answer = 0; }
static void begin_lock_invalid(struct slip *p) { p->lock_answer = 3; }
static void begin_full(struct slip *p) { p->refuse = 4; }
static void begin_unknown_fatal(struct slip *p) { p->refuse = 200; }
static void begin_async_lost(struct slip *p) { p->refuse_async = 3; }
static void begin_version_0(struct slip *p) { p->version = 0x0001; }
static void begin_version_3(struct slip *p) { p->version = 0x0300; }
static void begin_encrypted(struct slip *p) { p->version = 0x0200; p->welcome = 2; }
static void begin_wrong_type(struct slip *p) { p->welcome_type = 18; }
static void begin_size_short(struct slip *p) { p->size_length = 7; }
static void begin_size_long(struct slip *p) { p->size_length = 16; }
static void begin_size_none(struct slip *p) { p->most = 16; }
static void begin_version_2(struct slip *p) { p->version = 0x0200; }
static void begin_bit_of_version_2(struct slip *p) { p->welcome = 2; }         /* means nothing in 1.0 */
static void begin_overlapped(struct slip *p) { p->welcome = 1; }
static void begin_overlapped_for_ever(struct slip *p) { p->welcome = p->features = 1; }

static void welcomes(void **state)
{
	static const struct {
		void (*change)(struct slip *p);
		enum err_code code;              /* ERR_NONE: a session */
		const char *text;
	} rows[] = {
		{ begin_without_lock, ERR_NONE, "" }, { begin_version_2, ERR_NONE, "" }, { begin_bit_of_version_2, ERR_NONE, "" },
		{ begin_overlapped, ERR_NONE, "" },
		{ begin_locked, ERR_CLOSED, "AsyncLock: it is locked by another client" },
		{ begin_lock_invalid, ERR_PROTOCOL, "AsyncLock: it finds the request for its lock invalid" },
		{ begin_full, ERR_CLOSED, "Initialize: it ends the session: it serves as many clients as it can, not today "
		  "(HiSLIP fatal error 4)" },
		{ begin_unknown_fatal, ERR_CLOSED, "Initialize: it ends the session: not today (HiSLIP fatal error 200)" },
		{ begin_async_lost, ERR_CLOSED, "AsyncInitialize: it ends the session: the two connections were set up in "
		  "another order than agreed (HiSLIP fatal error 3)" },
		{ begin_version_0, ERR_PROTOCOL, "Initialize: it speaks a version of HiSLIP other than 1 and 2" },
		{ begin_version_3, ERR_PROTOCOL, "Initialize: it speaks a version of HiSLIP other than 1 and 2" },
		{ begin_encrypted, ERR_PROTOCOL, "Initialize: it insists on an encrypted connection, which is not spoken here" },
		{ begin_wrong_type, ERR_PROTOCOL, "Initialize: what it answers to Initialize is no InitializeResponse" },
		{ begin_size_short, ERR_PROTOCOL, "AsyncMaximumMessageSize: the size of its messages is not a number of eight bytes" },
		{ begin_size_long, ERR_PROTOCOL, "AsyncMaximumMessageSize: the size of its messages is not a number of eight bytes" },
		{ begin_size_none, ERR_PROTOCOL, "AsyncMaximumMessageSize: it takes no message that has a payload" },
		{ begin_overlapped_for_ever, ERR_PROTOCOL, "it insists on overlapped messages" },
	};
	static const struct slip_row script[] = { ANSWER("1\n"), { 0 } };
	struct slip_caller s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		slip_caller_prepare(&s, script);
		rows[i].change(&s.p);
		slip_start(&s.p);
		if (rows[i].code == ERR_NONE) {
			if (slip_caller_open(&s) < 0)
				fail_msg("%s", s.e.text);
			slip_caller_ask(&s);
			slip_caller_expect(&s, LINE, "1", 1);
		} else {
			assert_int_equal(slip_caller_open(&s), -1);
			if (s.e.code != rows[i].code || !strstr(s.e.text, rows[i].text))
				fail_msg("%s, %s, instead of %s", err_word(s.e.code), s.e.text, rows[i].text);
		}
		slip_caller_finish(&s);
	}
}

/* A server that prefers overlapped messages is asked for the other mode before anything else. */
static void overlapped_at_first(void **state)
{
	struct slip_caller s;

	(void)state;
	slip_caller_prepare(&s, NULL);
	s.p.welcome = 1;
	slip_start(&s.p);
	assert_int_equal(slip_caller_open(&s), 0);
	assert_int_equal(s.p.clears, 1);
	slip_caller_finish(&s);
}

static void locks(void **state)
{
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, NULL);
	assert_int_equal(s.p.locks, 1);
	link_close(&s.l);
	assert_int_equal(s.p.releases, 1);
	slip_caller_finish(&s);
	slip_caller_prepare(&s, NULL);
	s.p.lock_answer = -1;
	slip_start(&s.p);
	assert_int_equal(slip_caller_open(&s), 0);
	link_close(&s.l);
	assert_int_equal(s.p.releases, 0);             /* of a lock that there is not */
	slip_caller_finish(&s);
}

/* What a server says of the size it takes, and what is sent then. */
static void sizes_it_takes(void **state)
{
	static const uint64_t sizes[] = { 17, 18, 100, 1 << 20, (1 << 20) + 1, UINT64_MAX };
	char *text = mem_new(3 << 20);
	struct slip_caller s;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		size_t n = i < 3 ? 300 : (3 << 20) - 1;

		slip_caller_prepare(&s, NULL);
		s.p.most = sizes[i];
		slip_start(&s.p);
		assert_int_equal(slip_caller_open(&s), 0);
		assert_int_equal(link_write(s.l, text, n, instant_after_ms(GUARD_MS), &s.e), 0);
		slip_caller_wait_for(&s, &s.p.ends, 1);
		assert_int_equal(s.p.written_n, n);
		assert_true(s.p.longest <= sizes[i] && s.p.longest <= 1 << 20);
		slip_caller_finish(&s);
	}
	free(text);
}

static void status_byte(void **state)
{
	static const struct slip_row script[] = { ANSWER("1\n"), { 0 } };
	struct slip_caller s;
	uint8_t byte;

	(void)state;
	slip_caller_begin(&s, script);
	s.p.status = 0x51;
	assert_int_equal(link_status(s.l, &byte, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_int_equal(byte, 0x51);
	assert_int_equal(s.p.status_number, 0xfffffefe);       /* nothing sent so far */
	slip_caller_ask(&s);
	assert_int_equal(link_status(s.l, &byte, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_int_equal(s.p.status_number, 0xffffff00);
	slip_caller_expect(&s, LINE, "1", 1);          /* the answer is still there */
	slip_request_service(&s.p, 0x40);              /* comes first */
	s.p.status = 0x02;
	assert_int_equal(link_status(s.l, &byte, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_int_equal(byte, 0x02);
	assert_int_equal(link_wait_srq(s.l, &byte, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_int_equal(byte, 0x42);
	slip_caller_finish(&s);
}

/* One that comes too late is not taken for the answer to the next query. */
static void late_status(void **state)
{
	struct slip_caller s;
	uint8_t byte;

	(void)state;
	slip_caller_begin(&s, NULL);
	s.p.deaf = true;
	assert_int_equal(link_status(s.l, &byte, instant_after_ms(20), &s.e), -1);
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	assert_false(link_in_step(s.l));
	s.p.deaf = false;
	slip_late_status(&s.p, 0x01);
	s.p.status = 0x02;
	link_urgent(s.l, true);                        /* no clear in between */
	assert_int_equal(link_status(s.l, &byte, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_int_equal(byte, 0x02);
	slip_caller_finish(&s);
}

static void status_that_is_none(void **state)
{
	struct slip_caller s;
	uint8_t byte;

	(void)state;
	slip_caller_begin(&s, NULL);
	s.p.async_type = 16;
	assert_int_equal(link_status(s.l, &byte, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_string_equal(s.e.text, "status byte: a message came that answers nothing");
	assert_int_equal(link_clear(s.l, 0, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	slip_caller_finish(&s);
	slip_caller_begin(&s, NULL);
	s.p.async_type = 3;                            /* an Error: it does not know the query */
	s.p.status = 1;
	assert_int_equal(link_status(s.l, &byte, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_STATE);
	assert_true(link_in_step(s.l));
	slip_caller_finish(&s);
}

static void *request_soon(void *arg)
{
	struct slip_caller *s = arg;

	poll(NULL, 0, 30);
	s->p.status = 0x20;
	slip_request_service(&s->p, 0x60);
	return NULL;
}

static void *hang_up_soon(void *arg)
{
	struct slip_caller *s = arg;

	poll(NULL, 0, 30);
	slip_hang_up(&s->p);
	return NULL;
}

static void service_requests(void **state)
{
	struct slip_caller s;
	uint8_t byte;
	pthread_t t;

	(void)state;
	slip_caller_begin(&s, NULL);
	assert_int_equal(pthread_create(&t, NULL, request_soon, &s), 0);
	assert_int_equal(link_wait_srq(s.l, &byte, instant_after_ms(LONG_MS), &s.e), 0);
	assert_int_equal(byte, 0x60);
	pthread_join(t, NULL);
	assert_int_equal(link_wait_srq(s.l, &byte, instant_after_ms(20), &s.e), -1);
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	assert_false(link_in_step(s.l));
	slip_request_service(&s.p, 0x60);              /* forgotten by a clear */
	slip_caller_clear(&s);
	assert_int_equal(link_wait_srq(s.l, &byte, instant_after_ms(20), &s.e), -1);
	link_urgent(s.l, true);
	assert_int_equal(pthread_create(&t, NULL, hang_up_soon, &s), 0);
	assert_int_equal(link_wait_srq(s.l, &byte, instant_after_ms(LONG_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	pthread_join(t, NULL);
	slip_caller_finish(&s);
}

#define REQUESTS 600000                 /* more than any buffer holds */

static void *request_for_ever(void *arg)
{
	struct slip_caller *s = arg;

	for (int i = 0; i < REQUESTS; i++)
		slip_request_service(&s->p, 0x40);
	s->requested = true;
	return NULL;
}

/* Nobody waits for service, and the instrument is not kept waiting for somebody who does. */
static void requests_nobody_wants(void **state)
{
	instant by = instant_after_ms(LONG_MS);
	struct slip_caller s;
	uint8_t byte;
	pthread_t t;

	(void)state;
	slip_caller_begin(&s, NULL);
	assert_int_equal(pthread_create(&t, NULL, request_for_ever, &s), 0);
	while (!s.requested && !instant_passed(by))
		slip_caller_ask(&s);
	assert_true(s.requested);
	pthread_join(t, NULL);
	assert_int_equal(link_wait_srq(s.l, &byte, instant_after_ms(GUARD_MS), &s.e), 0);
	slip_caller_finish(&s);
}

static void cancel_ends_the_wait_for_service(void **state)
{
	struct slip_caller s;
	uint8_t byte;
	pthread_t t;

	(void)state;
	slip_caller_begin(&s, NULL);
	assert_int_equal(pthread_create(&t, NULL, dialogue_cancel_soon, &s.cancel), 0);
	assert_int_equal(link_wait_srq(s.l, &byte, instant_after_ms(LONG_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CANCELLED);
	pthread_join(t, NULL);
	slip_caller_finish(&s);
}

static void trigger(void **state)
{
	static const struct slip_row script[] = { ANSWER("1\n"), ANSWER("2\n"), { 0 } };
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, script);
	assert_int_equal(link_trigger(s.l, instant_after_ms(GUARD_MS), &s.e), 0);
	slip_caller_expect(&s, LINE, "1", 1);          /* what the trigger measured, under its number */
	assert_int_equal(s.p.triggers, 1);
	assert_int_equal(link_trigger(s.l, instant_after_ms(GUARD_MS), &s.e), 0);
	slip_caller_expect(&s, LINE, "2", 1);
	assert_int_equal(s.p.delivered, 1);
	slip_caller_finish(&s);
}

/* A clear that got stuck half-way leaves both ends in doubt: only a new session helps. */
static void clear_that_gets_stuck(void **state)
{
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, NULL);
	s.p.deaf = true;
	assert_int_equal(link_clear(s.l, 0, instant_after_ms(30), &s.e), -1);
	assert_string_equal(s.e.text, "device clear: timed out");
	link_urgent(s.l, true);
	assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	link_close(&s.l);
	s.p.deaf = false;
	assert_int_equal(slip_caller_open(&s), 0);
	assert_int_equal(s.p.sessions, 2);
	slip_caller_finish(&s);
}

static void no_time_for_silence(void **state)
{
	struct slip_caller s;

	(void)state;
	slip_caller_begin(&s, NULL);
	link_distrust(s.l);
	assert_int_equal(link_clear(s.l, 10 * NS_PER_S, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	assert_false(link_in_step(s.l));
	slip_caller_clear(&s);                         /* and works once there is */
	slip_caller_finish(&s);
}

static void nobody_there(void **state)
{
	struct slip_caller s;

	(void)state;
	slip_caller_prepare(&s, NULL);
	slip_start(&s.p);
	slip_stop(&s.p);
	assert_int_equal(slip_caller_open(&s), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(welcomes),
		cmocka_unit_test(overlapped_at_first),
		cmocka_unit_test(locks),
		cmocka_unit_test(sizes_it_takes),
		cmocka_unit_test(status_byte),
		cmocka_unit_test(late_status),
		cmocka_unit_test(status_that_is_none),
		cmocka_unit_test(service_requests),
		cmocka_unit_test(requests_nobody_wants),
		cmocka_unit_test(cancel_ends_the_wait_for_service),
		cmocka_unit_test(trigger),
		cmocka_unit_test(clear_that_gets_stuck),
		cmocka_unit_test(no_time_for_silence),
		cmocka_unit_test(nobody_there),
	};

	alarm(120);                             /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
