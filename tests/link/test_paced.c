/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_paced.c - echo, turn-round and character delay, over every way to a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "dialogue.h"

enum echo { ECHO_RIGHT, ECHO_WRONG, ECHO_NONE, ECHO_SHORT };

struct scene {
	struct device d;
	struct link *l;
	struct err e;
};

/* The line repeats every byte, with one error if the test wants it; the end of a line is answered. */
static void repeat(struct device *d, const char *ask, size_t n)
{
	char byte = d->fault == ECHO_WRONG && *ask == 'A' ? 'a' : *ask;

	(void)n;
	if (d->fault == ECHO_RIGHT || d->fault == ECHO_WRONG || (d->fault == ECHO_SHORT && *ask != '\n'))
		device_send(d, &byte, 1);
	if (*ask == '\n' && d->fault == ECHO_RIGHT)
		device_say(d, "+1.5\n");
}

static void open_line(struct scene *s, const char *scheme, const char *options, size_t count)
{
	char address[256];

	*s = (struct scene){ .d = { .answer = repeat, .count = count } };
	device_start(&s->d, scheme);
	snprintf(address, sizeof address, "%s?%s", s->d.address, options);
	if (link_open(&s->l, address, NULL, -1, instant_after_ms(GUARD_MS), &s->e) < 0)
		fail_msg("%s", s->e.text);
}

static void finish(struct scene *s)
{
	link_close(&s->l);
	device_stop(&s->d);
}

static int ask(struct scene *s, int ms)
{
	return link_write(s->l, "READ?\n", 6, instant_after_ms(ms), &s->e);
}

static void echo_is_taken_away(void **state)
{
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		open_line(&s, scheme, "echo=yes", 1);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(ask(&s, GUARD_MS), 0);
			dialogue_expect(s.l, LINE, "+1.5", 4, &s.e);
			assert_int_equal(link_excess(s.l), 0);
		}
		finish(&s);
	}
}

/* Longer than what is sent before its echo is read. */
static void long_command(void **state)
{
	char text[3001];
	struct scene s;

	(void)state;
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\n';
	EACH_SCHEME(scheme) {
		open_line(&s, scheme, "echo=yes", 1);
		assert_int_equal(link_write(s.l, text, sizeof text, instant_after_ms(GUARD_MS), &s.e), 0);
		dialogue_expect(s.l, LINE, "+1.5", 4, &s.e);
		finish(&s);
	}
}

static void echo_that_differs_is_a_collision(void **state)
{
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		open_line(&s, scheme, "echo=yes", 1);
		s.d.fault = ECHO_WRONG;
		assert_int_equal(ask(&s, GUARD_MS), -1);
		assert_int_equal(s.e.code, ERR_PROTOCOL);
		assert_non_null(strstr(s.e.text, "0x61 came for 0x41: somebody else spoke"));
		assert_false(link_in_step(s.l));
		s.d.fault = ECHO_RIGHT;
		assert_true(link_clear(s.l, 50 * NS_PER_MS, instant_after_ms(GUARD_MS), &s.e) >= 0);
		assert_int_equal(ask(&s, GUARD_MS), 0);
		dialogue_expect(s.l, LINE, "+1.5", 4, &s.e);
		finish(&s);
	}
}

static void echo_that_does_not_come(void **state)
{
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		for (int fault = ECHO_NONE; fault <= ECHO_SHORT; fault++) {
			open_line(&s, scheme, "echo=yes", 1);
			s.d.fault = fault;
			assert_int_equal(ask(&s, 100), -1);
			assert_int_equal(s.e.code, ERR_TIMEOUT);
			assert_non_null(strstr(s.e.text, "no echo of what was sent"));
			assert_false(link_in_step(s.l));
			finish(&s);
		}
	}
}

static void answer(struct device *d, const char *text, size_t n)
{
	(void)text, (void)n;
	device_say(d, "+1.5\n");
}

/* Never sooner: 5 pauses between 6 characters, and one after the reply before the next question. */
static void pauses(void **state)
{
	struct scene s;
	instant began;

	(void)state;
	EACH_SCHEME(scheme) {
		open_line(&s, scheme, "character_delay=4ms&turnaround=30ms", 0);
		s.d.answer = answer;
		began = instant_now();
		assert_int_equal(ask(&s, GUARD_MS), 0);
		assert_true(instant_now() - began >= 5 * 4 * NS_PER_MS);
		dialogue_expect(s.l, LINE, "+1.5", 4, &s.e);
		began = instant_now();
		assert_int_equal(link_write(s.l, "\n", 1, instant_after_ms(GUARD_MS), &s.e), 0);
		assert_true(instant_now() - began >= 29 * NS_PER_MS);
		dialogue_expect(s.l, LINE, "+1.5", 4, &s.e);
		assert_int_equal(link_write(s.l, "\n", 1, instant_after_ms(5), &s.e), -1);
		assert_int_equal(s.e.code, ERR_TIMEOUT);
		finish(&s);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo_is_taken_away),
		cmocka_unit_test(long_command),
		cmocka_unit_test(echo_that_differs_is_a_collision),
		cmocka_unit_test(echo_that_does_not_come),
		cmocka_unit_test(pauses),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests_name("paced", tests, NULL, NULL);
}
