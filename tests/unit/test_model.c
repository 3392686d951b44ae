/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "model.h"
#include "model_aid.h"
#include "reply.h"
#include "spoil.h"

static const char scpi[] =
	"model: box\n"
	"title: {en: Box}\n"
	"manufacturer: Acme\n"
	"number: B1\n"
	"driver: scpi\n"
	"seen: manual\n"
	"identity: {ask: '*IDN?', expect: '^ACME,B1,([^,]+),(.*)$', serial: 1, firmware: 2}\n"
	"init: ['*CLS', '*RST']\n"
	"state: [{ask: 'OUTP?', expect: '^1$'}]\n"
	"safe: OUTP OFF\n"
	"safe_check: [{ask: 'OUTP?', expect: '^0$'}]\n"
	"errors: {ask: 'SYST:ERR?', ok: '^0,', drain: 5}\n"
	"sentinels:\n"
	"  - {value: 9.9E37, status: overload}\n"
	"  - {value: 9.91E37, status: not_a_number}\n"
	"points:\n"
	"  voltage.dc:\n"
	"    unit: mV\n"
	"    low: -12 V\n"
	"    high: 12 V\n"
	"    ask: 'READ?'\n"
	"    reply: '^V=([-+0-9.E]+)$'\n"
	"    set: 'VOLT {}'\n"
	"    readback: 'VOLT?'\n"
	"    tolerance: 10 uV\n"
	"    safe: 0 V\n"
	"    simulate: {node: voltage, format: '%+.8E'}\n"
	"  resistance: {ask: 'OHM?', field: 2, suffix: Ohm}\n"
	"simulate:\n"
	"  identity: ACME,B1,1,2\n"
	"  answers: [{ask: 'OUTP?', say: '0', set: 'OUTP {}', output: yes}]\n";

/* What the daemon took for an answer, a tool in a UTF-8 terminal takes for one. */
static void test_patterns_match_bytes(void **state)
{
	struct problems ps = { 0 };
	struct model *m;
	char *bytes = strdup(scpi), *at = strstr(bytes, "^0,'");

	(void)state;
	memcpy(at, "^.,'", 4);
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	assert_int_equal(model_parse(&m, "box.yaml", bytes, strlen(bytes), &quantities, &ps), 0);
	setlocale(LC_CTYPE, "C");
	assert_true(pattern_matches(&m->errors.ok, "\xb6,", 2, NULL, 0));
	setlocale(LC_CTYPE, "C.UTF-8");
	assert_true(pattern_matches(&m->errors.ok, "\xb6,", 2, NULL, 0));
	setlocale(LC_CTYPE, "C");
	model_free(&m);
	free(bytes);
}

static void test_scpi(void **state)
{
	struct problems ps = { 0 };
	const struct point *p;
	const struct sentinel *s;
	struct model *m;

	(void)state;
	assert_int_equal(model_parse(&m, "box.yaml", scpi, sizeof scpi - 1, &quantities, &ps), 0);
	assert_string_equal(m->name, "box");
	assert_int_equal(m->manner, MANNER_SCPI);
	assert_string_equal(m->reply_end, "\n");
	assert_int_equal(m->timeout_ns, 2000000000);
	assert_int_equal(m->identity.firmware, 2);
	assert_int_equal(regexec(&m->identity.expect.compiled, "ACME,B1,77,1.0", 0, NULL, 0), 0);
	assert_int_equal(m->safe.n, 1);
	assert_string_equal(m->safe.list[0], "OUTP OFF");
	assert_int_equal(m->errors.drain, 5);
	assert_int_equal(m->line.baud, 9600);
	assert_int_equal(m->modbus.span, 125);
	s = m->sentinels.items;
	assert_int_equal(s[0].status, READING_OVERLOAD);
	assert_int_equal(s[1].status, READING_NOT_A_NUMBER);
	p = model_point(m, "voltage.dc");
	assert_true(point_measures(p) && point_sets(p));
	assert_string_equal(p->known->unit, "V");
	assert_true(p->to_quantity.divisor == 1000);
	assert_true(p->set_low == -12000 && p->set_high == 12000);
	assert_true(p->set_tolerance == 0.01);
	assert_true(p->safe_value == 0);
	assert_true(p->simulated);
	p = model_point(m, "resistance");
	assert_string_equal(p->unit, "Ohm");
	assert_true(isinf(p->set_low) && isinf(p->set_high));
	assert_int_equal(p->field, 2);
	assert_false(point_sets(p));
	assert_null(model_point(m, "current.dc"));
	assert_string_equal(m->source.text, scpi);
	model_free(&m);
	assert_null(m);
}

static const struct spoiling bad_scpi[] = {
	{ "manufacturer:", "manufacterer:", "1:1", "a model needs the key 'manufacturer'" },
	{ "driver: scpi", "driver: spci", "5:9", "driver: expected one of: scpi, text, modbus, manual, found 'spci'; did you mean 'scpi'?" },
	{ "driver: scpi", "driver: modbus", "7:12", "identity of a model with driver modbus has no 'ask'" },
	{ "^ACME,B1,([^,]+),(.*)$", "^ACME,(B1", "7:34", "Unmatched ( or \\(" },
	{ "firmware: 2", "firmware: 3", "7:71", "'firmware' names group 3; '^ACME,B1,([^,]+),(.*)$' has 2" },
	{ ", expect: '^ACME,B1,([^,]+),(.*)$', serial: 1, firmware: 2", "", "7:12", "'ask' means nothing without 'expect'" },
	{ ", serial: 1, firmware: 2", ", serial: 1, serial_ask: 'SN?'", "7:71", "'serial_ask' means nothing without 'serial_reply'" },
	{ ", serial: 1, firmware: 2", ", serial: 1, serial_ask: 'SN?', serial_reply: '(.*)'", "7:90",
	  "the first answer holds it already, in group 1" },
	{ ", serial: 1, firmware: 2", ", firmware_ask: 'V?', firmware_reply: '^V'", "7:80", "it has no ( )" },
	{ "say: '0', set", "say: '0', start: 1, set", "31:38", "'start' is what {} in 'say' begins with" },
	{ "ok: '^0,'", "ok: '(a{1,99}){1,99}'", "12:32", "repeats more than" },
	{ "ok: '^0,'", "ok: '(a)\\1'", "12:32", "refers back" },
	{ "ok: '^0,'", "ok: '['", "12:32", "is not an extended regular expression" },
	{ ", ok: '^0,'", "", "12:10", "'ask' means nothing without 'ok'" },
	{ ", expect: '^1$'", "", "9:9", "a question with its expected answer needs the key 'expect'" },
	{ "9.91E37, status: not_a_number", "9.9E37, status: not_a_number", "13:1", "sentinel 9.9e+37 stands there twice" },
	{ "status: overload", "status: ok", "14:29", "one of: overload, underload, not_a_number, unstable, found 'ok'" },
	{ "9.9E37", "9,9E37", "14:15", "unknown key '9E37'" },
	{ "  voltage.dc:", "  voltage.cd:", "17:3", "unknown quantity 'voltage.cd'; did you mean 'voltage.dc'?" },
	{ "  voltage.dc:", "  beauty:", "17:3", "unknown quantity 'beauty'; it would have to stand in quantities.yaml" },
	{ "unit: mV", "unit: mA", "18:5", "voltage.dc: 'mA' does not convert to 'V'" },
	{ "unit: mV", "unit: mVolt", "18:5", "unknown unit 'mVolt'" },
	{ "low: -12 V", "low: -12 A", "19:10", "low: 'A' does not convert to 'mV'" },
	{ "low: -12 V", "low: -12", "19:10", "low: -12 has no unit; expected one that converts to 'mV'" },
	{ "low: -12 V", "low: 12 V", "19:5", "low is not below high" },
	{ "([-+0-9.E]+)", "[-+0-9.E]+", "22:5", "it has no ( )" },
	{ "    set: 'VOLT {}'", "    field: 1\n    set: 'VOLT {}'", "23:5", "by 'reply' or by 'field'" },
	{ "'VOLT {}'", "'VOLT'", "23:5", "a set command holds {} once, where the value goes; 'VOLT' does not" },
	{ "'VOLT {}'", "'VOLT {},{}'", "23:5", "holds {} once" },
	{ "    set: 'VOLT {}'\n", "", "23:5", "'readback' means nothing without 'set'" },
	{ "    tolerance: 10 uV\n", "", "17:3", "what is read back after a set needs a 'tolerance'" },
	{ "    readback: 'VOLT?'\n", "", "24:5", "a tolerance means nothing" },
	{ "tolerance: 10 uV", "tolerance: 10 uA", "25:16", "tolerance: 'uA' does not convert" },
	{ "tolerance: 10 uV", "tolerance: -10 uV", "25:5", "a tolerance is not negative" },
	{ "safe: 0 V", "safe: 13 V", "26:5", "the safe value is outside" },
	{ "    safe: 0 V\n    simulate", "    registers: {address: 1, type: int16}\n    safe: 0 V\n    simulate", "26:5", "a point of a model with driver scpi has no 'registers'" },
	{ "'%+.8E'", "'%s'", "27:39", "printf's form" },
	{ "'%+.8E'", "'%f %f'", "27:39", "printf's form" },
	{ "'%+.8E'", "'%n'", "27:39", "printf's form" },
	{ "'%+.8E'", "'%999999f'", "27:39", "printf's form" },
	{ "'%+.8E'", "'8'", "27:39", "printf's form" },
	{ "node: voltage", "node: volts", "27:22", "one of: voltage, voltage_ac, current" },
	{ "{ask: 'OHM?', field: 2, suffix: Ohm}", "{suffix: Ohm}", "28:3", "resistance can neither be measured" },
	{ "{ask: 'OHM?', field: 2, suffix: Ohm}", "{ask: 'OHM?', safe: 0 Ohm}", "28:29", "cannot be set" },
	{ "'OUTP {}'", "'OUTP ON'", "31:38", "holds {} once" },
	{ ", set: 'OUTP {}'", "", "31:38", "'output' means nothing without 'set' or 'on'" },
	{ "output: yes", "on: OPER", "31:54", "'on' means nothing without 'output'" },
};

static const struct spoiling bad_line[] = {
	{ "driver: scpi\n", "driver: scpi\nline: {flow: rts-cts, rts: off}\n", "6:8", "with flow control rts-cts the line RTS cannot be off" },
	{ "driver: scpi\n", "driver: scpi\nline: {parity: strange}\n", "6:16", "one of: none, even, odd, mark, space" },
	{ "driver: scpi\n", "driver: scpi\nline: {dtr: yes}\n", "6:13", "one of: off, on" },
	{ "driver: scpi\n", "driver: scpi\nline: {character_delay: 2}\n", "6:25", "the unit is missing" },
	{ "driver: scpi\n", "driver: scpi\nline: {break: 11 s}\n", "6:15", "from 0 s to 10 s" },
};

static const char modbus[] =
	"model: room\n"
	"title: Room\n"
	"manufacturer: Acme\n"
	"number: R1\n"
	"driver: modbus\n"
	"seen: manual\n"
	"identity: {registers: {address: 100, type: uint16}, value: 4711}\n"
	"modbus: {span: 3, gap: 1}\n"
	"points:\n"
	"  temperature:\n"
	"    registers: {table: input, address: 0, type: float32, order: CDAB}\n"
	"  humidity.relative:\n"
	"    registers: {table: input, address: 2, type: int16, scale: 0.1}\n"
	"  pressure:\n"
	"    registers: {address: 10, type: uint16}\n"
	"    target: {address: 10, type: uint16}\n"
	"    tolerance: 1 Pa\n"
	"    safe: 0 Pa\n";

static const struct spoiling bad_modbus[] = {
	{ "driver: modbus\n", "driver: modbus\nline: {break: 1 s}\n", "6:7", "are for lines of text, not for Modbus" },
	{ "address: 100, type: uint16}", "address: 100}", "7:12", "a register needs the key 'type'" },
	{ "address: 100, type: uint16", "address: 100, type: float64", "7:38", "it takes 4 registers, and the model's span is 3" },
	{ ", value: 4711", "", "7:12", "'registers' means nothing without 'value'" },
	{ "span: 3", "span: 126", "8:16", "from 1 to 125, found '126'" },
	{ "span: 3", "span: 1", "11:43", "it takes 2 registers, and the model's span is 1" },
	{ "type: float32", "type: float64", "11:43", "it takes 4 registers, and the model's span is 3" },
	{ "type: float32", "type: float", "11:49", "did you mean 'float32'?" },
	{ "order: CDAB", "order: ABDC", "11:65", "one of: ABCD, CDAB, BADC, DCBA" },
	{ "table: input, address: 0, type: float32", "table: coil, address: 0, type: float32", "11:42", "coils and discrete inputs are of type bit" },
	{ "type: int16", "type: bit", "13:43", "registers hold numbers" },
	{ "address: 2, type: int16", "address: 65536, type: int16", "13:40", "address: expected a whole number from 0 to 65535" },
	{ "address: 0, type: float32", "address: 65535, type: float32", "11:31", "2 registers from 65535 end beyond the last" },
	{ "scale: 0.1", "scale: 0", "13:56", "makes every reading the same" },
	{ "target: {address: 10", "target: {table: input, address: 10", "16:5", "only holding registers and coils can be written" },
	{ "    tolerance: 1 Pa\n", "", "14:3", "needs a 'tolerance'" },
	{ "    safe: 0 Pa\n", "", "14:3", "pressure can be set, so it needs a 'safe' value, or the model 'safe' commands" },
	{ "modbus: {", "safe: OFF\nmodbus: {", "8:7", "safe: expected a list of mappings, found 'OFF'" },
	{ "    safe: 0 Pa\n", "    safe: 0 Pa\n    ask: X\n", "19:5", "a point of a model with driver modbus has no 'ask'" },
	{ "  pressure:\n", "  pressure:\n    unit: degC\n", "15:5", "'degC' does not convert to 'Pa'" },
};

static void test_bad(void **state)
{
	(void)state;
	assert_good(scpi, model_aid_read);
	assert_spoiled(scpi, bad_scpi, COUNT(bad_scpi), model_aid_read);
	assert_spoiled(scpi, bad_line, COUNT(bad_line), model_aid_read);
	assert_good(modbus, model_aid_read);
	assert_spoiled(modbus, bad_modbus, COUNT(bad_modbus), model_aid_read);
}

static void test_modbus(void **state)
{
	struct problems ps = { 0 };
	const struct point *p;
	struct model *m;

	(void)state;
	assert_int_equal(model_parse(&m, "room.yaml", modbus, sizeof modbus - 1, &quantities, &ps), 0);
	assert_int_equal(m->manner, MANNER_MODBUS);
	assert_true(m->identity.has_registers);
	assert_true(m->identity.value == 4711);
	assert_int_equal(m->identity.registers.address, 100);
	assert_int_equal(m->identity.registers.type, TYPE_UINT16);
	assert_int_equal(m->modbus.span, 3);
	p = model_point(m, "temperature");
	assert_true(p->has_registers && !p->has_target);
	assert_int_equal(p->registers.table, TABLE_INPUT);
	assert_int_equal(p->registers.order, ORDER_CDAB);
	assert_true(p->registers.scale == 1);
	p = model_point(m, "humidity.relative");
	assert_true(p->registers.scale == 0.1);
	assert_int_equal(p->registers.table, TABLE_INPUT);
	p = model_point(m, "pressure");
	assert_true(point_sets(p) && point_measures(p));
	model_free(&m);
}

/* The manual's tables come from the same rows. */
static void test_help(void **state)
{
	struct buf out = { 0 };

	(void)state;
	schema_help(&model_schema, &out);
	assert_non_null(strstr(out.data, "|  *reply\\_end*\n:  a text\n:  \\\\n\n:  what ends its answers\n"));
	assert_non_null(strstr(out.data, "|  *points.NAME.registers.order*\n"));
	buf_release(&out);
}

/* A file without a problem in any point still may not be safe. */
static void test_safety(void **state)
{
	static const struct spoiling unsafe[] = {
		{ "safe: OUTP OFF\n", "", "15:3", "voltage.dc can be set, so it needs a 'safe' value" },
	};
	static const char *const cuts[] = { "    safe: 0 V\n", "safe_check: [{ask: 'OUTP?', expect: '^0$'}]\n" };
	char *text = mem_string(scpi);

	(void)state;
	for (size_t i = 0; i < COUNT(cuts); i++) {
		char *at = strstr(text, cuts[i]);

		memmove(at, at + strlen(cuts[i]), strlen(at + strlen(cuts[i])) + 1);
	}
	assert_good(text, model_aid_read);          /* the safe commands do */
	assert_spoiled(text, unsafe, COUNT(unsafe), model_aid_read);
	free(text);
}

static void test_file_name(void **state)
{
	char *folder = folder_new();
	char *right = folder_put(folder, "box.yaml", scpi), *wrong = folder_put(folder, "bax.yaml", scpi);
	char *absent = mem_format("%s/none.yaml", folder);
	struct problems ps = { 0 };
	struct model *m;

	(void)state;
	assert_int_equal(model_load(&m, right, &quantities, &ps), 0);
	model_free(&m);
	assert_int_equal(model_load(&m, wrong, &quantities, &ps), -1);
	assert_null(m);
	assert_problem(&ps, 0, "1:1", "the model is named 'box', so its file is box.yaml");
	assert_int_equal(model_load(&m, absent, &quantities, &ps), -1);
	assert_problem(&ps, 1, "0:0", "cannot be opened");
	problems_release(&ps);
	free(right);
	free(wrong);
	free(absent);
	folder_remove(&folder);
}

/* A draft is no model while a comment of its own line says that something is still to do. */
static void test_draft(void **state)
{
	static const char form[] = "model: m\ntitle: t\nmanufacturer: x\nnumber: y\ndriver: scpi\nseen: manual\n%slatency: 1 s%s\n"
				   "points: {voltage.dc: {ask: \"READ?\"}}\n";
	static const struct { const char *line, *behind; bool marked; } rows[] = {
		{ "# TODO how long?\n", "", true },   { "   # TODO\n", "", true }, { "", "   # TODO later", false },
		{ "# to do: nothing\n", "", false }, { "#TODO\n", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct problems ps = { 0 };
		struct model *m;
		char *text = mem_format(form, rows[i].line, rows[i].behind);

		assert_int_equal(model_parse(&m, "m.yaml", text, strlen(text), &quantities, &ps), rows[i].marked ? -1 : 0);
		assert_int_equal(ps.total, rows[i].marked);
		if (rows[i].marked) {
			assert_int_equal(ps.list[0].line, 7);
			assert_non_null(strstr(ps.list[0].text, "still to do:"));
		}
		model_free(&m);
		problems_release(&ps);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draft),
		cmocka_unit_test(test_scpi),
		cmocka_unit_test(test_patterns_match_bytes),   cmocka_unit_test(test_modbus), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_safety), cmocka_unit_test(test_file_name),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
