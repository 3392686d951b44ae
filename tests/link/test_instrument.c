/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_instrument.c - instruments that answer with lines, over every transport, with everything
 * that can go wrong.  The meter's n-th answer to READ? is n, so that a reading is right only if
 * it is the number of questions the meter has heard: an old, foreign or half reply shows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "scene.h"

#define FAULTY 3                        /* the question that meets the fault */

static const char meter_yaml[] =
	"model: meter\n"
	"title: meter\n"
	"manufacturer: ETALON\n"
	"number: M1\n"
	"driver: scpi\n"
	"seen: manual\n"
	"identity: {ask: \"*IDN?\", expect: \"^ETALON,M1,([^,]+),(.+)$\", serial: 1, firmware: 2}\n"
	"timeout: 250 ms\n"
	"latency: 60 ms\n"
	"init: [\"*CLS\"]\n"
	"state: [{ask: \"FUNC?\", expect: VOLT}]\n"
	"errors: {ask: \"SYST:ERR?\", ok: \"^[+-]?0,\"}\n"
	"points:\n"
	"  voltage.dc: {ask: \"READ?\", aperture: 20 ms, aperture_delay: 4 ms}\n"
	"  voltage.ac: {unit: mV, ask: \"AC?\", suffix: mV}\n";

static const char source_yaml[] =
	"model: source\n"
	"title: source\n"
	"manufacturer: ETALON\n"
	"number: S1\n"
	"driver: scpi\n"
	"seen: manual\n"
	"identity: {ask: \"*IDN?\", expect: \"^ETALON,S1,([^,]+),(.+)$\", serial: 1}\n"
	"timeout: 250 ms\n"
	"latency: 60 ms\n"
	"init: [\"*CLS\", \"OUTP ON\"]\n"
	"state: [{ask: \"OUTP?\", expect: \"^1$\"}]\n"
	"safe: [\"OUTP OFF\"]\n"
	"safe_check: [{ask: \"OUTP?\", expect: \"^0$\"}]\n"
	"errors: {ask: \"SYST:ERR?\", ok: \"^[+-]?0,\"}\n"
	"points:\n"
	"  voltage.dc: {unit: mV, low: -20 V, high: 20 V, set: \"VOLT {}\", readback: \"VOLT?\", tolerance: 1 uV,"
	" done: \"*OPC?\", safe: 0 V}\n";

enum fault { NONE, LATE, PIECES, TWICE, TWICE_APART, TRUNCATED, TRUNCATED_CLOSE, GARBAGE, ECHO, EMPTY, OVERLOAD,
	     SILENCE, CLOSE, UNIT, FAULTS };

static const char *const fault_names[] = {
	"none", "late", "pieces", "twice", "twice apart", "truncated", "truncated, closed", "garbage", "echo",
	"empty", "overload", "silence", "close", "unit" };

/* The test's knobs and the meter's memory. */
struct play {
	atomic_int reads, wrong_identity, refuse, clip, output, swallow;
	double volts;
};

static void meter_reads(struct device *d, const char *value)
{
	char reply[80];
	struct play *p = (struct play *)d->script;
	enum fault f = p->reads == FAULTY ? (enum fault)d->fault : NONE;

	snprintf(reply, sizeof reply, "%s\n", value);
	switch (f) {
	case LATE:
		device_pause(d, 280);           /* beyond the timeout */
		break;
	case PIECES:
		device_send(d, reply, 2);
		device_pause(d, 30);
		device_say(d, reply + 2);
		return;
	case TWICE:
		snprintf(reply, sizeof reply, "%s\n%s\n", value, value);
		break;
	case TWICE_APART:
		device_say(d, reply);
		device_pause(d, 10);            /* within the pause between commands */
		break;
	case TRUNCATED:
	case TRUNCATED_CLOSE:
		device_send(d, reply, 2);
		if (f == TRUNCATED_CLOSE)
			device_hang_up(d);
		return;
	case GARBAGE:
		device_say(d, "\x80\x01 1.0 #!?\n");
		return;
	case ECHO:
		device_say(d, "READ?\n");
		return;
	case EMPTY:
		device_say(d, "\n");
		return;
	case OVERLOAD:
		device_say(d, "+9.90000000E+37\n");
		return;
	case SILENCE:
		return;
	case CLOSE:
		device_hang_up(d);
		return;
	case UNIT:
		snprintf(reply, sizeof reply, "%s mV\n", value);
		break;
	default:
		break;
	}
	device_say(d, reply);
}

static void meter(struct device *d, const char *ask, size_t n)
{
	struct play *p = (struct play *)d->script;
	char value[32];

	(void)n;
	if (!strcmp(ask, "*IDN?")) {
		device_say(d, p->wrong_identity ? "ETALON,X9,1,1.0\n" : "ETALON,M1,SN-1,1.0\n");
	} else if (!strcmp(ask, "FUNC?")) {
		device_say(d, "\"VOLT\"\n");
	} else if (!strcmp(ask, "SYST:ERR?")) {
		device_say(d, "+0,\"No error\"\n");
	} else if (!strcmp(ask, "AC?")) {
		device_say(d, "250.0 mV\n");
	} else if (!strcmp(ask, "READ?")) {
		snprintf(value, sizeof value, "+%d.5", ++p->reads);
		meter_reads(d, value);
	}
}

static void source(struct device *d, const char *ask, size_t n)
{
	struct play *p = (struct play *)d->script;
	char text[64];

	(void)n;
	if (p->swallow)
		return;
	if (!strcmp(ask, "*IDN?"))
		device_say(d, "ETALON,S1,SN-2,1.0\n");
	else if (!strcmp(ask, "OUTP?"))
		device_say(d, p->output ? "1\n" : "0\n");
	else if (!strcmp(ask, "*OPC?"))
		device_say(d, "1\n");
	else if (!strcmp(ask, "SYST:ERR?"))
		device_say(d, p->refuse-- > 0 ? "-222,\"Data out of range\"\n" : "+0,\"No error\"\n");
	else if (!strncmp(ask, "OUTP ", 5))
		p->output = !strcmp(ask, "OUTP ON");
	else if (!strncmp(ask, "VOLT ", 5))
		p->volts = p->clip ? 10 : strtod(ask + 5, NULL);
	else if (!strcmp(ask, "VOLT?")) {
		snprintf(text, sizeof text, "%.9E\n", p->volts);
		device_say(d, text);
	}
	if (p->refuse < 0)
		p->refuse = 0;
}

/* The instrument and who plays it. */
struct stage {
	struct device d;
	struct play play;
};

static void begin(struct scene *s, struct stage *x, const char *scheme, const char *yaml, const char *serial)
{
	*x = (struct stage){ .d = { .script = &x->play } };
	x->d.answer = yaml == meter_yaml ? meter : source;
	device_start(&x->d, scheme);
	scene_begin(s, yaml, x->d.address, serial, NULL);
}

static void finish(struct scene *s, struct stage *x)
{
	scene_finish(s);
	device_stop(&x->d);
}

static ssize_t measure(struct scene *s, struct reading *r)
{
	return scene_measure(s, "voltage.dc", r);
}

static int set(struct scene *s, double volts)
{
	return scene_set(s, "voltage.dc", volts);
}

static void expect_right(const struct stage *x, const struct reading *r)
{
	char raw[32];

	assert_int_equal(r->status, READING_OK);
	if (r->value != x->play.reads + 0.5)
		fail_msg("%s: %g was taken for reading %d", fault_names[x->d.fault], r->value, x->play.reads);
	assert_int_equal(snprintf(raw, sizeof raw, "+%d.5", x->play.reads), r->raw.n);
	assert_memory_equal(r->raw.p, raw, r->raw.n);
}

/* Five readings, of which the third meets the fault. */
static void meet(const char *scheme, enum fault f)
{
	struct stage x;
	struct scene s;
	struct reading r;
	int failed = 0, good = 0, overload = 0;
	/* A server of VXI-11 keeps what nobody reads to itself, and forgets it with the next command or clear. */
	bool vxi11 = !strcmp(scheme, "vxi11"), forgets = vxi11 && f == TWICE_APART;

	begin(&s, &x, scheme, meter_yaml, "SN-1");
	x.d.fault = (int)f;
	s.m->pause_ns = f == TWICE_APART ? 50 * NS_PER_MS : 0;
	for (int i = 0; i < 6; i++) {
		if (!s.in->attached)
			scene_attach(&s);
		if (measure(&s, &r) < 0) {
			failed++;
		} else if (r.status == READING_OVERLOAD) {
			assert_true(isnan(r.value));
			overload++;
		} else {
			expect_right(&x, &r);
			good++;
		}
	}
	if (failed != !(f == NONE || f == PIECES || f == OVERLOAD || forgets) || overload != (f == OVERLOAD))
		fail_msg("%s, %s: %d failed, %d overload, %d good", scheme, fault_names[f], failed, overload, good);
	assert_int_equal(s.failures, failed);
	assert_int_equal(s.in->stray_bytes > 0, f == LATE && !vxi11);
	assert_int_equal(s.in->unasked_bytes > 0, f == TWICE || (f == TWICE_APART && !forgets));
	finish(&s, &x);
}

static void no_wrong_value_ever(void **state)
{
	(void)state;
	EACH_DEVICE(scheme)
		for (enum fault f = NONE; f < FAULTS; f++)
			meet(scheme, f);
}

static void several_points(void **state)
{
	struct stage x;
	struct scene s;
	struct reading r[2];
	const struct point *p[2];

	(void)state;
	begin(&s, &x, "tcp", meter_yaml, NULL);
	scene_attach(&s);
	assert_string_equal(s.in->serial, "SN-1");
	assert_string_equal(s.in->firmware, "1.0");
	assert_string_equal(s.in->identity, "ETALON,M1,SN-1,1.0");
	p[0] = model_point(s.m, "voltage.dc");
	p[1] = model_point(s.m, "voltage.ac");
	assert_int_equal(instrument_measure(s.in, p, 2, r, instant_after_ms(GUARD_MS), &s.e), 2);
	expect_right(&x, &r[0]);
	assert_true(r[1].value == 0.25);
	assert_memory_equal(r[1].raw.p, "250.0 mV", r[1].raw.n);
	assert_true(r[0].at_ns == r[0].utc_ns - (r[0].span_ns - r[0].span_ns / 2) + 14 * NS_PER_MS);
	assert_true(r[1].at_ns == 0 && r[1].utc_ns > r[0].utc_ns && r[1].mono_ns > r[0].mono_ns);
	finish(&s, &x);
}

static void wrong_identity(void **state)
{
	struct stage x;
	struct scene s;
	struct reading r;

	(void)state;
	EACH_DEVICE(scheme) {
		begin(&s, &x, scheme, meter_yaml, "SN-1");
		x.play.wrong_identity = 1;
		assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_IDENTITY);
		assert_int_equal(measure(&s, &r), -1);
		assert_int_equal(s.e.code, ERR_STATE);
		x.play.wrong_identity = 0;
		scene_attach(&s);
		s.in->serial_expected = "SN-7";
		assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_IDENTITY);
		finish(&s, &x);
	}
}

static void sets_are_confirmed(void **state)
{
	struct stage x;
	struct scene s;

	(void)state;
	EACH_DEVICE(scheme) {
		begin(&s, &x, scheme, source_yaml, "SN-2");
		scene_attach(&s);
		assert_int_equal(set(&s, 10), 0);
		assert_true(x.play.volts == 10000 && s.in->settings[0] == 10);
		assert_int_equal(set(&s, 21), -1);              /* outside its range: nothing is sent */
		assert_int_equal(s.e.code, ERR_CONFIG);
		assert_true(x.play.volts == 10000 && s.in->settings[0] == 10);
		x.play.refuse = 1;
		assert_int_equal(set(&s, 5), -1);
		assert_int_equal(s.e.code, ERR_INSTRUMENT);
		assert_true(s.in->attached && isnan(s.in->settings[0]));
		x.play.clip = 1;
		assert_int_equal(set(&s, 5), -1);               /* clipped in silence */
		assert_int_equal(s.e.code, ERR_INSTRUMENT);
		x.play.clip = 0;
		assert_int_equal(set(&s, -0.5), 0);
		assert_true(x.play.volts == -500);
		finish(&s, &x);
	}
}

/* The cable is pulled and comes back; the source has forgotten what it was told. */
static void settings_are_applied_again(void **state)
{
	struct stage x;
	struct scene s;

	(void)state;
	EACH_DEVICE(scheme) {
		begin(&s, &x, scheme, source_yaml, "SN-2");
		scene_attach(&s);
		assert_int_equal(set(&s, 2), 0);
		instrument_lost(s.in);
		x.play.volts = 0;
		x.play.output = 0;
		assert_int_equal(set(&s, 3), -1);
		assert_int_equal(s.e.code, ERR_STATE);
		scene_attach(&s);
		assert_true(x.play.volts == 2000 && x.play.output == 1 && s.in->served_before);
		finish(&s, &x);
	}
}

static void safe_state(void **state)
{
	struct stage x;
	struct scene s;

	(void)state;
	EACH_DEVICE(scheme) {
		begin(&s, &x, scheme, source_yaml, "SN-2");
		scene_attach(&s);
		assert_int_equal(set(&s, 10), 0);
		eventfd_write(s.cancel, 1);             /* an abort does not hold the safe state up */
		assert_int_equal(instrument_safe(s.in, instant_after_ms(GUARD_MS), &s.e), 0);
		assert_true(x.play.volts == 0 && x.play.output == 0);
		assert_true(!s.in->attached && isnan(s.in->settings[0]));
		instrument_lost(s.in);                  /* nor does a dead link */
		x.play.output = 1;
		assert_int_equal(instrument_safe(s.in, instant_after_ms(GUARD_MS), &s.e), 0);
		assert_int_equal(x.play.output, 0);
		x.play.swallow = 1;
		assert_int_equal(instrument_safe(s.in, instant_after_ms(400), &s.e), -1);
		assert_int_equal(s.e.code, ERR_TIMEOUT);
		finish(&s, &x);
	}
}

/* Abort while a read hangs: the wait ends, the safe state comes first. */
static void abort_while_a_read_hangs(void **state)
{
	const struct point *p;
	struct stage x;
	struct scene s;
	struct reading r;
	pthread_t t;

	(void)state;
	EACH_DEVICE(scheme) {
		begin(&s, &x, scheme, meter_yaml, "SN-1");
		scene_attach(&s);
		x.d.fault = SILENCE;
		x.play.reads = FAULTY - 1;
		s.m->timeout_ns = 60 * NS_PER_S;
		p = model_point(s.m, "voltage.dc");
		scene_cancel_soon(&s, &t);
		assert_int_equal(instrument_measure(s.in, &p, 1, &r, instant_after_ms(60 * 1000), &s.e), -1);
		pthread_join(t, NULL);
		assert_int_equal(s.e.code, ERR_CANCELLED);
		assert_false(s.in->attached);
		assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_CANCELLED);
		assert_int_equal(instrument_safe(s.in, instant_after_ms(GUARD_MS), &s.e), 0);
		finish(&s, &x);
	}
}

/* The connection dies while idle: the safe commands vanish in it and must be sent again. */
static void safe_state_on_a_connection_that_died(void **state)
{
	struct stage x;
	struct scene s;

	(void)state;
	begin(&s, &x, "tcp", source_yaml, "SN-2");
	scene_attach(&s);
	assert_int_equal(set(&s, 10), 0);
	device_drop(&x.d);
	assert_int_equal(instrument_safe(s.in, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_true(x.play.volts == 0 && x.play.output == 0);
	finish(&s, &x);
}

static void describes(void **state)
{
	struct model *m = scene_model(source_yaml), *dmm = scene_model(meter_yaml);
	struct buf out = { 0 };

	(void)state;
	driver_describe(m, model_point(m, "voltage.dc"), true, 1.5, &out);
	assert_string_equal(out.data, "VOLT 1500\n*OPC?\nSYST:ERR?\nVOLT?\n");
	buf_clear(&out);
	driver_describe(dmm, model_point(dmm, "voltage.dc"), false, 0, &out);
	assert_string_equal(out.data, "READ?\n");
	buf_release(&out);
	model_free(&m);
	model_free(&dmm);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_wrong_value_ever),
		cmocka_unit_test(several_points),
		cmocka_unit_test(wrong_identity),
		cmocka_unit_test(sets_are_confirmed),
		cmocka_unit_test(settings_are_applied_again),
		cmocka_unit_test(safe_state),
		cmocka_unit_test(abort_while_a_read_hangs),
		cmocka_unit_test(safe_state_on_a_connection_that_died),
		cmocka_unit_test(describes),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
