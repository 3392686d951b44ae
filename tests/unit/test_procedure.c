/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "procedure.h"
#include "spoil.h"

static struct quantities quantities;
static struct bench *bench;

static void read_procedure(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct procedure *p;
	int bad = procedure_parse(&p, path, text, n, ps);

	assert_int_equal(bad ? -1 : 0, ps->total ? -1 : 0);
	assert_true((p == NULL) == (ps->total > 0));
	procedure_free(&p);
}

/* The same and bound to the bench of this test. */
static void bind_procedure(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct procedure *p;
	int bad;

	if (procedure_parse(&p, path, text, n, ps))
		return;
	bad = procedure_bind(p, bench, ps);
	assert_int_equal(bad, ps->total ? -1 : 0);
	procedure_free(&p);
}

static const char good[] =
	"procedure: p1\n"
	"title: {en: Procedure}\n"
	"resumable: yes\n"
	"roles: [source, reference, meter, room]\n"
	"environment:\n"
	"  - {channel: room.temperature, every: 2 s}\n"
	"baseline:\n"
	"  - set: {channel: source.voltage.dc, to: 0 V}\n"
	"  - wait: {duration: 100 ms}\n"
	"points:\n"
	"  - {name: +10 V, values: {source.voltage.dc: 10 V}}\n"
	"  - {name: 9 mV, values: {source.voltage.dc: 9000 uV}}\n"
	"steps:\n"
	"  - set: {channel: source.voltage.dc}\n"
	"  - settle: {channel: reference.voltage.dc, band: 20 uV, window: 1 s, timeout: 30 s}\n"
	"  - measure: {channels: [reference.voltage.dc, meter.voltage.dc], count: 10, interval: 200 ms}\n"
	"results:\n"
	"  - {name: error, indication: meter.voltage.dc, reference: reference.voltage.dc}\n";

static void test_good(void **state)
{
	struct problems ps = { 0 };
	struct procedure_channel ch[8];
	const struct procedure_point *pt;
	const struct assignment *a;
	const struct step *s;
	struct procedure *p;

	(void)state;
	assert_int_equal(procedure_parse(&p, "p", good, sizeof good - 1, &ps), 0);
	assert_true(p->resumable);
	assert_int_equal(p->link_loss_ns, 60000000000);
	assert_int_equal(p->safe_ns, 5000000000);
	assert_int_equal(procedure_bind(p, bench, &ps), 0);
	s = p->baseline.items;
	assert_int_equal(p->baseline.n, 2);
	assert_int_equal(s[0].kind, STEP_SET);
	assert_string_equal(s[0].channel.role, "source");
	assert_string_equal(s[0].channel.quantity, "voltage.dc");
	assert_true(s[0].to_value == 0);
	assert_int_equal(s[1].kind, STEP_WAIT);
	assert_int_equal(s[1].duration_ns, 100000000);
	pt = p->points.items;
	a = pt[1].values.items;
	assert_string_equal(pt[1].name, "9 mV");
	assert_true(a[0].bound == 0.009);
	assert_string_equal(a[0].channel.bench_role->model->name, "calibrator");
	s = p->steps.items;
	assert_int_equal(s[0].kind, STEP_SET);
	assert_null(s[0].to.unit);
	assert_int_equal(s[1].kind, STEP_SETTLE);
	assert_true(s[1].band_value == 2e-5);
	assert_int_equal(s[1].window_ns, 1000000000);
	assert_int_equal(s[1].interval_ns, 100000000);
	assert_int_equal(s[1].on_timeout, TIMEOUT_HOLD);
	assert_int_equal(s[2].kind, STEP_MEASURE);
	assert_int_equal(s[2].channels.n, 2);
	assert_int_equal(s[2].count, 10);
	assert_int_equal(s[2].interval_ns, 200000000);
	assert_int_equal(procedure_channels(p, ch, COUNT(ch)), 3);
	assert_string_equal(ch[0].ref->text, "reference.voltage.dc");
	assert_string_equal(ch[0].ref->point->known->unit, "V");
	assert_false(ch[1].environment);
	assert_string_equal(ch[2].ref->text, "room.temperature");
	assert_true(ch[2].environment);
	assert_int_equal(ch[2].every_ns, 2000000000);
	assert_int_equal(procedure_channels(p, ch, 1), 3);
	procedure_free(&p);
}

static const struct spoiling bad[] = {
	{ "procedure: p1", "procedure: P1", "1:12", "expected a name" },
	{ "meter, room]", "meter, room, room]", "4:41", "role 'room' stands there twice" },
	{ "meter, room]", "meter, room, spare]", "4:41", "role 'spare' is never used" },
	{ "meter, room]", "meter, room, a.b]", "4:41", "a role's name has no '.'" },
	{ "room.temperature, every", "rom.temperature, every", "6:15", "role 'rom' is not among the procedure's roles; did you mean 'room'?" },
	{ "room.temperature, every", "temperature, every", "6:15", "expected a channel ROLE.QUANTITY" },
	{ "room.temperature, every: 2 s}", "room.temperature}\n  - {channel: meter.voltage.dc}", "7:15", "is read all along as environment, so no step can measure it" },
	{ "every: 2 s", "every: 2", "6:40", "the unit is missing" },
	{ "  - wait: {duration: 100 ms}", "  - {}", "9:5", "a step is one of set, settle, measure and wait; this has 0 of them" },
	{ "  - wait: {duration: 100 ms}", "  - {wait: {duration: 1 s}, set: {channel: source.voltage.dc}}", "9:5", "this has 2 of them" },
	{ "  - wait: {duration: 100 ms}", "  - waits: {duration: 1 s}", "9:5", "unknown key 'waits' in a step; did you mean 'wait'?" },
	{ ", to: 0 V}", "}", "8:5", "a set in the baseline needs 'to'" },
	{ "name: 9 mV", "name: +10 V", "12:5", "a point '+10 V' is there already" },
	{ "{source.voltage.dc: 10 V}", "{sorce.voltage.dc: 10 V}", "11:28", "did you mean 'source'?" },
	{ "{source.voltage.dc: 10 V}", "{source.voltage.dc: 10 X}", "11:47", "unknown unit 'X'" },
	{ "{source.voltage.dc: 10 V}", "{source.voltage.dc: 1,0 V}", "11:49", "a key is a word" },
	{ "{source.voltage.dc: 10 V}", "[10 V]", "11:27", "values: expected a mapping" },
	{ "{source.voltage.dc: 10 V}", "{source.voltage.dc: 10 V, source.current.dc: 1 A}", "11:53", "no step sets source.current.dc to the point's value" },
	{ ", values: {source.voltage.dc: 10 V}", "", "11:5", "point '+10 V' has no value for source.voltage.dc, which a step sets" },
	{ "window: 1 s", "window: 30 s", "15:58", "the window is not shorter than the timeout" },
	{ "timeout: 30 s", "timeout: 30 s, interval: 1 s", "15:86", "the interval between readings is not shorter than the window" },
	{ "window: 1 s", "window: 50 ms", "15:58", "the interval between readings is not shorter than the window" },
	{ "band: 20 uV", "band: -20 uV", "15:45", "a band is greater than zero" },
	{ "timeout: 30 s", "timeout: 30 s, on_timeout: stop", "15:98", "one of: hold, go-on, abort" },
	{ "[reference.voltage.dc, meter.voltage.dc], count", "[reference.voltage.dc, reference.voltage.dc], count", "16:48", "'reference.voltage.dc' stands here twice" },
	{ "count: 10", "count: 0", "16:74", "a whole number from 1" },
	{ "[reference.voltage.dc, meter.voltage.dc], count", "[], count", "16:25", "expected a list of channels" },
	{ "  - measure: {channels: [reference.voltage.dc, meter.voltage.dc], count: 10, interval: 200 ms}\nresults:\n  - {name: error, indication: meter.voltage.dc, reference: reference.voltage.dc}\n", "  - wait: {duration: 1 s}\n", "4:28", "role 'meter' is never used" },
	{ "indication: meter.voltage.dc", "indication: meter.voltage.ac", "18:31", "no step at the points measures meter.voltage.ac" },
	{ "indication: meter.voltage.dc", "indication: reference.voltage.dc", "18:64", "indication and reference are the same channel" },
	{ "resumable: yes", "resumable: perhaps", "3:12", "yes or no" },
	{ "steps:\n", "step:\n", "1:1", "a procedure needs the key 'steps'" },
};

static const struct spoiling unbound[] = {
	{ "{source.voltage.dc: 10 V}", "{source.voltage.dc: 12.5 V}", "11:47", "12.5 V is outside the range of source.voltage.dc (calibrator), -12000 mV to 12000 mV" },
	{ "{source.voltage.dc: 10 V}", "{source.voltage.dc: -12000001 uV}", "11:47", "-12000001 uV is outside" },
	{ "{source.voltage.dc: 10 V}", "{source.voltage.dc: 10 A}", "11:47", "'A' does not convert to 'V'" },
	{ "{source.voltage.dc: 10 V}", "{source.voltage.dc: 10}", "11:47", "10 has no unit; expected one that converts to 'V'" },
	{ "to: 0 V", "to: 13 V", "8:43", "13 V is outside" },
	{ "to: 0 V", "to: 0 s", "8:43", "'s' does not convert to 'V'" },
	{ "band: 20 uV", "band: 20 uA", "15:51", "'uA' does not convert to 'V'" },
	{ "  - settle: {channel: reference.voltage.dc", "  - settle: {channel: source.voltage.dc", "15:23", "source.voltage.dc (calibrator) cannot be measured" },
	{ "  - wait: {duration: 100 ms}", "  - set: {channel: reference.voltage.dc, to: 0 V}", "9:20", "reference.voltage.dc (meter) cannot be set" },
	{ "  - wait: {duration: 100 ms}", "  - set: {channel: room.temperature, to: 20 degC}", "9:20", "is shared at this bench, so it can only be measured" },
	{ "room.temperature, every", "room.temprature, every", "6:15", "role 'room' is a room, which has no temprature; did you mean 'temperature'?" },
	{ "meter, room]\nenvironment:\n  - {channel: room.temperature", "meter, romm]\nenvironment:\n  - {channel: romm.temperature", "6:15", "bench 'b1' has no role 'romm'; did you mean 'room'?" },
};

static void test_bad(void **state)
{
	(void)state;
	assert_good(good, read_procedure);
	assert_spoiled(good, bad, COUNT(bad), read_procedure);
}

static void test_bind(void **state)
{
	static const char *const limits[] = { "{source.voltage.dc: 12 V}", "{source.voltage.dc: 12000000 uV}" };

	(void)state;
	assert_good(good, bind_procedure);
	assert_spoiled(good, unbound, COUNT(unbound), bind_procedure);
	for (size_t i = 0; i < COUNT(limits); i++) {      /* the end of a range belongs to it */
		const char *old = "{source.voltage.dc: 10 V}", *at = strstr(good, old);
		char *text = mem_format("%.*s%s%s", (int)(at - good), good, limits[i], at + strlen(old));

		assert_good(text, bind_procedure);
		free(text);
	}
}

static void test_all_at_once(void **state)
{
	static const char text[] =
		"procedure: p1\ntitle: x\nroles: [source, meter]\n"
		"points:\n  - {name: a, values: {source.voltage.dc: 99 V}}\n  - {name: b, values: {source.voltage.dc: 1 s}}\n"
		"steps:\n  - set: {channel: source.voltage.dc}\n  - measure: {channels: [meter.voltage.ac], count: 1}\n";
	struct problems ps = { 0 };

	(void)state;
	bind_procedure("p", text, sizeof text - 1, &ps);
	assert_int_equal(ps.total, 3);
	assert_problem(&ps, 0, "5:43", "99 V is outside");
	assert_problem(&ps, 1, "6:43", "'s' does not convert");
	assert_problem(&ps, 2, "9:26", "role 'meter' is a meter, which has no voltage.ac; did you mean 'voltage.dc'?");
	problems_release(&ps);
}

static void test_demos(void **state)
{
	static const char *const paths[] = { "config/procedures/dc-voltage-meter.yaml",
					     "config/procedures/dc-voltage-quick.yaml" };
	struct problems ps = { 0 };
	struct bench *demo;

	(void)state;
	assert_int_equal(bench_load(&demo, "config/benches/demo.yaml", &quantities, &ps), 0);
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct procedure *p;

		assert_int_equal(procedure_load(&p, paths[i], &ps), 0);
		assert_int_equal(procedure_bind(p, demo, &ps), 0);
		procedure_free(&p);
	}
	bench_free(&demo);
}

static int start(void **state)
{
	char *folder = folder_new();
	struct problems ps = { 0 };
	char *path = folder_put(folder, "b1.yaml",
		"bench: b1\ntitle: x\nmodels: .\nroles:\n"
		"  source: {model: calibrator, address: tcp://h:1}\n"
		"  reference: {model: meter, address: tcp://h:2}\n"
		"  meter: {model: meter, address: tcp://h:3}\n"
		"  room: {model: room, address: tcp://h:4, access: shared}\n");

	(void)state;
	free(folder_put(folder, "calibrator.yaml",
		"model: calibrator\ntitle: x\nmanufacturer: x\nnumber: x\ndriver: scpi\nseen: manual\n"
		"points:\n  voltage.dc: {unit: mV, low: -12 V, high: 12 V, set: 'V {}', safe: 0 V}\n"
		"  current.dc: {set: 'I {}', safe: 0 A}\n"));
	free(folder_put(folder, "meter.yaml",
		"model: meter\ntitle: x\nmanufacturer: x\nnumber: x\ndriver: scpi\nseen: manual\n"
		"points:\n  voltage.dc: {ask: 'V?'}\n"));
	free(folder_put(folder, "room.yaml",
		"model: room\ntitle: x\nmanufacturer: x\nnumber: x\ndriver: text\nseen: manual\n"
		"points:\n  temperature: {ask: 'T?', set: 'T {}', safe: 20 degC}\n"));
	if (quantities_load(&quantities, "config/quantities.yaml", &ps) ||
	    bench_load(&bench, path, &quantities, &ps))
		fail_msg("%s", ps.list[0].text);
	free(path);
	folder_remove(&folder);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	bench_free(&bench);
	quantities_release(&quantities);
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),         cmocka_unit_test(test_bind),
		cmocka_unit_test(test_all_at_once), cmocka_unit_test(test_demos),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
