/* SPDX-License-Identifier: GPL-3.0-or-later
 * Points of a procedure that follow from a plan: their values, order and names, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixed.h"
#include "mem.h"
#include "procedure.h"
#include "spoil.h"
#include "unit.h"

#define HEAD "procedure: p1\ntitle: x\nroles: [source, reference]\npoints:\n"
#define TAIL "steps:\n  - set: {channel: source.voltage.ac}\n  - set: {channel: source.frequency}\n" \
	     "  - measure: {channels: [reference.voltage.ac], count: 2}\n"

static void read_procedure(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct procedure *p;

	procedure_parse(&p, path, text, n, ps);
	procedure_free(&p);
}

static struct procedure *procedure_with(const char *points, const char *tail)
{
	struct problems ps = { 0 };
	struct procedure *p;
	char *text = mem_format("%s%s%s", HEAD, points, tail);

	procedure_parse(&p, "p", text, strlen(text), &ps);
	if (ps.total)
		fail_msg("%d:%d: %s", ps.list[0].line, ps.list[0].column, ps.list[0].text);
	free(text);
	return p;
}

/* The names of the points, one behind the other with a bar between. */
static char *names(const struct procedure *p)
{
	const struct procedure_point *pt = p->points.items;
	struct buf b = { 0 };

	for (size_t i = 0; i < p->points.n; i++)
		buf_printf(&b, "%s%s", i ? " | " : "", pt[i].name);
	return b.data;
}

static void assert_points(const char *points, const char *expected)
{
	struct procedure *p = procedure_with(points, TAIL);
	char *found = names(p);

	assert_string_equal(found, expected);
	free(found);
	procedure_free(&p);
}

#define VOLTS "  across:\n    - {channel: source.frequency, values: [1 kHz]}\n    - {channel: source.voltage.ac, "

static void what_ranges_give(void **state)
{
	(void)state;
	assert_points(VOLTS "from: 0 V, to: 1 V, step: 0.1 V}\n",
		      "0 V | 0.1 V | 0.2 V | 0.3 V | 0.4 V | 0.5 V | 0.6 V | 0.7 V | 0.8 V | 0.9 V | 1 V");
	assert_points(VOLTS "from: 1 V, to: -1 V, step: 500 mV}\n", "1 V | 0.5 V | 0 V | -0.5 V | -1 V");
	assert_points(VOLTS "from: 0 V, to: 1 V, points: 9}\n",
		      "0 V | 0.125 V | 0.25 V | 0.375 V | 0.5 V | 0.625 V | 0.75 V | 0.875 V | 1 V");
	assert_points(VOLTS "from: 0 V, to: 10 V, points: 4}\n", "0 V | 3.33 V | 6.67 V | 10 V");
	assert_points(VOLTS "from: 1000 V, to: 1010 V, points: 4, digits: 2}\n", "1000 V | 1003.3 V | 1006.7 V | 1010 V");
	assert_points(VOLTS "from: 0.1 V, to: 0.30000000000001 V, points: 2}\n", "0.1 V | 0.30000000000001 V");
	assert_points(VOLTS "from: 10 V, to: 10000 V, points: 4, spacing: logarithmic}\n", "10 V | 100 V | 1000 V | 10000 V");
	assert_points(VOLTS "from: 1 V, to: 10 V, points: 4, spacing: logarithmic}\n", "1 V | 2.15 V | 4.64 V | 10 V");
	assert_points(VOLTS "from: 1 V, to: 10 V, points: 4, spacing: logarithmic, digits: 1}\n", "1 V | 2 V | 5 V | 10 V");
	assert_points(VOLTS "from: 3.0625 V, to: 0.1 V, points: 3, spacing: logarithmic}\n", "3.0625 V | 0.553 V | 0.1 V");
	assert_points(VOLTS "from: 10 mV, to: 1 kV, points: 6, spacing: logarithmic}\n",
		      "10 mV | 100 mV | 1 V | 10 V | 100 V | 1 kV");
	assert_points(VOLTS "from: 0 mV, to: 2 V, step: 500 mV}\n", "0 mV | 500 mV | 1 V | 1.5 V | 2 V");
}

static void values_are_the_nearest_doubles(void **state)
{
	struct procedure *p = procedure_with(VOLTS "from: -3 V, to: 3 V, step: 0.1 V}\n", TAIL);
	const struct procedure_point *pt = p->points.items;

	(void)state;
	assert_int_equal(p->points.n, 61);
	for (size_t i = 0; i < p->points.n; i++) {
		const struct assignment *a = pt[i].values.items;

		assert_int_equal(pt[i].values.n, 2);
		assert_string_equal(a[0].channel.text, "source.frequency");
		assert_string_equal(a[1].channel.role, "source");
		assert_string_equal(a[1].channel.quantity, "voltage.ac");
		assert_true(a[1].value.number == ((double)i - 30) / 10);
		assert_string_equal(a[1].value.unit, "V");
	}
	procedure_free(&p);
}

#define BOTH "  across:\n    - {channel: source.voltage.ac, values: [1 V, 10 V]}\n" \
	     "    - {channel: source.frequency, values: [1 kHz, 50 Hz]}\n"
#define BOTH_1 "1 V, 1 kHz | 1 V, 50 Hz | 10 V, 1 kHz | 10 V, 50 Hz"

static void what_orders_give(void **state)
{
	(void)state;
	assert_points(BOTH, BOTH_1);
	assert_points(BOTH "  order: up\n", "1 V, 50 Hz | 1 V, 1 kHz | 10 V, 50 Hz | 10 V, 1 kHz");
	assert_points(BOTH "  order: down\n", BOTH_1);
	assert_points(BOTH "  order: up-down\n  hysteresis: yes\n",
		      "1 V, 50 Hz up | 1 V, 1 kHz | 1 V, 50 Hz down | 10 V, 50 Hz up | 10 V, 1 kHz | 10 V, 50 Hz down");
	assert_points(VOLTS "values: [5 V, 0 V, 100 mV]}\n  order: up-down\n  cycles: 2\n",
		      "cycle 1, 0 V up | cycle 1, 100 mV up | cycle 1, 5 V | cycle 1, 100 mV down | cycle 1, 0 V down | "
		      "cycle 2, 0 V up | cycle 2, 100 mV up | cycle 2, 5 V | cycle 2, 100 mV down | cycle 2, 0 V down");
	assert_points(VOLTS "values: [5 V, 0 V]}\n  repeats: 2\n", "5 V, repeat 1 | 5 V, repeat 2 | 0 V, repeat 1 | 0 V, repeat 2");
	assert_points(VOLTS "values: [5 V]}\n", "5 V");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

#define TEN VOLTS "from: 0 V, to: 9 V, step: 1 V}\n  order: random\n  seed: "

/* The same everywhere, every point once in each cycle, and each cycle in an order of its own. */
static void what_a_seed_gives(void **state)
{
	struct procedure *p = procedure_with(TEN "42\n  cycles: 2\n", TAIL);
	const struct procedure_point *pt = p->points.items;
	const char *sorted[20];
	bool other = false;

	(void)state;
	assert_points(TEN "42\n", "2 V | 1 V | 3 V | 6 V | 4 V | 0 V | 7 V | 9 V | 5 V | 8 V");
	assert_points(TEN "43\n", "1 V | 4 V | 6 V | 7 V | 9 V | 0 V | 5 V | 3 V | 8 V | 2 V");
	assert_int_equal(p->points.n, 20);
	for (size_t i = 0; i < 20; i++) {
		sorted[i] = pt[i].name;
		other |= i < 10 && strcmp(strchr(pt[i].name, ','), strchr(pt[i + 10].name, ',')) != 0;
	}
	assert_true(other);
	qsort(sorted, 20, sizeof *sorted, by_text);
	for (size_t i = 0; i < 20; i++) {
		char *expected = mem_format("cycle %zu, %zu V", i / 10 + 1, i % 10);

		assert_string_equal(sorted[i], expected);
		free(expected);
	}
	procedure_free(&p);
}

static void what_exceptions_give(void **state)
{
	(void)state;
	assert_points(BOTH "  except:\n    - {at: {source.voltage.ac: 10000 mV, source.frequency: 1 kHz}, skip: yes}\n",
		      "1 V, 1 kHz | 1 V, 50 Hz | 10 V, 50 Hz");
	assert_points(BOTH "  except:\n    - {at: {source.frequency: 1000 Hz}, skip: yes}\n", "1 V, 50 Hz | 10 V, 50 Hz");
	assert_points(BOTH "  order: up-down\n  except:\n"
		      "    - {at: {source.voltage.ac: 10 V}, values: {source.voltage.ac: 9.5 V}}\n"
		      "    - {at: {source.voltage.ac: 1 V}, skip: yes}\n",
		      "9.5 V, 50 Hz up | 9.5 V, 1 kHz | 9.5 V, 50 Hz down");
}

static const char good[] = HEAD
	"  across:\n"
	"    - {channel: source.voltage.ac, values: [1 V, 10 V]}\n"
	"    - {channel: source.frequency, from: 10 Hz, to: 1 MHz, points: 6, spacing: logarithmic}\n"
	"  order: random\n"
	"  seed: 42\n"
	"  cycles: 3\n"
	"  except:\n"
	"    - {at: {source.voltage.ac: 10 V, source.frequency: 1 MHz}, skip: yes}\n" TAIL;

#define RANGE "from: 10 Hz, to: 1 MHz, points: 6, spacing: logarithmic}"

static const struct spoiling bad[] = {
	{ "source.voltage.ac, values: [1", "sorce.voltage.ac, values: [1", "6:17", "did you mean 'source'?" },
	{ "values: [1 V, 10 V]", "values: []", "6:44", "expected a list of 1 to 1000 values" },
	{ "values: [1 V, 10 V]", "values: [1 V, 1 A]", "6:50", "'A' does not convert to 'V'" },
	{ "values: [1 V, 10 V]", "values: [1 V, 1000 mV]", "6:50", "1000 mV stands twice among the values of source.voltage.ac: write it once" },
	{ "values: [1 V, 10 V]", "values: [1 V], to: 2 V", "6:51", "'to' has no place beside 'values'" },
	{ ", values: [1 V, 10 V]", "", "6:7", "has 'values', or a range with 'from' and 'to'" },
	{ "points: 6, ", "", "7:7", "a range has either 'points', how many, or 'step'" },
	{ "points: 6, ", "step: 10 Hz, ", "7:59", "a logarithmic one has 'points'" },
	{ "points: 6, ", "points: 1, ", "7:67", "a whole number from 2 to 1000" },
	{ RANGE, "from: 0 Hz, to: 1 MHz, points: 6, spacing: logarithmic}", "7:35", "a logarithmic range lies above zero" },
	{ RANGE, "from: 10 Hz, to: 100, points: 6}", "7:7", "are numbers with a unit such as 10 mV" },
	{ RANGE, "from: 10 Hz, to: 1 V, points: 6}", "7:35", "'V' does not convert to 'Hz'" },
	{ RANGE, "from: 10 Hz, to: 10 Hz, points: 6}", "7:35", "a range ends elsewhere than it begins" },
	{ RANGE, "from: 10 Hz, to: 19 Hz, step: 2 Hz}", "7:59", "no whole number of steps" },
	{ RANGE, "from: 10 Hz, to: 1 Hz, step: -1 Hz}", "7:58", "a step is greater than zero, also in a range that falls" },
	{ RANGE, "from: 10 Hz, to: 1 MHz, step: 1 Hz}", "7:59", "the range has 999991 values, more than 1000" },
	{ RANGE, "from: 10 Hz, to: 30 Hz, step: 1 Hz, digits: 2}", "7:71", "by its step a range is exact" },
	{ RANGE, "from: 10 Hz, to: 12 Hz, points: 6, digits: 1, spacing: logarithmic}", "7:41", "give the range more digits or fewer points" },
	{ RANGE, "from: 1.000001 Hz, to: 1e12 Hz, points: 6}", "7:35", "more than 15 digits" },
	{ RANGE, "from: 100000000000000 Hz, to: 100000000000001 Hz, points: 4}", "7:35", "give it fewer 'digits'" },
	{ "values: [1 V, 10 V]", "values: [1 V, 10]", "6:50", "expected a number and a unit" },
	{ "frequency, from", "voltage.ac, from", "7:17", "'source.voltage.ac' stands here twice" },
	{ "order: random", "order: rising", "8:10", "one of: as-written, up, down, up-down, random" },
	{ "order: random", "order: up", "9:3", "a seed belongs to order: random" },
	{ "  seed: 42\n", "", "8:3", "a random order needs a 'seed'" },
	{ "cycles: 3\n", "cycles: 3\n  hysteresis: yes\n", "8:3", "it needs order: up-down" },
	{ "cycles: 3", "cycles: 0", "10:11", "a whole number from 1 to 1000" },
	{ "cycles: 3", "cycles: 84", "4:1", "more than 1000 points" },
	{ "cycles: 3", "cycles: 30", "4:1", "these are 330 points, about 79 too many for one run's start record" },
	{ ", skip: yes", "", "12:7", "either 'skip: yes' or other 'values'" },
	{ ", skip: yes", ", skip: yes, values: {source.voltage.ac: 1 V}", "12:7", "either 'skip: yes' or other 'values'" },
	{ "{source.voltage.ac: 10 V, source.frequency: 1 MHz}", "{}", "12:8", "an exception says of which points" },
	{ "{source.voltage.ac: 10 V, source.f", "{source.voltage.ac: 5 V, source.f", "12:7", "meets none of the points" },
	{ "{source.voltage.ac: 10 V, source.f", "{source.voltage.dc: 10 V, source.f", "12:13", "'source.voltage.dc' is not among the channels of 'across'" },
	{ "{source.voltage.ac: 10 V, source.f", "{source.voltage.ac: 10 A, source.f", "12:32", "'A' does not convert to 'V'" },
	{ "skip: yes", "values: {source.voltage.ac: 1 V}", "4:1", "1 V, 1 MHz' is there already" },
	{ "  - set: {channel: source.frequency}\n", "", "7:17", "no step sets source.frequency to the point's value" },
	{ "  - set: {channel: source.frequency}\n", "  - set: {channel: source.frequency}\n  - set: {channel: source.phase}\n", "4:1", "has no value for source.phase" },
	{ "  across:\n", "  acros:\n", "4:1", "needs the key 'across'" },
};

static void what_is_refused(void **state)
{
	(void)state;
	assert_good(good, read_procedure);
	assert_spoiled(good, bad, COUNT(bad), read_procedure);
}

static void what_is_wrong_with_all_is_said_once(void **state)
{
	static const char text[] = HEAD "  across: [{channel: source.voltage.ac, from: 0 V, to: 9 V, points: 10}]\n" TAIL;
	struct problems ps = { 0 };

	(void)state;
	read_procedure("p", text, sizeof text - 1, &ps);
	assert_int_equal(ps.total, 1);
	assert_problem(&ps, 0, "4:1", "point '0 V' has no value for source.frequency, which a step sets");
	problems_release(&ps);
}

static void fixed_of_doubles(void **state)
{
	static const double given[] = { 0, 0.3, -12.5, 1e-9, 1.5e12, 2.5e-7, 123456789012345 };
	struct fixed d;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(given); i++) {
		assert_int_equal(fixed_of(given[i], &d, &e), 0);
		assert_true(fixed_value(d) == given[i]);
	}
	assert_int_equal(fixed_of(1.0 / 3, &d, &e), -1);
	assert_int_equal(fixed_of(1e-30, &d, &e), -1);
}

static int stop(void **state)
{
	(void)state;
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ranges_give),     cmocka_unit_test(values_are_the_nearest_doubles),
		cmocka_unit_test(what_orders_give),     cmocka_unit_test(what_a_seed_gives),
		cmocka_unit_test(what_exceptions_give), cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_is_wrong_with_all_is_said_once), cmocka_unit_test(fixed_of_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
