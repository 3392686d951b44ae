/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_serial.c - what the kernel is asked for when a serial line is opened and cleared: every setting of
 * line.h, seen where a real port's driver would see it (tests/shim/serial_on_pty.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "dialogue.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static char log_path[] = "/tmp/etalon-serial-log-XXXXXX";

static int make_log(void **state)
{
	int fd = mkstemp(log_path);

	(void)state;
	close(fd);
	return fd < 0 || setenv("SERIAL_LOG", log_path, 1);
}

static int remove_log(void **state)
{
	(void)state;
	return unlink(log_path);
}

/* Everything asked for since the last call; the caller frees it. */
static char *asked(void)
{
	FILE *f = fopen(log_path, "re");
	char *text = mem_new(65536);

	assert_non_null(f);
	text[fread(text, 1, 65535, f)] = '\0';
	fclose(f);
	assert_int_equal(truncate(log_path, 0), 0);
	return text;
}

static void stay_silent(struct device *d, const char *ask, size_t n)
{
	(void)d, (void)ask, (void)n;
}

struct scene {
	struct device d;
	struct link *l;
	struct err e;
};

static int open_with(struct scene *s, const char *options)
{
	char address[256];

	*s = (struct scene){ .d.answer = stay_silent };
	device_start(&s->d, "serial");
	snprintf(address, sizeof address, "%s%s", s->d.address, options);
	free(asked());
	return link_open(&s->l, address, NULL, -1, instant_after_ms(GUARD_MS), &s->e);
}

static void finish(struct scene *s)
{
	link_close(&s->l);
	device_stop(&s->d);
}

static void expect_lines(const char *options, const char *log, const char *const *lines)
{
	for (; *lines; lines++)
		if (!strstr(log, *lines))
			fail_msg("%s: no '%s' in\n%s", options, *lines, log);
}

static void settings_reach_the_kernel(void **state)
{
	static const struct { const char *options, *lines[5]; } rows[] = {
		{ "", { "termios 8N1\n", "dtr on\n", "rts on\n" } },
		{ "?bits=7&parity=even", { "termios 7E1 inpck\n" } },
		{ "?bits=7&parity=odd&stop=2", { "termios 7O2 inpck\n" } },
		{ "?parity=mark", { "termios 8M1 inpck\n" } },
		{ "?bits=7&parity=space", { "termios 7S1 inpck\n" } },
		{ "?bits=5", { "termios 5N1\n" } },
		{ "?flow=rts-cts", { "termios 8N1 rts-cts\n", "dtr on\n" } },
		{ "?flow=xon-xoff", { "termios 8N1 xon-xoff\n", "rts on\n" } },
		{ "?dtr=off", { "dtr off\n", "rts on\n" } },
		{ "?rts=off", { "dtr on\n", "rts off\n" } },
		{ "?rs485=yes", { "rs485 enabled rts-on-send\n" } },
		{ "?rs485=yes&echo=yes", { "rs485 enabled rts-on-send rx-during-tx\n" } },
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *log;

		if (open_with(&s, rows[i].options) < 0)
			fail_msg("%s: %s", rows[i].options, s.e.text);
		log = asked();
		expect_lines(rows[i].options, log, rows[i].lines);
		assert_true(strstr(rows[i].options, "rs485") || !strstr(log, "rs485"));
		assert_null(strstr(log, "break"));
		free(log);
		finish(&s);
	}
}

static void a_driver_without_rs485_is_taken(void **state)
{
	struct scene s;

	(void)state;
	setenv("SERIAL_NO_RS485", "1", 1);
	if (open_with(&s, "?rs485=yes") < 0)
		fail_msg("%s", s.e.text);
	finish(&s);
	unsetenv("SERIAL_NO_RS485");
}

static void a_break_before_a_clear(void **state)
{
	struct scene s;
	instant began;
	char *log;

	(void)state;
	assert_int_equal(open_with(&s, "?break=30ms"), 0);
	free(asked());
	began = instant_now();
	assert_int_equal(link_clear(s.l, NS_PER_MS, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_true(instant_now() - began >= 30 * NS_PER_MS);
	log = asked();
	assert_string_equal(log, "break on\nbreak off\n");
	free(log);
	/* One that is cut short by the deadline is ended all the same. */
	assert_int_equal(link_clear(s.l, NS_PER_MS, instant_after_ms(5), &s.e), -1);
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	log = asked();
	assert_string_equal(log, "break on\nbreak off\n");
	free(log);
	finish(&s);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_reach_the_kernel),
		cmocka_unit_test(a_driver_without_rs485_is_taken),
		cmocka_unit_test(a_break_before_a_clear),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests_name("serial", tests, make_log, remove_log);
}
