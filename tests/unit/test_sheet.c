/* SPDX-License-Identifier: GPL-3.0-or-later
 * Files of readings that a person wrote down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "sheet.h"
#include "spoil.h"

static struct quantities quantities;
static struct model *model;
static struct procedure *procedure;

static const char gauge[] =
	"model: gauge\ntitle: Gauge\nmanufacturer: any\nnumber: G1\ndriver: manual\nseen: manual\n"
	"points:\n"
	"  pressure.gauge: {unit: bar, low: 0 bar, high: 10 bar, resolution: 0.05, manual: {read: Read it, plausible: 0.5 bar}}\n"
	"  temperature: {manual: {read: Read it}}\n";

static const char points[] =
	"procedure: up\ntitle: Up\nroles: [gauge]\n"
	"points: [{name: 2 bar}, {name: '4 \"bar\"'}]\n"
	"steps: [{measure: {channels: [gauge.pressure.gauge], count: 2}}]\n";

static const char good[] =
	"point,value,time,quantity,reason\r\n"
	"2 bar,2.05,2026-11-24T09:30:00Z,pressure.gauge,\r\n"
	"\r\n"
	"2 bar,\"2.10 bar\",2026-11-24T09:31:00Z,pressure.gauge,\r\n"
	"2 bar,21.37,2026-11-24T09:31:05Z,temperature,\r\n"
	"\"4 \"\"bar\"\"\",4.07,2026-11-24T09:32:00.5Z,pressure.gauge,\"the pointer, between marks\"\r\n"
	"2 bar,overload,2026-11-24T09:33:00Z,pressure.gauge,";

#define NOW INT64_C(1795600000000000000)

static int parse(struct sheet *s, const char *text, size_t n, struct problems *ps)
{
	return sheet_parse(s, "file.csv", text, n, model, procedure, "Ada", NOW, ps);
}

static void test_good(void **state)
{
	struct problems ps = { 0 };
	struct sheet s;
	struct sheet_row *r;
	const struct point *p = model_point(model, "pressure.gauge");

	(void)state;
	assert_int_equal(parse(&s, good, sizeof good - 1, &ps), 0);
	assert_int_equal(s.n, 5);
	r = sheet_next(&s, p, 0, 1);
	assert_string_equal(r->keyed.raw, "2.05");
	assert_string_equal(r->keyed.by, "Ada");
	assert_int_equal(r->keyed.row, 2);
	assert_true(r->keyed.read_ns == INT64_C(1795512600000000000));
	r->used = 1;
	r = sheet_next(&s, p, 0, 1);
	assert_string_equal(r->keyed.raw, "2.10 bar");
	r->used = 1;
	assert_string_equal(sheet_next(&s, p, 0, 1)->keyed.raw, "overload");
	assert_string_equal(sheet_next(&s, p, 0, 2)->keyed.raw, "2.05");         /* another attempt has them all */
	r = sheet_next(&s, p, 1, 1);
	assert_string_equal(r->keyed.raw, "4.07");
	assert_string_equal(r->keyed.reason, "the pointer, between marks");
	assert_null(sheet_next(&s, model_point(model, "temperature"), 1, 1));
	sheet_release(&s);
}

static void test_separators(void **state)
{
	static const char *const texts[] = {
		"\xef\xbb\xbfvalue;point;time;quantity\n2.05;2 bar;2026-11-24T09:30:00Z;pressure.gauge\n",
		"value\ttime\tpoint\tquantity\n2.05\t2026-11-24T09:30:00Z\t2 bar\tpressure.gauge\n",
	};
	struct problems ps = { 0 };
	struct sheet s;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(parse(&s, texts[i], strlen(texts[i]), &ps), 0);
		assert_int_equal(s.n, 1);
		assert_string_equal(s.rows[0].keyed.raw, "2.05");
		sheet_release(&s);
	}
}

static void read_sheet(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct sheet s;

	(void)path;
	parse(&s, text, n, ps);
	sheet_release(&s);
}

static const struct spoiling bad[] = {
	{ "value,time", "values,time", "1:1", "column 'values': expected point, value, time, quantity or reason" },
	{ ",reason\r\n", ",value\r\n", "1:1", "column 'value': it stands there twice" },
	{ "point,value", "quantity,value", "1:1", "stands there twice" },
	{ "2.05,2026", "\"2.05,2026", "2:1", "quotes that do not end" },
	{ "2.05,2026", "2,05,2026", "2:1", "it has not as many columns as the first line" },
	{ "2.05,2026", "\"2,05\",2026", "2:1", "value '2,05': '2,05': decimals stand behind a point" },
	{ "2.05,2026", "2.07,2026", "2:1", "steps of 0.05 bar" },
	{ "2.05,2026", "20.5,2026", "2:1", "outside its range" },
	{ "2.05,2026", ",2026", "2:1", "1 to 127 characters" },
	{ "\"2.10 bar\"", "2.60", "4:1", "further from the last reading, 2.05 bar" },
	{ "\"2.10 bar\"", "2.10 Pa", "4:1", "in bar" },
	{ "4.07", "4.7 psi", "6:1", "in bar" },
	{ "\"the pointer, between marks\"", "", "6:1", "or give a reason" },
	{ "\"4 \"\"bar\"\"\"", "4 bar", "6:1", "point '4 bar': the procedure has no such point" },
	{ "09:32:00.5Z", "09:32:00.5", "6:1", "expected UTC such as" },
	{ "2026-11-24T09:32", "26-11-24T09:32", "6:1", "expected UTC such as" },
	{ "2026-11-24T09:32", "2036-11-24T09:32", "6:1", "it is still to come" },
	{ "temperature", "humidity", "5:1", "quantity 'humidity': the instrument does not measure it" },
	{ "temperature", "", "5:1", "name one in a column quantity" },
};

static void test_bad(void **state)
{
	struct problems ps = { 0 };
	struct sheet s;

	(void)state;
	assert_good(good, read_sheet);
	assert_spoiled(good, bad, COUNT(bad), read_sheet);
	assert_int_equal(parse(&s, "point,value,time\n", 17, &ps), -1);
	assert_problem(&ps, 0, "1:1", "it holds no reading");
	assert_int_equal(parse(&s, "", 0, &ps), -1);
	assert_int_equal(parse(&s, "point\0", 6, &ps), -1);
	problems_release(&ps);
}

static int start(void **state)
{
	struct problems ps = { 0 };

	(void)state;
	quantities_load(&quantities, "config/quantities.yaml", &ps);
	model_parse(&model, "gauge.yaml", gauge, sizeof gauge - 1, &quantities, &ps);
	procedure_parse(&procedure, "up.yaml", points, sizeof points - 1, &ps);
	return (int)ps.total;
}

static int stop(void **state)
{
	(void)state;
	procedure_free(&procedure);
	model_free(&model);
	quantities_release(&quantities);
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_separators), cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
