/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_modbus.c - Modbus devices every way: TCP, RTU and ASCII on terminals and serial ports and behind terminal
 * servers, against a real libmodbus server.  What a device must not do is in test_modbus_faults.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <sys/eventfd.h>
#include <termios.h>

#include <cmocka.h>

#include "device.h"
#include "modbus_bus.h"
#include "modbus_plan.h"
#include "scene.h"
#include "server.h"

static const char room_yaml[] =
	"model: room\n"
	"title: room\n"
	"manufacturer: ETALON\n"
	"number: R1\n"
	"driver: modbus\n"
	"seen: manual\n"
	"identity: {registers: {table: holding, address: 100, type: uint16}, value: 4711}\n"
	"timeout: 250 ms\n"
	"latency: 60 ms\n"
	"modbus: {span: 16, gap: 3}\n"
	"points:\n"
	"  temperature: {registers: {table: input, address: 0, type: float32, order: CDAB}}\n"
	"  humidity.relative: {registers: {table: input, address: 2, type: float32, order: DCBA}}\n"
	"  temperature.dew-point: {registers: {table: input, address: 7, type: int16, scale: 0.1}}\n"
	"  pressure:\n"
	"    {low: 50 kPa, high: 120 kPa, registers: {table: input, address: 40, type: float64, order: BADC},\n"
	"     target: {address: 30, type: float32}, tolerance: 1 Pa, safe: 100 kPa}\n"
	"  ratio: {registers: {table: discrete, address: 9, type: bit}}\n"
	"  voltage.dc:\n"
	"    {low: -10 V, high: 10 V, target: {address: 10, type: float32, order: CDAB},\n"
	"     registers: {address: 10, type: float32, order: CDAB}, tolerance: 1 uV, safe: 0 V}\n"
	"  current.dc:\n"
	"    {unit: mA, low: 0 mA, high: 100 mA, target: {address: 12, type: uint16, scale: 0.01},\n"
	"     registers: {address: 12, type: uint16, scale: 0.01}, tolerance: 5 uA, safe: 0 mA}\n"
	"  voltage.ratio:\n"
	"    {target: {table: coil, address: 3, type: bit}, registers: {table: coil, address: 3, type: bit},\n"
	"     tolerance: 0 V/V, safe: 0 V/V}\n";

/* Bytes of a register pair, as they go over the line. */
static void hold(uint16_t *registers, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n / 2; i++)
		registers[i] = (uint16_t)((uint8_t)bytes[2 * i] << 8 | (uint8_t)bytes[2 * i + 1]);
}

static void begin(struct server *server, struct scene *s, const struct way *way)
{
	server_start(server, way);
	server->map->tab_registers[100] = 4711;
	hold(server->map->tab_input_registers, "\x00\x00\x41\xBC", 4);               /* 23.5, CDAB */
	hold(server->map->tab_input_registers + 2, "\x00\x00\x34\x42", 4);           /* 45, DCBA */
	hold(server->map->tab_input_registers + 7, "\xFF\x9C", 2);                   /* -100 */
	hold(server->map->tab_input_registers + 40, "\xF8\x40\xD0\xBC\x00\x00\x00\x00", 8);  /* 101325, BADC */
	server->map->tab_input_bits[9] = 1;
	scene_begin(s, room_yaml, server->address, NULL, NULL);
}

static void finish(struct server *server, struct scene *s)
{
	scene_finish(s);
	server_stop(server);
}

static void measure(struct scene *s, const char *const *names, size_t n, struct reading *r)
{
	const struct point *p[8];

	for (size_t i = 0; i < n; i++)
		p[i] = model_point(s->m, names[i]);
	if (instrument_measure(s->in, p, n, r, instant_after_ms(GUARD_MS), &s->e) != (ssize_t)n)
		fail_msg("%s", s->e.text);
}

static void all_forms(void **state)
{
	static const char *const names[] = { "temperature.dew-point", "pressure", "temperature", "ratio",
					     "humidity.relative" };
	struct reading r[5];
	struct server server;
	struct scene s;

	(void)state;
	EACH_MODBUS_WAY(way) {
		begin(&server, &s, way);
		scene_attach(&s);
		assert_string_equal(s.in->identity, "register 100 holds 4711");
		server.requests = 0;
		measure(&s, names, 5, r);
		assert_true(r[0].value == -10);
		assert_true(r[1].value == 101325);
		assert_true(r[2].value == 23.5);
		assert_true(r[3].value == 1);
		assert_true(r[4].value == 45);
		assert_int_equal(r[2].raw.n, 4);
		assert_memory_equal(r[2].raw.p, "\x00\x00\x41\xBC", 4);
		assert_memory_equal(r[3].raw.p, "\x01", 1);
		assert_int_equal(server.requests, 3);           /* 0 to 7 at once over the gap of 3 */
		assert_true(r[0].utc_ns == r[2].utc_ns && r[0].utc_ns == r[4].utc_ns);
		assert_true(r[0].exchange && r[0].exchange == r[2].exchange && r[0].exchange == r[4].exchange);
		assert_true(!r[1].exchange && !r[3].exchange);  /* each alone in its reply */
		s.m->modbus.gap = 2;
		plan_release(s.in->plan);
		server.requests = 0;
		measure(&s, names, 5, r);
		assert_int_equal(server.requests, 4);
		s.m->modbus.gap = 100;
		s.m->modbus.span = 4;
		plan_release(s.in->plan);
		server.requests = 0;
		measure(&s, names, 5, r);
		assert_int_equal(server.requests, 4);
		assert_true(r[0].value == -10 && r[4].value == 45);
		finish(&server, &s);
	}
}

/* Which way its bytes take: only libserialport gives a line its baud rate. */
static void a_serial_port_is_no_pseudo_terminal(void **state)
{
	struct server server;
	struct termios line;
	struct scene s;

	(void)state;
	EACH_MODBUS_WAY(way) {
		if (!strcmp(way->scheme, "tcp"))
			continue;
		begin(&server, &s, way);
		scene_attach(&s);
		assert_int_equal(tcgetattr(server.terminal.held, &line), 0);
		assert_int_equal(cfgetospeed(&line) == B115200, !strcmp(way->scheme, "serial"));
		finish(&server, &s);
	}
}

static void sets_and_safe_state(void **state)
{
	struct server server;
	struct scene s;

	(void)state;
	EACH_MODBUS_WAY(way) {
		begin(&server, &s, way);
		scene_attach(&s);
		assert_int_equal(scene_set(&s, "voltage.dc", 1.5), 0);
		assert_int_equal(server.map->tab_registers[10], 0x0000);
		assert_int_equal(server.map->tab_registers[11], 0x3FC0);
		assert_int_equal(scene_set(&s, "current.dc", 0.02), 0);
		assert_int_equal(server.map->tab_registers[12], 2000);
		assert_int_equal(scene_set(&s, "voltage.ratio", 1), 0);
		assert_int_equal(server.map->tab_bits[3], 1);
		/* A chamber takes its time: the target holds what was set, the reading not yet. */
		assert_int_equal(scene_set(&s, "pressure", 90000), 0);
		assert_int_equal(server.map->tab_registers[30], 0x47AF);
		assert_int_equal(server.map->tab_registers[31], 0xC800);
		assert_int_equal(scene_set(&s, "current.dc", 1), -1);
		assert_int_equal(s.e.code, ERR_CONFIG);
		eventfd_write(s.cancel, 1);
		assert_int_equal(instrument_safe(s.in, instant_after_ms(GUARD_MS), &s.e), 0);
		assert_int_equal(server.map->tab_registers[11] | server.map->tab_registers[12] |
				 server.map->tab_bits[3], 0);
		finish(&server, &s);
	}
}

static void wrong_device(void **state)
{
	struct server server;
	struct scene s;

	(void)state;
	EACH_MODBUS_WAY(way) {
		begin(&server, &s, way);
		server.map->tab_registers[100] = 4712;
		assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_IDENTITY);
		finish(&server, &s);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_forms),
		cmocka_unit_test(a_serial_port_is_no_pseudo_terminal),
		cmocka_unit_test(sets_and_safe_state),
		cmocka_unit_test(wrong_device),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
