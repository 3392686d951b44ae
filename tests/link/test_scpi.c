/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_scpi.c - what a model file can say of an instrument that answers lines: the very bytes that are
 * sent for it, and what becomes of the answers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scene.h"
#include "script.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define HEAD "model: box\ntitle: Box\nmanufacturer: Acme\nnumber: B1\ndriver: scpi\nseen: manual\n" \
	"timeout: 500 ms\nlatency: 50 ms\n"
#define WHO "identity: {ask: '*IDN?', expect: '^ACME'}\n"

static struct script script;
static struct scene scene;
static char noted[400];

static void note(void *who, const char *event, const char *text)
{
	size_t n = strlen(noted);

	(void)who;
	snprintf(noted + n, sizeof noted - n, "%s: %s\n", event, text);
}

static void begin(const char *yaml, const struct line_said *lines, size_t n)
{
	noted[0] = '\0';
	script_start(&script, lines, n);
	scene_begin(&scene, yaml, script.d.address, NULL, NULL);
	scene.in->noted = note;
	scene_attach(&scene);
	script_heard(&script);
}

static void finish(void)
{
	scene_finish(&scene);
	script_stop(&script);
}

static ssize_t measure(const char *const *names, size_t n, struct reading *r)
{
	const struct point *p[16];

	for (size_t i = 0; i < n; i++)
		assert_non_null(p[i] = model_point(scene.m, names[i]));
	return instrument_measure(scene.in, p, n, r, instant_after_ms(GUARD_MS), &scene.e);
}

static void reads(const struct reading *r, double value, const char *raw)
{
	assert_int_equal(r->status, READING_OK);
	assert_true(r->value == value);
	assert_int_equal(r->raw.n, strlen(raw));
	assert_memory_equal(r->raw.p, raw, r->raw.n);
}

static const char many[] = HEAD WHO
	"points:\n"
	"  temperature@1: {ask: 'READ?', field: 1}\n"
	"  temperature@2: {ask: 'READ?', field: 3}\n"
	"  pressure: {ask: 'P?'}\n"
	"  humidity.relative: {ask: 'READ?', reply: '^[^;]*;(.*)$'}\n";

/* One question for those that ask the same; each reading keeps the whole answer. */
static void the_same_question_is_asked_once(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "READ?", "20.5,0,21.5,;45", 1 }, { "READ?", "1,0,2,;45", 1 },
		{ "P?", "101325", 0 }, { "READ?", "20.5,0,21.5", 0 },
	};
	static const char *const all[] = { "temperature@2", "pressure", "temperature@1", "humidity.relative" };
	struct reading r[4];

	(void)state;
	begin(many, lines, COUNT(lines));
	assert_int_equal(measure(all, 4, r), 4);
	assert_string_equal(script_heard(&script), "READ?\nP?\n");
	reads(&r[0], 21.5, "20.5,0,21.5,;45");
	reads(&r[1], 101325, "101325");
	reads(&r[2], 20.5, "20.5,0,21.5,;45");
	reads(&r[3], 45, "20.5,0,21.5,;45");
	assert_true(r[0].exchange > 0 && r[0].exchange == r[2].exchange && r[0].exchange == r[3].exchange);
	assert_int_equal(r[1].exchange, 0);
	assert_true(r[0].utc_ns == r[2].utc_ns && r[0].utc_ns < r[1].utc_ns);
	assert_int_equal(measure(all + 2, 1, r), 1);            /* alone it shares nothing */
	reads(&r[0], 1, "1,0,2,;45");
	assert_int_equal(r[0].exchange, 0);
	assert_int_equal(measure(all, 4, r), -1);               /* one part is wrong: none is believed */
	assert_int_equal(scene.e.code, ERR_PROTOCOL);
	assert_false(scene.in->attached);
	finish();
}

static const char scanner[] = HEAD WHO
	"points:\n"
	"  temperature@101: {ask: 'MEAS? (@{inputs})'}\n"
	"  temperature@102: {ask: 'MEAS? (@{inputs})'}\n"
	"  temperature@205: {ask: 'MEAS? (@{inputs})'}\n";

static void channel_lists(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "MEAS? (@205,101)", "5,1", 0 }, { "MEAS? (@102)", "2", 0 },
		{ "MEAS? (@101,102)", "1", 0 },
	};
	static const char *const two[] = { "temperature@205", "temperature@101", "temperature@102" };
	struct buf out = { 0 };
	struct reading r[2];

	(void)state;
	begin(scanner, lines, COUNT(lines));
	assert_int_equal(measure(two, 2, r), 2);
	reads(&r[0], 5, "5,1");
	reads(&r[1], 1, "5,1");
	assert_true(r[0].field == 1 && r[1].field == 2);
	assert_int_equal(measure(two + 2, 1, r), 1);
	reads(&r[0], 2, "2");
	driver_describe(scene.m, model_point(scene.m, "temperature@102"), false, 0, &out);
	assert_string_equal(out.data, "MEAS? (@102)\n");
	buf_release(&out);
	assert_int_equal(measure(two + 1, 2, r), -1);           /* too few values */
	finish();
}

static const char calibrator[] = HEAD WHO
	"safe: STBY\n"
	"errors: {ask: 'ERR?', ok: '^0,', severity: [\n"
	"  {match: '^10,', is: ignore}, {match: '^20,', is: warning}, {match: '^66,', is: fatal}]}\n"
	"points:\n"
	"  voltage.dc:\n"
	"    ranges:\n"
	"      - {low: -220 mV, high: 220 mV, resolution: 1.0e-8, select: 'RANGE 0.22'}\n"
	"      - {low: -2.2 V, high: 2.2 V, select: 'RANGE 2.2'}\n"
	"      - {low: -220 V, high: 220 V, resolution: 1.0e-5, select: 'RANGE 220'}\n"
	"    set: 'OUT {} V'\n"
	"    readback: 'OUT?'\n"
	"    readback_field: 1\n"
	"    tolerance: 1 uV\n"
	"    safe: 0 V\n";

static int set(double volts)
{
	return scene_set(&scene, "voltage.dc", volts);
}

/* The range is chosen when it must change, and only then; beyond all of them nothing is sent. */
static void ranges_are_selected(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "ERR?", "0,\"No Error\"", 0 },
		{ "OUT?", "1.0E+00,V,0.0E+00,0", 2 }, { "OUT?", "+1.00E-01,V,0.0E+00,0", 1 },
		{ "OUT?", "0,V,0,0", 0 },
	};
	struct buf out = { 0 };

	(void)state;
	begin(calibrator, lines, COUNT(lines));
	assert_int_equal(set(1), 0);
	assert_string_equal(script_heard(&script), "RANGE 2.2\nOUT 1 V\nERR?\nOUT?\n");
	assert_int_equal(set(1), 0);
	assert_string_equal(script_heard(&script), "OUT 1 V\nERR?\nOUT?\n");
	assert_int_equal(set(0.1), 0);
	assert_string_equal(script_heard(&script), "RANGE 0.22\nOUT 0.1 V\nERR?\nOUT?\n");
	assert_int_equal(set(220.5), -1);
	assert_int_equal(scene.e.code, ERR_CONFIG);
	assert_string_equal(script_heard(&script), "");
	assert_int_equal(instrument_safe(scene.in, instant_after_ms(GUARD_MS), &scene.e), 0);
	assert_string_equal(script_heard(&script), "STBY\nOUT 0 V\nOUT?\n");
	scene_attach(&scene);                   /* from here on nothing is known of its range */
	script_heard(&script);
	assert_int_equal(set(0), 0);
	assert_string_equal(script_heard(&script), "RANGE 0.22\nOUT 0 V\nERR?\nOUT?\n");
	driver_describe(scene.m, model_point(scene.m, "voltage.dc"), true, 100, &out);
	assert_string_equal(out.data, "RANGE 220\nOUT 100 V\nERR?\nOUT?\n");
	buf_release(&out);
	finish();
}

/* It may round to the nearest step of its range, and no further. */
static void half_a_step_is_allowed(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "ERR?", "0,\"No Error\"", 0 }, { "OUT?", "1.00000000E+02,V", 0 },
	};

	(void)state;
	begin(calibrator, lines, COUNT(lines));
	assert_int_equal(set(100.000005), 0);
	assert_int_equal(set(100.00001), -1);
	assert_int_equal(scene.e.code, ERR_INSTRUMENT);
	assert_non_null(strstr(scene.e.text, "100 V reads back"));
	finish();
}

static void errors_are_graded(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "OUT?", "1,V", 0 },
		{ "ERR?", "0,", 2 },                                    /* both times of attaching */
		{ "ERR?", "10,\"nothing\"", 1 }, { "ERR?", "20,\"cold\"", 1 }, { "ERR?", "0,", 1 },
		{ "ERR?", "20,\"cold\"", 1 }, { "ERR?", "30,\"range\"", 1 }, { "ERR?", "0,", 1 },
		{ "ERR?", "30,\"range\"", 1 }, { "ERR?", "66,\"broken\"", 1 }, { "ERR?", "0,", 1 },
		{ "ERR?", "30,\"somebody else's\"", 1 }, { "ERR?", "0,", 2 },
		{ "ERR?", "66,\"still broken\"", 0 },
	};

	(void)state;
	begin(calibrator, lines, COUNT(lines));
	assert_int_equal(set(1), 0);
	assert_string_equal(noted, "instrument.warning: it reports '20,\"cold\"'\n");
	assert_int_equal(set(1), -1);
	assert_int_equal(scene.e.code, ERR_INSTRUMENT);
	assert_non_null(strstr(scene.e.text, "30,\"range\""));
	assert_true(scene.in->attached);
	assert_int_equal(set(1), -1);
	assert_int_equal(scene.e.code, ERR_IDENTITY);
	assert_non_null(strstr(scene.e.text, "66,\"broken\""));
	assert_false(scene.in->attached);
	scene_attach(&scene);                   /* what was in the queue before is no concern */
	assert_int_equal(instrument_attach(scene.in, instant_after_ms(GUARD_MS), &scene.e), -1);
	assert_int_equal(scene.e.code, ERR_IDENTITY);
	finish();
}

static const char watchful[] = HEAD WHO
	"errors: {ask: 'ERR?', ok: '^0', when: [measure]}\n"
	"points:\n"
	"  voltage.dc: {ask: 'READ?'}\n";

static void errors_after_a_reading_refuse_it(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "READ?", "1", 0 }, { "ERR?", "0", 2 }, { "ERR?", "512", 1 },
		{ "ERR?", "0", 0 },
	};
	static const char *const one[] = { "voltage.dc" };
	struct reading r;

	(void)state;
	begin(watchful, lines, COUNT(lines));
	assert_int_equal(measure(one, 1, &r), 1);
	reads(&r, 1, "1");
	assert_int_equal(measure(one, 1, &r), -1);
	assert_int_equal(scene.e.code, ERR_INSTRUMENT);
	assert_true(scene.in->attached);
	assert_int_equal(measure(one, 1, &r), 1);
	finish();
}

/* Waiting. */

static const char slow[] = HEAD WHO
	"safe: OFF\n"
	"commands:\n"
	"  zero: {send: ['CORR:ZERO {at},{n}', 'GO'], effect: zero, done: {ask: 'STAT?', clear_bit: 4, every: 1 ms,"
	" within: 5 s}, ask: 'ZERO?', expect: '^OK$',\n"
	"    arguments: {at: {choices: {front: FRON, rear: REAR}}, n: {low: 1, high: 10, whole: yes, unit: readings}}}\n"
	"points:\n"
	"  temperature: {set: 'T {}', done: {ask: 'T:STAT?', expect: '^STABLE', every: 1 ms, within: 5 s}}\n"
	"  pressure: {set: 'P {}', done: {status_bit: 5, every: 1 ms, within: 1 s}}\n"
	"  voltage.dc: {set: 'V {}', done: '*OPC?'}\n";

static int sets(const char *name, double value)
{
	return scene_set(&scene, name, value);
}

static void sets_are_waited_for(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "T:STAT?", "RAMP", 2 }, { "T:STAT?", "STABLE", 0 },
		{ "*STB?", "0", 1 }, { "*STB?", "96", 1 }, { "*STB?", "0", 0 }, { "*OPC?", "1", 2 }, { "*OPC?", "2", 0 },
	};

	(void)state;
	begin(slow, lines, COUNT(lines));
	assert_int_equal(sets("temperature", 30), 0);
	assert_string_equal(script_heard(&script), "T 30\nT:STAT?\nT:STAT?\nT:STAT?\n");
	assert_int_equal(sets("pressure", 1000), 0);
	assert_string_equal(script_heard(&script), "P 1000\n*STB?\n*STB?\n");
	assert_int_equal(sets("voltage.dc", 1), 0);
	assert_int_equal(sets("pressure", 2000), -1);           /* never: bounded all the same */
	assert_int_equal(scene.e.code, ERR_TIMEOUT);
	assert_false(scene.in->attached);
	scene_attach(&scene);
	assert_int_equal(sets("voltage.dc", 1), -1);
	assert_int_equal(scene.e.code, ERR_PROTOCOL);
	finish();
}

static int command(const char *at, const char *n)
{
	struct given given[] = { { "at", at }, { "n", n } };

	return instrument_command(scene.in, "zero", given, n ? 2 : 1, instant_after_ms(GUARD_MS), &scene.e);
}

static void refused(int failed, const char *says)
{
	assert_int_equal(failed, -1);
	assert_int_equal(scene.e.code, ERR_CONFIG);
	if (!strstr(scene.e.text, says))
		fail_msg("%s", scene.e.text);
	assert_string_equal(script_heard(&script), "");
	assert_true(scene.in->attached);
}

/* Nothing is sent unless every argument is as the model file states it. */
static void commands_have_arguments(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "STAT?", " 16\r\n", 2 }, { "STAT?", "32", 0 }, { "ZERO?", "OK", 1 },
		{ "ZERO?", "TOO FAR", 0 },
	};

	(void)state;
	begin(slow, lines, COUNT(lines));
	assert_int_equal(command("rear", "3.0"), 0);
	assert_string_equal(script_heard(&script), "CORR:ZERO REAR,3\nGO\nSTAT?\nSTAT?\nSTAT?\nZERO?\n");
	refused(command("back", "3"), "at: expected one of: front, rear, found 'back'");
	refused(command("rear", "11"), "n: expected a number from 1 to 10 readings, found 11");
	refused(command("rear", "2.5"), "a whole number, found 2.5");
	refused(command("rear", "two"), "n:");
	refused(command("rear", NULL), "it needs the argument 'n'");
	refused(instrument_command(scene.in, "zreo", NULL, 0, instant_after_ms(GUARD_MS), &scene.e),
		"has no command 'zreo'");
	assert_int_equal(command("front", "1"), -1);
	assert_int_equal(scene.e.code, ERR_INSTRUMENT);
	finish();
}

static const char triggered[] = HEAD WHO
	"points:\n"
	"  voltage.dc:\n"
	"    arm: ['SAMP 1', 'INIT']\n"
	"    trigger: bus\n"
	"    ready: {ask: 'STAT?', bit: 4, every: 1 ms, within: 1 s}\n"
	"    ask: FETC?\n"
	"    aperture: 20 ms\n"
	"    aperture_delay: 2 ms\n";

static void a_triggered_reading(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "STAT?", "0", 3 }, { "STAT?", "16", 0 }, { "FETC?", "1.5", 0 },
	};
	static const char *const one[] = { "voltage.dc" };
	int64_t trigger_utc;
	struct buf out = { 0 };
	struct reading r;
	instant at;

	(void)state;
	begin(triggered, lines, COUNT(lines));
	at = instant_after_ms(120);
	trigger_utc = utc_now() + 120 * NS_PER_MS;
	scene.in->trigger_at = at;
	assert_int_equal(measure(one, 1, &r), 1);
	assert_string_equal(script_heard(&script), "SAMP 1\nINIT\n*TRG\nSTAT?\nSTAT?\nSTAT?\nSTAT?\nFETC?\n");
	assert_true(instant_passed(at) && r.mono_ns - r.span_ns / 2 >= at);
	assert_true(r.at_ns >= trigger_utc + 12 * NS_PER_MS - NS_PER_MS);
	assert_true(llabs(r.at_ns - (r.utc_ns - r.span_ns / 2) - 12 * NS_PER_MS) < 1000);
	assert_int_equal(scene.in->trigger_at, 0);
	driver_describe(scene.m, model_point(scene.m, "voltage.dc"), false, 0, &out);
	assert_string_equal(out.data, "SAMP 1\nINIT\n(group execute trigger)\nSTAT?\nFETC?\n");
	buf_release(&out);
	finish();
}

static const char two_measurements[] = HEAD WHO
	"points:\n"
	"  temperature@1: {arm: 'CALC 1', trigger: 'GO', ask: 'FETC?', field: 1}\n"
	"  temperature@2: {arm: 'CALC 2', trigger: 'GO', ask: 'FETC?', field: 1}\n"
	"  humidity.relative: {arm: 'CALC 2', trigger: 'GO', ask: 'FETC?', field: 2}\n";

/* One question fetches both, but each has to be made first. */
static void what_is_prepared_differently_is_measured_apart(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "FETC?", "20,30", 1 }, { "FETC?", "21,31", 1 },
	};
	static const char *const all[] = { "temperature@1", "temperature@2", "humidity.relative" };
	struct reading r[3];

	(void)state;
	begin(two_measurements, lines, COUNT(lines));
	assert_int_equal(measure(all, 3, r), 3);
	assert_string_equal(script_heard(&script), "CALC 1\nGO\nFETC?\nCALC 2\nGO\nFETC?\n");
	assert_true(r[0].value == 20 && r[1].value == 21 && r[2].value == 31);
	finish();
}

static const char polled[] = HEAD WHO
	"errors: {ask: 'ERR?', ok: '^0', when: [set], status_bit: 2}\n"
	"status_ask: 'STB?'\n"
	"safe: OFF\n"
	"points:\n"
	"  voltage.dc: {set: 'V {}'}\n";

/* The queue is only asked where the status byte says that there is something in it. */
static void the_status_byte_tells_of_errors(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "ERR?", "0", 1 }, { "STB?", " 0", 1 }, { "STB?", "+4 \r\n", 1 }, { "ERR?", "7", 1 },
		{ "ERR?", "0", 0 }, { "STB?", "none", 0 },
	};

	(void)state;
	begin(polled, lines, COUNT(lines));
	assert_int_equal(sets("voltage.dc", 1), 0);
	assert_string_equal(script_heard(&script), "V 1\nSTB?\n");
	assert_int_equal(sets("voltage.dc", 1), -1);
	assert_int_equal(scene.e.code, ERR_INSTRUMENT);
	assert_string_equal(script_heard(&script), "V 1\nSTB?\nERR?\nERR?\n");
	assert_int_equal(sets("voltage.dc", 1), -1);
	assert_int_equal(scene.e.code, ERR_PROTOCOL);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_question_is_asked_once),
		cmocka_unit_test(channel_lists),
		cmocka_unit_test(ranges_are_selected),
		cmocka_unit_test(half_a_step_is_allowed),
		cmocka_unit_test(errors_are_graded),
		cmocka_unit_test(errors_after_a_reading_refuse_it),
		cmocka_unit_test(sets_are_waited_for),
		cmocka_unit_test(commands_have_arguments),
		cmocka_unit_test(a_triggered_reading),
		cmocka_unit_test(what_is_prepared_differently_is_measured_apart),
		cmocka_unit_test(the_status_byte_tells_of_errors),
	};

	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
