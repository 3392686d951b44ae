/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench.h"
#include "folder.h"
#include "spoil.h"

static struct quantities quantities;
static char *folder;

/* A bench file must lie somewhere, for its models lie beside it. */
static void read_bench(const char *path, const char *text, size_t n, struct problems *ps)
{
	char *file = folder_put(folder, path, text);
	struct bench *b;
	int bad = bench_load(&b, file, &quantities, ps);

	(void)n;
	assert_int_equal(bad ? -1 : 0, ps->total ? -1 : 0);
	assert_true((b == NULL) == (ps->total > 0));
	bench_free(&b);
	free(file);
}

static const char meter[] =
	"model: meter\n"
	"title: Meter\n"
	"manufacturer: Acme\n"
	"number: M\n"
	"driver: text\n"
	"seen: manual\n"
	"points:\n"
	"  voltage.dc: {ask: '?', simulate: {node: voltage}}\n"
	"  current.dc: {ask: 'I?'}\n";

static const char room[] =
	"model: room\n"
	"title: Room\n"
	"manufacturer: Acme\n"
	"number: R\n"
	"driver: modbus\n"
	"seen: manual\n"
	"points:\n"
	"  temperature: {registers: {address: 1, type: int16}}\n";

static const char dial[] =
	"model: dial\n"
	"title: Dial\n"
	"manufacturer: Acme\n"
	"number: D\n"
	"driver: manual\n"
	"seen: manual\n"
	"points:\n"
	"  temperature: {manual: {read: Read it}}\n";

static const char standard[] =
	"standard: r17\ntitle: Reference\nserial_number: '12'\ncertificates:\n"
	"  - {certificate: c1, laboratory: NMI, calibrated: 2026-01-15, due: 2027-01-31, results: [{quantity: voltage.dc, "
	"range: {from: -10 V, to: 10 V}, polynomial: {gives: error, unit: uV, argument_unit: V, coefficients: [{value: 1, u: 1}]}}]}\n";

static const char good[] =
	"bench: b1\n"
	"title: {en: Bench}\n"
	"models: .\n"
	"standards: .\n"
	"simulate: {seed: 7, humidity: 50}\n"
	"roles:\n"
	"  one:   {model: meter, address: tcp://127.0.0.1:5025, serial_number: '12', standard: r17}\n"
	"  two:   {model: meter, address: pty:/dev/pts/9, standard: r17}\n"
	"  room:  {model: room, address: modbus+rtu:/dev/ttyS0?unit=5, access: shared}\n"
	"  room2: {model: room, address: modbus+tcp://h:502/1}\n"
	"  dial:  {model: dial, address: 'manual:shelf 2, left'}\n";

static void test_good(void **state)
{
	char *path = folder_put(folder, "b.yaml", good);
	struct problems ps = { 0 };
	const struct bench_role *r;
	struct bench *b;

	(void)state;
	assert_int_equal(bench_load(&b, path, &quantities, &ps), 0);
	assert_string_equal(b->name, "b1");
	assert_int_equal(b->roles.n, 5);
	assert_int_equal(b->simulate.seed, 7);
	assert_true(b->simulate.temperature == 23 && b->simulate.humidity == 50);
	r = bench_role(b, "one");
	assert_string_equal(r->serial_number, "12");
	assert_string_equal(r->standard->name, "r17");
	assert_string_equal(bench_role(b, "two")->serial_number, "12");        /* that of its standard */
	assert_string_equal(r->model->name, "meter");
	assert_int_equal(r->access, ACCESS_EXCLUSIVE);
	assert_ptr_equal(r->model, bench_role(b, "two")->model);      /* loaded once */
	assert_int_equal(bench_role(b, "room")->access, ACCESS_SHARED);
	assert_null(bench_role(b, "three"));
	bench_free(&b);
	free(path);
}

static const struct spoiling bad[] = {
	{ "models: .", "models: nowhere", "7:11", "there is no model 'meter' in " },
	{ "model: meter, address: pty", "model: metre, address: pty", "8:11", "; did you mean 'meter'?" },
	{ "  one: ", "  o.e: ", "7:3", "role 'o.e': a role's name has no '.'" },
	{ "  one: ", "  One: ", "7:3", "'One' is not a name" },
	{ "model: room, address: modbus+rtu:/dev/ttyS0?unit=5", "model: meter, address: modbus+rtu:/dev/ttyS0?unit=5", "9:25", "is a Modbus address, and model meter does not speak Modbus" },
	{ "modbus+tcp://h:502/1", "tcp://h:502", "10:24", "is an address for text, and model room speaks Modbus" },
	{ "'manual:shelf 2, left'", "tcp://h:1", "11:24", "'tcp://h:1' is a wire, and model dial is read by a person" },
	{ "'manual:shelf 2, left'", "'manual:'", "11:24", "expected manual:/path" },
	{ "'manual:shelf 2, left'", "'manual:shelf 2, left', access: shared", "11:57", "read for one run at a time" },
	{ "address: pty:/dev/pts/9", "address: 'manual:shelf 3'", "8:25", "is read by a person, and model meter is not" },
	{ "model: meter, address: pty:/dev/pts/9", "model: dial, address: 'manual:shelf 2, left'", "11:3", "roles 'two' and 'dial' have the same address" },
	{ "tcp://127.0.0.1:5025", "udp://127.0.0.1:5025", "7:25", "expected tcp://HOST:PORT, serial:DEVICE" },
	{ "tcp://127.0.0.1:5025", "'tcp://'", "7:25", "'tcp://': it names no host" },
	{ "tcp://127.0.0.1:5025", "''", "7:34", "address: expected a text" },
	{ "address: pty:/dev/pts/9", "address: tcp://127.0.0.1:5025", "8:3", "roles 'one' and 'two' have the same address" },
	{ "address: pty:/dev/pts/9", "address: 'TCPIP::127.0.0.1::5025::SOCKET'", "8:3", "roles 'one' and 'two' have the same address" },
	{ "address: pty:/dev/pts/9", "address: 'tcp://127.0.0.1:5025?unit=2'", "8:3", "roles 'one' and 'two' share a line, and model meter does not say {unit}: both would answer" },
	{ "pty:/dev/pts/9", "'GPIB0::22::INSTR'", "8:25", "'GPIB0::22::INSTR': no controller is named for board GPIB0: add gpib: {GPIB0: \"prologix://HOST\"} to this file" },
	{ "models: .", "models: .\ngpib: {GPIB0: \"tcp://h:5025\"}", "4:15", "'tcp://h:5025' is no GPIB controller: expected prologix://HOST" },
	{ "models: .", "models: .\ngpib: {board: \"prologix://h\"}", "4:15", "'board' is no board: expected GPIB0" },
	{ "models: .", "models: .\ngpib: {GPIB0: \"prologix://h:0\"}", "4:15", "'0' is not a port from 1 to 65535" },
	{ "models: .", "models: .\ngpib: {GPIB0: \"prologix://h\", gpib0: \"prologix://i\"}", "4:38", "board 0 stands there twice" },
	{ "models: .", "models: .\ngpib: [GPIB0]", "4:7", "expected a mapping of boards to controllers" },
	{ "pty:/dev/pts/9", "'TCPIP::h::5025'", "8:25", "a port belongs to a socket: TCPIP::h::5025::SOCKET" },
	{ "serial_number: '12'", "serial_number: '13'", "7:56", "standard r17 has the serial number 12 (" },
	{ "standard: r17}\n  two", "standard: r18}\n  two", "7:77", "there is no standard 'r18' in " },
	{ "access: shared", "access: share", "9:71", "did you mean 'shared'?" },
	{ "serial_number: '12'", "simulated: yes", "7:56", "model meter does not say how current.dc is simulated" },
	{ "serial_number: '12'", "serial: '12'", "7:56", "unknown key 'serial' in a role; did you mean 'serial_number'?" },
	{ "humidity: 50", "humidity: 101", "5:31", "from 0 to 100" },
	{ "seed: 7", "seed: -7", "5:18", "a whole number from 0" },
	{ "  one:   {model: meter,", "  one:   {", "7:3", "a role needs the key 'model'" },
};

static void test_boards(void **state)
{
	static const char boards[] =
		"bench: b1\n"
		"title: Bench\n"
		"models: .\n"
		"gpib: {GPIB0: 'prologix://h', gpib1: 'prologix:/dev/ttyUSB0?baud=9600', GPIB2: 'vxi11://g/gpib0'}\n"
		"roles:\n"
		"  one:   {model: meter, address: 'GPIB0::22::INSTR'}\n"
		"  two:   {model: meter, address: 'GPIB::9::3'}\n"
		"  three: {model: meter, address: 'GPIB1::22::INSTR'}\n"
		"  four:  {model: meter, address: 'gpib2::22::4::instr'}\n";
	static const char *const addresses[] = {
		"prologix://h/22", "prologix://h/9,3", "prologix:/dev/ttyUSB0/22?baud=9600", "vxi11://g/gpib0,22,4" };
	char *path = folder_put(folder, "b.yaml", boards);
	struct problems ps = { 0 };
	struct bench *b;

	(void)state;
	if (bench_load(&b, path, &quantities, &ps))
		fail_msg("%s", ps.list[0].text);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(((struct bench_role *)b->roles.items)[i].address, addresses[i]);
	bench_free(&b);
	free(path);
}

static void test_bad(void **state)
{
	(void)state;
	assert_good(good, read_bench);
	assert_spoiled(good, bad, COUNT(bad), read_bench);
}

/* Problems of a model are told once, in its own file, beside those of the bench. */
static void test_bad_model(void **state)
{
	static const char broken[] = "model: broken\ntitle: x\nmanufacturer: x\nnumber: x\ndriver: text\nseen: manual\n"
				     "points:\n  voltage.dc: {ask: x, unit: A}\n";
	static const char text[] =
		"bench: b2\ntitle: x\nmodels: .\nroles:\n"
		"  one: {model: broken, address: tcp://h:1}\n"
		"  two: {model: broken, address: tcp://h:2}\n"
		"  three: {model: meter, address: nonsense}\n";
	char *model = folder_put(folder, "broken.yaml", broken), *path = folder_put(folder, "b2.yaml", text);
	struct problems ps = { 0 };
	struct bench *b;

	(void)state;
	assert_int_equal(bench_load(&b, path, &quantities, &ps), -1);
	assert_int_equal(ps.total, 2);
	assert_problem(&ps, 0, "8:24", "'A' does not convert to 'V'");
	assert_non_null(strstr(ps.list[0].file, "broken.yaml"));
	assert_problem(&ps, 1, "7:25", "'nonsense': expected tcp://HOST:PORT");
	problems_release(&ps);
	free(model);
	free(path);
}

static void test_demo(void **state)
{
	struct problems ps = { 0 };
	struct bench *b;

	(void)state;
	if (bench_load(&b, "config/benches/demo.yaml", &quantities, &ps))
		fail_msg("%s:%d: %s", ps.list[0].file, ps.list[0].line, ps.list[0].text);
	assert_int_equal(b->roles.n, 5);
	assert_true(bench_role(b, "meter")->simulated);
	bench_free(&b);
}

static int start(void **state)
{
	struct problems ps = { 0 };

	(void)state;
	folder = folder_new();
	free(folder_put(folder, "meter.yaml", meter));
	free(folder_put(folder, "room.yaml", room));
	free(folder_put(folder, "dial.yaml", dial));
	free(folder_put(folder, "r17.yaml", standard));
	return quantities_load(&quantities, "config/quantities.yaml", &ps);
}

static int stop(void **state)
{
	(void)state;
	quantities_release(&quantities);
	folder_remove(&folder);
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_boards), cmocka_unit_test(test_bad), cmocka_unit_test(test_bad_model),
		cmocka_unit_test(test_demo),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
