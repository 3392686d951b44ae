/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_model_lines.c - the keys of model files for instruments that answer lines: inputs, ranges, the
 * error queue. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model.h"
#include "model_aid.h"
#include "spoil.h"

static const char good[] =
	"model: box\n"
	"title: Box\n"
	"manufacturer: Acme\n"
	"number: B1\n"
	"driver: scpi\n"
	"seen: manual\n"
	"safe: STBY\n"
	"errors:\n"
	"  ask: ERR?\n"
	"  ok: '^0'\n"
	"  when: [attach, measure]\n"
	"  severity: [{match: '^20', is: warning}]\n"
	"points:\n"
	"  temperature@1: {ask: 'READ?', field: 1}\n"
	"  temperature@rear-2: {ask: 'MEAS? (@{inputs})'}\n"
	"  voltage.dc:\n"
	"    ranges:\n"
	"      - {low: -220 mV, high: 220 mV, select: R1}\n"
	"      - {low: -2.2 V, high: 2.2 V, select: R2}\n"
	"    set: 'OUT {}'\n"
	"    readback: OUT?\n"
	"    readback_reply: '^([^,]*),.*$'\n"
	"    tolerance: 1 uV\n"
	"    simulate: {node: voltage, readback: '%.3f,V 5%%'}\n"
	"    done: {ask: 'S?', bit: 4, every: 1 s, within: 59 s}\n"
	"  humidity.relative: {ask: 'P?', arm: INIT, trigger: bus, ready: {srq: yes, status_bit: 5}}\n"
	"commands:\n"
	"  zero:\n"
	"    send: 'Z {at}'\n"
	"    arguments: {at: {choices: {front: F}}}\n"
	"    ask: 'Z?'\n"
	"    expect: '^0$'\n";

static void is_read(void **state)
{
	struct problems ps = { 0 };
	const struct point *p;
	struct model *m;

	(void)state;
	assert_int_equal(model_parse(&m, "box.yaml", good, sizeof good - 1, &quantities, &ps), 0);
	p = model_point(m, "temperature@rear-2");
	assert_string_equal(p->known->name, "temperature");
	assert_string_equal(p->input, "rear-2");
	assert_true(point_listed(p) && !point_listed(model_point(m, "temperature@1")));
	assert_null(model_point(m, "temperature"));
	p = model_point(m, "voltage.dc");
	assert_null(p->input);
	assert_true(p->set_low == -2.2 && p->set_high == 2.2);          /* as far as its ranges reach */
	assert_string_equal(point_range(p, 0.22)->select, "R1");
	assert_string_equal(point_range(p, -0.2201)->select, "R2");
	assert_null(point_range(p, 2.3));
	assert_int_equal(m->errors.when, OCCASION_ATTACH | OCCASION_MEASURE);
	assert_int_equal(((struct grade *)m->errors.severity.items)->is, SEVERITY_WARNING);
	model_free(&m);
}

static const struct spoiling bad[] = {
	{ "when: [attach, measure]", "when: [attach, always]", "11:18", "when: expected a list of: attach, set, measure, safe, found 'always'" },
	{ "is: warning", "is: harmless", "12:33", "one of: ignore, warning, error, fatal" },
	{ "  ask: ERR?\n  ok: '^0'\n", "", "9:3", "'when' means nothing without 'ask'" },
	{ "temperature@1:", "temperature@:", "14:3", "behind the @ of a name stands an input" },
	{ "temperature@1:", "temperature@1.5:", "14:3", "letters, digits, '_' and '-'" },
	{ "temperature@1:", "temperature@12345678901234567:", "14:3", "1 to 16" },
	{ "temperature@1:", "temprature@1:", "14:3", "unknown quantity 'temprature'; did you mean 'temperature'?" },
	{ "temperature@rear-2:", "pressure:", "15:14", "{inputs} needs a point with an input: pressure@INPUT" },
	{ "(@{inputs})'", "(@{inputs})', field: 2", "15:50", "each has the field of its place in the list" },
	{ "high: 220 mV", "high: -220 mV", "18:9", "low is not below high" },
	{ "high: 2.2 V", "high: 2.2 A", "19:29", "'A' does not convert to 'V'" },
	{ "    set: 'OUT {}'\n    readback: OUT?\n    readback_reply: '^([^,]*),.*$'\n    tolerance: 1 uV\n",
	  "    ask: 'V?'\n", "18:9", "'select' means nothing for a point that cannot be set" },
	{ "    ranges:\n", "    high: 2 V\n    ranges:\n", "20:9", "the range goes beyond low and high of the point" },
	{ "    readback: OUT?\n", "", "21:5", "'readback_reply' means nothing without 'readback'" },
	{ "'^([^,]*),.*$'", "'^[^,]*,.*$'", "22:5", "the first group of 'readback_reply': it has no ( )" },
	{ "    tolerance", "    readback_field: 1\n    tolerance", "23:5", "by 'readback_reply' or by 'readback_field'" },
	{ "5%%", "5%", "24:41", "readback: expected a text with one number in printf's form" },
	{ "bit: 4, every", "every", "25:11", "one of: expect, bit, clear_bit, status_bit" },
	{ "bit: 4, every", "bit: 4, clear_bit: 3, every", "25:11", "one of: expect, bit, clear_bit, status_bit" },
	{ "bit: 4, every", "status_bit: 4, every", "25:12", "the status byte comes without a question" },
	{ "bit: 4, every", "bit: 32, every", "25:28", "bit: expected a whole number from 0 to 31" },
	{ "ask: 'S?', bit: 4", "bit: 4", "25:11", "it needs a question, 'ask'" },
	{ "every: 1 s", "every: 60 s", "25:31", "it is asked for less often than it may last" },
	{ "trigger: bus, ", "", "26:34", "'arm' means nothing without 'trigger'" },
	{ "'Z {at}'", "'Z {to}'", "29:5", "'{to}' is not among the arguments" },
	{ "'Z {at}'", "'Z'", "30:17", "argument 'at' is nowhere sent" },
	{ "{choices: {front: F}}", "{low: 1}", "30:17", "argument 'at' has either choices, or low and high" },
	{ "{choices: {front: F}}", "{low: 2, high: 1}", "30:22", "low is above high" },
	{ "{choices: {front: F}}", "{choices: {front: F}, whole: yes}", "30:17", "mean nothing where there are choices" },
	{ "    expect: '^0$'\n", "", "31:5", "'ask' and 'expect' belong together" },
	{ "%.3f,V 5%%", "5%% %%", "24:41", "readback: expected a text with one number in printf's form" },
};

static void is_refused(void **state)
{
	(void)state;
	assert_good(good, model_aid_read);
	assert_spoiled(good, bad, COUNT(bad), model_aid_read);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(is_read), cmocka_unit_test(is_refused) };

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
