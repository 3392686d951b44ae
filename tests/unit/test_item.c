/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "item.h"
#include "model_aid.h"
#include "spoil.h"

static const char good[] =
	"item: meter-4711\n"
	"title: Multimeter\n"
	"owner: Customer\n"
	"identification: INV 4711\n"
	"manufacturer: Acme\n"
	"number: M6\n"
	"serial_number: '77'\n"
	"condition: clean, seal intact\n"
	"accessories: [leads, case]\n"
	"calibrated: 2025-08-31\n"
	"interval_months: 18\n"
	"specification:\n"
	"  - quantity: voltage.dc\n"
	"    range: {from: -12 V, to: 12 V}\n"
	"    full_scale: 10 V\n"
	"    of_reading: 35 ppm\n"
	"    of_range: 5 ppm\n"
	"    floor: 2 uV\n"
	"    temperature: {from: 18 degC, to: 28 degC, of_reading: 5 ppm/degC, of_range: 1 ppm/degC}\n"
	"  - quantity: pressure.gauge\n"
	"    range: {from: 0 bar, to: 16 bar}\n"
	"    class: 1.6\n";

static void read_item(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct item *i;
	int bad = item_parse(&i, "meter-4711.yaml", text, n, &quantities, ps);

	(void)path;
	assert_int_equal(bad ? -1 : 0, ps->total ? -1 : 0);
	assert_true((i == NULL) == (ps->total > 0));
	item_free(&i);
}

static struct item *load(void)
{
	struct problems ps = { 0 };
	struct item *i;

	assert_int_equal(item_parse(&i, "meter-4711.yaml", good, strlen(good), &quantities, &ps), 0);
	return i;
}

static void assert_half(const struct item *i, const char *quantity, double value, double temperature, double half)
{
	const struct item_specification *s = item_specification(i, quantity, value);
	struct interval limits;

	assert_non_null(s);
	limits = item_limits(s, value, temperature);
	assert_true(fabs((limits.high - limits.low) / 2 - half) <= 1e-9 * half);
	assert_true(fabs((limits.high + limits.low) / 2 - value) <= 1e-9 * fabs(value));
}

static void test_limits(void **state)
{
	struct item *i = load();

	(void)state;
	assert_half(i, "voltage.dc", 10, NAN, 350e-6 + 50e-6 + 2e-6);
	assert_half(i, "voltage.dc", -10, 23, 402e-6);
	assert_half(i, "voltage.dc", -10, 28, 402e-6);
	assert_half(i, "voltage.dc", 10, 30, 402e-6 + 2 * (50e-6 + 10e-6));
	assert_half(i, "voltage.dc", 10, 17, 402e-6 + 60e-6);
	assert_half(i, "pressure.gauge", 4e5, NAN, 25.6e3);
	assert_null(item_specification(i, "voltage.dc", 12.1));
	assert_null(item_specification(i, "current.dc", 0));
	item_free(&i);
}

/* The last day of a month stays within the month that is meant. */
static void test_due(void **state)
{
	struct item *i = load();
	char text[DAY_TEXT];

	(void)state;
	assert_string_equal(day_format(item_due(i), text), "2027-02-28");
	i->calibrated = 0;
	assert_int_equal(item_due(i), 0);
	item_free(&i);
}

static void test_tur(void **state)
{
	struct item *i = load();

	(void)state;
	assert_true(fabs(conformity_tur(item_limits(item_specification(i, "voltage.dc", 10), 10, NAN), 100e-6) - 4.02) < 1e-9);
	item_free(&i);
}

static const struct spoiling bad[] = {
	{ "item: meter-4711", "item: meter-4712", "1:1", "the file of item 'meter-4712' is named meter-4712.yaml" },
	{ "serial_number: '77'\n", "", "1:1", "an item needs the key 'serial_number'" },
	{ "calibrated: 2025-08-31", "calibrated: 31.08.2025", "10:13", "is not a day such as 2026-03-14" },
	{ "quantity: voltage.dc", "quantity: volatge.dc", "13:5", "did you mean 'voltage.dc'?" },
	{ "of_reading: 35 ppm\n", "of_reading: 35 uV\n", "16:17", "does not convert" },
	{ "floor: 2 uV", "floor: 2 ppm", "18:12", "does not convert" },
	{ "floor: 2 uV", "floor: -2 uV", "13:5", "it is not negative" },
	{ "full_scale: 10 V", "full_scale: 0 V", "15:5", "is not greater than 0" },
	{ "from: -12 V", "from: 13 V", "14:5", "from the lesser value to the greater" },
	{ "from: 18 degC", "from: 29 degC", "19:5", "from the lesser temperature to the greater" },
	{ "of_range: 1 ppm/degC", "of_range: 1 ppm", "19:81", "does not convert" },
	{ "class: 1.6", "class: 1.6\n    floor: 1 Pa", "20:5", "or a class" },
	{ "    class: 1.6\n", "", "20:5", "those that it has, or a class" },
	{ "quantity: pressure.gauge\n    range: {from: 0 bar, to: 16 bar}", "quantity: voltage.dc\n    range: {from: 0 V, to: 16 V}",
	  "20:5", "the ranges of two specifications overlap" },
};

static void test_bad(void **state)
{
	(void)state;
	assert_good(good, read_item);
	assert_spoiled(good, bad, COUNT(bad), read_item);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_tur),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
