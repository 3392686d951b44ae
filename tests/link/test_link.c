/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_link.c - links over every transport.  The first five tests are failures that other
 * programs have had (see each); the whole file runs over tcp, pty and, under a preload shim,
 * serial. */
#include <setjmp.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "dialogue.h"
#include "host.h"

/* What the device says to each command in turn: bytes and a pause before them. */
struct say { int pause_ms; const char *bytes; size_t n; bool hang_up; };
#define SAY(ms, text) { ms, text, sizeof text - 1, false }
#define HANG_UP(ms) { ms, "", 0, true }

static void recite(struct device *d, const char *ask, size_t n)
{
	(void)ask;
	(void)n;
	if (d->asked > 1)
		return;
	for (const struct say *s = d->script; s->bytes; s++) {
		device_pause(d, s->pause_ms);
		device_send(d, s->bytes, s->n);
		if (s->hang_up)
			device_hang_up(d);
	}
}

struct scene {
	struct device d;
	struct link *l;
	int cancel;
	struct err e;
};

static void begin(struct scene *s, const char *scheme, const struct say *script)
{
	*s = (struct scene){ .d = { .answer = recite, .script = script }, .cancel = eventfd(0, EFD_CLOEXEC) };
	device_start(&s->d, scheme);
	if (link_open(&s->l, s->d.address, NULL, s->cancel, instant_after_ms(GUARD_MS), &s->e) < 0)
		fail_msg("%s", s->e.text);
}

static void finish(struct scene *s)
{
	link_close(&s->l);
	device_stop(&s->d);
	close(s->cancel);
}

static void ask(struct scene *s)
{
	dialogue_ask(s->l, &s->e);
}

static void expect(struct scene *s, struct until end, const char *reply, size_t n)
{
	dialogue_expect(s->l, end, reply, n, &s->e);
}

static void expect_failure(struct scene *s, struct until end, int ms, enum err_code code)
{
	dialogue_expect_failure(s->l, end, ms, code, &s->e);
}

/* A segment taken for a reply: pslab-python #290, Qcodes PR 971. */
static void reply_in_pieces(void **state)
{
	static const struct say script[] = {
		SAY(0, "+1.0"), SAY(20, "02"), SAY(20, "3\n+2.5\n"), SAY(0, "\n"), { 0 } };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		expect(&s, LINE, "+1.0023", 7);
		expect(&s, LINE, "+2.5", 4);
		expect(&s, LINE, "", 0);        /* a lone "\n": opentap #2327 */
		finish(&s);
	}
}

/* A source may stand idle for hours: that it was cut off is seen without asking it anything. */
static void hang_up_is_seen_though_nothing_is_asked(void **state)
{
	static const struct say script[] = { SAY(0, "1\n"), HANG_UP(50), { 0 } };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		instant by = instant_after_ms(GUARD_MS);

		begin(&s, scheme, script);
		assert_int_equal(link_look(s.l, &s.e), 0);
		ask(&s);
		expect(&s, LINE, "1", 1);
		while (link_look(s.l, &s.e) == 0 && !instant_passed(by))
			usleep(1000);
		assert_int_equal(link_look(s.l, &s.e), -1);
		assert_int_equal(s.e.code, ERR_CLOSED);
		finish(&s);
	}
}

/* END lost where a reply is as long as the chunk it is read in: pyvisa-py #608. */
static void reply_as_long_as_a_chunk(void **state)
{
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		for (size_t n = 4094; n <= 4097; n++) {
			char *text = mem_new(n + 1);
			struct say script[2] = { { .bytes = text, .n = n + 1 } };

			memset(text, '7', n);
			text[n] = '\n';
			begin(&s, scheme, script);
			ask(&s);
			expect(&s, LINE, text, n);
			assert_int_equal(link_excess(s.l), 0);
			finish(&s);
			free(text);
		}
	}
}

/* A terminator byte inside a block: ScpiNet #12. */
static void block_holds_the_mark(void **state)
{
	static const struct say script[] = {
		SAY(0, "#14a\n"), SAY(20, "b\n"), SAY(20, "\n#10\n"), SAY(0, "#11\n,#11x#1"), SAY(20, "2\n\n\n"), { 0 } };
	struct until block = { .mark = "\n", .block = true };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		expect(&s, block, "#14a\nb\n", 7);
		expect(&s, block, "#10", 3);
		expect(&s, block, "#11\n,#11x#12\n\n", 14);
		finish(&s);
	}
}

static void block_that_is_none(void **state)
{
	static const char *const wrong[] = { "1.5\n", "#0ab\n", "#x12\n", "#1", "#2a1", "#11ab\n", "#9999999999" };
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct say script[] = { { 0, wrong[i], strlen(wrong[i]), false }, { 0 } };

		begin(&s, "tcp", script);
		ask(&s);
		expect_failure(&s, (struct until){ .mark = "\n", .block = true }, 50,
			       strlen(wrong[i]) == 2 ? ERR_TIMEOUT : ERR_PROTOCOL);
		finish(&s);
	}
}

static void counted_reply(void **state)
{
	static const struct say script[] = { SAY(0, "ab"), SAY(20, "\ncd"), { 0 } };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		expect(&s, (struct until){ .count = 3 }, "ab\n", 3);
		expect(&s, (struct until){ .count = 2 }, "cd", 2);
		finish(&s);
	}
}

/* One deadline for the whole reply: a byte now and then must not re-arm it. */
static void dribble_meets_the_deadline(void **state)
{
	static const struct say script[] = {
		SAY(0, "1"), SAY(40, "1"), SAY(40, "1"), SAY(40, "1"), SAY(40, "1"), SAY(40, "1\n"), { 0 } };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		expect_failure(&s, LINE, 100, ERR_TIMEOUT);
		assert_true(link_pending(s.l)->len < 6);
		finish(&s);
	}
}

/* A reply of several lines is whole with the last; what comes behind it is the next. */
static void lines_are_counted(void **state)
{
	static const struct say script[] = {
		SAY(0, "X=1\r\nY=2"), SAY(20, "5\r"), SAY(20, "\nZ\r\nmore\r\n"), { 0 } };
	static const struct until three = { .mark = "\r\n", .lines = 3 };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		expect(&s, three, "X=1\r\nY=25\r\nZ", 12);
		expect(&s, (struct until){ .mark = "\r\n" }, "more", 4);
		expect_failure(&s, three, 50, ERR_TIMEOUT);
		finish(&s);
	}
}

/* Where nothing marks the end of a reply, silence does; not the deadline, behind which more may come. */
static void a_pause_ends_a_reply(void **state)
{
	static const struct say script[] = { SAY(0, "+1.0"), SAY(20, "02"), { 0 } };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		expect(&s, (struct until){ .pause_ns = 400 * NS_PER_MS }, "+1.002", 6);
		expect_failure(&s, (struct until){ .pause_ns = 1 }, 50, ERR_TIMEOUT);
		finish(&s);
		begin(&s, scheme, script);
		ask(&s);
		expect_failure(&s, (struct until){ .pause_ns = 60 * NS_PER_S }, 200, ERR_TIMEOUT);
		finish(&s);
	}
}

static void late_reply_never_answers_the_next(void **state)
{
	static const struct say script[] = { SAY(120, "+1.0\n"), { 0 } };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		expect_failure(&s, LINE, 30, ERR_TIMEOUT);
		assert_int_equal(link_clear(s.l, 200 * NS_PER_MS, instant_after_ms(GUARD_MS), &s.e), 5);
		assert_true(link_in_step(s.l));
		ask(&s);
		expect_failure(&s, LINE, 30, ERR_TIMEOUT);
		finish(&s);
	}
}

/* The copy is there before the next question, which is therefore not asked. */
static void second_copy_is_found(void **state)
{
	static const struct say script[] = { SAY(0, "+1.0\n"), SAY(30, "+1.0\n"), { 0 } };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		expect(&s, LINE, "+1.0", 4);
		device_pause(&s.d, 100);
		assert_int_equal(link_write(s.l, "READ?\n", 6, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_PROTOCOL);
		assert_int_equal(s.d.asked, 1);
		assert_int_equal(link_clear(s.l, 20 * NS_PER_MS, instant_after_ms(GUARD_MS), &s.e), 5);
		finish(&s);
	}
}

static void closed_in_the_middle(void **state)
{
	static const struct say script[] = { SAY(0, "12"), HANG_UP(30), { 0 } };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		expect_failure(&s, LINE, GUARD_MS, ERR_CLOSED);
		finish(&s);
	}
}

/* A closed socket or a pulled cable is an error of the call, never a signal. */
static void closed_before_the_question(void **state)
{
	static const struct say script[] = { HANG_UP(0), { 0 } };
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		int failed = 0;

		begin(&s, scheme, script);
		ask(&s);
		device_pause(&s.d, 50);
		link_urgent(s.l, true);
		for (int i = 0; i < 3 && !failed; i++) {
			failed = link_write(s.l, "READ?\n", 6, instant_after_ms(GUARD_MS), &s.e);
			device_pause(&s.d, 20);
		}
		assert_int_equal(failed, -1);
		assert_int_equal(s.e.code, ERR_CLOSED);
		finish(&s);
	}
}

static void cancel_ends_any_wait(void **state)
{
	static const struct say script[] = { SAY(0, "1"), { 0 } };
	struct scene s;
	const char *got;
	pthread_t t;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, script);
		ask(&s);
		pthread_create(&t, NULL, dialogue_cancel_soon, &s.cancel);
		expect_failure(&s, LINE, 60 * 1000, ERR_CANCELLED);
		pthread_join(t, NULL);
		assert_int_equal(link_clear(s.l, NS_PER_MS, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_CANCELLED);
		link_urgent(s.l, true);         /* a safe-state command goes out all the same */
		assert_int_equal(link_write(s.l, "OFF\n", 4, instant_after_ms(GUARD_MS), &s.e), 0);
		assert_int_equal(link_read(s.l, &got, LINE, instant_after_ms(30), &s.e), -1);
		assert_int_equal(s.e.code, ERR_TIMEOUT);
		finish(&s);
	}
}

static void babble(struct device *d, const char *text, size_t n)
{
	(void)text;
	(void)n;
	for (int i = 0; i < 40; i++) {
		device_say(d, "x");
		device_pause(d, 10);
	}
}

static void no_silence_no_step(void **state)
{
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, scheme, NULL);
		s.d.answer = babble;
		ask(&s);
		expect_failure(&s, LINE, 50, ERR_TIMEOUT);
		assert_int_equal(link_clear(s.l, 50 * NS_PER_MS, instant_after_ms(200), &s.e), -1);
		assert_int_equal(s.e.code, ERR_TIMEOUT);
		assert_false(link_in_step(s.l));
		finish(&s);
	}
}

static void resolves(const char *address, const char *one, const char *other)
{
	struct err e;
	char *text = host_resolve(address, &e);

	if (!text)
		fail_msg("%s", e.text);
	if (strcmp(text, one) && strcmp(text, other))
		fail_msg("%s gives %s", address, text);
	free(text);
}

static void names_become_numbers(void **state)
{
	struct err e;

	(void)state;
	resolves("tcp://localhost:5025?unit=3", "tcp://127.0.0.1:5025?unit=3", "tcp://[::1]:5025?unit=3");
	resolves("TCPIP::localhost::5025::SOCKET", "tcp://127.0.0.1:5025", "tcp://[::1]:5025");
	resolves("tcp://localhost:1?echo=yes&unit=2", "tcp://127.0.0.1:1?echo=yes&unit=2", "tcp://[::1]:1?echo=yes&unit=2");
	resolves("modbus+tcp://localhost:502/3", "modbus+tcp://127.0.0.1:502/3", "modbus+tcp://[::1]:502/3");
	resolves("vxi11://localhost/gpib0,22", "vxi11://127.0.0.1/gpib0,22", "vxi11://[::1]/gpib0,22");
	resolves("prologix://localhost/22,3", "prologix://127.0.0.1:1234/22,3", "prologix://[::1]:1234/22,3");
	resolves("asrl/dev/ttyS9?baud=1200", "serial:/dev/ttyS9?baud=1200", "");
	assert_null(host_resolve("tcp://no-such-host.invalid:1", &e));
	assert_int_equal(e.code, ERR_CONFIG);
}

static void nobody_there(void **state)
{
	struct device d = { .answer = recite };
	struct link *l;
	struct err e;

	(void)state;
	EACH_SCHEME(scheme) {
		device_start(&d, scheme);
		device_stop(&d);
		assert_int_equal(link_open(&l, d.address, NULL, -1, instant_after_ms(GUARD_MS), &e), -1);
		assert_string_equal(err_word(e.code), "closed");
	}
	assert_int_equal(link_open(&l, "pty:/dev/null", NULL, -1, instant_after_ms(GUARD_MS), &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_int_equal(link_open(&l, "serial:/dev/null", NULL, -1, instant_after_ms(GUARD_MS), &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_in_pieces),
		cmocka_unit_test(hang_up_is_seen_though_nothing_is_asked),
		cmocka_unit_test(reply_as_long_as_a_chunk),
		cmocka_unit_test(block_holds_the_mark),
		cmocka_unit_test(block_that_is_none),
		cmocka_unit_test(counted_reply),
		cmocka_unit_test(dribble_meets_the_deadline),
		cmocka_unit_test(lines_are_counted),
		cmocka_unit_test(a_pause_ends_a_reply),
		cmocka_unit_test(late_reply_never_answers_the_next),
		cmocka_unit_test(second_copy_is_found),
		cmocka_unit_test(closed_in_the_middle),
		cmocka_unit_test(closed_before_the_question),
		cmocka_unit_test(cancel_ends_any_wait),
		cmocka_unit_test(no_silence_no_step),
		cmocka_unit_test(names_become_numbers),
		cmocka_unit_test(nobody_there),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
