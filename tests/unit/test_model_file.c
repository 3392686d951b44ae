/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_model_file.c - what is refused of a model file that is to be used, and not of its copy in an old run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "mem.h"
#include "model.h"
#include "model_aid.h"
#include "spoil.h"

static const char good[] =
	"model: good\n"
	"title: Box\n"
	"manufacturer: Acme\n"
	"number: B1\n"
	"driver: scpi\n"
	"seen: manual\n"
	"init: ['*CLS', \"DISP:TEXT 'Ready?'\"]\n"
	"safe: OUTP OFF\n"
	"points:\n"
	"  voltage.dc: {ask: 'READ?', set: 'VOLT {}', readback: 'VOLT?', tolerance: 1 mV}\n";

/* As a bench does, from a file. */
static void load(const char *path, const char *text, size_t n, struct problems *ps)
{
	char *folder = folder_new(), *file = folder_put(folder, "good.yaml", text);
	struct model *m;
	int bad;

	(void)path;
	(void)n;
	bad = model_load(&m, file, &quantities, ps);
	assert_int_equal(bad ? -1 : 0, ps->total ? -1 : 0);
	model_free(&m);
	free(file);
	folder_remove(&folder);
}

static const struct spoiling spoilt[] = {
	{ "seen: manual", "seen: Manual", "6:1", "seen: expected manual, if it was written from the manual" },
	{ "seen: manual", "seen: yesterday by Anna", "6:1", "such as '2026-11-24 by Anna" },
	{ "seen: manual", "seen: '2026-11-24'", "6:1", "when and by whom it was seen" },
	{ "'*CLS'", "'*OPC?'", "7:1", "init: '*OPC?' asks, and nobody reads the answer to a command" },
	{ "OUTP OFF", "'OUTP OFF;OUTP?'", "8:1", "safe: 'OUTP OFF;OUTP?' asks" },
	{ "'READ?'", "'READ?', aperture: 5 s", "10:3", "it integrates for 5 s (aperture) and is waited for no longer than 2 s" },
	{ "'READ?'", "\"READ?\\n\"", "10:3", "voltage.dc: ask ends as each command does (command_end)" },
	{ "'VOLT {}'", "\"VOLT {}\\n\"", "10:3", "voltage.dc: set ends as each command does" },
	{ "'VOLT?'", "\"VOLT?\\n\"", "10:3", "voltage.dc: readback ends as each command does" },
	{ "mV}\n", "mV}\n  current.dc: {set: 'CURR {}', readback: 'VOLT?', tolerance: 1 mA, output: posts}\n", "11:3",
	  "voltage.dc and current.dc read back by the same 'VOLT?': say by 'output' what each drives" },
	{ "mV}\n", "mV}\n  current.dc: {ask: 'CURR?', output: posts}\n", "11:3", "'output' means nothing for a point that cannot be set" },
};

static void refused(void **state)
{
	(void)state;
	assert_good(good, load);
	assert_spoiled(good, spoilt, COUNT(spoilt), load);
}

static void kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(spoilt); i++) {
		const char *at = strstr(good, spoilt[i].find);
		char *text = mem_format("%.*s%s%s", (int)(at - good), good, spoilt[i].with, at + strlen(spoilt[i].find));

		assert_good(text, model_aid_read);
		free(text);
	}
}

static void seen_by_somebody(void **state)
{
	char *text = mem_format("%s", good), *at = strstr(text, "seen: manual\n");
	char *seen = mem_format("%.*sseen: '2026-11-24 by Anna: serial number 0815'\n%s", (int)(at - text), text,
				at + strlen("seen: manual\n"));

	(void)state;
	assert_good(seen, load);
	free(seen);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused), cmocka_unit_test(kept), cmocka_unit_test(seen_by_somebody),
	};

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
