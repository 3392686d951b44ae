/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_srq.c - what links over VXI-11 have beside their messages: the status byte, the trigger, and service requests,
 * for which anybody may knock at our door. */
#include <setjmp.h>
#include <stdarg.h>
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "caller.h"
#include "device.h"
#include "vxi11_srq.h"

#define LONG_MS  (60 * 1000)
#define STRANGER UINT32_C(0x7f000002)            /* 127.0.0.2: another host than the instrument's */

static int status(struct caller *s, uint8_t *byte)
{
	return link_status(s->l, byte, instant_after_ms(GUARD_MS), &s->e);
}

static int wait_srq(struct caller *s, int ms, uint8_t *byte)
{
	return link_wait_srq(s->l, byte, instant_after_ms(ms), &s->e);
}

/* The first wait, which ends at once, opens the channel. */
static void begin_with_channel(struct caller *s)
{
	uint8_t byte;

	caller_begin(s, NULL);
	s->p.status = 0x40;
	assert_int_equal(wait_srq(s, GUARD_MS, &byte), 0);
	s->p.status = 0;
}

static void *request_soon(void *arg)
{
	struct caller *s = arg;

	poll(NULL, 0, 30);
	s->p.status = 0x60;
	peer_request_service(s->p.intr, s->p.handle, s->p.handle_n);
	return NULL;
}

static void *hang_up_soon(void *arg)
{
	struct caller *s = arg;

	poll(NULL, 0, 30);
	for (int i = 1; i < PEER_CLIENTS; i++)
		if (s->p.fds[i] >= 0)
			shutdown(s->p.fds[i], SHUT_RDWR);
	return NULL;
}

/* A connection to where the instrument should call, from this address of ours. */
static int knock(const struct caller *s, uint32_t from)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(s->p.intr_port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(from) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (void *)&own, sizeof own), 0);
	assert_int_equal(connect(fd, (void *)&a, sizeof a), 0);
	return fd;
}

static bool gone(int fd)
{
	char end;

	return recv(fd, &end, 1, MSG_DONTWAIT) == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

static void status_byte(void **state)
{
	struct caller s;
	uint8_t byte;

	(void)state;
	caller_begin(&s, NULL);
	s.p.status = 0x50;
	assert_int_equal(status(&s, &byte), 0);
	assert_int_equal(byte, 0x50);
	s.p.status = 256;
	assert_int_equal(status(&s, &byte), -1);
	assert_int_equal(s.e.code, ERR_PROTOCOL);
	assert_string_equal(s.e.text, "status byte: device_readstb: what it answers is no status byte");
	assert_false(link_in_step(s.l));
	assert_int_equal(status(&s, &byte), -1);
	assert_int_equal(s.e.code, ERR_STATE);         /* out of step */
	caller_finish(&s);
}

/* An answer that waits is still there afterwards. */
static void status_between_question_and_answer(void **state)
{
	static const struct part script[] = { PART("1\n", PEER_END), { 0 } };
	struct caller s;
	uint8_t byte;

	(void)state;
	caller_begin(&s, script);
	caller_ask(&s);
	assert_int_equal(status(&s, &byte), 0);
	caller_expect(&s, LINE, "1", 1);
	caller_finish(&s);
}

/* Errors of the device are failures, but where it has no such thing the link stays in step. */
static void what_it_does_not_have(void **state)
{
	struct caller s;
	uint8_t byte;

	(void)state;
	caller_begin(&s, NULL);
	s.p.status_error = s.p.trigger_error = s.p.intr_error = 8;
	assert_int_equal(status(&s, &byte), -1);
	assert_int_equal(s.e.code, ERR_STATE);
	assert_int_equal(link_trigger(s.l, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_string_equal(s.e.text, "trigger: device_trigger: it does not support this operation (VXI-11 error 8)");
	assert_int_equal(wait_srq(&s, GUARD_MS, &byte), -1);
	assert_int_equal(s.e.code, ERR_STATE);
	s.p.knows_no_srq = true;
	assert_int_equal(wait_srq(&s, GUARD_MS, &byte), -1);
	assert_int_equal(s.e.code, ERR_STATE);
	assert_true(link_in_step(s.l));
	s.p.trigger_error = 17;
	assert_int_equal(link_trigger(s.l, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	assert_false(link_in_step(s.l));
	caller_finish(&s);
}

static void streams_have_none(void **state)
{
	struct device d = { 0 };
	struct link *l;
	struct err e;
	uint8_t byte;

	(void)state;
	device_start(&d, "tcp");
	assert_int_equal(link_open(&l, d.address, NULL, -1, instant_after_ms(GUARD_MS), &e), 0);
	assert_int_equal(link_status(l, &byte, instant_after_ms(GUARD_MS), &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(link_wait_srq(l, &byte, instant_after_ms(GUARD_MS), &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(link_trigger(l, instant_after_ms(GUARD_MS), &e), -1);
	assert_string_equal(e.text, "tcp has no trigger beside its messages");
	assert_true(link_in_step(l));
	link_close(&l);
	device_stop(&d);
}

static void trigger(void **state)
{
	static const struct part script[] = { PART("1\n", PEER_END), PART("2\n", PEER_COUNT), PART("", 0), { 0 } };
	struct caller s;

	(void)state;
	caller_begin(&s, script);
	assert_int_equal(link_trigger(s.l, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_int_equal(s.p.triggers, 1);
	caller_expect(&s, LINE, "1", 1);               /* what the trigger measured */
	caller_ask(&s);
	caller_expect(&s, LINE, "2", 1);
	assert_int_equal(link_trigger(s.l, instant_after_ms(GUARD_MS), &s.e), -1);     /* its end is missing */
	assert_int_equal(s.p.triggers, 1);
	caller_finish(&s);
}

static void request_ends_the_wait(void **state)
{
	struct caller s;
	pthread_t t;
	uint8_t byte;

	(void)state;
	begin_with_channel(&s);
	assert_int_equal(s.p.handle_n, VXI11_SRQ_HANDLE);
	assert_int_equal(pthread_create(&t, NULL, request_soon, &s), 0);
	assert_int_equal(wait_srq(&s, LONG_MS, &byte), 0);
	assert_int_equal(byte, 0x60);
	pthread_join(t, NULL);
	peer_request_service(s.p.intr, s.p.handle, s.p.handle_n);
	assert_int_equal(wait_srq(&s, LONG_MS, &byte), 0);     /* made before anybody waited */
	assert_int_equal(wait_srq(&s, 20, &byte), -1);         /* and taken with that */
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	assert_false(link_in_step(s.l));
	caller_finish(&s);
}

/* What was requested before there was a channel shows in the status byte. */
static void requested_before(void **state)
{
	struct caller s;
	uint8_t byte;

	(void)state;
	caller_begin(&s, NULL);
	s.p.status = 0x41;
	assert_int_equal(wait_srq(&s, LONG_MS, &byte), 0);
	assert_int_equal(byte, 0x41);
	assert_int_equal(s.p.statuses, 1);
	link_close(&s.l);
	assert_int_equal(s.p.intr_gone, 1);
	assert_int_equal(s.p.destroyed, 1);
	caller_finish(&s);
}

static void cancel_and_loss_end_the_wait(void **state)
{
	struct caller s;
	pthread_t t;
	uint8_t byte;

	(void)state;
	begin_with_channel(&s);
	assert_int_equal(pthread_create(&t, NULL, dialogue_cancel_soon, &s.cancel), 0);
	assert_int_equal(wait_srq(&s, LONG_MS, &byte), -1);
	assert_int_equal(s.e.code, ERR_CANCELLED);
	pthread_join(t, NULL);
	link_urgent(s.l, true);
	assert_int_equal(pthread_create(&t, NULL, hang_up_soon, &s), 0);
	assert_int_equal(wait_srq(&s, LONG_MS, &byte), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	pthread_join(t, NULL);
	caller_finish(&s);
}

/* Whoever does not know the handle is sent away, and changes nothing for whoever does. */
static void strangers(void **state)
{
	static const char rubbish[] = "GET / HTTP/1.1\r\n\r\n";
	char wrong[VXI11_SRQ_HANDLE];
	struct caller s;
	int fds[3];
	uint8_t byte;

	(void)state;
	begin_with_channel(&s);
	memcpy(wrong, s.p.handle, sizeof wrong);
	wrong[5] ^= 1;
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = knock(&s, STRANGER);
	peer_request_service(fds[0], wrong, sizeof wrong);
	peer_request_service(fds[1], s.p.handle, 15);
	assert_true(send(fds[2], rubbish, sizeof rubbish, MSG_NOSIGNAL) > 0);
	assert_int_equal(wait_srq(&s, 50, &byte), -1);
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	caller_clear(&s);
	for (size_t i = 0; i < COUNT(fds); i++) {
		assert_true(gone(fds[i]));
		close(fds[i]);
	}
	peer_request_service(s.p.intr, s.p.handle, s.p.handle_n);
	assert_int_equal(wait_srq(&s, LONG_MS, &byte), 0);
	caller_finish(&s);
}

/* However many come, the instrument keeps its place; and one that comes anew gets one. */
static void crowd(void **state)
{
	struct caller s;
	int fds[9], again;
	uint8_t byte;

	(void)state;
	begin_with_channel(&s);
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = knock(&s, STRANGER);
	assert_int_equal(wait_srq(&s, 20, &byte), -1);
	caller_clear(&s);
	for (size_t i = 0; i < COUNT(fds); i++)
		assert_int_equal(gone(fds[i]), i >= VXI11_SRQ_CALLERS - 1);
	peer_request_service(s.p.intr, s.p.handle, s.p.handle_n);
	assert_int_equal(wait_srq(&s, LONG_MS, &byte), 0);
	again = knock(&s, INADDR_LOOPBACK);
	peer_request_service(again, s.p.handle, s.p.handle_n);
	assert_int_equal(wait_srq(&s, LONG_MS, &byte), 0);
	assert_true(gone(fds[0]));
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	close(again);
	caller_finish(&s);
}

/* Records may come in any pieces, and several at once. */
static void records_in_pieces(void **state)
{
	static const char record[] =
		"\x80\0\0\x3c\0\0\0\1\0\0\0\0\0\0\0\2\0\x06\x07\xb1\0\0\0\1\0\0\0\x1e\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\0\0\x10" "0123456789abcdef";
	struct buf heard = { 0 };
	size_t n = sizeof record - 1;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		buf_add(&heard, record + i, 1);
		assert_int_equal(vxi11_srq_take(&heard, "0123456789abcdef"), i == n - 1);
	}
	assert_int_equal(heard.len, 0);
	for (int i = 0; i < 3; i++)
		buf_add(&heard, record, n);
	assert_int_equal(vxi11_srq_take(&heard, "0123456789abcdef"), 1);
	assert_int_equal(heard.len, 0);
	buf_add(&heard, record, n);
	assert_int_equal(vxi11_srq_take(&heard, "0123456789abcdeX"), -1);
	buf_clear(&heard);
	buf_add(&heard, "\x80\0\x10\0", 4);            /* too long for any call */
	assert_int_equal(vxi11_srq_take(&heard, "0123456789abcdef"), -1);
	buf_release(&heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_byte),
		cmocka_unit_test(status_between_question_and_answer),
		cmocka_unit_test(what_it_does_not_have),
		cmocka_unit_test(streams_have_none),
		cmocka_unit_test(trigger),
		cmocka_unit_test(request_ends_the_wait),
		cmocka_unit_test(requested_before),
		cmocka_unit_test(cancel_and_loss_end_the_wait),
		cmocka_unit_test(strangers),
		cmocka_unit_test(crowd),
		cmocka_unit_test(records_in_pieces),
	};

	alarm(120);                             /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
