/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_talker.c - instruments that speak unasked, over every transport: which message is a reading, and when it
 * was said.  The test itself is the instrument's voice. */
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "device.h"
#include "scene.h"

static const char station_yaml[] =
	"model: station\n"
	"title: station\n"
	"manufacturer: ETALON\n"
	"number: W1\n"
	"driver: text\n"
	"seen: manual\n"
	"timeout: 250 ms\n"
	"latency: 60 ms\n"
	"points:\n"
	"  temperature: {heard: \"T=([-+0-9.]+) C;H=[0-9.]+ %\", every: 400 ms, suffix: C, unit: degC, heard_delay: 100 ms,"
	" unstable: \"^T=[^;]*[?];\"}\n"
	"  humidity.relative: {heard: \"T=[-+0-9.]+ C[?]?;H=([0-9.]+) %\", every: 400 ms}\n"
	"  pressure: {unit: hPa, heard: \"P=([0-9.]+)\", every: 400 ms}\n";

static const char balance_yaml[] =
	"model: balance\n"
	"title: balance\n"
	"manufacturer: ETALON\n"
	"number: B2\n"
	"driver: text\n"
	"seen: manual\n"
	"timeout: 250 ms\n"
	"latency: 60 ms\n"
	"identity: {ask: I, expect: \"^B2 ([0-9]+)$\", serial: 1}\n"
	"init: [U]\n"
	"points:\n"
	"  mass: {unit: g, heard: \"([-+0-9.]+) g\", every: 400 ms}\n"
	"  temperature: {ask: T, unit: degC, reply: \"T ([0-9.]+)\"}\n";

static const char framed_yaml[] =
	"model: nmea\n"
	"title: nmea\n"
	"manufacturer: ETALON\n"
	"number: N1\n"
	"driver: text\n"
	"seen: manual\n"
	"timeout: 250 ms\n"
	"latency: 60 ms\n"
	"frame: {start: $, checksum: {kind: xor8, separator: \"*\"}, applies: replies}\n"
	"reply_end: \"\\r\\n\"\n"
	"identity: {heard: yes, expect: \"^ID,N1,([0-9]+)$\", serial: 1}\n"
	"points:\n"
	"  temperature: {heard: \"T,([-+0-9.]+)\", every: 400 ms}\n";

struct play { atomic_bool talks; atomic_int asked, on, off; };

static void answer(struct device *d, const char *ask, size_t n)
{
	struct play *p = (struct play *)d->script;

	(void)n;
	if (!strcmp(ask, "ON")) {
		p->on++;
		p->talks = true;
	} else if (!strcmp(ask, "OFF")) {
		p->off++;
		p->talks = false;
	} else if (!strcmp(ask, "I")) {
		p->asked++;
		device_say(d, "B2 77\n");
	} else if (!strcmp(ask, "T")) {
		device_say(d, "T 21.5\n");
	}
}

struct stage {
	struct device d;
	struct play play;
	pthread_t voice;
	int after_ms, times, every_ms;
	const char *says;
	bool only_if_on;
};

static void begin(struct scene *s, struct stage *x, const char *scheme, const char *yaml, const char *serial)
{
	*x = (struct stage){ .d = { .answer = answer, .script = &x->play } };
	device_start(&x->d, scheme);
	scene_begin(s, yaml, x->d.address, serial, NULL);
}

static void finish(struct scene *s, struct stage *x)
{
	scene_finish(s);
	device_stop(&x->d);
}

static void wait_ms(int ms)
{
	poll(NULL, 0, ms);
}

/* What has been said is there before the next step of the test. */
static void say(struct stage *x, const char *text)
{
	while (x->d.fd < 0)
		wait_ms(1);
	device_say(&x->d, text);
	wait_ms(20);
}

static void *speak(void *arg)
{
	struct stage *x = arg;

	wait_ms(x->after_ms);
	for (int i = 0; i < x->times; i++) {
		while (x->d.fd < 0)
			wait_ms(1);
		if (!x->only_if_on || x->play.talks)
			device_say(&x->d, x->says);
		wait_ms(x->every_ms);
	}
	return NULL;
}

/* Says it from another thread while the driver listens. */
static void say_soon(struct stage *x, int after_ms, const char *text, int times, int every_ms)
{
	x->after_ms = after_ms;
	x->says = text;
	x->times = times;
	x->every_ms = every_ms;
	assert_int_equal(pthread_create(&x->voice, NULL, speak, x), 0);
}

static void attach_hearing(struct scene *s, struct stage *x, const char *text)
{
	say_soon(x, 0, text, 8, 30);            /* the first is half a message as far as we know */
	scene_attach(s);
	pthread_join(x->voice, NULL);
	wait_ms(20);
}

static void expect(struct scene *s, const char *quantity, double value)
{
	struct reading r;

	if (scene_measure(s, quantity, &r) < 0)
		fail_msg("%s", s->e.text);
	if (r.value != value)
		fail_msg("%s: %.12g, expected %.12g", quantity, r.value, value);
}

static void expect_soon(struct scene *s, struct stage *x, const char *text, double value)
{
	say_soon(x, 60, text, 1, 0);
	expect(s, "temperature", value);
	pthread_join(x->voice, NULL);
}

static void one_after_the_other(void **state)
{
	struct stage x;
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, &x, scheme, station_yaml, NULL);
		attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
		instrument_fresh(s.in);
		expect_soon(&s, &x, "T=20.5 C;H=40 %\nT=20.6 C;H=41 %\nT=20", 20.5);
		expect(&s, "temperature", 20.6);
		expect_soon(&s, &x, ".7 C;H=42 %\n", 20.7);             /* cut in the middle on its way */
		finish(&s, &x);
	}
}

static void nothing_from_before(void **state)
{
	struct stage x;
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, &x, scheme, station_yaml, NULL);
		attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
		say(&x, "T=2.0 C;H=2 %\nT=3.0 C;H=2 %\n");
		instrument_fresh(s.in);
		expect_soon(&s, &x, "T=4.0 C;H=2 %\n", 4.0);
		say(&x, "T=5.0 C;H=2 %\nT=6.");                         /* began before the step did */
		instrument_fresh(s.in);
		expect_soon(&s, &x, "0 C;H=2 %\nT=7.0 C;H=2 %\n", 7.0);
		finish(&s, &x);
	}
}

static void unless_a_step_begins_nothing_is_left_out(void **state)
{
	struct stage x;
	struct scene s;

	(void)state;
	begin(&s, &x, "tcp", station_yaml, NULL);
	attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
	instrument_fresh(s.in);
	expect_soon(&s, &x, "T=2.0 C;H=2 %\nT=3.0 C;H=2 %\n", 2.0);
	say(&x, "T=4.0 C;H=2 %\n");
	expect(&s, "temperature", 3.0);
	expect(&s, "temperature", 4.0);
	finish(&s, &x);
}

static void newest_waits(void **state)
{
	struct stage x;
	struct scene s;
	char *yaml = mem_format("%.*s newest: yes,%s", (int)(strstr(station_yaml, " every") - station_yaml), station_yaml,
				strstr(station_yaml, " every"));

	(void)state;
	begin(&s, &x, "tcp", yaml, NULL);
	attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
	say(&x, "T=2.0 C;H=2 %\n");
	expect_soon(&s, &x, "T=3.0 C;H=2 %\n", 3.0);
	say(&x, "T=4.0 C;H=2 %\n");
	expect_soon(&s, &x, "T=5.0 C;H=2 %\n", 5.0);
	finish(&s, &x);
	free(yaml);
}

static void several_points(void **state)
{
	struct stage x;
	struct scene s;
	const struct point *p[3];
	struct reading r[3];

	(void)state;
	begin(&s, &x, "tcp", station_yaml, NULL);
	attach_hearing(&s, &x, "P=1\n");
	p[0] = model_point(s.m, "pressure");
	p[1] = model_point(s.m, "humidity.relative");
	p[2] = model_point(s.m, "temperature");
	instrument_fresh(s.in);
	say_soon(&x, 40, "T=20.5 C;H=40 %\nT=20.6 C;H=41 %\nP=1013\n", 1, 0);
	if (instrument_measure(s.in, p, 3, r, instant_after_ms(GUARD_MS), &s.e) != 3)
		fail_msg("%s", s.e.text);
	pthread_join(x.voice, NULL);
	assert_true(r[0].value == 101300 && r[1].value == 40 && r[2].value == 20.5);
	assert_true(r[1].exchange > 0 && r[1].exchange == r[2].exchange && r[0].exchange == 0);
	assert_memory_equal(r[0].raw.p, "P=1013", r[0].raw.n);
	assert_memory_equal(r[2].raw.p, "T=20.5 C;H=40 %", r[2].raw.n);
	finish(&s, &x);
}

static void stamped_at_the_first_byte(void **state)
{
	struct stage x;
	struct scene s;
	struct reading r;
	instant before;

	(void)state;
	begin(&s, &x, "tcp", station_yaml, NULL);
	attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
	instrument_fresh(s.in);
	before = instant_now();
	say_soon(&x, 50, "T=2.0 C;H=2 %\nT", 1, 0);
	assert_int_equal(scene_measure(&s, "temperature", &r), 1);
	pthread_join(x.voice, NULL);
	assert_int_equal(r.span_ns, 0);                 /* it was waited for */
	assert_true(r.mono_ns > before && r.at_ns == r.utc_ns - 100 * NS_PER_MS);
	wait_ms(200);
	before = instant_now();
	say_soon(&x, 100, "=3.0 C;H=2 %\n", 1, 0);      /* its first byte had come long before */
	assert_int_equal(scene_measure(&s, "temperature", &r), 1);
	pthread_join(x.voice, NULL);
	assert_true(r.value == 3 && r.mono_ns < before - 150 * NS_PER_MS);
	before = instant_now();
	wait_ms(50);
	say(&x, "T=4.0 C;H=2 %\n");                     /* nobody listened: some time since then */
	assert_int_equal(scene_measure(&s, "temperature", &r), 1);
	assert_true(r.value == 4 && r.span_ns >= 70 * NS_PER_MS && r.mono_ns - r.span_ns / 2 <= before);
	finish(&s, &x);
}

static void silence_is_a_lost_link(void **state)
{
	struct stage x;
	struct scene s;
	struct reading r;
	instant before;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, &x, scheme, station_yaml, NULL);
		attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
		instrument_fresh(s.in);
		before = instant_now();
		assert_int_equal(scene_measure(&s, "temperature", &r), -1);
		assert_int_equal(s.e.code, ERR_CLOSED);
		assert_true(instant_now() - before >= 400 * NS_PER_MS);
		assert_null(s.in->link);
		assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
		attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
		instrument_fresh(s.in);
		expect_soon(&s, &x, "T=2.0 C;H=1 %\n", 2.0);
		finish(&s, &x);
	}
}

/* Anything else than a message of the model is out of step, and none of it a reading. */
static void what_is_no_message(void **state)
{
	static const char *const bad[] = { "T=2.0 F;H=1 %\n", "T=2.0\n", "\x80\xff\x01\n", "T=2.0 C;H=1 %T=2.0 C\n",
					   "x T=2.0 C;H=1 %\n", "T=2,0 C;H=1 %\n", "T=2.0 mC;H=1 %\n" };
	struct stage x;
	struct scene s;
	struct reading r;

	(void)state;
	begin(&s, &x, "tcp", station_yaml, NULL);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
		instrument_fresh(s.in);
		say_soon(&x, 40, bad[i], 1, 0);
		if (scene_measure(&s, "temperature", &r) != -1)
			fail_msg("'%s' gives %g", bad[i], r.value);
		pthread_join(x.voice, NULL);
		if (s.e.code != ERR_PROTOCOL)
			fail_msg("'%s': %s", bad[i], s.e.text);
		assert_false(s.in->attached);
	}
	finish(&s, &x);
}

static void marks(void **state)
{
	struct stage x;
	struct scene s;
	struct reading r;

	(void)state;
	begin(&s, &x, "tcp", station_yaml, NULL);
	attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
	instrument_fresh(s.in);
	say_soon(&x, 40, "T=2.0 C?;H=1 %\n", 1, 0);
	assert_int_equal(scene_measure(&s, "temperature", &r), 1);
	pthread_join(x.voice, NULL);
	assert_int_equal(r.status, READING_UNSTABLE);
	assert_true(isnan(r.value));
	finish(&s, &x);
}

static void say_much(struct stage *x)
{
	struct buf all = { 0 };

	for (int i = 0; i < 300; i++)
		buf_puts(&all, "T=9.0 C;H=1 %\n");
	say(x, all.data);
	buf_release(&all);
}

/* More waits than a line keeps: what follows may be torn. */
static void nobody_listened_for_long(void **state)
{
	struct stage x;
	struct scene s;
	struct reading r;

	(void)state;
	begin(&s, &x, "tcp", station_yaml, NULL);
	attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
	say_much(&x);
	assert_int_equal(scene_measure(&s, "temperature", &r), -1);
	assert_int_equal(s.e.code, ERR_PROTOCOL);
	attach_hearing(&s, &x, "T=1.0 C;H=1 %\n");
	say_much(&x);
	instrument_fresh(s.in);
	expect_soon(&s, &x, "0 C;H=2 %\nT=2.0 C;H=1 %\n", 2.0);         /* the rest of one that was torn */
	finish(&s, &x);
}

static void asked_while_it_speaks(void **state)
{
	struct stage x;
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, &x, scheme, balance_yaml, "77");
		say_soon(&x, 0, "+1.5 g\n", 60, 10);
		scene_attach(&s);
		assert_string_equal(s.in->serial, "77");
		expect(&s, "temperature", 21.5);
		expect(&s, "mass", 1.5);
		pthread_join(x.voice, NULL);
		s.in->serial_expected = "78";
		say_soon(&x, 0, "+1.5 g\n", 60, 10);
		assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_IDENTITY);
		pthread_join(x.voice, NULL);
		finish(&s, &x);
	}
}

static void silenced_before_it_is_asked(void **state)
{
	char *yaml = mem_format("talk_on: ON\ntalk_off: OFF\n%s", balance_yaml);
	struct stage x;
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&s, &x, scheme, yaml, "77");
		x.play.talks = x.only_if_on = true;
		say_soon(&x, 0, "+1.5 g\n", 80, 10);
		scene_attach(&s);
		assert_true(x.play.off == 1 && x.play.on == 1 && x.play.asked == 1);
		instrument_fresh(s.in);
		expect(&s, "mass", 1.5);
		pthread_join(x.voice, NULL);
		finish(&s, &x);
	}
	free(yaml);
}

static void framed_and_named_by_its_messages(void **state)
{
	struct stage x;
	struct scene s;
	struct reading r;

	(void)state;
	begin(&s, &x, "tcp", framed_yaml, "42");
	attach_hearing(&s, &x, "$T,1.0*57\r\n$ID,N1,42*74\r\n");
	assert_string_equal(s.in->serial, "42");
	instrument_fresh(s.in);
	expect_soon(&s, &x, "$ID,N1,42*74\r\n$T,2.5*51\r\n", 2.5);
	say_soon(&x, 40, "$T,2.6*51\r\n", 1, 0);
	assert_int_equal(scene_measure(&s, "temperature", &r), -1);
	pthread_join(x.voice, NULL);
	assert_int_equal(s.e.code, ERR_PROTOCOL);
	assert_non_null(strstr(s.e.text, "checksum"));
	s.in->serial_expected = "43";
	say_soon(&x, 0, "$T,1.0*57\r\n$ID,N1,42*74\r\n", 10, 20);
	assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
	pthread_join(x.voice, NULL);
	assert_int_equal(s.e.code, ERR_IDENTITY);
	finish(&s, &x);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(nothing_from_before),
		cmocka_unit_test(unless_a_step_begins_nothing_is_left_out),
		cmocka_unit_test(newest_waits),
		cmocka_unit_test(several_points),
		cmocka_unit_test(stamped_at_the_first_byte),
		cmocka_unit_test(silence_is_a_lost_link),
		cmocka_unit_test(what_is_no_message),
		cmocka_unit_test(marks),
		cmocka_unit_test(nobody_listened_for_long),
		cmocka_unit_test(asked_while_it_speaks),
		cmocka_unit_test(silenced_before_it_is_asked),
		cmocka_unit_test(framed_and_named_by_its_messages),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
