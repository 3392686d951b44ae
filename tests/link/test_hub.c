/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_hub.c - text instruments that share one line, each addressed in what is said to it: one connection, and
 * no answer but one's own.  Each answers 1000 times its unit plus the number of questions it has heard. */
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "hub.h"
#include "scene.h"

#define UNITS 2

static const char yaml[] =
	"model: sensor\n"
	"title: sensor\n"
	"manufacturer: ETALON\n"
	"number: T1\n"
	"driver: text\n"
	"seen: manual\n"
	"identity: {ask: \"#{unit} ID\", expect: \"^UNIT ([0-9]+)$\", serial: 1}\n"
	"timeout: 120 ms\n"
	"latency: 250 ms\n"
	"points:\n"
	"  temperature: {ask: \"#{unit} T\"}\n";

enum fault { NONE, LATE, SILENT, GARBAGE, CLOSE };

struct bus {
	struct device d;
	struct scene s[UNITS];
	atomic_int heard[UNITS + 1], faulty;     /* the unit that d.fault strikes */
};

static void answer(struct device *d, const char *ask, size_t n)
{
	struct bus *b = (struct bus *)d->script;
	char reply[32], what[8];
	int unit;

	(void)n;
	assert_int_equal(sscanf(ask, "#%d %7s", &unit, what), 2);
	assert_in_range(unit, 1, UNITS);
	snprintf(reply, sizeof reply, "UNIT %d\n", unit);
	if (strcmp(what, "ID"))
		snprintf(reply, sizeof reply, "%d\n", 1000 * unit + ++b->heard[unit]);
	if (strcmp(what, "ID") && unit == b->faulty) {
		b->faulty = 0;
		switch ((enum fault)d->fault) {
		case LATE:
			device_pause(d, 200);
			break;
		case SILENT:
			return;
		case GARBAGE:
			device_say(d, "?\n");
			return;
		case CLOSE:
			device_hang_up(d);
			return;
		case NONE:
			break;
		}
	}
	device_say(d, reply);
}

static void begin(struct bus *b, const char *scheme)
{
	char address[256], serial[8];

	*b = (struct bus){ .d = { .answer = answer } };
	b->d.script = b;
	device_start(&b->d, scheme);
	for (int i = 0; i < UNITS; i++) {
		snprintf(address, sizeof address, "%s?unit=%d", b->d.address, i + 1);
		snprintf(serial, sizeof serial, "%d", i + 1);
		scene_begin(&b->s[i], yaml, mem_string(address), mem_string(serial), i ? b->s[0].in : NULL);
		scene_attach(&b->s[i]);
	}
}

static void finish(struct bus *b)
{
	for (int i = 0; i < UNITS; i++) {
		free((char *)b->s[i].in->address);
		free((char *)b->s[i].in->serial_expected);
		scene_finish(&b->s[i]);
	}
	device_stop(&b->d);
}

static void expect_reading(struct bus *b, int unit)
{
	struct scene *s = &b->s[unit - 1];
	struct reading r;

	if (scene_measure(s, "temperature", &r) < 0)
		fail_msg("unit %d: %s", unit, s->e.text);
	assert_true(r.value == 1000 * unit + b->heard[unit]);
}

static void turns(void **state)
{
	struct bus b;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&b, scheme);
		for (int i = 0; i < 20; i++)
			expect_reading(&b, 1 + i % UNITS);
		finish(&b);
	}
}

/* The late answer of one comes while the other waits to ask, and is nobody's. */
static void failure_of_one_is_not_the_others(void **state)
{
	struct reading r;
	struct bus b;

	(void)state;
	EACH_SCHEME(scheme) {
		for (enum fault f = LATE; f <= GARBAGE; f++) {
			begin(&b, scheme);
			b.d.fault = (int)f;
			b.faulty = 1;
			assert_int_equal(scene_measure(&b.s[0], "temperature", &r), -1);
			expect_reading(&b, 2);
			assert_true(b.s[1].in->attached);
			assert_int_equal(b.s[1].in->stray_bytes > 0, f == LATE);
			scene_attach(&b.s[0]);
			expect_reading(&b, 1);
			expect_reading(&b, 2);
			finish(&b);
		}
	}
}

static void a_lost_line_is_lost_for_both(void **state)
{
	struct reading r;
	struct bus b;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&b, scheme);
		b.d.fault = CLOSE;
		b.faulty = 1;
		assert_int_equal(scene_measure(&b.s[0], "temperature", &r), -1);
		assert_int_equal(scene_measure(&b.s[1], "temperature", &r), -1);
		scene_attach(&b.s[1]);
		expect_reading(&b, 2);
		scene_attach(&b.s[0]);
		expect_reading(&b, 1);
		expect_reading(&b, 2);
		finish(&b);
	}
}

static void settings_of_a_shared_line_must_agree(void **state)
{
	struct hub *h = hub_new("serial:/dev/null", &line_usual, -1);
	struct line other = line_usual;
	struct err e;

	(void)state;
	assert_int_equal(hub_check_line(h, &other, &e), 0);
	other.parity = PARITY_EVEN;
	assert_int_equal(hub_check_line(h, &other, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	hub_free(&h);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(turns),
		cmocka_unit_test(failure_of_one_is_not_the_others),
		cmocka_unit_test(a_lost_line_is_lost_for_both),
		cmocka_unit_test(settings_of_a_shared_line_must_agree),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests_name("hub", tests, scene_load, scene_unload);
}
