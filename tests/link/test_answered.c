/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_answered.c - a balance that answers every command, and tells who it is by three questions. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "device.h"
#include "scene.h"

static const char balance_yaml[] =
	"model: balance\n"
	"title: balance\n"
	"manufacturer: ETALON\n"
	"number: B1\n"
	"driver: text\n"
	"seen: manual\n"
	"identity: {ask: I2, expect: '^I2 A \"B1 ', serial_ask: I4, serial_reply: '^I4 A \"([^\"]+)\"$',"
	" firmware_ask: I3, firmware_reply: '^I3 A \"([^\"]+)\"$'}\n"
	"answered: ' A$'\n"
	"timeout: 250 ms\n"
	"latency: 60 ms\n"
	"init: [Z]\n"
	"points:\n"
	"  mass: {ask: SI, reply: '^S S +([-+0-9.]+) g$'}\n";

/* The test's knobs. */
struct play { atomic_int wrong_identity, refuse; };

static void balance(struct device *d, const char *ask, size_t n)
{
	struct play *p = (struct play *)d->script;

	(void)n;
	if (!strcmp(ask, "I2"))
		device_say(d, "I2 A \"B1 220.00900 g\"\n");
	else if (!strcmp(ask, "I3"))
		device_say(d, "I3 A \"2.10\"\n");
	else if (!strcmp(ask, "I4"))
		device_say(d, p->wrong_identity ? "I4 I\n" : "I4 A \"SN-3\"\n");
	else if (!strcmp(ask, "Z"))
		device_say(d, p->refuse ? "Z I\n" : "Z A\n");
	else if (!strcmp(ask, "SI"))
		device_say(d, "S S     100.00000 g\n");
}

/* Who it is may take three questions; a command may be refused by its answer. */
static void answers_to_commands(void **state)
{
	struct play play = { 0 };
	struct device d = { .answer = balance, .script = &play };
	struct scene s;
	struct reading r;

	(void)state;
	device_start(&d, "pty");
	scene_begin(&s, balance_yaml, d.address, "SN-3", NULL);
	scene_attach(&s);
	assert_string_equal(s.in->serial, "SN-3");
	assert_string_equal(s.in->firmware, "2.10");
	assert_int_equal(scene_measure(&s, "mass", &r), 1);
	assert_true(r.value == 100);
	play.refuse = 1;
	assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_INSTRUMENT);
	assert_non_null(strstr(s.e.text, "Z is refused: it answers 'Z I', expected  A$"));
	play.refuse = 0;
	play.wrong_identity = 1;
	assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_IDENTITY);
	play.wrong_identity = 0;
	s.in->serial_expected = "SN-4";
	assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_IDENTITY);
	s.in->serial_expected = "SN-3";
	scene_attach(&s);
	scene_finish(&s);
	device_stop(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_to_commands),
	};

	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
