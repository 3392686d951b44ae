/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_modbus_keys.c - what a model file can say of a Modbus device, against a real libmodbus server: who it is in
 * texts, what is written and proven at attach, status beside a reading, waits, functions, refusals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "device.h"
#include "modbus_bus.h"
#include "scene.h"
#include "server.h"

static const char bath_yaml[] =
	"model: bath\n"
	"title: bath\n"
	"manufacturer: ETALON\n"
	"number: B1\n"
	"driver: modbus\n"
	"seen: manual\n"
	"timeout: 250 ms\n"
	"latency: 60 ms\n"
	"modbus: {gap: 4}\n"
	"identity:\n"
	"  registers: {address: 100, type: text, count: 4}\n"
	"  expect: '^BATH'\n"
	"  serial_registers: {address: 110, type: text, count: 4}\n"
	"  firmware_registers: {address: 120, type: uint16, scale: 0.01}\n"
	"init: [{registers: {address: 1, type: uint16}, write: 7}, {registers: {table: coil, address: 2, type: bit}, write: 1, function: 15}]\n"
	"state: [{registers: {address: 1, type: uint16, bits: {from: 0}}, is: 1}, {registers: {address: 7, type: uint16}, is: 0, watch: yes}]\n"
	"power_on: {registers: {address: 1, type: uint16}, is: 0}\n"
	"after_power_on: {warm_up: 100 ms}\n"
	"safe: [{registers: {address: 3, type: uint16}, write: 0, function: 16}]\n"
	"safe_check: [{registers: {address: 3, type: uint16}, is: 0}]\n"
	"points:\n"
	"  temperature:\n"
	"    registers: {table: input, address: 0, type: int16, scale: 0.01}\n"
	"    status:\n"
	"      - {registers: {table: input, address: 3, type: uint16, bits: {from: 4}}, means: overload}\n"
	"      - {registers: {table: input, address: 3, type: uint16, bits: {from: 0, count: 3}}, is: 2, means: unstable}\n"
	"    target: {address: 10, type: int32, scale: 0.01}\n"
	"    readback: {address: 20, type: int16, scale: 0.01}\n"
	"    done: {registers: {address: 21, type: uint16, bits: {from: 15}}, is: 0, every: 5 ms, within: 3 s}\n"
	"    tolerance: 0.01 K\n"
	"  humidity.relative: {registers: {table: input, address: 1, type: uint16, bits: {from: 8, count: 7}}}\n"
	"  pressure:\n"
	"    registers: {table: input, address: 10, type: uint64}\n"
	"    trigger: {registers: {address: 5, type: uint16}, write: 1}\n"
	"    ready: {registers: {address: 6, type: bcd16}, is: 12, every: 5 ms, within: 200 ms}\n"
	"    target: {address: 30, type: uint16}\n"
	"    function: 16\n"
	"    readback: no\n"
	"  voltage.ratio:\n"
	"    target: {address: 40, type: uint16, bits: {from: 4, count: 3}}\n"
	"    function: 22\n"
	"    tolerance: 0 V/V\n"
	"  ratio: {registers: {table: input, address: 500, type: uint16}}\n";

#define NOTED 64

struct stage {
	struct server server;
	struct scene s;
};

static void hold_text(uint16_t *registers, const char *text)
{
	for (size_t i = 0; text[2 * i]; i++)
		registers[i] = (uint16_t)(text[2 * i] << 8 | text[2 * i + 1]);
}

static void begin(struct stage *g, const struct way *way, const char *serial)
{
	server_start(&g->server, way);
	hold_text(g->server.map->tab_registers + 100, "BATH 20\0");
	hold_text(g->server.map->tab_registers + 110, "SN-42  \0");
	g->server.map->tab_registers[120] = 123;
	g->server.map->tab_registers[1] = 6;            /* it has been on */
	scene_begin(&g->s, bath_yaml, g->server.address, serial, NULL);
}

static void finish(struct stage *g)
{
	scene_finish(&g->s);
	server_stop(&g->server);
}

static void who_it_is_and_in_what_state(void **state)
{
	struct stage g;

	(void)state;
	EACH_MODBUS_WAY(way) {
		begin(&g, way, "SN-42");
		scene_attach(&g.s);
		assert_string_equal(g.s.in->identity, "it says it is 'BATH 20'");
		assert_string_equal(g.s.in->serial, "SN-42");
		assert_string_equal(g.s.in->firmware, "1.23");
		assert_int_equal(g.server.map->tab_registers[1], 7);
		assert_int_equal(g.server.map->tab_bits[2], 1);
		finish(&g);
	}
}

/* `before`: a device that does not stay in the state it is brought into. */
static void forget_state(struct server *s, const uint8_t *request, int n)
{
	(void)request;
	(void)n;
	s->map->tab_registers[1] &= 0xFFFE;
}

static void another_device_is_refused(void **state)
{
	struct stage g;

	(void)state;
	begin(&g, ways, "SN-43");
	assert_int_equal(instrument_attach(g.s.in, instant_after_ms(GUARD_MS), &g.s.e), -1);
	assert_int_equal(g.s.e.code, ERR_IDENTITY);
	assert_string_equal(g.s.e.text, "role: its serial number is 'SN-42', the bench file says 'SN-43'");
	finish(&g);
	begin(&g, ways, NULL);
	hold_text(g.server.map->tab_registers + 100, "OVEN 20\0");
	assert_int_equal(instrument_attach(g.s.in, instant_after_ms(GUARD_MS), &g.s.e), -1);
	assert_int_equal(g.s.e.code, ERR_IDENTITY);
	assert_string_equal(g.s.e.text, "role: identity: it says it is 'OVEN 20', which no ETALON B1 does: expected "
			    "^BATH");
	finish(&g);
	begin(&g, ways, NULL);
	g.server.map->tab_registers[111] = 0xFFFF;
	assert_int_equal(instrument_attach(g.s.in, instant_after_ms(GUARD_MS), &g.s.e), -1);
	assert_non_null(strstr(g.s.e.text, "serial number: the holding registers from 110 hold no text: byte 3 is 0xFF"));
	finish(&g);
	begin(&g, ways, NULL);
	g.server.before = forget_state;
	assert_int_equal(instrument_attach(g.s.in, instant_after_ms(GUARD_MS), &g.s.e), -1);
	assert_int_equal(g.s.e.code, ERR_IDENTITY);
	assert_string_equal(g.s.e.text, "role: holding registers 1: 0 stands there, expected 1");
	finish(&g);
}

static void status_beside_a_reading(void **state)
{
	static const struct { uint16_t word; enum reading_status status; } rows[] = {
		{ 0, READING_OK }, { 0x10, READING_OVERLOAD }, { 2, READING_UNSTABLE }, { 0x12, READING_OVERLOAD },
		{ 3, READING_OK }, { 0xFFE8, READING_OK },
	};
	const struct point *p[2];
	struct reading r[2];
	struct stage g;

	(void)state;
	begin(&g, ways, NULL);
	scene_attach(&g.s);
	g.server.map->tab_input_registers[0] = 2345;
	g.server.map->tab_input_registers[1] = 0xAA55;
	p[0] = model_point(g.s.m, "humidity.relative");
	p[1] = model_point(g.s.m, "temperature");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		g.server.map->tab_input_registers[3] = rows[i].word;
		g.server.requests = 0;
		assert_int_equal(instrument_measure(g.s.in, p, 2, r, instant_after_ms(GUARD_MS), &g.s.e), 2);
		assert_int_equal(g.server.requests, 2);         /* and the state */
		assert_int_equal(r[1].status, rows[i].status);
		assert_true(rows[i].status == READING_OK ? r[1].value == 23.45 : isnan(r[1].value));
		assert_true(r[0].status == READING_OK && r[0].value == 42);     /* 0x2A: bits 8 to 14 of 0xAA55 */
		assert_int_equal(r[1].raw.n, 6);        /* the register, then those of its two status rows */
		assert_memory_equal(r[1].raw.p, "\x09\x29", 2);
		assert_int_equal((uint8_t)r[1].raw.p[5], rows[i].word & 0xFF);
	}
	finish(&g);
}

/* `before`: ready at the third look, done at the third; busy before. */
static void take_time(struct server *s, const uint8_t *request, int n)
{
	static int looks;
	int header = modbus_get_header_length(s->modbus), address = request[header + 1] << 8 | request[header + 2];

	(void)n;
	if (request[header] != 3)
		looks = 0;
	else
		looks++;
	if (address == 6)
		s->map->tab_registers[6] = looks >= 3 ? 0x12 : 0;
	if (address == 21)
		s->map->tab_registers[21] = looks >= 3 ? 0x7FFF : 0x8000;
	s->map->tab_registers[20] = s->map->tab_registers[11];
}

static void what_takes_time_is_waited_for(void **state)
{
	struct reading r;
	struct stage g;

	(void)state;
	EACH_MODBUS_WAY(way) {
		begin(&g, way, NULL);
		scene_attach(&g.s);
		g.server.before = take_time;
		g.server.map->tab_input_registers[13] = 4242;
		g.server.requests = 0;
		assert_int_equal(scene_measure(&g.s, "pressure", &r), 1);
		assert_true(r.value == 4242);
		assert_int_equal(g.server.map->tab_registers[5], 1);
		assert_int_equal(g.server.requests, 1 + 3 + 1 + 1);      /* and the state */
		assert_true(r.span_ns >= 10 * NS_PER_MS);               /* from the trigger on */
		g.server.requests = 0;
		assert_int_equal(scene_set(&g.s, "temperature", -12.34), 0);
		assert_int_equal(g.server.requests, 1 + 3 + 1);
		assert_int_equal((int16_t)g.server.map->tab_registers[11], -1234);
		assert_int_equal(g.server.map->tab_registers[10], 0xFFFF);
		finish(&g);
	}
}

/* A device that has been switched off and on between two readings, and answers at once. */
static void a_lost_state_is_seen_beside_the_reading(void **state)
{
	struct reading r;
	struct stage g;

	(void)state;
	begin(&g, ways, NULL);
	scene_attach(&g.s);
	g.server.requests = 0;
	assert_int_equal(scene_measure(&g.s, "humidity.relative", &r), 1);
	assert_int_equal(g.server.requests, 2);         /* another table */
	g.server.map->tab_registers[7] = 9;
	assert_int_equal(scene_measure(&g.s, "humidity.relative", &r), -1);
	assert_int_equal(g.s.e.code, ERR_PROTOCOL);
	assert_string_equal(g.s.e.text, "role: it has lost its state: holding registers 7: 9 stands there, expected 0");
	assert_false(g.s.in->attached);
	g.server.map->tab_registers[7] = 0;
	scene_attach(&g.s);
	assert_int_equal(scene_measure(&g.s, "humidity.relative", &r), 1);
	finish(&g);
}

static void a_power_on_is_noticed_and_warmed_up(void **state)
{
	struct stage g;

	(void)state;
	begin(&g, ways, NULL);
	scene_attach(&g.s);
	assert_true(g.s.in->past.powered_on_ns == 0);
	g.server.map->tab_registers[1] = 0;             /* off and on */
	assert_int_equal(instrument_attach(g.s.in, instant_after_ms(GUARD_MS), &g.s.e), -1);
	assert_int_equal(g.s.e.code, ERR_WARM_UP);
	assert_true(g.s.in->past.powered_on_ns > 0);
	assert_int_equal(instrument_attach(g.s.in, instant_after_ms(GUARD_MS), &g.s.e), -1);
	assert_int_equal(g.s.e.code, ERR_WARM_UP);      /* the same one */
	instant_sleep_until(g.s.in->warm_at);
	scene_attach(&g.s);
	assert_int_equal(g.server.map->tab_registers[1], 7);
	finish(&g);
}

static void what_never_gets_ready_is_said(void **state)
{
	struct reading r;
	struct stage g;

	(void)state;
	begin(&g, ways, NULL);
	scene_attach(&g.s);
	assert_int_equal(scene_measure(&g.s, "pressure", &r), -1);
	assert_int_equal(g.s.e.code, ERR_INSTRUMENT);
	assert_string_equal(g.s.e.text, "role: pressure: ready: not done after 200 ms: holding registers 6: 0 stands "
			    "there, expected 12");
	assert_true(g.s.in->attached);
	finish(&g);
}

static void a_wait_can_be_cancelled(void **state)
{
	struct reading r;
	struct stage g;
	pthread_t t;

	(void)state;
	begin(&g, ways, NULL);
	scene_attach(&g.s);
	((struct point *)g.s.m->points.items)[2].modbus.ready.within_ns = 60 * NS_PER_S;
	((struct point *)g.s.m->points.items)[2].modbus.ready.every_ns = 60 * NS_PER_S;
	scene_cancel_soon(&g.s, &t);
	assert_int_equal(scene_measure(&g.s, "pressure", &r), -1);
	pthread_join(t, NULL);
	assert_string_equal(err_word(g.s.e.code), "cancelled");
	finish(&g);
}

/* `before`: which functions are used. */
static void note_function(struct server *s, const uint8_t *request, int n)
{
	char *noted = s->script;
	size_t at = strlen(noted);

	(void)n;
	snprintf(noted + at, NOTED - at, "%d ", request[modbus_get_header_length(s->modbus)]);
}

static void functions_and_no_readback(void **state)
{
	char noted[NOTED] = "";
	struct stage g;

	(void)state;
	begin(&g, ways, NULL);
	scene_attach(&g.s);
	g.server.script = noted;
	g.server.before = note_function;
	assert_int_equal(scene_set(&g.s, "pressure", 1013), 0);
	assert_int_equal(g.server.map->tab_registers[30], 1013);
	assert_string_equal(noted, "16 ");              /* though one register could do with 6; not read back */
	noted[0] = '\0';
	g.server.map->tab_registers[3] = 1;
	assert_int_equal(instrument_safe(g.s.in, instant_after_ms(GUARD_MS), &g.s.e), 0);
	assert_string_equal(noted, "16 3 ");            /* the safe register is written and read; the points have none */
	finish(&g);
}

/* A neighbour has opened the line anew: what is wanted now is not sent to an instrument of which nothing is proven,
 * and what was set before stands again once that is. */
static void a_setting_outlives_a_neighbours_loss(void **state)
{
	struct scene neighbour;
	struct stage g;

	(void)state;
	EACH_MODBUS_WAY(way) {
		uint16_t *set;

		if (!strcmp(way->scheme, "tcp"))        /* libmodbus would have to accept once more */
			continue;
		begin(&g, way, NULL);
		set = &g.server.map->tab_registers[40];
		scene_begin(&neighbour, bath_yaml, g.server.address, NULL, g.s.in);
		scene_attach(&g.s);
		assert_int_equal(scene_set(&g.s, "voltage.ratio", 3), 0);
		instrument_lost(neighbour.in);
		scene_attach(&neighbour);
		*set = 0;                               /* as after a power-on */
		assert_int_equal(scene_set(&g.s, "voltage.ratio", 5), -1);
		assert_int_equal(g.s.e.code, ERR_PROTOCOL);
		assert_int_equal(*set, 0);
		scene_attach(&g.s);
		assert_int_equal(*set >> 4 & 7, 3);
		scene_finish(&neighbour);
		finish(&g);
	}
}

/* A field of bits is changed where it stands, its neighbours are left alone. */
static void bits_are_set_among_others(void **state)
{
	struct stage g;

	(void)state;
	EACH_MODBUS_WAY(way) {
		begin(&g, way, NULL);
		scene_attach(&g.s);
		g.server.map->tab_registers[40] = 0xFF2F;
		assert_int_equal(scene_set(&g.s, "voltage.ratio", 5), 0);
		assert_int_equal(g.server.map->tab_registers[40], 0xFF5F);
		assert_int_equal(scene_set(&g.s, "voltage.ratio", 8), -1);      /* three bits */
		assert_int_equal(g.s.e.code, ERR_CONFIG);
		finish(&g);
	}
}

static void refusals_say_what_to_do(void **state)
{
	struct reading r;
	struct stage g;

	(void)state;
	begin(&g, ways, NULL);
	scene_attach(&g.s);
	assert_int_equal(scene_measure(&g.s, "ratio", &r), -1);
	assert_int_equal(g.s.e.code, ERR_INSTRUMENT);
	assert_string_equal(g.s.e.text, "role: ratio: reading input registers 500: exception 2, illegal data address: not all "
			    "of these are there, or not all may be read at once; look at `table` and `address`, and at `gap`, "
			    "`span` and `readable` of the model file");
	finish(&g);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_it_is_and_in_what_state),
		cmocka_unit_test(another_device_is_refused),
		cmocka_unit_test(status_beside_a_reading),
		cmocka_unit_test(what_takes_time_is_waited_for),
		cmocka_unit_test(a_lost_state_is_seen_beside_the_reading),
		cmocka_unit_test(a_power_on_is_noticed_and_warmed_up),
		cmocka_unit_test(what_never_gets_ready_is_said),
		cmocka_unit_test(a_wait_can_be_cancelled),
		cmocka_unit_test(functions_and_no_readback),
		cmocka_unit_test(a_setting_outlives_a_neighbours_loss),
		cmocka_unit_test(bits_are_set_among_others),
		cmocka_unit_test(refusals_say_what_to_do),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
