/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "quantity.h"
#include "spoil.h"
#include "unit.h"

/* Expected values are decimal literals: conversions by powers of ten give just that double. */
static void test_exact(void **state)
{
	static const struct { const char *from, *to; double value, becomes; } list[] = {
		{ "mV", "V", 9, 0.009 },       { "V", "mV", 9, 9000 },        { "uV", "V", 7, 0.000007 },
		{ "nV", "V", 3, 3e-9 },        { "uV", "mV", 9, 0.009 },      { "MOhm", "Ohm", 1.1, 1100000 },
		{ "g", "kg", 9, 0.009 },       { "mg", "kg", 7, 7e-6 },       { "kg", "g", 0.3, 300 },
		{ "%", "1", 9, 0.09 },         { "1", "%", 0.5, 50 },         { "ppm", "%", 7, 0.0007 },
		{ "%RH", "%", 45.5, 45.5 },    { "V/V", "1", 2, 2 },          { "hPa", "Pa", 1013.25, 101325 },
		{ "mbar", "Pa", 1000, 100000 },{ "L", "m3", 9, 0.009 },       { "kg/m3", "g L-1", 1.2, 1.2 },
		{ "m s-1", "m/s", 3, 3 },      { "min", "s", 2, 120 },        { "h", "min", 1.5, 90 },
		{ "ms", "s", 9, 0.009 },       { "d", "h", 1, 24 },           { "mm2", "m2", 9, 9e-6 },
		{ "km", "mm", 1, 1e6 },        { "kHz", "s-1", 5, 5000 },     { "N m", "J", 3, 3 },
		{ "\u00B5V", "V", 9, 9e-6 },   { "\u03BCA", "A", 9, 9e-6 },   { "k\u03A9", "Ohm", 1, 1000 },
		{ "W", "V A", 2, 2 },          { "VA", "W", 2, 2 },           { "kW h", "J", 1, 3600000 },
		{ "degC", "K", 0, 273.15 },    { "K", "degC", 273.15, 0 },    { "\u00B0C", "degC", 23.5, 23.5 },
		{ "degC", "mK", 0, 273150 },   { "mK", "degC", 273150, 0 },   { "ppm degC-1", "1 K-1", 5, 5e-6 },
	};
	struct conversion c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		if (unit_convert(&c, list[i].from, list[i].to, &e))
			fail_msg("%s", e.text);
		if (conversion_apply(&c, list[i].value) != list[i].becomes)
			fail_msg("%g %s became %.17g %s, not %.17g", list[i].value, list[i].from,
				 conversion_apply(&c, list[i].value), list[i].to, list[i].becomes);
	}
}

static void assert_near(const char *from, const char *to, double value, double becomes)
{
	struct conversion c;
	struct err e;
	double v, back;

	if (unit_convert(&c, from, to, &e))
		fail_msg("%s", e.text);
	v = conversion_apply(&c, value);
	back = conversion_undo(&c, v);
	if (fabs(v - becomes) > 1e-12 * fmax(1, fabs(becomes)) || fabs(back - value) > 1e-12 * fmax(1, fabs(value)))
		fail_msg("%g %s became %.17g %s and %.17g again", value, from, v, to, back);
}

static void test_others(void **state)
{
	struct conversion c;
	struct err e;

	(void)state;
	assert_near("degF", "degC", 212, 100);
	assert_near("degF", "K", 32, 273.15);
	assert_near("degC", "degF", -40, -40);
	assert_near("deg", "rad", 180, M_PI);
	assert_near("m/s", "km h-1", 10, 36);
	assert_near("mrad", "deg", 1000 * M_PI / 2, 90);

	/* A difference has no origin. */
	assert_int_equal(unit_convert(&c, "degC", "K", &e), 0);
	assert_true(conversion_scale(&c, 0.5) == 0.5);
	assert_int_equal(unit_convert(&c, "degF", "K", &e), 0);
	assert_true(fabs(conversion_scale(&c, 9) - 5) < 1e-14);
}

static void test_refused(void **state)
{
	static const struct { const char *from, *to, *says; } list[] = {
		{ "s", "V", "'s' does not convert to 'V'" },
		{ "Hz", "rad s-1", "does not convert" },       /* udunits2 gives factor 1 */
		{ "rad", "1", "does not convert" },
		{ "V2", "V", "does not convert" },
		{ "Hz", "s", "does not convert" },             /* udunits2 takes the reciprocal */
		{ "S", "Ohm", "does not convert" },
		{ "V^0.5", "V", "unknown unit" },              /* udunits2 takes it for 5 */
		{ "V Hz-1/2", "V", "unknown unit" },
		{ "V Hz-0.5", "V", "unknown unit" },
		{ "pH", "H", "unknown unit 'pH'" },            /* a picohenry for udunits2 */
		{ "dB", "1", "unknown unit" },
		{ "eV", "J", "unknown unit" },
		{ "sr", "1", "unknown unit" },
		{ "u", "kg", "unknown unit" },
		{ "mVV", "V", "did you mean 'mV'?" },
		{ "v", "V", "did you mean 'V'?" },
		{ "ohm", "Ohm", "did you mean 'Ohm'?" },
		{ "degc", "degC", "did you mean 'degC'?" },
		{ "Volt", "V", "unknown unit 'Volt'" },
		{ "", "V", "unknown unit" },                   { " V", "V", "unknown unit" },
		{ "V ", "V", "unknown unit" },                 { "V  A", "W", "unknown unit" },
		{ "/s", "Hz", "unknown unit" },                { "V/", "V", "unknown unit" },
		{ "J/kg K", "J", "unknown unit" },             { "V//s", "V", "unknown unit" },
		{ "V0", "V", "unknown unit" },                 { "V-", "V", "unknown unit" },
		{ "m10", "m", "unknown unit" },                { "2 V", "V", "unknown unit" },
		{ "kmin", "s", "unknown unit" },               { "mdegC", "K", "unknown unit" },
		{ "kkg", "kg", "unknown unit" },               { "V;", "V", "unknown unit" },
		{ "m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m", "m", "unknown unit" },
	};
	struct conversion c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		if (!unit_convert(&c, list[i].from, list[i].to, &e))
			fail_msg("'%s' was taken for '%s'", list[i].from, list[i].to);
		assert_int_equal(e.code, ERR_CONFIG);
		if (!strstr(e.text, list[i].says))
			fail_msg("'%s': %s", list[i].from, e.text);
	}
}

static void test_values(void **state)
{
	char mV[] = "mV", K[] = "K", none[] = "", percent[] = "%";
	struct value v = { .number = 9, .unit = mV };
	struct err e;
	double out;

	(void)state;
	assert_int_equal(value_in(&v, "V", &out, &e), 0);
	assert_true(out == 0.009);
	v = (struct value){ .number = 0.5, .unit = K };
	assert_int_equal(difference_in(&v, "degC", &out, &e), 0);
	assert_true(out == 0.5);
	assert_int_equal(value_in(&v, "degC", &out, &e), 0);
	assert_true(fabs(out + 272.65) < 1e-12);
	v.unit = none;
	assert_int_equal(value_in(&v, "V", &out, &e), -1);
	assert_string_equal(e.text, "0.5 has no unit; expected one that converts to 'V'");
	assert_int_equal(value_in(&v, "1", &out, &e), 0);
	assert_int_equal(value_in(&v, "%", &out, &e), 0);
	assert_true(out == 50);
	v.unit = percent;
	assert_int_equal(difference_in(&v, "1", &out, &e), 0);
	assert_true(out == 0.005);
}

static void read_quantities(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct quantities q;
	struct source s;
	struct err e;

	assert_int_equal(source_text(&s, path, text, n, &e), 0);
	quantities_parse(&q, &s, ps);
	quantities_release(&q);
	source_release(&s);
}

static void test_vocabulary(void **state)
{
	static const char good[] =
		"quantities:\n"
		"  voltage.dc: {unit: V, meaning: direct voltage}\n"
		"  temperature: {unit: degC, meaning: how warm, dcc: {refType: basic_temperature}}\n";
	static const struct spoiling list[] = {
		{ "unit: V", "unit: Volts", "2:22", "unknown unit 'Volts'" },
		{ "unit: V", "Unit: V", "2:3", "needs the key 'unit'" },
		{ "meaning: how", "meaning: \"\" # how", "4:1", "expected ',' or '}'" },
		{ "basic_temperature", "temperature", "3:54", "a word of a published list" },
		{ "basic_temperature", "basic_very warm", "3:54", "a word of a published list" },
		{ "refType: basic_temperature", "", "3:48", "needs the key 'refType'" },
		{ "temperature: {unit", "Temperature: {unit", "3:3", "'Temperature' is not a name" },
		{ "quantities", "quantity", "1:1", "did you mean 'quantities'?" },
		{ "quantities", "units", "1:1", "which knows: quantities" },
		{ "temperature: {unit", "voltage.dc: {unit", "3:3", "second time" },
		{ "{unit: V, meaning: direct voltage}", "V", "2:15", "a quantity is a mapping" },
	};
	struct problems ps = { 0 };
	struct quantities q;

	(void)state;
	assert_good(good, read_quantities);
	assert_spoiled(good, list, COUNT(list), read_quantities);
	assert_int_equal(quantities_load(&q, "config/quantities.yaml", &ps), 0);
	assert_string_equal(quantity_find(&q, "voltage.dc")->unit, "V");
	assert_null(quantity_find(&q, "voltage"));
	assert_null(quantity_find(&q, "voltage.dc")->ref_type);
	assert_string_equal(quantity_find(&q, "temperature")->ref_type, "basic_temperature");
	assert_string_equal(quantity_nearest(&q, "volatge.dc"), "voltage.dc");
	assert_null(quantity_nearest(&q, "zzz"));
	quantities_release(&q);
	assert_int_equal(quantities_load(&q, "config/none.yaml", &ps), -1);
	assert_problem(&ps, 0, "0:0", "cannot be opened");
	problems_release(&ps);
}

/* To coherent units, exactly where a power of ten does it; and the dimension, in halves of powers. */
static void test_coherent(void **state)
{
	static const struct { const char *unit; double of_nine; const char *coherent; } rows[] = {
		{ "mV", 0.009, "V" }, { "MOhm", 9e6, "Ohm" }, { "%", 0.09, "1" }, { "ppm", 9e-6, "1" }, { "%RH", 0.09, "1" },
		{ "g", 0.009, "kg" }, { "kg", 9, "kg" }, { "hPa", 900, "Pa" }, { "bar", 9e5, "Pa" }, { "h", 32400, "s" },
		{ "degC", 9, "degC" }, { "degF", (9 - 32) / 1.8, "degC" }, { "uV K-1", 9e-6, "m2 kg s-3 A-1 K-1" },
		{ "V degC-1", 9, "m2 kg s-3 A-1 K-1" }, { "deg", 9 * M_PI / 180, "rad" }, { "L", 0.009, "m3" },
		{ "rad s-1", 9, "rad s-1" }, { "Hz", 9, "Hz" }, { "V/V", 9, "1" }, { "VA", 9, "W" }, { "1", 9, "1" },
	};
	struct conversion c;
	struct dimension d;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[DIMENSION_TEXT];

		assert_int_equal(unit_coherent(&c, &d, rows[i].unit, &e), 0);
		assert_string_equal(dimension_text(&d, text), rows[i].coherent);
		if (!(fabs(conversion_apply(&c, 9) - rows[i].of_nine) <= 4e-15 * fabs(rows[i].of_nine)))
			fail_msg("9 %s: %.17g", rows[i].unit, conversion_apply(&c, 9));
	}
	assert_true(unit_coherent(&c, &d, "mV", &e) == 0 && conversion_apply(&c, 9) == 0.009);
	assert_int_equal(unit_coherent(&c, &d, "volts", &e), -1);
}

static int forget(void **state)
{
	(void)state;
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),   cmocka_unit_test(test_others), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_values),  cmocka_unit_test(test_vocabulary), cmocka_unit_test(test_coherent),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
