/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_array.c - readings that are arrays: how many numbers, and which of them are none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "scene.h"
#include "script.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* In two bytes a number ZZ is 23130 and YY 22873. */
static const char yaml[] =
	"model: box\ntitle: Box\nmanufacturer: Acme\nnumber: B1\ndriver: scpi\nseen: manual\n"
	"timeout: 500 ms\nlatency: 50 ms\n"
	"identity: {ask: '*IDN?', expect: '^ACME'}\n"
	"sentinels: [{value: 23130, status: overload}, {value: 22873, status: not_a_number}]\n"
	"points:\n"
	"  voltage.dc@any: {ask: 'ANY?', block: {format: int16}}\n"
	"  voltage.dc@three: {ask: 'THREE?', block: {format: int16, count: 3}}\n"
	"  voltage.dc@set: {arm: 'ARM', trigger: 'GO', ask: 'SET?', block: {format: int16, count_ask: 'COUN?'}}\n";

static struct script script;
static struct scene scene;
static struct reading r;

static void begin(const struct line_said *lines, size_t n)
{
	script_start(&script, lines, n);
	scene_begin(&scene, yaml, script.d.address, NULL, NULL);
	scene_attach(&scene);
	script_heard(&script);
}

static void finish(void)
{
	scene_finish(&scene);
	script_stop(&script);
}

/* In place of a reading, and nothing more is believed before the link is clear. */
static void refuses(const char *quantity, const char *why)
{
	assert_int_equal(scene_measure(&scene, quantity, &r), -1);
	assert_int_equal(scene.e.code, ERR_PROTOCOL);
	if (!strstr(scene.e.text, why))
		fail_msg("'%s' does not say '%s'", scene.e.text, why);
	assert_false(scene.in->attached);
	scene_attach(&scene);
}

static void an_array_has_the_length_it_must(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "THREE?", "#16ABCDEF", 1 }, { "THREE?", "#14ABCD", 1 }, { "THREE?", "#18ABCDEFGH", 1 },
		{ "THREE?", "#10", 1 }, { "THREE?", "#14ABCD,#12EF", 1 },
	};

	(void)state;
	begin(lines, COUNT(lines));
	assert_int_equal(scene_measure(&scene, "voltage.dc@three", &r), 1);
	assert_int_equal(r.block.n, 6);
	assert_int_equal(r.status, READING_OK);
	assert_int_equal(r.counted, 0);
	refuses("voltage.dc@three", "the array has 2 numbers in place of 3");
	refuses("voltage.dc@three", "the array has 4 numbers in place of 3");
	refuses("voltage.dc@three", "the array has 0 numbers in place of 3");
	assert_int_equal(scene_measure(&scene, "voltage.dc@three", &r), 1);
	assert_int_equal(scene.failures, 3);
	finish();
}

/* Behind the array, so that nothing stands between trigger and measurement. */
static void a_length_that_is_asked_for(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "SET?", "#16ABCDEF", 0 }, { "COUN?", "+3", 1 }, { "COUN?", "3.00E0", 1 },
		{ "COUN?", "2", 1 }, { "COUN?", "3.5", 1 }, { "COUN?", "0", 1 }, { "COUN?", "many", 1 },
	};

	(void)state;
	begin(lines, COUNT(lines));
	assert_int_equal(scene_measure(&scene, "voltage.dc@set", &r), 1);
	assert_string_equal(script_heard(&script), "ARM\nGO\nSET?\nCOUN?\n");
	assert_int_equal(r.counted, scene.in->exchanges);
	assert_int_equal(scene_measure(&scene, "voltage.dc@set", &r), 1);
	assert_int_equal(r.block.n, 6);
	refuses("voltage.dc@set", "the array has 3 numbers in place of 2");
	refuses("voltage.dc@set", "'3.5' does not say how many numbers there are");
	refuses("voltage.dc@set", "'0' does not say how many numbers there are");
	refuses("voltage.dc@set", "'many' does not say how many numbers there are");
	finish();
}

static void sentinels_mark_the_whole(void **state)
{
	static const struct line_said lines[] = {
		{ "*IDN?", "ACME", 0 }, { "ANY?", "#6000010ABYYZZCDZZ", 1 }, { "ANY?", "#14ABCD", 1 },
	};

	(void)state;
	begin(lines, COUNT(lines));
	assert_int_equal(scene_measure(&scene, "voltage.dc@any", &r), 1);
	assert_int_equal(r.status, READING_NOT_A_NUMBER);               /* the first is 'YY' */
	assert_true(isnan(r.value));
	assert_int_equal(r.marks.of[READING_OVERLOAD], 2);
	assert_int_equal(r.marks.of[READING_NOT_A_NUMBER], 1);
	assert_memory_equal(r.block.p, "BAYYZZDCZZ", 10);               /* as they came, little-endian */
	assert_int_equal(scene_measure(&scene, "voltage.dc@any", &r), 1);
	assert_int_equal(r.status, READING_OK);
	assert_int_equal(r.marks.of[READING_OVERLOAD] + r.marks.of[READING_NOT_A_NUMBER], 0);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_has_the_length_it_must),
		cmocka_unit_test(a_length_that_is_asked_for),
		cmocka_unit_test(sentinels_mark_the_whole),
	};

	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
