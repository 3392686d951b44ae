/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_bytes.c - bytes above 7F hexadecimal in what an instrument is sent and says: in commands, what ends them, replies
 * and what they must match; and in the sentences about them. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "json.h"
#include "scene.h"
#include "script.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char yaml[] =
	"model: box\ntitle: Kästchen\nmanufacturer: Acme\nnumber: B1\ndriver: text\nseen: manual\n"
	"timeout: 500 ms\nlatency: 50 ms\n"
	"command_end: \"\\xFD\\n\"\nreply_end: \"\\xFE\\n\"\n"
	"identity: {ask: \"\\xB0ID\", expect: \"^\\xB1ACME\\xFF[0-9]\"}\n"
	"points:\n"
	"  temperature: {ask: \"T\\x80?\", reply: \"^([0-9.]+)[\\xB0\\xBA]C$\"}\n"
	"  mass: {ask: \"M°\", suffix: \"µg\", unit: µg}\n";

static struct script script;
static struct scene scene;
static struct reading r;

static void bytes_are_sent_and_heard(void **state)
{
	static const struct line_said lines[] = {
		{ "\xB0ID\xFD", "\xB1" "ACME\xFF" "7\xFE\n", 0 }, { "T\x80?\xFD", "21.5\xB0" "C\xFE\n", 1 },
		{ "T\x80?\xFD", "21.5\xB1" "C\xFE\n", 1 }, { "M\xB0\xFD", "3.5\xB5g\xFE\n", 1 },
	};

	(void)state;
	script_start(&script, lines, COUNT(lines));
	scene_begin(&scene, yaml, script.d.address, NULL, NULL);
	scene_attach(&scene);
	assert_string_equal(scene.m->title.list[0].text, "Kästchen");
	assert_int_equal(scene_measure(&scene, "temperature", &r), 1);
	assert_true(r.value == 21.5);
	assert_int_equal(r.raw.n, 6);
	assert_int_equal(scene_measure(&scene, "mass", &r), 1);
	assert_true(r.value > 3.49e-6 && r.value < 3.51e-6);              /* g */
	assert_int_equal(scene_measure(&scene, "temperature", &r), -1);
	assert_int_equal(scene.e.code, ERR_PROTOCOL);
	assert_true(json_is_utf8(scene.e.text, strlen(scene.e.text)));
	assert_non_null(strstr(scene.e.text, "'21.5\\xB1C'"));
	scene_attach(&scene);
	assert_int_equal(scene_measure(&scene, "temperature", &r), -1);         /* no answer any more */
	if (!strstr(scene.e.text, "T\\x80?"))
		fail_msg("%s", scene.e.text);
	scene_finish(&scene);
	script_stop(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(bytes_are_sent_and_heard) };

	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
