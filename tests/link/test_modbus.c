/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_modbus.c - Modbus devices, RTU on terminals and serial ports and TCP: first against a real libmodbus server, then against a device that
 * does what a device must not.  Its n-th answer is n: an old or foreign reply shows. */
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

static void begin(struct server *server, struct scene *s, const char *scheme)
{
	server_start(server, scheme);
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
	EACH_SCHEME(scheme) {
		begin(&server, &s, scheme);
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
	EACH_SCHEME(scheme) {
		if (!strcmp(scheme, "tcp"))
			continue;
		begin(&server, &s, scheme);
		scene_attach(&s);
		assert_int_equal(tcgetattr(server.terminal.held, &line), 0);
		assert_int_equal(cfgetospeed(&line) == B115200, !strcmp(scheme, "serial"));
		finish(&server, &s);
	}
}

static void sets_and_safe_state(void **state)
{
	struct server server;
	struct scene s;

	(void)state;
	EACH_SCHEME(scheme) {
		begin(&server, &s, scheme);
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
	EACH_SCHEME(scheme) {
		begin(&server, &s, scheme);
		server.map->tab_registers[100] = 4712;
		assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_IDENTITY);
		finish(&server, &s);
	}
}

enum fault { NONE, LATE, PIECES, DRIBBLE, TWICE, TWICE_APART, TRUNCATED, GARBAGE, ECHOED, SILENCE, CLOSE, EXCEPTION,
	     CHECKSUM, OTHER_UNIT, TRANSACTION, OTHER_FUNCTION, TOO_FEW, TOO_MANY, FAULTS };

static const char *const fault_names[] = {
	"none", "late", "pieces", "dribble", "twice", "twice apart", "truncated", "garbage", "echo", "silence",
	"close", "exception", "checksum", "other unit", "transaction", "other function", "too few", "too many" };

#define FAULTY 3

struct play { bool rtu; atomic_int reads; };

/* Modbus over Serial Line V1.02, appendix B. */
static void add_crc(uint8_t *p, size_t n)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
	}
	p[n] = (uint8_t)crc;
	p[n + 1] = (uint8_t)(crc >> 8);
}

/* Frames unit and PDU as an answer to the request. */
static size_t frame(const struct play *p, const uint8_t *request, uint8_t *out, const uint8_t *body, size_t n)
{
	if (p->rtu) {
		memcpy(out, body, n);
		add_crc(out, n);
		return n + 2;
	}
	memcpy(out, request, 4);
	out[4] = 0;
	out[5] = (uint8_t)n;
	memcpy(out + 6, body, n);
	return 6 + n;
}

static void misbehave(struct device *d, enum fault f, const char *ask, size_t n, uint8_t *body, size_t len)
{
	const struct play *p = d->script;
	uint8_t out[64];
	size_t size;

	if (f == OTHER_UNIT)
		body[0]++;
	if (f == OTHER_FUNCTION)
		body[1] = 3;
	if (f == TOO_FEW || f == TOO_MANY) {
		int by = f == TOO_FEW ? -2 : 2;

		body[2] = (uint8_t)(body[2] + by);
		len = (size_t)((int)len + by);
	}
	if (f == EXCEPTION) {
		body[1] |= 0x80;
		body[2] = 2;
		len = 3;
	}
	size = frame(p, (const uint8_t *)ask, out, body, len);
	if (f == CHECKSUM)
		out[p->rtu ? size - 1 : 2] ^= 0x10;     /* TCP has none: its protocol identifier */
	if (f == TRANSACTION)
		out[p->rtu ? size - 2 : 1] ^= 1;        /* RTU has none: the other half of the CRC */
	if (f == LATE)
		device_pause(d, 280);
	if (f == SILENCE)
		return;
	if (f == GARBAGE)
		device_say(d, "\x05\x04 not Modbus at all \x80");
	else if (f == ECHOED)
		device_send(d, ask, n);
	else if (f == CLOSE)
		device_hang_up(d);
	else if (f == TRUNCATED)
		device_send(d, out, size - 3);
	else if (f == PIECES || f == DRIBBLE)
		for (size_t i = 0; i < size; i++) {
			device_send(d, out + i, 1);
			device_pause(d, f == PIECES ? 3 : 40);
		}
	else
		device_send(d, out, size);
	if (f == TWICE_APART)
		device_pause(d, 10);
	if (f == TWICE || f == TWICE_APART)
		device_send(d, out, size);
}

static void sensor(struct device *d, const char *ask, size_t n)
{
	struct play *p = (struct play *)d->script;
	const uint8_t *pdu = (const uint8_t *)ask + (p->rtu ? 1 : 7);
	uint8_t body[32] = { pdu[-1], pdu[0], 0 };
	enum fault f = NONE;
	size_t len;

	if (pdu[0] == 3) {              /* its identity */
		memcpy(body + 2, "\x02\x12\x67", 3);
		len = 5;
	} else {                        /* how often it was asked, as a float in CDAB */
		float value = (float)++p->reads;
		uint32_t bits;

		memcpy(&bits, &value, 4);
		memcpy(body + 2, (uint8_t[]){ 4, (uint8_t)(bits >> 8), (uint8_t)bits, (uint8_t)(bits >> 24),
					      (uint8_t)(bits >> 16) }, 5);
		len = 7;
		if (p->reads == FAULTY)
			f = (enum fault)d->fault;
	}
	misbehave(d, f, ask, n, body, len);
}

struct sensor { struct device d; struct play play; char address[160]; };

static void sensor_start(struct sensor *x, const char *scheme, enum fault f)
{
	bool rtu = strcmp(scheme, "tcp") != 0;

	*x = (struct sensor){ .play = { .rtu = rtu },
			      .d = { .answer = sensor, .count = rtu ? 8 : 12, .fault = (int)f } };
	x->d.script = &x->play;
	device_start(&x->d, scheme);
	snprintf(x->address, sizeof x->address, rtu ? "modbus+rtu:%s?baud=115200&unit=5" : "modbus+tcp:%s/5",
		 strchr(x->d.address, ':') + 1);
}

static void meet(const char *scheme, enum fault f)
{
	const struct point *p;
	struct sensor x;
	struct scene s;
	struct reading r;
	int failed = 0;

	sensor_start(&x, scheme, f);
	scene_begin(&s, room_yaml, x.address, NULL, NULL);
	s.m->pause_ns = f == TWICE_APART ? 50 * NS_PER_MS : 0;
	p = model_point(s.m, "temperature");
	for (int i = 0; i < 6; i++) {
		instant began = instant_now();

		if (!s.in->attached)
			scene_attach(&s);
		if (instrument_measure(s.in, &p, 1, &r, instant_after_ms(GUARD_MS), &s.e) < 0) {
			failed++;
			assert_true(instant_now() - began < GUARD_MS * NS_PER_MS);
			assert_int_equal(s.in->attached, f == EXCEPTION);
			continue;
		}
		assert_int_equal(r.status, READING_OK);
		if (r.value != x.play.reads)
			fail_msg("%s, %s: %g was taken for reading %d", scheme, fault_names[f], r.value, x.play.reads);
	}
	if (failed != (f != NONE && f != PIECES))
		fail_msg("%s, %s: %d failed: %s", scheme, fault_names[f], failed, s.e.text);
	/* A second copy that came before the next request keeps that from being sent. */
	assert_true(s.failures == failed);
	scene_finish(&s);
	device_stop(&x.d);
}

static void no_wrong_value_ever(void **state)
{
	(void)state;
	EACH_SCHEME(scheme)
		for (enum fault f = NONE; f < FAULTS; f++)
			meet(scheme, f);
}

/* One unit's failure must not harm its neighbour's next reading. */
static void units_share_a_bus(void **state)
{
	const struct point *p;
	struct sensor x;
	struct scene a, b;
	struct reading r;
	char other[160];

	(void)state;
	EACH_SCHEME(scheme) {
		sensor_start(&x, scheme, LATE);
		scene_begin(&a, room_yaml, x.address, NULL, NULL);
		snprintf(other, sizeof other, "%s", x.address);
		other[strlen(other) - 1] = '6';
		scene_begin(&b, room_yaml, other, NULL, a.in);
		assert_ptr_equal(a.in->bus, b.in->bus);
		p = model_point(a.m, "temperature");
		scene_attach(&a);
		p = model_point(b.m, "temperature");
		scene_attach(&b);
		x.play.reads = FAULTY - 1;
		assert_int_equal(instrument_measure(b.in, &p, 1, &r, instant_after_ms(GUARD_MS), &b.e), -1);
		assert_string_equal(err_word(b.e.code), "timeout");
		p = model_point(a.m, "temperature");
		bus_latency(a.in->bus, 400 * NS_PER_MS);        /* longer than its neighbour's patience */
		if (instrument_measure(a.in, &p, 1, &r, instant_after(a.m->timeout_ns), &a.e) < 0)
			fail_msg("%s", a.e.text);
		assert_true(r.value == x.play.reads);
		instrument_lost(b.in);                  /* the bus is opened anew: nothing is proven of a */
		scene_attach(&b);
		assert_int_equal(instrument_measure(a.in, &p, 1, &r, instant_after_ms(GUARD_MS), &a.e), -1);
		scene_attach(&a);
		assert_int_equal(instrument_measure(a.in, &p, 1, &r, instant_after_ms(GUARD_MS), &a.e), 1);
		assert_true(r.value == x.play.reads);
		scene_finish(&b);
		scene_finish(&a);
		device_stop(&x.d);
	}
}

static void cancel_ends_a_read(void **state)
{
	const struct point *p;
	struct sensor x;
	struct scene s;
	struct reading r;
	pthread_t t;

	(void)state;
	EACH_SCHEME(scheme) {
		sensor_start(&x, scheme, SILENCE);
		scene_begin(&s, room_yaml, x.address, NULL, NULL);
		scene_attach(&s);
		x.play.reads = FAULTY - 1;
		s.m->timeout_ns = 60 * NS_PER_S;
		p = model_point(s.m, "temperature");
		scene_cancel_soon(&s, &t);
		assert_int_equal(instrument_measure(s.in, &p, 1, &r, instant_after_ms(60 * 1000), &s.e), -1);
		pthread_join(t, NULL);
		assert_string_equal(err_word(s.e.code), "cancelled");
		scene_finish(&s);
		device_stop(&x.d);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_forms),
		cmocka_unit_test(a_serial_port_is_no_pseudo_terminal),
		cmocka_unit_test(sets_and_safe_state),
		cmocka_unit_test(wrong_device),
		cmocka_unit_test(no_wrong_value_ever),
		cmocka_unit_test(units_share_a_bus),
		cmocka_unit_test(cancel_ends_a_read),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
