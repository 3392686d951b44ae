/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_flood.c - peers that send without pause.  Whoever waits for silence, for an answer, or for the end of what is no
 * answer, comes back at its deadline all the same: a call that does not is ended by the alarm of this program. */
#include <setjmp.h>
#include <stdarg.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "fd.h"
#include "flood.h"
#include "hislip_session.h"
#include "instrument.h"
#include "modbus_bus.h"
#include "rpc.h"
#include "scene.h"
#include "slip_caller.h"
#include "slip_wire.h"

#define SOON_MS 100

#define PATTERN(text) .pattern = text, .pattern_n = sizeof text - 1

/* Where a deadline has passed, what is there may be looked at once; a call that reads on for as long as something comes has
 * read all of it. */
static void must_have_left(int fd)
{
	assert_true(fd_waiting(fd) > 0);
}

/* ---- remote procedure calls ---- */

static void call(struct flood *f, struct rpc *r)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_storage where = { 0 };
	struct err e;

	flood_start(f);
	to.sin_port = htons(f->port);
	memcpy(&where, &to, sizeof to);
	if (rpc_open(r, &where, sizeof to, -1, instant_after_ms(GUARD_MS), &e) < 0)
		fail_msg("%s", e.text);
	flood_await(f);
}

static int answer(struct rpc *r, instant by, struct err *e)
{
	struct xdr x;

	rpc_begin(r, 1, 1, 1);
	return rpc_call(r, &x, -1, by, e);
}

/* Of which none is the last. */
static void fragments_without_a_byte(void **state)
{
	struct flood f = { PATTERN("\0\0\0\0"), .ends = true };
	struct rpc r;
	struct err e;

	(void)state;
	call(&f, &r);
	assert_int_equal(answer(&r, instant_now(), &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	must_have_left(r.fd);
	rpc_close(&r);
	flood_stop(&f);
}

#define REPLY_WORDS 8                    /* mark; number, reply, accepted, no verifier (2), success, a result */

/* The answer to the first call, over and over; none is cut in two where the buffer is full. */
static void old_replies(void **state)
{
	uint32_t words[REPLY_WORDS] = { htonl(UINT32_C(0x80000000) | 4 * (REPLY_WORDS - UINT32_C(1))), htonl(UINT32_C(1)),
					htonl(UINT32_C(1)) };
	struct flood f = { .pattern = words, .pattern_n = sizeof words, .ends = true };
	struct rpc r;
	struct err e;

	(void)state;
	call(&f, &r);
	r.xid = 0;
	if (answer(&r, instant_after_ms(GUARD_MS), &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(answer(&r, instant_now(), &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	must_have_left(r.fd);
	rpc_close(&r);
	flood_stop(&f);
}

/* ---- Modbus ---- */

static void silence_that_never_comes(void **state)
{
	struct flood f = { PATTERN("\x05\x04\x02"), .ends = true };
	struct unit u = { .number = 5 };
	struct bus *b;
	struct err e;
	char address[80];

	(void)state;
	flood_start(&f);
	snprintf(address, sizeof address, "modbus+rtu://127.0.0.1:%u?unit=5", f.port);
	b = bus_new(address, NULL, -1);
	bus_latency(b, NS_PER_MS);
	if (bus_connect(b, instant_after_ms(GUARD_MS), &e) < 0)
		fail_msg("%s", e.text);
	flood_await(&f);
	assert_int_equal(bus_ready(b, &u, instant_now(), &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_string_equal(e.text, "no silence of 1 ms before the deadline");
	assert_in_range(bus_stray(b), 1, f.n - 1);
	bus_free(&b);
	flood_stop(&f);
}

/* ---- lines ---- */

static void open_link(struct flood *f, struct link **l)
{
	struct err e;

	flood_start(f);
	if (link_open(l, f->address, NULL, -1, instant_after_ms(GUARD_MS), &e) < 0)
		fail_msg("%s", e.text);
	while (link_waiting(*l) == 0)
		poll(NULL, 0, 1);
}

static void clear_and_restart(void **state)
{
	struct flood f = { PATTERN("x") };
	struct link *l;
	struct err e;

	(void)state;
	open_link(&f, &l);
	assert_int_equal(link_write(l, "A\n", 2, instant_after_ms(GUARD_MS), &e), -1);
	assert_int_equal(e.code, ERR_PROTOCOL);
	assert_int_equal(link_clear(l, NS_PER_MS, instant_after_ms(SOON_MS), &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_false(link_in_step(l));
	assert_int_equal(link_restart(l, &e), 0);       /* what comes after it was called is another matter */
	assert_true(link_in_step(l));
	link_close(&l);
	flood_stop(&f);
}

/* Bytes that never become a message are not kept for ever. */
static void message_without_an_end(void **state)
{
	static const struct { const char *pattern; struct until end; } rows[] = {
		{ "x", { .mark = "\n" } },
		{ "x\n", { .mark = "\n", .lines = SIZE_MAX } },
		{ "#11a", { .mark = "\n", .block = true } },
		{ "#11a,", { .mark = "\n", .block = true } },
		{ "x", { .pause_ns = NS_PER_S } },
		{ "x", { .mark = NULL } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct flood f = { .pattern = rows[i].pattern, .pattern_n = strlen(rows[i].pattern) };
		const char *got;
		struct link *l;
		struct err e;

		open_link(&f, &l);
		assert_int_equal(link_read(l, &got, rows[i].end, instant_after_ms(60 * 1000), &e), -1);
		if (e.code != ERR_PROTOCOL)
			fail_msg("row %zu: %s", i, e.text);
		link_close(&l);
		flood_stop(&f);
	}
}

/* ---- talkers ---- */

static const char talker_yaml[] =
	"model: station\n"
	"title: station\n"
	"manufacturer: ETALON\n"
	"number: W1\n"
	"driver: text\n"
	"seen: manual\n"
	"timeout: 100 ms\n"
	"latency: 20 ms\n"
	"points:\n"
	"  temperature: {heard: \"T=([-+0-9.]+)\", every: 100 ms, unit: degC}\n"
	"  pressure: {unit: hPa, heard: \"P=([0-9.]+)\", every: 100 ms}\n";

static const char asked_yaml[] =
	"model: balance\n"
	"title: balance\n"
	"manufacturer: ETALON\n"
	"number: B2\n"
	"driver: text\n"
	"seen: manual\n"
	"timeout: 100 ms\n"
	"latency: 20 ms\n"
	"identity: {ask: I, expect: \"^B2\"}\n"
	"points:\n"
	"  mass: {unit: g, heard: \"([-+0-9.]+) g\", every: 100 ms}\n";

static void never_attached(const char *yaml, const char *pattern)
{
	struct flood f = { .pattern = pattern, .pattern_n = strlen(pattern) };
	struct scene s;

	flood_start(&f);
	scene_begin(&s, yaml, f.address, NULL, NULL);
	assert_int_equal(instrument_attach(s.in, instant_after_ms(SOON_MS), &s.e), -1);
	if (s.e.code != ERR_TIMEOUT && s.e.code != ERR_CLOSED && s.e.code != ERR_PROTOCOL)
		fail_msg("%s: %s", pattern, s.e.text);
	scene_finish(&s);
	flood_stop(&f);
}

static void talkers_that_say_nothing(void **state)
{
	(void)state;
	never_attached(talker_yaml, "\n");              /* empty lines are no messages */
	never_attached(asked_yaml, "\n");
	never_attached(asked_yaml, "1.5 g\n");          /* nothing but talk: no answer */
	never_attached(asked_yaml, "?\n");
}

/* It is attached by what it says, but what is waited for is not among it. */
static void another_point_than_the_one_waited_for(void **state)
{
	struct flood f = { PATTERN("T=1.5\n") };
	struct reading r;
	struct scene s;

	(void)state;
	flood_start(&f);
	scene_begin(&s, talker_yaml, f.address, NULL, NULL);
	scene_attach(&s);
	assert_int_equal(scene_measure(&s, "pressure", &r), -1);
	if (s.e.code != ERR_CLOSED && s.e.code != ERR_PROTOCOL)
		fail_msg("%s", s.e.text);
	scene_finish(&s);
	flood_stop(&f);
}

/* A step begins with what is said after it has begun. */
static void what_was_said_before_a_step(void **state)
{
	struct flood f = { PATTERN("T=1.5\n") };
	struct reading r;
	struct scene s;

	(void)state;
	flood_start(&f);
	scene_begin(&s, talker_yaml, f.address, NULL, NULL);
	scene_attach(&s);
	instrument_fresh(s.in);
	if (scene_measure(&s, "temperature", &r) < 0 && s.e.code != ERR_PROTOCOL)
		fail_msg("%s", s.e.text);
	scene_finish(&s);
	flood_stop(&f);
}

/* ---- HiSLIP ---- */

#define REQUESTS 2048

/* A session whose instrument has requested service so often, and answers nothing. */
static void session(struct slip *p, struct hislip *h)
{
	static unsigned char many[REQUESTS][SLIP_HEADER];
	struct err e;

	for (size_t i = 0; i < REQUESTS; i++)
		slip_head(many[i], ASYNC_SERVICE_REQUEST, 0x40, 0, 0);
	slip_prepare(p, NULL);
	slip_start(p);
	*h = (struct hislip){ 0 };
	if (hislip_session_open(h, p->address + strlen("hislip:"), -1, instant_after_ms(GUARD_MS), &e) < 0)
		fail_msg("%s", e.text);
	p->deaf = true;
	slip_send_all(p->async, many, sizeof many);
	while (fd_waiting(h->async.fd) < sizeof many)
		poll(NULL, 0, 1);
}

static void session_end(struct slip *p, struct hislip *h)
{
	h->locked = false;               /* nobody would answer */
	hislip_session_close(h);
	slip_stop(p);
}

static void requests_for_service_without_end(void **state)
{
	struct hislip h;
	struct slip p;
	uint8_t status;
	struct err e;

	(void)state;
	session(&p, &h);
	assert_int_equal(hislip_session_status(&h, &status, -1, instant_now(), &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	must_have_left(h.async.fd);
	assert_int_equal(hislip_session_clear(&h, -1, instant_now(), &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	must_have_left(h.async.fd);
	session_end(&p, &h);
}

/* They are listened to now and then, between questions: to those that had come by then. */
static void requests_that_nobody_waits_for(void **state)
{
	struct hislip h;
	struct slip p;

	(void)state;
	session(&p, &h);
	hislip_session_listen(&h);
	assert_true(h.requested && !h.async.torn);
	assert_int_equal(hislip_channel_waiting(&h.async), 0);
	session_end(&p, &h);
}

/* One that requests service over and over, though never because it is done. */
static const char source_yaml[] =
	"model: source\n"
	"title: source\n"
	"manufacturer: ETALON\n"
	"number: S1\n"
	"driver: text\n"
	"seen: manual\n"
	"timeout: 100 ms\n"
	"latency: 20 ms\n"
	"commands:\n"
	"  calibrate: {send: CAL, done: {status_bit: 5, srq: yes, within: 100 ms}}\n"
	"points:\n"
	"  voltage.dc: {ask: \"V?\"}\n";

struct nagging { struct slip *slip; atomic_bool over; };

static void *nag(void *arg)
{
	struct nagging *x = arg;

	while (!x->over)
		slip_request_service(x->slip, 0x40);
	return NULL;
}

static void say_nothing(struct device *d, const char *text, size_t n)
{
	(void)d;
	(void)text;
	(void)n;
}

static void requests_for_other_reasons(void **state)
{
	struct device d = { .answer = say_nothing };
	struct nagging x = { 0 };
	struct scene s;
	pthread_t t;

	(void)state;
	device_start(&d, "hislip");
	scene_begin(&s, source_yaml, d.address, NULL, NULL);
	scene_attach(&s);
	x.slip = d.slip;
	d.slip->status = 0x40;
	assert_int_equal(pthread_create(&t, NULL, nag, &x), 0);
	assert_int_equal(instrument_command(s.in, "calibrate", NULL, 0, instant_after_ms(GUARD_MS), &s.e), -1);
	x.over = true;
	pthread_join(t, NULL);
	if (s.e.code != ERR_TIMEOUT)
		fail_msg("%s", s.e.text);
	scene_finish(&s);
	device_stop(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_without_a_byte),
		cmocka_unit_test(old_replies),
		cmocka_unit_test(silence_that_never_comes),
		cmocka_unit_test(clear_and_restart),
		cmocka_unit_test(message_without_an_end),
		cmocka_unit_test(talkers_that_say_nothing),
		cmocka_unit_test(another_point_than_the_one_waited_for),
		cmocka_unit_test(what_was_said_before_a_step),
		cmocka_unit_test(requests_for_service_without_end),
		cmocka_unit_test(requests_that_nobody_waits_for),
		cmocka_unit_test(requests_for_other_reasons),
	};

	alarm(120);
	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
