/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_model_modbus.c - what a model file says of Modbus devices beyond test_model.c: bits, status, texts, writes,
 * proofs, waits, readable blocks; and how each is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model.h"
#include "model_aid.h"
#include "spoil.h"

static const char bath[] =
	"model: bath\n"
	"title: Bath\n"
	"manufacturer: Acme\n"
	"number: B1\n"
	"driver: modbus\n"
	"seen: manual\n"
	"modbus: {span: 20, gap: 2, turnaround: 5 ms, readable: [{table: input, from: 0, count: 40}, {table: input, from: 50, count: 10}]}\n"
	"identity:\n"
	"  registers: {address: 100, type: text, count: 8}\n"
	"  expect: '^BATH'\n"
	"  serial_registers: {address: 110, type: text, count: 10}\n"
	"  firmware_registers: {address: 120, type: uint16, scale: 0.01}\n"
	"init: [{registers: {address: 1, type: uint16}, write: 1}, {registers: {table: coil, address: 2, type: bit}, write: 1, function: 15}]\n"
	"state: [{registers: {address: 1, type: uint16}, is: 1}]\n"
	"power_on: {registers: {address: 1, type: uint16}, is: 0}\n"
	"after_power_on: {warm_up: 30 min}\n"
	"safe: [{registers: {address: 3, type: uint16}, write: 0}]\n"
	"safe_check: [{registers: {address: 3, type: uint16}, is: 0}]\n"
	"points:\n"
	"  temperature:\n"
	"    registers: {table: input, address: 0, type: int16, scale: 0.01}\n"
	"    status:\n"
	"      - {registers: {table: input, address: 2, type: uint16, bits: {from: 4}}, means: not_a_number}\n"
	"      - {registers: {table: input, address: 2, type: uint16, bits: {from: 0, count: 3}}, is: 2, means: unstable}\n"
	"    trigger: {registers: {address: 5, type: uint16}, write: 1}\n"
	"    ready: {registers: {address: 6, type: uint16, bits: {from: 15}}, is: 0, every: 50 ms, within: 3 s}\n"
	"    target: {address: 10, type: int16, scale: 0.01}\n"
	"    function: 16\n"
	"    readback: {address: 12, type: int16, scale: 0.01}\n"
	"    done: {registers: {address: 6, type: uint16}, is: 0, within: 30 s}\n"
	"    tolerance: 0.01 K\n"
	"  pressure:\n"
	"    target: {address: 20, type: bcd16}\n"
	"    readback: no\n"
	"    safe: 0 Pa\n";

static const struct spoiling bad_bath[] = {
	{ "from: 50, count: 10", "from: 30, count: 10", "7:93", "the block overlaps that at line 7" },
	{ "from: 50, count: 10", "from: 65530, count: 10", "7:93", "the block ends beyond the last register" },
	{ "type: text, count: 8", "type: text", "9:29", "a text needs the key 'count'" },
	{ "type: text, count: 8", "type: text, count: 8, order: CDAB", "9:51", "a text has the order ABCD" },
	{ "type: text, count: 8", "type: text, count: 8, scale: 2", "9:51", "a text is not scaled" },
	{ "type: text, count: 8", "type: uint16", "9:3", "'registers' means nothing without 'value'" },
	{ "  expect: '^BATH'\n", "", "9:3", "'registers' means nothing without 'expect'" },
	{ "type: uint16, scale: 0.01", "type: uint16, count: 2", "12:52", "only a text has a 'count'" },
	{ "write: 1}, {", "write: 70000}, {", "13:48", "70000 does not fit the register at 1" },
	{ "function: 15", "function: 16", "13:119", "coils are written with function 5 or 15" },
	{ "function: 15", "function: 7", "13:119", "coils are written with function 5 or 15" },
	{ "table: coil, address: 2", "table: discrete, address: 2", "13:60", "only holding registers and coils can be written" },
	{ "{address: 1, type: uint16}, is: 1", "{address: 1, type: uint16}, is: 1.5", "14:49", "the registers never hold exactly 1.5" },
	{ "{address: 1, type: uint16}, is: 1", "{address: 1, type: uint16}, is: -1", "14:49", "-1 does not fit" },
	{ "state: [{registers: {address: 1, type: uint16}, is: 1}]", "state: [{ask: X, expect: Y}]", "14:9", "a proof needs the key 'registers'" },
	{ "type: uint16}, is: 0}]", "type: uint16}, is: 0, watch: yes}]", "18:14", "what is watched belongs to 'state'" },
	{ "init: [{registers: {address: 1, type: uint16}, write: 1}", "init: ['*CLS'", "13:8", "a write is a mapping" },
	{ "address: 0, type: int16", "address: 41, type: int16", "21:5", "input registers 41 to 41 lie in no block of 'readable'" },
	{ "bits: {from: 4}", "bits: {from: 16}", "23:62", "bits 16 to 16, and the integer has 16" },
	{ "bits: {from: 4}", "bits: {from: 14, count: 3}", "23:62", "bits 14 to 16" },
	{ "type: uint16, bits: {from: 4}", "type: float32, bits: {from: 4}", "23:63", "only integers have a field of bits" },
	{ "is: 2, means", "is: 8, means", "24:90", "8 does not fit" },
	{ "means: unstable", "means: ok", "24:104", "one of: overload, underload, not_a_number, unstable" },
	{ "every: 50 ms, within: 3 s", "every: 5 s, within: 3 s", "26:77", "'every' is longer than 'within'" },
	{ ", within: 3 s", "", "26:5", "a wait needs the key 'within'" },
	{ "target: {address: 10, type: int16, scale: 0.01}", "target: {address: 10, type: text, count: 2}", "27:5", "a text proves an identity" },
	{ "target: {address: 10, type: int16, scale: 0.01}", "target: {address: 10, type: int16, bits: {from: 1}}", "27:5", "whole registers are written; a field of bits of one needs function: 22" },
	{ "    function: 16\n", "    function: 22\n", "28:5", "function 22 changes a field of bits" },
	{ "    function: 16\n", "    function: 5\n", "28:5", "holding registers are written with function 6 or 16" },
	{ "int16, scale: 0.01}\n    function: 16", "float32}\n    function: 6", "28:5", "function 6 writes one register, and these are 2" },
	{ "    target: {address: 20, type: bcd16}\n", "    registers: {address: 20, type: bcd16}\n", "34:5", "'readback' means nothing without 'target'" },
	{ "readback: no", "readback: yes", "34:15", "readback: expected the registers to read back, or no" },
	{ "    readback: no\n", "", "32:3", "what is read back after a set needs a 'tolerance'" },
	{ "is: 0}\nafter", "is: 1}\nafter", "15:1", "nothing in 'init' changes these registers" },
	{ "is: 0}\nafter", "is: 0, watch: yes}\nafter", "15:1", "what is watched belongs to 'state'" },
	{ "warm_up: 30 min", "commands: zero", "16:1", "there is no command 'zero'" },
};

static void everything_is_read(void **state)
{
	struct problems ps = { 0 };
	const struct register_status *s;
	const struct register_write *w;
	const struct point *p;
	struct model *m;

	(void)state;
	assert_int_equal(model_parse(&m, "bath.yaml", bath, sizeof bath - 1, &quantities, &ps), 0);
	assert_int_equal(m->modbus.readable.n, 2);
	assert_int_equal(m->modbus.bit_span, 2000);
	assert_int_equal(m->modbus.turnaround_ns, 5000000);
	assert_true(m->modbus.has_serial && m->modbus.has_firmware && m->identity.has_registers);
	assert_int_equal(m->modbus.serial.count, 10);
	w = m->modbus.init.items;
	assert_int_equal(m->modbus.init.n, 2);
	assert_int_equal(w[1].function, 15);
	assert_true(m->modbus.has_power_on && m->after_power_on.warm_up_ns == 1800 * INT64_C(1000000000));
	assert_int_equal(m->modbus.state.n + m->modbus.safe.n + m->modbus.safe_check.n, 3);
	assert_int_equal(m->init.n + m->safe.n + m->state.n, 0);
	p = model_point(m, "temperature");
	s = p->modbus.status.items;
	assert_int_equal(p->modbus.status.n, 2);
	assert_true(!s[0].has_is && s[0].registers.bits.from == 4 && s[0].registers.bits.count == 1);
	assert_true(s[1].has_is && s[1].is == 2 && s[1].status == READING_UNSTABLE);
	assert_true(p->modbus.has_trigger && p->modbus.has_ready && p->modbus.has_done && p->modbus.readback.given);
	assert_int_equal(p->modbus.done.every_ns, 200000000);
	assert_int_equal(p->modbus.function, 16);
	/* Two for the trigger and the reading, two for its status, one for the state, one for the last look. */
	assert_int_equal(point_patience(m, p, false), 6 * 2000000000ll + 3000000000ll);
	assert_int_equal(point_patience(m, p, true), 5 * 2000000000ll + 30000000000ll);
	assert_true(model_point(m, "pressure")->modbus.readback.none);
	model_free(&m);
}

static void what_is_wrong_is_refused(void **state)
{
	(void)state;
	assert_good(bath, model_aid_read);
	assert_spoiled(bath, bad_bath, COUNT(bad_bath), model_aid_read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read),
		cmocka_unit_test(what_is_wrong_is_refused),
	};

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
