/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_modbus_faults.c - a Modbus device that does what a device must not, every way Modbus goes.  Its n-th answer is
 * n: an old or foreign reply shows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "device.h"
#include "modbus_bus.h"
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
	"timeout: 400 ms\n"
	"latency: 200 ms\n"
	"points:\n"
	"  temperature: {registers: {table: input, address: 0, type: float32, order: CDAB}}\n";

enum fault { NONE, LATE, PIECES, DRIBBLE, TWICE, TWICE_APART, TRUNCATED, GARBAGE, ECHOED, SILENCE, CLOSE, EXCEPTION,
	     CHECKSUM, OTHER_UNIT, TRANSACTION, OTHER_FUNCTION, TOO_FEW, TOO_MANY, FAULTS };

static const char *const fault_names[] = {
	"none", "late", "pieces", "dribble", "twice", "twice apart", "truncated", "garbage", "echo", "silence",
	"close", "exception", "checksum", "other unit", "transaction", "other function", "too few", "too many" };

#define FAULTY 3

struct play { const struct way *way; atomic_int reads; bool echo; };

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

static size_t frame_ascii(uint8_t *out, const uint8_t *body, size_t n)
{
	char *at = (char *)out;
	unsigned sum = 0;

	*at++ = ':';
	for (size_t i = 0; i < n; i++) {
		at += snprintf(at, 3, "%02x", body[i]);        /* small digits: some devices send them */
		sum += body[i];
	}
	at += snprintf(at, 5, "%02X\r\n", -sum & 0xFF);
	return (size_t)(at - (char *)out);
}

/* Frames unit and PDU as an answer to the request. */
static size_t frame(const struct play *p, const uint8_t *request, uint8_t *out, const uint8_t *body, size_t n)
{
	if (p->way->framing == WAY_ASCII)
		return frame_ascii(out, body, n);
	if (p->way->framing == WAY_RTU) {
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

/* Which byte of a whole frame must be spoilt for its sum (TCP: its protocol identifier) to be wrong, and for the
 * other half of the sum (TCP: its transaction). */
static size_t sum_at(const struct play *p, size_t size)
{
	return p->way->framing == WAY_TCP ? 2 : p->way->framing == WAY_RTU ? size - 1 : size - 3;
}

static void deliver(struct device *d, enum fault f, const char *ask, size_t n, uint8_t *out, size_t size)
{
	const struct play *p = d->script;

	if (f == LATE)
		device_pause(d, 480);
	if (f == SILENCE)
		return;
	if (f == GARBAGE)
		device_say(d, "\x05\x04 not Modbus at all \x80");
	else if (f == ECHOED) {
		device_send(d, ask, n);
		device_send(d, "\n", p->way->framing == WAY_ASCII);     /* which device.c keeps to itself */
	}
	else if (f == CLOSE)
		device_hang_up(d);
	else if (f == TRUNCATED)
		device_send(d, out, size - 3);
	else if (f == PIECES || f == DRIBBLE)
		for (size_t i = 0; i < size; i++) {
			device_send(d, out + i, 1);
			device_pause(d, f == PIECES ? 3 : 40);
		}
	else if (f == TWICE) {          /* at once: what comes after the next request no line can show */
		memcpy(out + size, out, size);
		device_send(d, out, 2 * size);
	} else
		device_send(d, out, size);
	if (f == TWICE_APART) {
		device_pause(d, 10);
		device_send(d, out, size);
	}
}

static void misbehave(struct device *d, enum fault f, const char *ask, size_t n, uint8_t *body, size_t len)
{
	const struct play *p = d->script;
	uint8_t out[80];
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
		out[sum_at(p, size)] ^= p->way->framing == WAY_ASCII ? 1 : 0x10;
	if (f == TRANSACTION)
		out[sum_at(p, size) - 1] ^= 1;
	deliver(d, f, ask, n, out, size);
}

/* The request as unit and PDU. */
static void take_apart(const struct play *p, const char *ask, uint8_t out[8])
{
	unsigned byte;

	if (p->way->framing != WAY_ASCII)
		memcpy(out, ask + (p->way->framing == WAY_RTU ? 0 : 6), 6);
	for (int i = 0; i < 6 && p->way->framing == WAY_ASCII; i++) {
		assert_int_equal(sscanf(ask + 1 + 2 * i, "%2X", &byte), 1);
		out[i] = (uint8_t)byte;
	}
}

static void sensor(struct device *d, const char *ask, size_t n)
{
	struct play *p = (struct play *)d->script;
	uint8_t request[8], body[32] = { 0 };
	enum fault f = NONE;
	size_t len;

	take_apart(p, ask, request);
	if (p->echo) {
		device_send(d, ask, n);
		device_send(d, "\n", p->way->framing == WAY_ASCII);
	}
	memcpy(body, request, 2);
	if (request[1] == 3) {          /* its identity */
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

static void sensor_start(struct sensor *x, const struct way *way, enum fault f)
{
	static const size_t counts[] = { [WAY_TCP] = 12, [WAY_RTU] = 8, [WAY_ASCII] = 0 };      /* 0: lines */

	*x = (struct sensor){ .play = { .way = way },
			      .d = { .answer = sensor, .count = counts[way->framing], .fault = (int)f } };
	x->d.script = &x->play;
	device_start(&x->d, way->scheme);
	way_address(way, x->d.address, 5, x->address, sizeof x->address);
}

/* Each framing once, over a terminal or TCP; the others differ in how they are opened. */
static bool stands_for_others(const struct way *way)
{
	return way->framing == WAY_TCP || !strcmp(way->scheme, way->framing == WAY_RTU ? "pty" : "tcp");
}

static void meet(const struct way *way, enum fault f)
{
	const struct point *p;
	struct sensor x;
	struct scene s;
	struct reading r;
	int failed = 0;

	sensor_start(&x, way, f);
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
			fail_msg("%s, %s: %g was taken for reading %d", way->name, fault_names[f], r.value, x.play.reads);
	}
	if (failed != (f != NONE && f != PIECES))
		fail_msg("%s, %s: %d failed: %s", way->name, fault_names[f], failed, s.e.text);
	/* A second copy that came before the next request keeps that from being sent. */
	assert_true(s.failures == failed);
	scene_finish(&s);
	device_stop(&x.d);
}

static void no_wrong_value_ever(void **state)
{
	(void)state;
	EACH_MODBUS_WAY(way) {
		if (!stands_for_others(way) && !getenv("ETALON_LONG"))
			continue;
		for (enum fault f = NONE; f < FAULTS; f++)
			meet(way, f);
	}
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
	EACH_MODBUS_WAY(way) {
		if (!stands_for_others(way))
			continue;
		sensor_start(&x, way, LATE);
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
		b.m->latency_ns = 400 * NS_PER_MS;      /* longer than its neighbour's patience */
		bus_latency(b.in->bus, b.m->latency_ns);
		assert_int_equal(instrument_measure(b.in, &p, 1, &r, instant_after_ms(GUARD_MS), &b.e), -1);
		assert_string_equal(err_word(b.e.code), "timeout");
		p = model_point(a.m, "temperature");
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

/* How long a neighbour waits when one unit does not answer: as long as that one may still speak. */
static int64_t wait_of_neighbour(struct scene *silent, struct scene *other, struct sensor *x)
{
	const struct point *p = model_point(silent->m, "temperature");
	struct reading r;
	instant failed;

	x->play.reads = FAULTY - 1;
	assert_int_equal(instrument_measure(silent->in, &p, 1, &r, instant_after_ms(GUARD_MS), &silent->e), -1);
	failed = instant_now();
	p = model_point(other->m, "temperature");
	if (instrument_measure(other->in, &p, 1, &r, instant_after(other->m->timeout_ns), &other->e) < 0)
		fail_msg("%s", other->e.text);
	assert_true(r.value == x->play.reads);
	scene_attach(silent);
	return instant_now() - failed;
}

static void a_fault_costs_its_own_silence(void **state)
{
	struct scene quick, slow;
	struct sensor x;
	char other[160];

	(void)state;
	EACH_MODBUS_WAY(way) {
		if (way->framing != WAY_RTU || strcmp(way->scheme, "pty"))
			continue;
		sensor_start(&x, way, SILENCE);
		scene_begin(&quick, room_yaml, x.address, NULL, NULL);
		snprintf(other, sizeof other, "%s", x.address);
		other[strlen(other) - 1] = '6';
		scene_begin(&slow, room_yaml, other, NULL, quick.in);
		scene_attach(&quick);
		scene_attach(&slow);
		slow.m->latency_ns = 700 * NS_PER_MS;
		bus_latency(slow.in->bus, slow.m->latency_ns);
		assert_true(wait_of_neighbour(&slow, &quick, &x) >= 700 * NS_PER_MS);
		assert_in_range(wait_of_neighbour(&quick, &slow, &x), 200 * NS_PER_MS, 600 * NS_PER_MS);
		scene_finish(&slow);
		scene_finish(&quick);
		device_stop(&x.d);
	}
}

/* A two-wire adapter repeats what is sent: with echo=yes that is no answer, without it is a stray one. */
static void an_echo_is_no_answer(void **state)
{
	char address[200];
	struct reading r;
	struct sensor x;
	struct scene s;

	(void)state;
	EACH_MODBUS_WAY(way) {
		if (way->framing == WAY_TCP || !strcmp(way->scheme, "serial"))
			continue;
		sensor_start(&x, way, NONE);
		x.play.echo = true;
		snprintf(address, sizeof address, "%s&echo=yes", x.address);
		scene_begin(&s, room_yaml, address, NULL, NULL);
		scene_attach(&s);
		assert_int_equal(scene_measure(&s, "temperature", &r), 1);
		assert_true(r.value == x.play.reads);
		scene_finish(&s);
		scene_begin(&s, room_yaml, x.address, NULL, NULL);
		assert_int_equal(instrument_attach(s.in, instant_after_ms(GUARD_MS), &s.e), -1);
		assert_int_equal(s.e.code, ERR_PROTOCOL);
		scene_finish(&s);
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
	EACH_MODBUS_WAY(way) {
		sensor_start(&x, way, SILENCE);
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
		cmocka_unit_test(no_wrong_value_ever),
		cmocka_unit_test(an_echo_is_no_answer),
		cmocka_unit_test(units_share_a_bus),
		cmocka_unit_test(a_fault_costs_its_own_silence),
		cmocka_unit_test(cancel_ends_a_read),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
