/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_dialects.c - languages from before SCPI, by data alone: what three famous instruments are sent, byte for
 * byte, and what becomes of their answers.  Command sets from their manuals: HP 3458A (03458-90014),
 * Fluke 8508A (1673798), Fluke 5700A (791996). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "scene.h"
#include "script.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define HEAD "title: Box\ndriver: scpi\nseen: manual\ntimeout: 500 ms\nlatency: 20 ms\n"

static struct script script;
static struct scene scene;

static void begin(const char *yaml, const struct line_said *lines, size_t n)
{
	script_start(&script, lines, n);
	scene_begin(&scene, yaml, script.d.address, NULL, NULL);
}

static void finish(void)
{
	scene_finish(&scene);
	script_stop(&script);
}

static void heard(const char *lines)
{
	assert_string_equal(script_heard(&script), lines);
}

static struct reading measure(const char *name)
{
	struct reading r;

	if (scene_measure(&scene, name, &r) != 1)
		fail_msg("%s", scene.e.text);
	return r;
}

/* No *IDN?, no queue in SCPI's form, a reading that comes without a question mark, lines that end in CR LF,
 * 1E38 for overload, a serial poll by question, and a setting that betrays a power-on. */
static const char hp3458a[] = "model: hp3458a\nmanufacturer: HP\nnumber: 3458A\n" HEAD
	"identity: {ask: 'ID?', expect: '^ *HP3458A *$'}\n"
	"reply_end: \"\\r\\n\"\n"
	"init: [RESET, 'END ALWAYS', 'TARM HOLD', 'NPLC 100']\n"
	"state: [{ask: 'NPLC?', expect: '^ *1[.]0*E[+]02'}]\n"
	"errors: {ask: 'ERRSTR?', ok: '^ *0,', drain: 10}\n"
	"status_ask: 'STB?'\n"
	"sentinels: [{value: 1E38, status: overload}, {value: -1E38, status: underload}]\n"
	"power_on: {ask: 'END?', shows: '^ *0'}\n"
	"after_power_on: {commands: acal}\n"
	"self_calibration: {command: acal, age: 24 h, temperature_change: 1 K, temperature: {ask: 'TEMP?', unit: degC}}\n"
	"commands: {acal: {send: 'ACAL DCV', done: {status_bit: 4, every: 1 ms, within: 5 s}, effect: self_calibration}}\n"
	"points:\n"
	"  voltage.dc: {ask: 'DCV AUTO;TARM SGL', aperture: 2 s}\n"
	"  resistance.four-wire: {ask: 'OHMF AUTO;TARM SGL'}\n";

static void hp_3458a(void **state)
{
	static const struct line_said lines[] = {
		{ "ID?", "HP3458A\r\n", 0 }, { "END?", "0\r\n", 1 }, { "END?", "2\r\n", 0 },
		{ "ERRSTR?", "200,\"POWER FAIL\"\r\n", 1 }, { "ERRSTR?", "0,\"NO ERROR\"\r\n", 0 },
		{ "STB?", "0\r\n", 1 }, { "STB?", "16\r\n", 0 }, { "TEMP?", " 36.2\r\n", 0 },
		{ "NPLC?", " 1.00000000E+02\r\n", 0 }, { "DCV AUTO;TARM SGL", " 9.999993120E+00\r\n", 1 },
		{ "DCV AUTO;TARM SGL", " 1.000000000E+38\r\n", 0 }, { "OHMF AUTO;TARM SGL", "1.000012345E+04\r\n", 0 },
	};

	(void)state;
	begin(hp3458a, lines, COUNT(lines));
	scene_attach(&scene);
	heard("ID?\nEND?\nERRSTR?\nERRSTR?\nRESET\nEND ALWAYS\nTARM HOLD\nNPLC 100\nERRSTR?\nACAL DCV\nSTB?\nSTB?\n"
	      "ERRSTR?\nTEMP?\nTEMP?\nNPLC?\nEND?\n");
	assert_true(measure("voltage.dc").value == 9.99999312);
	heard("DCV AUTO;TARM SGL\nEND?\n");
	assert_int_equal(measure("voltage.dc").status, READING_OVERLOAD);
	assert_true(measure("resistance.four-wire").value == 10000.12345);
	finish();
}

/* IEEE 488.2 around a language of its own: registers popped by question, inputs chosen with the question, a number
 * behind words, 200E33 for overload. */
static const char fluke8508a[] = "model: fluke8508a\nmanufacturer: Fluke\nnumber: 8508A\n" HEAD
	"identity: {ask: '*IDN?', expect: '^FLUKE,8508A,([^,]+),(.+)$', serial: 1, firmware: 2}\n"
	"init: ['*RST', '*CLS', 'TRG_SRCE EXT']\n"
	"errors: {ask: 'DDQ?', ok: '^[+]?0$', when: [attach, measure]}\n"
	"sentinels: [{value: 200E33, status: overload}, {value: -200E33, status: underload}]\n"
	"requires: [{ask: 'LINEF?', low: 49, high: 61, unit: Hz, text: line frequency}]\n"
	"commands: {zero: {send: 'ZERO?', title: zero of the range in use}}\n"
	"points:\n"
	"  voltage.dc@front: {arm: ['INPUT FRONT', 'DCV 10,FILT_ON,RESL8,FAST_OFF'], trigger: bus, ask: 'RDG?', reply: '^([-+0-9.E]+) ?(V DC)?$'}\n"
	"  voltage.dc@rear: {arm: ['INPUT REAR', 'DCV 10,FILT_ON,RESL8,FAST_OFF'], trigger: bus, ask: 'RDG?', reply: '^([-+0-9.E]+) ?(V DC)?$'}\n";

static void fluke_8508a(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "FLUKE,8508A,1025,2.32", 0 }, { "DDQ?", "1012", 1 }, { "DDQ?", "0", 3 }, { "LINEF?", "50", 0 },
		{ "RDG?", "+1.00001234E+01 V DC", 2 }, { "DDQ?", "+0", 1 }, { "DDQ?", "1016", 1 }, { "DDQ?", "0", 0 },
		{ "RDG?", "+200.00000E+33", 0 },
	};
	const struct point *two[2];
	struct reading r[2];

	(void)state;
	begin(fluke8508a, lines, COUNT(lines));
	scene_attach(&scene);
	assert_string_equal(scene.in->serial, "1025");
	heard("*IDN?\nDDQ?\nDDQ?\n*RST\n*CLS\nTRG_SRCE EXT\nDDQ?\nLINEF?\n");
	two[0] = model_point(scene.m, "voltage.dc@rear");
	two[1] = model_point(scene.m, "voltage.dc@front");
	assert_int_equal(instrument_measure(scene.in, two, 2, r, instant_after_ms(GUARD_MS), &scene.e), 2);
	assert_true(r[0].value == 10.0001234 && r[1].value == 10.0001234);
	heard("INPUT REAR\nDCV 10,FILT_ON,RESL8,FAST_OFF\n*TRG\nRDG?\n"
	      "INPUT FRONT\nDCV 10,FILT_ON,RESL8,FAST_OFF\n*TRG\nRDG?\nDDQ?\n");
	assert_int_equal(measure("voltage.dc@front").status, READING_OVERLOAD);
	assert_int_equal(scene_measure(&scene, "voltage.dc@front", r), -1);
	assert_int_equal(scene.e.code, ERR_INSTRUMENT);
	assert_non_null(strstr(scene.e.text, "1016"));
	finish();
}

/* A source: value and release in one command, three fields read back, a status word that says when it has settled,
 * a queue of faults, standby proven by an even number. */
static const char fluke5700a[] = "model: fluke5700a\nmanufacturer: Fluke\nnumber: 5700A\n" HEAD
	"identity: {ask: '*IDN?', expect: '^FLUKE,5700A,([^,]+),(.+)$', serial: 1}\n"
	"init: ['*RST', '*CLS', STBY, 'EXTGUARD OFF']\n"
	"safe: [STBY, 'OUT 0 V, 0 HZ']\n"
	"safe_check: [{ask: 'ISR?', expect: '^[0-9]*[02468]$'}]\n"
	"errors: {ask: 'FAULT?', ok: '^0$', drain: 16, severity: [{match: '^(50[0-9])$', is: warning}]}\n"
	"points:\n"
	"  voltage.dc:\n"
	"    low: -1100 V\n"
	"    high: 1100 V\n"
	"    ranges: [{low: -2.2 V, high: 2.2 V, select: 'RANGELCK OFF'}, {low: -1100 V, high: 1100 V, select: 'BOOST OFF'}]\n"
	"    set: 'OUT {} V, 0 HZ; OPER'\n"
	"    done: {ask: 'ISR?', bit: 12, every: 1 ms, within: 5 s}\n"
	"    readback: 'OUT?'\n"
	"    readback_reply: '^([-+0-9.E]+),V,0([.]0*)?E[+]00$'\n"
	"    tolerance: 5 nV\n";

static void fluke_5700a(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "FLUKE,5700A,5555000,H", 0 }, { "FAULT?", "0", 3 }, { "FAULT?", "501", 1 }, { "FAULT?", "0", 0 },
		{ "ISR?", "1", 2 }, { "ISR?", "6145", 2 }, { "ISR?", "2048", 0 },
		{ "OUT?", "1.0000000E+01,V,0.000E+00", 1 }, { "OUT?", "1.0000000E+01,V,1.000E+03", 0 },
	};

	(void)state;
	begin(fluke5700a, lines, COUNT(lines));
	scene_attach(&scene);
	heard("*IDN?\nFAULT?\n*RST\n*CLS\nSTBY\nEXTGUARD OFF\nFAULT?\n");
	assert_int_equal(scene_set(&scene, "voltage.dc", 10), 0);
	heard("BOOST OFF\nOUT 10 V, 0 HZ; OPER\nISR?\nISR?\nISR?\nFAULT?\nOUT?\n");
	assert_int_equal(scene_set(&scene, "voltage.dc", 1200), -1);
	heard("");
	assert_int_equal(scene_set(&scene, "voltage.dc", 10), -1);      /* in the wrong function */
	assert_int_equal(scene.e.code, ERR_PROTOCOL);
	assert_int_equal(instrument_safe(scene.in, instant_after_ms(GUARD_MS), &scene.e), 0);
	finish();
}

/* Its errors and its power-on are bits of one register, which whoever asks it empties: a power cut that the question for
 * errors meets, while it is attached, is noticed all the same. */
static const char one_register[] = "model: box\nmanufacturer: A\nnumber: B\n" HEAD
	"identity: {ask: '*IDN?', expect: '^ACME'}\n"
	"init: ['*CLS']\n"
	"power_on: {ask: '*ESR?', bit: 7}\n"
	"errors: {ask: '*ESR?', ok: '^0$', drain: 1}\n"
	"points:\n"
	"  voltage.dc: {ask: 'X?'}\n";

static void errors_and_power_on_in_one_register(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "*ESR?", "0", 1 }, { "*ESR?", "128", 1 }, { "*ESR?", "0", 2 },
		{ "*ESR?", "0", 0 }, { "X?", "1", 0 },
	};

	(void)state;
	begin(one_register, lines, COUNT(lines));
	assert_int_equal(instrument_attach(scene.in, instant_after_ms(GUARD_MS), &scene.e), -1);
	assert_non_null(strstr(scene.e.text, "it was switched on, or reset"));
	heard("*IDN?\n*ESR?\n*ESR?\n*CLS\n*ESR?\n*ESR?\n");
	assert_true(scene.in->switched_on);
	scene_attach(&scene);
	assert_false(scene.in->switched_on);
	assert_true(measure("voltage.dc").value == 1);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hp_3458a), cmocka_unit_test(fluke_8508a), cmocka_unit_test(fluke_5700a),
		cmocka_unit_test(errors_and_power_on_in_one_register),
	};

	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
