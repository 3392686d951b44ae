/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_power.c - a power-on is noticed before anything is believed, and what it undid is done again. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "scene.h"
#include "script.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define HEAD "model: box\ntitle: Box\nmanufacturer: Acme\nnumber: B1\ndriver: scpi\nseen: manual\n" \
	"timeout: 500 ms\nlatency: 20 ms\n" \
	"identity: {ask: '*IDN?', expect: '^ACME,(.*)$', serial: 1}\n"

static struct script script;
static struct scene scene;
static struct past kept;
static int kept_times, forgetful;
static char noted[1000];

static void note(void *who, const char *event, const char *text)
{
	size_t n = strlen(noted);

	(void)who;
	snprintf(noted + n, sizeof noted - n, "%s: %s\n", event, text);
}

static int recall(void *who, struct past *p, struct err *e)
{
	(void)who, (void)e;
	*p = kept;
	return 0;
}

static int remember(void *who, const struct past *p, struct err *e)
{
	(void)who;
	if (forgetful)
		return err_set(e, ERR_IO, "the disk is full");
	kept = *p;
	kept_times++;
	return 0;
}

static void begin(const char *yaml, const struct line_said *lines, size_t n)
{
	noted[0] = '\0';
	script_start(&script, lines, n);
	scene_begin(&scene, yaml, script.d.address, NULL, NULL);
	scene.in->noted = note;
	scene.in->recall = recall;
	scene.in->remember = remember;
}

static void finish(void)
{
	scene_finish(&scene);
	script_stop(&script);
}

static int attach(void)
{
	return instrument_attach(scene.in, instant_after_ms(GUARD_MS), &scene.e);
}

static void fresh(void)
{
	kept = (struct past){ .self_calibration_k = NAN };
	kept_times = forgetful = 0;
}

static const char meter[] = HEAD
	"init: ['CONF:VOLT', '*CLS']\n"
	"power_on: {ask: '*ESR?', bit: 7}\n"
	"after_power_on: {warm_up: 300 ms, commands: zero}\n"
	"commands: {zero: {send: 'ZERO', done: '*OPC?', effect: zero}}\n"
	"points:\n"
	"  voltage.dc: {ask: 'READ?'}\n";

static void after_a_power_on(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "*ESR?", "128", 1 }, { "*ESR?", "0", 0 }, { "*OPC?", "1", 0 },
		{ "READ?", "1", 0 },
	};
	struct reading r;

	(void)state;
	fresh();
	begin(meter, lines, COUNT(lines));
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_WARM_UP);
	assert_non_null(strstr(scene.e.text, "it warms up until 20"));
	assert_string_equal(script_heard(&script), "*IDN?\n*ESR?\n");
	assert_true(kept.owed && kept.powered_on_ns > 0);
	assert_int_equal(scene_measure(&scene, "voltage.dc", &r), -1);          /* refused until it is over */
	assert_int_equal(scene.e.code, ERR_STATE);
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_WARM_UP);
	instant_sleep_until(scene.in->warm_at);
	script_heard(&script);
	scene_attach(&scene);
	assert_string_equal(script_heard(&script), "*IDN?\n*ESR?\nCONF:VOLT\n*CLS\nZERO\n*OPC?\n*ESR?\n");
	assert_false(kept.owed);
	assert_int_equal(scene_measure(&scene, "voltage.dc", &r), 1);
	assert_string_equal(noted, "instrument.power_on: it was switched on, or reset, since it was last attached\n");
	finish();
}

/* The register was read before a restart: only what is remembered says that it is still cold. */
static void a_warm_up_survives_a_restart(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "*ESR?", "0", 0 }, { "*OPC?", "1", 0 },
	};

	(void)state;
	fresh();
	kept.powered_on_ns = utc_now() - 100 * NS_PER_MS;
	kept.owed = true;
	begin(meter, lines, COUNT(lines));
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_WARM_UP);
	instant_sleep_until(scene.in->warm_at);
	scene_attach(&scene);
	assert_non_null(strstr(script_heard(&script), "ZERO\n"));
	finish();
}

/* What cannot be remembered is not passed over: the next attempt says the same. */
static void nothing_is_believed_that_cannot_be_remembered(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "*ESR?", "128", 1 }, { "*ESR?", "0", 0 }, { "*OPC?", "1", 0 },
	};

	(void)state;
	fresh();
	forgetful = 1;
	begin(meter, lines, COUNT(lines));
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_IO);
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_IO);
	forgetful = 0;
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_WARM_UP);
	finish();
}

static const char slow[] = HEAD
	"power_on: {ask: '*ESR?', bit: 7}\n"
	"after_power_on: {warm_up: 4 h}\n"
	"points:\n"
	"  voltage.dc: {ask: 'READ?'}\n";

static void is_refused(int64_t since, enum err_code code, const char *why)
{
	struct past before = scene.in->past;

	assert_int_equal(instrument_since(scene.in, since, "Anna", &scene.e), -1);
	assert_int_equal(scene.e.code, code);
	if (!strstr(scene.e.text, why))
		fail_msg("'%s' in '%s'", why, scene.e.text);
	assert_memory_equal(&before, &scene.in->past, sizeof before);
}

/* Nobody had asked it since it was switched on: who knows when that was says so, and it holds until the next. */
static void what_a_person_says_of_its_power_on(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "*ESR?", "128", 1 }, { "*ESR?", "0", 0 },
	};
	int64_t hour = 3600 * NS_PER_S, now = utc_now();

	(void)state;
	fresh();
	begin(slow, lines, COUNT(lines));
	is_refused(now - 5 * hour, ERR_STATE, "it has not said yet which instrument it is");
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_WARM_UP);
	assert_non_null(strstr(scene.e.text, "Z, 4 h from 20"));
	assert_non_null(strstr(scene.e.text, "etalon instrument since role TIME"));
	is_refused(utc_now() + hour, ERR_CONFIG, "is still to come");
	is_refused(utc_now(), ERR_CONFIG, "it was on before");
	assert_int_equal(instrument_since(scene.in, now - hour, "Anna", &scene.e), 0);
	assert_int_equal(attach(), -1);                         /* one hour of four */
	assert_int_equal(scene.e.code, ERR_WARM_UP);
	assert_non_null(strstr(scene.e.text, "since when it is on as Anna says"));
	assert_true(scene.in->warm_at < instant_after(3 * hour));
	assert_int_equal(instrument_since(scene.in, now - 5 * hour, "Boris", &scene.e), 0);
	assert_true(kept.since_ns == now - 5 * hour && !strcmp(kept.since_by, "Boris"));
	noted[0] = '\0';
	scene_attach(&scene);
	assert_non_null(strstr(noted, "warm: it has warmed up: it is on since 20"));
	finish();
}

/* What was said is remembered over a restart, and is no word about a power-on after it. */
static void its_next_power_on_is_another(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "*ESR?", "0", 2 }, { "*ESR?", "128", 1 }, { "*ESR?", "0", 0 },
	};
	int64_t hour = 3600 * NS_PER_S, now = utc_now();

	(void)state;
	fresh();
	kept.powered_on_ns = kept.seen_ns = now - hour;
	kept.since_ns = now - 5 * hour;
	begin(slow, lines, COUNT(lines));
	scene_attach(&scene);
	assert_true(kept.seen_ns >= now);
	scene.in->attached = false;
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_WARM_UP);
	assert_true(kept.since_ns == 0 && kept.before_ns >= now);
	is_refused(now - 5 * hour, ERR_CONFIG, "it was switched off, or reset, after 20");
	is_refused(kept.before_ns, ERR_CONFIG, "it was switched off, or reset, after 20");
	assert_int_equal(instrument_since(scene.in, kept.before_ns + 1, "Anna", &scene.e), 0);
	forgetful = 1;
	is_refused(kept.powered_on_ns, ERR_IO, "the disk is full");
	finish();
}

static const char quick[] = HEAD
	"init: ['CONF:VOLT']\n"
	"power_on: {ask: 'END?', shows: '^0'}\n"
	"after_power_on: {commands: zero}\n"
	"commands: {zero: {send: 'ZERO', effect: zero}}\n"
	"safe: OFF\n"
	"points:\n"
	"  voltage.dc: {ask: 'READ?', set: 'V {}'}\n"
	"  temperature: {ask: 'T?'}\n";

/* It was switched off and on between two questions, and nothing else shows: neither the reading nor
 * what stands beside it is believed, and the setting is made again. */
static void a_power_cycle_that_nothing_else_shows(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "END?", "2", 4 }, { "END?", "0", 1 }, { "END?", "2", 0 },
		{ "READ?", "1", 0 }, { "T?", "20", 0 },
	};
	const struct point *both[2];
	struct reading r[2];

	(void)state;
	fresh();
	begin(quick, lines, COUNT(lines));
	scene_attach(&scene);                                   /* two */
	assert_int_equal(scene_set(&scene, "voltage.dc", 5), 0);
	both[0] = model_point(scene.m, "voltage.dc");
	both[1] = model_point(scene.m, "temperature");
	assert_int_equal(instrument_measure(scene.in, both, 2, r, instant_after_ms(GUARD_MS), &scene.e), 2);
	script_heard(&script);
	assert_int_equal(instrument_measure(scene.in, both, 2, r, instant_after_ms(GUARD_MS), &scene.e), -1);
	assert_string_equal(script_heard(&script), "READ?\nT?\nEND?\n");
	assert_int_equal(scene.e.code, ERR_PROTOCOL);
	assert_false(scene.in->attached);
	scene_attach(&scene);
	assert_string_equal(script_heard(&script), "*IDN?\nEND?\nCONF:VOLT\nZERO\nV 5\nEND?\nEND?\n");
	assert_int_equal(instrument_measure(scene.in, both, 2, r, instant_after_ms(GUARD_MS), &scene.e), 2);
	finish();
}

static const char calibrated[] = HEAD
	"self_calibration: {command: acal, age: 24 h, temperature_change: 1 K, temperature: {ask: 'TEMP?', unit: degC}}\n"
	"commands: {acal: {send: 'ACAL', done: '*OPC?', effect: self_calibration}}\n"
	"points:\n"
	"  voltage.dc: {ask: 'READ?'}\n";

static void expect_acal(bool done, const char *why)
{
	noted[0] = '\0';
	scene.in->attached = false;
	scene_attach(&scene);
	if (!!strstr(script_heard(&script), "ACAL\n*OPC?\nTEMP?\n") != done)
		fail_msg("%s", noted);
	if (!strstr(noted, why))
		fail_msg("'%s' in '%s'", why, noted);
}

static void self_calibration(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "*OPC?", "1", 0 }, { "READ?", "1", 0 },
		{ "TEMP?", "30.0", 3 }, { "TEMP?", "31.5", 2 }, { "TEMP?", "31.5", 0 },
	};
	struct reading r;

	(void)state;
	fresh();
	begin(calibrated, lines, COUNT(lines));
	expect_acal(true, "its self-calibration was never noticed");
	assert_true(kept_times == 1 && kept.self_calibration_k == 303.15);
	expect_acal(false, "");
	scene.in->past.self_calibrated_ns -= 25 * 3600 * NS_PER_S;
	expect_acal(true, "its self-calibration is 25.0 h old, at most 24.0 h");
	expect_acal(true, "its temperature has changed by 1.50 K since its self-calibration, at most 1.00 K");
	assert_int_equal(scene_measure(&scene, "voltage.dc", &r), 1);
	scene.in->past.self_calibrated_ns -= 25 * 3600 * NS_PER_S;      /* it grows too old while it measures */
	scene.in->looked -= 61 * NS_PER_S;
	assert_int_equal(scene_measure(&scene, "voltage.dc", &r), -1);
	assert_int_equal(scene.e.code, ERR_PROTOCOL);
	assert_false(scene.in->attached);
	expect_acal(true, "25.0 h old");
	finish();
}

static const char knowing[] = HEAD
	"self_calibration:\n"
	"  command: acal\n"
	"  age: 24 h\n"
	"  time_ask: {ask: 'WHEN?', now: 'NOW?'}\n"
	"  temperature_change: 1 K\n"
	"  temperature: {ask: 'TEMP?', unit: degC}\n"
	"  temperature_ask: {ask: 'THEN?', unit: degC}\n"
	"commands: {acal: {send: 'ACAL', done: '*OPC?', effect: self_calibration}}\n"
	"points:\n"
	"  voltage.dc: {ask: 'READ?'}\n";

/* Its own word and what is remembered: the stricter holds. */
static void an_instrument_that_knows(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "*OPC?", "1", 0 },
		{ "WHEN?", "+2026,+11,+23;12,00,00.5", 3 }, { "WHEN?", "+2026,+11,+24;11,00,00.5", 0 },
		{ "NOW?", "+2026,+11,+24;11,59,59.5", 2 }, { "NOW?", "+2026,+11,+24;12,00,01.5", 0 },
		{ "TEMP?", "30.0", 0 },
		{ "THEN?", "29.5", 3 }, { "THEN?", "30.0", 3 }, { "THEN?", "28.9", 1 }, { "THEN?", "30.0", 0 },
	};

	(void)state;
	fresh();
	begin(knowing, lines, COUNT(lines));
	expect_acal(false, "");                         /* nothing is remembered: it knows */
	expect_acal(false, "");
	expect_acal(true, "its self-calibration is 24.0 h old");
	assert_true(kept_times == 1);
	scene.in->past.self_calibrated_ns -= 25 * 3600 * NS_PER_S;      /* what is remembered is older */
	expect_acal(true, "its self-calibration is 25.0 h old");
	scene.in->past.self_calibration_k = 273.15 + 31.1;
	expect_acal(true, "its temperature has changed by -1.10 K");
	expect_acal(true, "its temperature has changed by 1.10 K");
	expect_acal(false, "");
	finish();
}

/* It says that nothing has come of it: a person must look. */
static void a_self_calibration_that_changes_nothing(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "*OPC?", "1", 0 }, { "WHEN?", "2026,11,20;12,00,00", 0 },
		{ "NOW?", "2026,11,24;12,00,00", 3 }, { "NOW?", "2026,11,19;12,00,00", 1 }, { "NOW?", "2026,11,31;12,00,00", 0 },
		{ "TEMP?", "30.0", 0 },
	};

	(void)state;
	fresh();
	begin(knowing, lines, COUNT(lines));
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_IDENTITY);
	assert_non_null(strstr(scene.e.text, "after acal was done again: its self-calibration is 96.0 h old"));
	assert_int_equal(attach(), -1);
	assert_non_null(strstr(scene.e.text, "after acal was done again: its self-calibration is still to come by its own clock"));
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_PROTOCOL);
	assert_non_null(strstr(scene.e.text, "NOW?: it is no date and time of day"));
	finish();
}

static const char by_hand[] = HEAD
	"self_calibration: {age: 24 h, age_ask: {ask: 'CAL:DAYS?', unit: h, field: 2}}\n"
	"requires: [{ask: 'OVEN?', low: 44, high: 46, unit: degC, text: oven}]\n"
	"points:\n"
	"  voltage.dc: {ask: 'READ?'}\n";

static void what_only_a_person_can_do(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "CAL:DAYS?", "x,30", 1 }, { "CAL:DAYS?", "x,3", 0 },
		{ "OVEN?", "43.9", 1 }, { "OVEN?", "45", 0 },
	};

	(void)state;
	fresh();
	begin(by_hand, lines, COUNT(lines));
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_IDENTITY);
	assert_non_null(strstr(scene.e.text, "its self-calibration is 30.0 h old, at most 24.0 h"));
	assert_int_equal(attach(), -1);
	assert_int_equal(scene.e.code, ERR_IDENTITY);
	assert_non_null(strstr(scene.e.text, "oven: it says 43.9 degC, which must be 44 to 46"));
	scene_attach(&scene);
	finish();
}

/* A source of one output: of voltage and current the one set last stands, before a power cut and after it. */
static void the_last_setting_stands(void **state)
{
	static const char source[] = HEAD
		"power_on: {ask: '*ESR?', bit: 7}\n"
		"points:\n"
		"  current.dc: {set: 'CURR {}', low: 0 A, high: 1 A, safe: 0 A}\n"
		"  voltage.dc: {set: 'VOLT {}', low: 0 V, high: 10 V, safe: 0 V}\n";
	static const struct line_said lines[] = { { "*IDN?", "ACME,1", 0 }, { "*ESR?", "0", 0 } };

	(void)state;
	fresh();
	begin(source, lines, COUNT(lines));
	scene_attach(&scene);
	assert_int_equal(scene_set(&scene, "voltage.dc", 1), 0);
	assert_int_equal(scene_set(&scene, "current.dc", 0.5), 0);
	instrument_lost(scene.in);
	script_heard(&script);
	scene_attach(&scene);
	assert_string_equal(script_heard(&script), "*IDN?\n*ESR?\nVOLT 1\n*ESR?\nCURR 0.5\n*ESR?\n*ESR?\n");
	assert_int_equal(scene_set(&scene, "voltage.dc", 2), 0);
	instrument_lost(scene.in);
	script_heard(&script);
	scene_attach(&scene);
	assert_string_equal(script_heard(&script), "*IDN?\n*ESR?\nCURR 0.5\n*ESR?\nVOLT 2\n*ESR?\n*ESR?\n");
	finish();
}

#define AC_SOURCE HEAD \
	"points:\n" \
	"  frequency: {set: 'FREQ {}', readback: 'FREQ?', tolerance: 1 mHz, low: 1 Hz, high: 1 MHz}\n" \
	"  voltage.ac: {set: 'VOLT {}', readback: 'VOLT?', tolerance: 1 mV, low: 0 V, high: 10 V, safe: 0 V}\n" \
	"safe: ['FREQ 1']\n"

static int confirm(void)
{
	return instrument_confirm(scene.in, instant_after_ms(GUARD_MS), &scene.e);
}

/* All that was set is asked for, in the order in which it was set, and what has gone is told whether it was the first
 * or the last. */
static void every_setting_is_confirmed(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME,1", 0 }, { "FREQ?", "50", 2 }, { "VOLT?", "5", 0 }, { "FREQ?", "1000", 1 }, { "FREQ?", "50", 0 },
	};

	(void)state;
	fresh();
	begin(AC_SOURCE, lines, COUNT(lines));
	scene_attach(&scene);
	assert_int_equal(scene_set(&scene, "frequency", 50), 0);
	assert_int_equal(scene_set(&scene, "voltage.ac", 5), 0);
	script_heard(&script);
	assert_int_equal(confirm(), 0);
	assert_string_equal(script_heard(&script), "FREQ?\nVOLT?\n");
	assert_int_equal(confirm(), -1);
	assert_non_null(strstr(scene.e.text, "frequency: 50 Hz was set, but 1000 Hz reads back"));
	assert_string_equal(script_heard(&script), "FREQ?\n");
	assert_false(scene.in->attached);
	scene_attach(&scene);                           /* makes both again */
	assert_string_equal(script_heard(&script), "*IDN?\nFREQ 50\nFREQ?\nVOLT 5\nVOLT?\n");
	assert_int_equal(confirm(), 0);
	finish();
}

/* What has been made safe is not asked for any more. */
static void what_was_set_before_the_safe_state_is_not_confirmed(void **state)
{
	static const struct line_said lines[] = { { "*IDN?", "ACME,1", 0 }, { "FREQ?", "50", 0 }, { "VOLT?", "0", 0 } };

	(void)state;
	fresh();
	begin(AC_SOURCE, lines, COUNT(lines));
	scene_attach(&scene);
	assert_int_equal(scene_set(&scene, "voltage.ac", 0), 0);
	assert_int_equal(instrument_safe(scene.in, instant_after_ms(GUARD_MS), &scene.e), 0);
	scene_attach(&scene);
	assert_int_equal(scene_set(&scene, "frequency", 50), 0);
	script_heard(&script);
	assert_int_equal(confirm(), 0);
	assert_string_equal(script_heard(&script), "FREQ?\n");
	finish();
}

/* A calibrator that gives a voltage or a current: the voltage ended when the current was set. */
static void of_one_output_the_last_setting_is_confirmed(void **state)
{
	static const char source[] = HEAD
		"safe: [STBY]\n"
		"points:\n"
		"  voltage.dc: {set: 'OUT {} V', output: posts, readback: 'OUT?', readback_reply: '^(.*) V$', tolerance: 1 mV}\n"
		"  current.dc: {set: 'OUT {} A', output: posts, readback: 'OUT?', readback_reply: '^(.*) A$', tolerance: 1 mA}\n";
	static const struct line_said lines[] = { { "*IDN?", "ACME,1", 0 }, { "OUT?", "5 V", 1 }, { "OUT?", "0.5 A", 0 } };

	(void)state;
	fresh();
	begin(source, lines, COUNT(lines));
	scene_attach(&scene);
	assert_int_equal(scene_set(&scene, "voltage.dc", 5), 0);
	assert_int_equal(scene_set(&scene, "current.dc", 0.5), 0);
	script_heard(&script);
	assert_int_equal(confirm(), 0);
	assert_string_equal(script_heard(&script), "OUT?\n");
	instrument_lost(scene.in);
	scene_attach(&scene);                           /* the voltage is not even there for a moment */
	assert_string_equal(script_heard(&script), "*IDN?\nOUT 0.5 A\nOUT?\n");
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_is_confirmed),
		cmocka_unit_test(what_was_set_before_the_safe_state_is_not_confirmed),
		cmocka_unit_test(of_one_output_the_last_setting_is_confirmed),
		cmocka_unit_test(after_a_power_on),
		cmocka_unit_test(the_last_setting_stands),
		cmocka_unit_test(a_warm_up_survives_a_restart),
		cmocka_unit_test(nothing_is_believed_that_cannot_be_remembered),
		cmocka_unit_test(what_a_person_says_of_its_power_on),
		cmocka_unit_test(its_next_power_on_is_another),
		cmocka_unit_test(a_power_cycle_that_nothing_else_shows),
		cmocka_unit_test(self_calibration),
		cmocka_unit_test(an_instrument_that_knows),
		cmocka_unit_test(a_self_calibration_that_changes_nothing),
		cmocka_unit_test(what_only_a_person_can_do),
	};

	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
