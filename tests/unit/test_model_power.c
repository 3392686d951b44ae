/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_model_power.c - the keys of model files about an instrument's state beyond its settings, and about
 * arrays: what each refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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
	"power_on: {ask: '*ESR?', bit: 7}\n"
	"after_power_on: {warm_up: 4 h, commands: [zero, acal]}\n"
	"self_calibration:\n"
	"  command: acal\n"
	"  age: 24 h\n"
	"  temperature_change: 1 K\n"
	"  temperature: {ask: 'TEMP?', unit: degC}\n"
	"simulate: {warm: yes}\n"
	"requires: [{ask: 'OVEN?', low: 44, high: 46, unit: degC, text: oven}]\n"
	"commands:\n"
	"  zero: {send: Z}\n"
	"  acal: {send: A, effect: self_calibration, done: '*OPC?', timeout: 20 min}\n"
	"points:\n"
	"  voltage.dc: {ask: 'CURV?', block: {format: int16, scale: 0.1}}\n";

static void is_read(void **state)
{
	struct problems ps = { 0 };
	struct model *m;

	(void)state;
	assert_int_equal(model_parse(&m, "box.yaml", good, sizeof good - 1, &quantities, &ps), 0);
	assert_true(m->power_on.has_bit && m->power_on.bit == 7 && m->power_on.when == POWER_MEASUREMENT);
	assert_true(m->after_power_on.warm_up_ns == 4 * 3600 * NS_PER_S && m->after_power_on.commands.n == 2);
	assert_true(m->self_calibration.change_k == 1 && m->self_calibration.temperature.convert.offset == 273.15);
	assert_true(model_attach_patience(m) > 2 * 20 * 60 * NS_PER_S);         /* it is done twice at most */
	assert_true(model_point(m, "voltage.dc")->block.interval_ns == 0);
	model_free(&m);
}

static const struct spoiling bad[] = {
	{ ", bit: 7}", "}", "7:11", "what betrays a power-on is either 'shows' or 'bit'" },
	{ ", bit: 7}", ", bit: 7, shows: x}", "7:11", "what betrays a power-on is either 'shows' or 'bit'" },
	{ "bit: 7", "bit: 7, when: always", "7:40", "one of: measurement, attach" },
	{ "power_on: {ask: '*ESR?', bit: 7}\nafter", "after", "7:1", "'after_power_on' means nothing without 'power_on'" },
	{ "[zero, acal]", "[zero, recal]", "8:1", "there is no command 'recal' under 'commands'" },
	{ "{send: Z}", "{send: 'Z {n}', arguments: {n: {low: 1, high: 2}}}", "8:1", "has arguments, which nobody would give it" },
	{ "effect: self_calibration", "effect: zero", "18:3", "it needs effect: self_calibration" },
	{ "  age: 24 h\n  temperature_change: 1 K\n  temperature: {ask: 'TEMP?', unit: degC}\n", "", "10:3", "how old a self-calibration may be" },
	{ "  temperature: {ask: 'TEMP?', unit: degC}\n", "", "12:3", "belong together" },
	{ "change: 1 K", "change: 1 V", "12:3", "'V' does not convert to 'K'" },
	{ "change: 1 K", "change: 0 K", "12:3", "a change is more than 0 K" },
	{ "power_on: {ask: '*ESR?', bit: 7}\nafter_power_on: {warm_up: 4 h, commands: [zero, acal]}\n", "", "12:12", "'warm' means nothing without 'power_on'" },
	{ "  age: 24 h\n", "  time_ask: {ask: A, now: B}\n", "11:3", "'time_ask' means nothing without 'age'" },
	{ "  age: 24 h\n", "  age_ask: {ask: A, unit: h}\n", "11:3", "'age_ask' means nothing without 'age'" },
	{ "  age: 24 h\n", "  age: 24 h\n  age_ask: {ask: A, unit: h}\n  time_ask: {ask: A, now: B}\n", "13:3", "not both" },
	{ "  age: 24 h\n", "  age: 24 h\n  time_ask: {ask: A}\n", "12:3", "needs the key 'now'" },
	{ "  temperature_change: 1 K\n  temperature: {", "  temperature_ask: {", "12:3", "'temperature_ask' means nothing without 'temperature'" },
	{ "  temperature: {ask: 'TEMP?', unit: degC}\n", "  temperature: {ask: 'TEMP?', unit: degC}\n  temperature_ask: {ask: T, unit: V}\n", "14:29", "does not convert to 'K'" },
	{ "'TEMP?', unit: degC", "'TEMP?'", "13:16", "it needs the unit of the number, 'unit', one that converts to 'K'" },
	{ "'TEMP?', unit: degC", "'TEMP?', unit: V", "13:31", "does not convert to 'K'" },
	{ "'TEMP?', unit: degC", "'TEMP?', unit: degC, reply: '.*'", "13:43", "it has no ( )" },
	{ "low: 44, high: 46, ", "", "15:12", "a requirement has 'low', 'high' or both" },
	{ "low: 44", "low: 48", "15:27", "low is above high" },
	{ ", text: oven", "", "15:12", "needs the key 'text'" },
	{ "format: int16", "format: int8", "20:46", "one of: float32, float64, int16, int32" },
	{ "scale: 0.1", "scale: 0", "20:30", "a scale of 0 makes every sample the same" },
	{ "scale: 0.1", "count: 0", "20:60", "expected a whole number from 1" },
	{ "scale: 0.1", "count: 3, count_ask: 'COUN?'", "20:30", "stands in the file ('count') or is asked ('count_ask'), not both" },
	{ "scale: 0.1}", "count: 3}, simulate: {node: voltage}", "20:64", "etalon-sim would give 1000 numbers, 'count' says 3" },
	{ "{ask: 'CURV?', block", "{ask: 'CURV?', field: 2, block", "20:30", "'field' means nothing where the answer is a block" },
	{ "  voltage.dc: {ask: 'CURV?', ", "  voltage.dc@1: {ask: 'C? {inputs}', ", "20:18", "a block cannot be asked for of several {inputs}" },
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
