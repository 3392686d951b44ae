/* SPDX-License-Identifier: GPL-3.0-or-later
 * Results of a procedure that have a measurement model: what is read, and what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "mem.h"
#include "procedure.h"
#include "spoil.h"
#include "unit.h"

static struct quantities quantities;
static struct bench *bench;

static const char good[] =
	"procedure: p1\ntitle: x\nroles: [reference, meter]\n"
	"points:\n  - {name: a}\n"
	"steps:\n  - measure: {channels: [reference.voltage.dc, meter.voltage.dc, reference.voltage.ac, meter.voltage.ac], count: 10}\n"
	"results:\n"
	"  - name: error\n"
	"    model: difference - thermal + step\n"
	"    unit: uV\n"
	"    channel: meter.voltage.dc\n"
	"    inputs:\n"
	"      difference: {differences: [meter.voltage.dc, reference.voltage.dc]}\n"
	"      thermal: {estimate: 0 V, half_width: 0.4 uV, source: four junctions}\n"
	"      step: {resolution: meter.voltage.dc}\n"
	"      cal: {estimate: 1 uV, expanded_uncertainty: 3 uV, coverage_factor: 2, degrees_of_freedom: 50, common_to: laboratory}\n"
	"      level: {nominal: meter.voltage.dc}\n"
	"      x: {readings: meter.voltage.ac}\n"
	"      y: {readings: reference.voltage.ac}\n"
	"    correlations:\n"
	"      - {between: [x, y]}\n"
	"      - {between: [thermal, cal], coefficient: -0.5}\n";

static void read_procedure(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct procedure *p;

	procedure_parse(&p, path, text, n, ps);
	procedure_free(&p);
}

static void bind_procedure(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct procedure *p;

	if (procedure_parse(&p, path, text, n, ps) == 0)
		procedure_bind(p, bench, ps);
	procedure_free(&p);
}

static void what_is_read(void **state)
{
	struct problems ps = { 0 };
	const struct result_spec *r;
	const struct input_spec *in;
	const struct correlation_spec *k;
	struct procedure *p;

	(void)state;
	assert_int_equal(procedure_parse(&p, "p", good, sizeof good - 1, &ps), 0);
	assert_int_equal(procedure_bind(p, bench, &ps), 0);
	r = p->results.items;
	in = r->inputs.items;
	k = r->correlations.items;
	assert_string_equal(r->model, "difference - thermal + step");
	assert_string_equal(r->unit, "uV");
	assert_string_equal(r->channel.quantity, "voltage.dc");
	assert_true(r->coverage_probability == 0.9545);
	assert_int_equal(r->method, EVALUATE_GUM);
	assert_int_equal(r->inputs.n, 7);
	assert_string_equal(in[0].name, "difference");
	assert_int_equal(in[0].kind, INPUT_DIFFERENCES);
	assert_int_equal(in[0].common_to, COMMON_POINT);
	assert_string_equal(in[0].channel.role, "meter");
	assert_string_equal(in[0].subtracted.role, "reference");
	assert_int_equal(in[1].kind, INPUT_STATED);
	assert_int_equal(in[1].common_to, COMMON_RUN);
	assert_string_equal(distribution_names[in[1].distribution], "rectangular");
	assert_string_equal(in[1].source, "four junctions");
	assert_true(isinf(in[1].degrees_of_freedom));
	assert_int_equal(in[2].kind, INPUT_RESOLUTION);
	assert_string_equal(distribution_names[in[3].distribution], "normal");
	assert_int_equal(in[3].common_to, COMMON_LABORATORY);
	assert_true(in[3].degrees_of_freedom == 50);
	assert_int_equal(in[4].kind, INPUT_NOMINAL);
	assert_false(k[0].stated);
	assert_true(k[1].stated && k[1].coefficient == -0.5);
	procedure_free(&p);
}

#define THERMAL "{estimate: 0 V, half_width: 0.4 uV, source: four junctions}"

static const struct spoiling bad[] = {
	{ "    unit: uV\n", "", "10:5", "a model's result has a unit" },
	{ "    unit: uV\n", "    unit: uV\n    indication: meter.voltage.dc\n", "12:5", "has no place beside a model" },
	{ "    model: difference - thermal + step\n", "    indication: meter.voltage.dc\n", "9:5", "no 'reference'" },
	{ "[meter.voltage.dc, reference.voltage.dc]}", "[meter.voltage.dc]}", "14:33", "expected two channels" },
	{ "[meter.voltage.dc, reference.voltage.dc]}", "[meter.voltage.dc, meter.voltage.dc]}", "14:52", "are the same channel" },
	{ "[meter.voltage.dc, reference.voltage.dc]}", "[meter.voltage.dc, reference.temperature]}", "14:52", "no step at the points measures" },
	{ THERMAL, "{estimate: 0 V}", "15:7", "this has 0 of them" },
	{ THERMAL, "{estimate: 0 V, half_width: 1 V, standard_uncertainty: 1 V}", "15:7", "this has 2 of them" },
	{ THERMAL, "{half_width: 1 V}", "15:7", "'thermal' is one of readings, differences, nominal, resolution, standard and estimate" },
	{ THERMAL, "{estimate: 0 V, half_width: -1 V}", "15:44", "not negative" },
	{ THERMAL, "{estimate: 0 V, expanded_uncertainty: 1 V}", "15:7", "belong together" },
	{ THERMAL, "{estimate: 0 V, half_width: 1 V, distribution: normal}", "15:49", "has no half-width" },
	{ THERMAL, "{estimate: 0 V, standard_uncertainty: 1 V, distribution: arcsine}", "15:59", "is given by its half_width" },
	{ THERMAL, "{estimate: 0 V, half_width: 1 V, distribution: trapezoidal}", "15:49", "'top' and the trapezoidal" },
	{ THERMAL, "{estimate: 0 V, half_width: 1 V, top: 0.5}", "15:49", "'top' and the trapezoidal" },
	{ THERMAL, "{estimate: 0 V, half_width: 1 V, distribution: curvilinear}", "15:49", "'limits_within' and the curvilinear" },
	{ THERMAL, "{estimate: 0 V, standard_uncertainty: 1 V, distribution: t}", "15:59", "degrees_of_freedom" },
	{ THERMAL, "{estimate: 0 V, half_width: 1 V, distribution: triangle}", "15:63", "did you mean 'triangular'?" },
	{ "{resolution: meter.voltage.dc}", "{resolution: meter.voltage.dc, half_width: 1 uV}", "16:44", "only beside an estimate" },
	{ "{resolution: meter.voltage.dc}", "{resolution: meter.voltage.dc, common_to: run}", "16:44", "belong to " },
	{ "x: {readings: meter.voltage.ac}", "x: {readings: meter.voltage.ac, pooled_deviation: 1 uV}", "19:39", "belong together" },
	{ "x: {readings: meter.voltage.ac}", "x: {readings: meter.voltage.ac, degrees_of_freedom: 40}", "19:39", "belong together" },
	{ "{resolution: meter.voltage.dc}", "{resolution: meter.voltage.dc, pooled_deviation: 1 uV, degrees_of_freedom: 4}", "16:44", "only of readings" },
	{ "{resolution: meter.voltage.dc}", "{resolution: meter.voltage.dc, conditions: [meter.voltage.dc]}", "16:44", "only of a standard" },
	{ "{resolution: meter.voltage.dc}", "{standard: reference.temperature}", "16:24", "no step at the points measures" },
	{ "{resolution: meter.voltage.dc}", "{standard: reference.voltage.dc, conditions: [meter.temperature]}", "16:59", "neither read all along" },
	{ "x: {readings: meter.voltage.ac}", "x: {readings: meter.voltage.dc}", "19:7", "'difference' and 'x' rest on the same readings" },
	{ "between: [x, y]", "between: [x]", "22:9", "between two inputs" },
	{ "between: [x, y]", "between: [x, z]", "22:9", "'error' has no input 'z'" },
	{ "between: [x, y]", "between: [x, x]", "22:9", "two different inputs" },
	{ "between: [x, y]", "between: [x, cal]", "22:9", "estimated from readings of both" },
	{ "coefficient: -0.5", "coefficient: -1.5", "23:48", "-1" },
};

static const struct spoiling unbound[] = {
	{ "{resolution: meter.voltage.dc}", "{standard: reference.voltage.dc}", "16:24", "no standard stands in that role" },
	{ "{resolution: meter.voltage.dc}", "{resolution: reference.voltage.dc}", "16:26", "states no resolution" },
};

static void what_is_refused(void **state)
{
	(void)state;
	assert_good(good, read_procedure);
	assert_spoiled(good, bad, COUNT(bad), read_procedure);
	assert_good(good, bind_procedure);
	assert_spoiled(good, unbound, COUNT(unbound), bind_procedure);
}

static int start(void **state)
{
	char *folder = folder_new();
	struct problems ps = { 0 };
	char *path = folder_put(folder, "b1.yaml",
		"bench: b1\ntitle: x\nmodels: .\nroles:\n"
		"  reference: {model: plain, address: tcp://h:2}\n  meter: {model: meter, address: tcp://h:3}\n");

	(void)state;
	free(folder_put(folder, "plain.yaml",
		"model: plain\ntitle: x\nmanufacturer: x\nnumber: x\ndriver: scpi\nseen: manual\n"
		"points:\n  voltage.dc: {ask: 'V?'}\n  voltage.ac: {ask: 'A?'}\n"));
	free(folder_put(folder, "meter.yaml",
		"model: meter\ntitle: x\nmanufacturer: x\nnumber: x\ndriver: scpi\nseen: manual\n"
		"points:\n  voltage.dc: {ask: 'V?', resolution: 1.0e-6}\n  voltage.ac: {ask: 'A?'}\n"));
	if (quantities_load(&quantities, "config/quantities.yaml", &ps) || bench_load(&bench, path, &quantities, &ps))
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
		cmocka_unit_test(what_is_read), cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
