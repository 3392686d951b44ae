/* SPDX-License-Identifier: GPL-3.0-or-later
 * The scope of accreditation: pieces, conditions, what is refused, and where the floor acts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmc.h"
#include "folder.h"
#include "spoil.h"
#include "unit.h"

static char *folder;
static struct quantities vocabulary;

static void read_cmc(const char *path, const char *text, size_t n, struct problems *ps)
{
	char *file = folder_put(folder, path, text);
	struct cmc *c;
	int bad = cmc_load(&c, file, &vocabulary, ps);

	(void)n;
	assert_int_equal(bad ? -1 : 0, ps->total ? -1 : 0);
	assert_true((c == NULL) == (ps->total > 0));
	cmc_free(&c);
	free(file);
}

static const char good[] =
	"cmc: LAB-SCOPE-1\n"
	"coverage_factor: 2\n"
	"coverage_probability: 95.45 %\n"
	"capabilities:\n"
	"  - {quantity: voltage.dc, from: 0 V, to: 100 mV, floor: 1 uV, of_value: 10 uV/V}\n"
	"  - {quantity: voltage.dc, from: 100 mV, to: 10 V, floor: 4 uV, of_value: 5 ppm}\n"
	"  - {quantity: resistance, from: 1 Ohm, to: 10 kOhm, floor: 3 mOhm, of_value: 4 ppm, combined: root-sum-of-squares}\n"
	"  - {quantity: temperature, from: -40 degC, to: 250 degC, floor: 15 mK}\n"
	"  - {quantity: temperature, method: fixed points, from: 0 degC, to: 30 degC, floor: 2 mK}\n"
	"  - {quantity: voltage.ac, from: 1 V, to: 10 V, of_value: 60 ppm, where: {frequency: {from: 40 Hz, to: 20 kHz}}}\n"
	"  - {quantity: voltage.ac, from: 1 V, to: 10 V, of_value: 0.02 %, where: {frequency: {from: 20 kHz, to: 0.1 MHz}}}\n";

static const struct spoiling bad[] = {
	{ "cmc: LAB-SCOPE-1\n", "", "1:1", "a scope needs the key 'cmc'" },
	{ "coverage_factor: 2", "coverage_factor: 0.5", "2:18", "coverage_factor" },
	{ "95.45 %", "95.45", "3:1", "between 0 % and 100 %" },
	{ "95.45 %", "1 V", "3:1", "coverage_probability: " },
	{ "quantity: resistance", "quantity: resistence", "7:16", "unknown quantity 'resistence'; did you mean 'resistance'?" },
	{ "to: 100 mV, floor", "to: 100 mA, floor", "5:39", "to: " },
	{ "to: 100 mV, floor", "to: 100 mV, flour", "5:51", "did you mean 'floor'?" },
	{ "from: 100 mV, to: 10 V", "from: 10 V, to: 100 mV", "6:40", "the upper end is not above the lower one" },
	{ "from: 100 mV, to: 10 V", "from: 99 mV, to: 10 V", "6:5", "overlaps the piece of line 5" },
	{ "floor: 3 mOhm, of_value: 4 ppm, ", "", "7:5", "a piece needs an uncertainty" },
	{ "floor: 15 mK", "floor: -15 mK", "8:59", "a negative uncertainty" },
	{ "floor: 15 mK", "of_value: 1 ppm", "8:59", "the scale's zero is not nothing" },
	{ "of_value: 4 ppm", "of_value: 4 uV", "7:69", "of_value: " },
	{ "method: fixed points, ", "", "9:5", "overlaps the piece of line 8" },
	{ "where: {frequency: {from: 20 kHz", "where: {frequency: {from: 19 kHz", "11:5", "overlaps the piece of line 10" },
	{ ", where: {frequency: {from: 20 kHz, to: 0.1 MHz}}", "", "11:5", "overlaps the piece of line 10" },
	{ "{from: 40 Hz, to: 20 kHz}", "{from: 40 Hz, to: 20 kV}", "10:100", "to: " },
	{ "{frequency: {from: 40 Hz", "{freqency: {from: 40 Hz", "10:85",
	  "unknown quantity 'freqency'; did you mean 'frequency'?" },
};

static void refusals(void **state)
{
	(void)state;
	assert_good(good, read_cmc);
	assert_spoiled(good, bad, COUNT(bad), read_cmc);
}

static struct cmc *scope(void)
{
	char *path = folder_put(folder, "cmc.yaml", good);
	struct problems ps = { 0 };
	struct cmc *c;

	assert_int_equal(cmc_load(&c, path, &vocabulary, &ps), 0);
	free(path);
	return c;
}

/* The floor, or -1 where the result is out of scope. */
static double floor_of(const struct cmc *c, const struct cmc_result *r)
{
	struct cmc_floor f;
	struct err e;

	if (cmc_find(c, r, &f, &e) < 0) {
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.text, "is not in the scope LAB-SCOPE-1"));
		return -1;
	}
	assert_true(f.factor == 2 && f.probability == 0.9545);
	return f.expanded;
}

static void assert_floor(const struct cmc *c, const char *quantity, const char *method, double value, double expected)
{
	double x = floor_of(c, &(struct cmc_result){ .quantity = quantity, .method = method, .value = value });

	if (!(fabs(x - expected) <= 1e-14 * fabs(expected)))
		fail_msg("%s at %.12g: %.17g is not %.17g", quantity, value, x, expected);
}

static void pieces(void **state)
{
	struct cmc *c = scope();

	(void)state;
	assert_floor(c, "voltage.dc", NULL, 0, 1e-6);
	assert_floor(c, "voltage.dc", NULL, 0.05, 1.5e-6);
	assert_floor(c, "voltage.dc", NULL, 0.1, 4.5e-6);       /* where two meet, the larger */
	assert_floor(c, "voltage.dc", NULL, 10, 54e-6);
	assert_floor(c, "voltage.dc", NULL, 10.0001, -1);
	assert_floor(c, "voltage.dc", NULL, -0.05, -1);
	assert_floor(c, "resistance", NULL, 1000, 5e-3);        /* 3 mOhm and 4 mOhm */
	assert_floor(c, "temperature", NULL, 20, 0.015);
	assert_floor(c, "temperature", "fixed points", 20, 0.002);
	assert_floor(c, "temperature", "fixed points", 31, -1);
	assert_floor(c, "temperature", "by eye", 20, -1);
	assert_floor(c, "mass", NULL, 1, -1);
	assert_floor(c, "voltage.dc", NULL, NAN, -1);
	cmc_free(&c);
}

static void conditions(void **state)
{
	const struct cmc_circumstance slow[] = { { "temperature", 23 }, { "frequency", 1e3 } };
	const struct cmc_circumstance between[] = { { "frequency", 20e3 } }, fast[] = { { "frequency", 1e6 } };
	struct cmc_result r = { .quantity = "voltage.ac", .value = 10 };
	struct cmc *c = scope();

	(void)state;
	assert_true(floor_of(c, &r) == -1);                     /* at what frequency? */
	r.at = slow, r.n = 2;
	assert_true(fabs(floor_of(c, &r) - 600e-6) < 1e-17);
	r.at = between, r.n = 1;
	assert_true(fabs(floor_of(c, &r) - 2e-3) < 1e-17);
	r.at = fast;
	assert_true(floor_of(c, &r) == -1);
	cmc_free(&c);
}

static void where_it_acts(void **state)
{
	const struct cmc_floor f = { .expanded = 1e-3, .factor = 2, .probability = 0.95 };
	double expanded = 0.9e-3, k = 2.13;

	(void)state;
	assert_true(cmc_apply(&f, &expanded, &k));
	assert_true(expanded == 1e-3 && k == 2);
	k = 2.13;
	assert_false(cmc_apply(&f, &expanded, &k));             /* its own value is no floor to itself */
	expanded = 1.1e-3;
	assert_false(cmc_apply(&f, &expanded, &k));
	assert_true(expanded == 1.1e-3 && k == 2.13);
}

static void defaults(void **state)
{
	char *path = folder_put(folder, "d.yaml", "cmc: X\ncapabilities:\n"
				"  - {quantity: mass, from: 1 g, to: 1 kg, of_value: 1 ppm}\n");
	struct problems ps = { 0 };
	struct cmc *c;

	(void)state;
	assert_int_equal(cmc_load(&c, path, &vocabulary, &ps), 0);
	assert_true(c->factor == 2 && c->coverage == 0.95);
	cmc_free(&c);
	cmc_free(&c);
	assert_int_equal(cmc_load(&c, "none.yaml", &vocabulary, &ps), -1);
	problems_release(&ps);
	free(path);
}

static int start(void **state)
{
	struct problems ps = { 0 };

	(void)state;
	folder = folder_new();
	return quantities_load(&vocabulary, "config/quantities.yaml", &ps);
}

static int stop(void **state)
{
	(void)state;
	folder_remove(&folder);
	quantities_release(&vocabulary);
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(pieces),
		cmocka_unit_test(conditions),
		cmocka_unit_test(where_it_acts),
		cmocka_unit_test(defaults),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
