/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model_aid.h"
#include "spoil.h"
#include "standard_correction.h"

static const char good[] =
	"standard: r17\n"
	"title: Reference\n"
	"serial_number: '123'\n"
	"certificates:\n"
	"  - certificate: 26-0042\n"
	"    laboratory: NMI\n"
	"    calibrated: 2026-01-15\n"
	"    issued: 2026-01-20\n"
	"    due: 2027-01-31\n"
	"    results:\n"
	"      - quantity: voltage.dc\n"
	"        range: {from: -10.5 V, to: 10.5 V}\n"
	"        k: 2\n"
	"        interpolation: linear\n"
	"        table:\n"
	"          - {indication: 10 V, value: 9.999996 V, error: 4 uV, U: 9 uV}\n"
	"          - {indication: 0 V, error: 0.2 uV, U: 0.4 uV, k: 2.5, degrees_of_freedom: 12}\n"
	"          - {indication: -10 V, error: -4 uV, U: 0.9 ppm}\n"
	"        drift: {per_year: 1 ppm, half_width_per_year: 2 ppm}\n"
	"        influences:\n"
	"          - {quantity: temperature, reference: 23 degC, coefficient: 0.5 uV/degC, u: 0.1 uV/degC}\n"
	"      - quantity: temperature@2\n"
	"        range: {from: 0 degC, to: 50 degC}\n"
	"        polynomial:\n"
	"          gives: correction\n"
	"          unit: mK\n"
	"          argument_unit: degC\n"
	"          coefficients: [{value: 12, U: 2, k: 2}, {value: -0.5, u: 0.1}, {value: 0.01}]\n"
	"          u: 3 mK\n"
	"        correlations: [{between: [c0, c1], coefficient: -0.9}]\n"
	"      - quantity: temperature\n"
	"        range: {from: -40 degC, to: 200 degC}\n"
	"        k: 2\n"
	"        callendar_van_dusen:\n"
	"          R0: {value: 100.0123, U: 0.004}\n"
	"          A: {value: 3.9083e-3}\n"
	"          B: {value: -5.775e-7}\n"
	"          C: {value: -4.183e-12}\n"
	"          U: 20 mK\n"
	"      - quantity: mass\n"
	"        interpolation: none\n"
	"        table:\n"
	"          - {nominal: 100 g, deviation: 0.05 mg, U: 0.16 mg, k: 2}\n"
	"          - {nominal: 50 g, value: 49.99997 g, deviation: -0.03 mg, u: 0.05 mg}\n"
	"  - certificate: 25-0001\n"
	"    laboratory: NMI\n"
	"    calibrated: 2025-01-10\n"
	"    due: 2026-01-31\n"
	"    results:\n"
	"      - quantity: temperature\n"
	"        range: {from: 0 degC, to: 400 degC}\n"
	"        its90:\n"
	"          subrange: 7\n"
	"          Rtpw: {value: 25.5}\n"
	"          coefficients: {a: {value: -1.0e-4}, b: {value: 1.0e-6}, c: {value: 0}}\n"
	"          u: 1 mK\n";

static void read_standard(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct standard *s;
	int bad = standard_parse(&s, "r17.yaml", text, n, &quantities, ps);

	(void)path;
	assert_int_equal(bad ? -1 : 0, ps->total ? -1 : 0);
	assert_true((s == NULL) == (ps->total > 0));
	standard_free(&s);
}

static struct standard *load(const char *text)
{
	struct problems ps = { 0 };
	struct standard *s;

	standard_parse(&s, "r17.yaml", text, strlen(text), &quantities, &ps);
	if (ps.total)
		fail_msg("%d: %s", ps.list[0].line, ps.list[0].text);
	problems_release(&ps);
	return s;
}

static int64_t day(const char *text)
{
	int64_t d = 0;
	struct err e;

	assert_int_equal(day_parse(text, &d, &e), 0);
	return d;
}

static void test_days(void **state)
{
	static const char *const wrong[] = { "2026-02-30", "2026-1-15", "26-01-15", "15.01.2026", "2026-01-15 ", "1969-12-31", "" };
	char text[DAY_TEXT];
	int64_t d;
	struct err e;

	(void)state;
	assert_int_equal(day("1970-01-01"), 0);
	assert_int_equal(day("2026-11-24"), 20781);
	assert_string_equal(day_format(20781, text), "2026-11-24");
	assert_int_equal(day_of(INT64_C(20781) * 86400 * 1000000000), 20781);
	assert_int_equal(day_of(INT64_C(20781) * 86400 * 1000000000 - 1), 20780);
	assert_int_equal(day_of(-1), -1);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(day_parse(wrong[i], &d, &e), -1);
}

static void test_in_force(void **state)
{
	struct standard *s = load(good);
	struct err e;

	(void)state;
	assert_null(standard_certificate(s, day("2025-01-09")));
	assert_string_equal(standard_certificate(s, day("2025-01-10"))->number, "25-0001");
	assert_string_equal(standard_certificate(s, day("2026-01-14"))->number, "25-0001");
	assert_string_equal(standard_certificate(s, day("2026-01-15"))->number, "26-0042");
	assert_int_equal(standard_check_due(s, day("2027-01-31"), &e), 0);
	assert_int_equal(standard_check_due(s, day("2027-02-01"), &e), -1);
	assert_string_equal(e.text, "standard r17 was due on 2027-01-31 by certificate 26-0042 (r17.yaml:5): have it calibrated and "
			    "add its new certificate there");
	assert_int_equal(standard_check_due(s, day("2025-01-01"), &e), -1);
	assert_non_null(strstr(e.text, "is not calibrated before 2025-01-10 (r17.yaml:45)"));
	standard_free(&s);
}

static void test_covered(void **state)
{
	static const struct { const char *quantity; double value; const char *says; } cases[] = {
		{ "voltage.dc", 10.5, NULL }, { "voltage.dc", -10.5, NULL }, { "temperature@2", 50, NULL }, { "mass", 50, NULL },
		{ "voltage.dc", 10.6, "10.6 V is outside what certificate 26-0042 of standard r17 states for voltage.dc, -10.5 V to "
		  "10.5 V (r17.yaml:11)" },
		{ "temperature@3", 20, "states nothing of temperature@3 (r17.yaml:5)" },
		{ "mass", 75, "has no row at 75 g, and is not interpolated" },
	};
	struct standard *s = load(good);
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		e.text[0] = '\0';
		assert_int_equal(standard_check_value(s, day("2026-06-01"), cases[i].quantity, cases[i].value, &e),
				 cases[i].says ? -1 : 0);
		if (cases[i].says && !strstr(e.text, cases[i].says))
			fail_msg("%s", e.text);
	}
	standard_free(&s);
}

static const struct standard_statement *statement(const struct standard *s, const char *quantity, double value)
{
	const struct standard_statement *t = certificate_statement(standard_certificate(s, day("2026-06-01")), quantity, value);

	assert_non_null(t);
	return t;
}

/* A year after the calibration, 2 degC above its temperature. */
static void correct(const struct standard_statement *t, double value, struct standard_correction *out)
{
	static const struct standard_condition warm = { "temperature", 25 };
	struct standard_use use = { t->calibrated + 1461, &warm, 1 };      /* four years */
	struct err e;

	if (standard_correct(t, value, &use, out, &e) < 0)
		fail_msg("%s", e.text);
}

static void near(double is, double must)
{
	if (!(fabs(is - must) <= 1e-12 * fmax(fabs(must), 1e-9)))
		fail_msg("%.17g, expected %.17g", is, must);
}

/* Halfway between two rows, with all that adds to it: signs, units, identities. */
static void test_table(void **state)
{
	struct standard *s = load(good);
	const struct standard_statement *t = statement(s, "voltage.dc", 5);
	struct standard_correction c;

	(void)state;
	correct(t, 5, &c);
	/* error 2.1 uV; it grows by 1 ppm of 5 V a year and by 0.5 uV/degC */
	near(c.value, -(2.1e-6 + 4 * 5e-6 + 2 * 0.5e-6));
	assert_int_equal(c.n, 4);
	assert_string_equal(c.terms[0].input->id, "standard/r17/26-0042/voltage.dc/0 V");
	near(c.terms[0].sensitivity, 0.5);
	near(c.terms[0].input->estimate, -0.2e-6);
	near(c.terms[0].input->uncertainty, 0.16e-6);
	near(c.terms[0].input->k, 2.5);
	near(c.terms[0].input->degrees_of_freedom, 12);
	assert_string_equal(c.terms[1].input->id, "standard/r17/26-0042/voltage.dc/10 V");
	near(c.terms[1].input->uncertainty, 4.5e-6);
	near(c.terms[1].input->probability, 0.9545);
	near(c.terms[1].input->degrees_of_freedom, 0);
	assert_string_equal(c.terms[2].input->id, "standard/r17/26-0042/voltage.dc/drift");
	assert_true(c.terms[2].input->rectangular);
	near(c.terms[2].input->uncertainty, 2e-6 / sqrt(3));
	near(c.terms[2].sensitivity, 20);
	near(c.terms[3].input->uncertainty, 0.1e-6);
	near(c.terms[3].sensitivity, 2);
	assert_true(standard_input_correlation(t, c.terms[0].input, c.terms[1].input) == 1);
	assert_true(standard_input_correlation(t, c.terms[0].input, c.terms[2].input) == 0);
	correct(t, 10.2, &c);
	near(c.terms[0].input->estimate, -4e-6);         /* the outer row holds beyond */
	correct(t, -10, &c);
	near(c.terms[0].input->uncertainty, 4.5e-6);     /* 0.9 ppm of 10 V, k = 2 */
	standard_free(&s);
}

static void test_influence_unknown(void **state)
{
	struct standard *s = load(good);
	struct standard_use use = { .day = day("2026-06-01") };
	struct standard_correction c;
	struct err e;

	(void)state;
	assert_int_equal(standard_correct(statement(s, "voltage.dc", 1), 1, &use, &c, &e), -1);
	assert_non_null(strstr(e.text, "voltage.dc depends on temperature, which is not known"));
	standard_free(&s);
}

static void test_polynomial(void **state)
{
	struct standard *s = load(good);
	const struct standard_statement *t = statement(s, "temperature@2", 20);
	struct standard_correction c;

	(void)state;
	correct(t, 20, &c);
	near(c.value, (12 - 0.5 * 20 + 0.01 * 400) * 1e-3);
	assert_int_equal(c.n, 3);                        /* c2 is exactly known */
	near(c.fixed, 0.004);
	assert_string_equal(c.terms[1].input->id, "standard/r17/26-0042/temperature@2/c1");
	near(c.terms[1].sensitivity, 0.02);
	assert_string_equal(c.terms[2].input->name, "curve");
	near(c.terms[2].input->uncertainty, 0.003);
	assert_true(standard_input_correlation(t, c.terms[0].input, c.terms[1].input) == -0.9);
	standard_free(&s);
}

/* The value itself as a line in the indication, on a scale with another origin. */
static void test_value_line(void **state)
{
	static const char text[] =
		"standard: r17\ntitle: x\nserial_number: '1'\ncertificates:\n"
		"  - certificate: c\n    laboratory: l\n    calibrated: 2026-01-15\n    due: 2027-01-31\n    results:\n"
		"      - quantity: temperature\n        range: {from: 0 degC, to: 50 degC}\n"
		"        polynomial: {gives: value, unit: K, argument_unit: K, coefficients: [{value: 0.5}, {value: 1.001}]}\n";
	struct standard *s = load(text);
	struct standard_correction c;

	(void)state;
	correct(statement(s, "temperature", 20), 20, &c);
	assert_true(fabs(c.value - (0.5 + 1.001 * 293.15 - 293.15)) < 1e-10);
	standard_free(&s);
}

static void test_thermometer(void **state)
{
	struct standard *s = load(good);
	struct standard_correction c;

	(void)state;
	correct(statement(s, "temperature", 20), 20, &c);
	assert_true(isnan(c.value));
	assert_int_equal(c.n, 5);
	assert_string_equal(c.terms[0].input->name, "R0");
	near(c.terms[0].input->uncertainty, 0.002);
	assert_true(isnan(c.terms[0].sensitivity));
	assert_string_equal(c.terms[4].input->name, "curve");
	near(c.terms[4].input->uncertainty, 0.01);
	assert_true(c.terms[4].sensitivity == 1);
	standard_free(&s);
}

static const struct spoiling bad[] = {
	{ "standard: r17", "standard: r18", "1:1", "the file of standard 'r18' is named r18.yaml" },
	{ "serial_number: '123'\n", "", "1:1", "a standard needs the key 'serial_number'" },
	{ "    calibrated: 2026-01-15", "    calibrated: 15.01.2026", "7:17", "calibrated: '15.01.2026' is not a day such as 2026-03-14" },
	{ "    calibrated: 2026-01-15", "    calibrated: 2025-01-10", "45:5", "have the same day" },
	{ "issued: 2026-01-20", "issued: 2026-01-14", "8:5", "not issued before the calibration" },
	{ "due: 2027-01-31", "due: 2027-01-31\n    dcc: {file: c.xml, sha256: 12}", "10:5", "dcc: sha256: expected 64 hexadecimal digits" },
	{ "due: 2027-01-31", "due: 2026-01-14", "9:5", "due before it was calibrated" },
	{ "certificate: 25-0001", "certificate: 26-0042", "5:5", "have the same number" },
	{ "error: 4 uV,", "error: -4 uV,", "16:51", "error: indication minus value is 4e-06 V here, not what is stated: its sign is turned" },
	{ "error: 4 uV,", "error: 6 uV,", "16:51", "not what is stated" },
	{ "error: 4 uV,", "correction: 4 uV,", "16:51", "correction: value minus indication is -4e-06 V here, not what is stated: its sign is turned" },
	{ "value: 49.99997 g", "value: 50.00003 g", "44:48", "deviation: value minus nominal is 3e-05 g here" },
	{ "error: 4 uV,", "error: 4 A,", "16:51", "'A' does not convert to 'V'" },
	{ "error: 0.2 uV", "error: 0.2 A", "17:38", "'A' does not convert to 'V'" },
	{ "{indication: 0 V, error: 0.2 uV", "{error: 0.2 uV", "17:13", "a row is at an indication or at a nominal value" },
	{ "{indication: 0 V, error: 0.2 uV", "{nominal: 0 V, error: 0.2 uV", "17:28", "an error is that of an indication" },
	{ "{indication: 0 V, error: 0.2 uV", "{indication: 0 V, deviation: 0.2 uV", "17:31", "a deviation is that from a nominal value" },
	{ "{indication: 0 V, error: 0.2 uV", "{nominal: 0 V, deviation: 0.2 uV", "17:13", "all at indications, or all at nominal values" },
	{ "{indication: 0 V, error: 0.2 uV, U", "{indication: 0 V, U", "17:13", "a row states a value, an error or a correction" },
	{ "error: 0.2 uV, U: 0.4 uV", "error: 0.2 uV, U: 0.4 uV, u: 0.2 uV", "17:57", "U and u: one of them" },
	{ "U: 0.4 uV, k: 2.5", "u: 0.4 uV, k: 2.5", "17:57", "k belongs to an expanded uncertainty" },
	{ "U: 0.4 uV, k: 2.5, degrees_of_freedom: 12", "k: 2.5", "17:13", "a row states its uncertainty" },
	{ "U: 0.4 uV", "U: -0.4 uV", "17:46", "an uncertainty is not negative" },
	{ "        k: 2\n        interpolation: linear", "        interpolation: linear", "15:67", "U is an expanded uncertainty, and its k is not stated" },
	{ "        interpolation: linear\n", "", "14:9", "what holds between the rows must be said" },
	{ "interpolation: linear", "interpolation: none", "14:9", "an indication never is that of a row" },
	{ "interpolation: none", "interpolation: linear", "40:9", "a result needs the key 'range'" },
	{ "range: {from: -10.5 V, to: 10.5 V}", "range: {from: -12 V, to: 12 V}", "12:23", "the range goes on where the table has no row" },
	{ "range: {from: -10.5 V, to: 10.5 V}", "range: {from: 10.5 V, to: -10.5 V}", "12:23", "from the lesser value to the greater" },
	{ "range: {from: -10.5 V, to: 10.5 V}", "range: {from: -10.5 A, to: 10.5 A}", "12:23", "does not convert" },
	{ "indication: -10 V", "indication: 10 V", "11:9", "two rows are at 10 V" },
	{ "half_width_per_year: 2 ppm", "half_width_per_year: 2 ppm, u_per_year: 1 ppm", "19:62", "one of them" },
	{ "half_width_per_year: 2 ppm", "half_width_per_year: 2 A", "19:55", "does not convert" },
	{ "{per_year: 1 ppm, half_width_per_year: 2 ppm}", "{}", "19:16", "a drift states per_year" },
	{ "quantity: temperature, ref", "quantity: temprature, ref", "21:13", "unknown quantity 'temprature'; did you mean 'temperature'?" },
	{ "coefficient: 0.5 uV/degC", "coefficient: 0.5 uV", "21:70", "does not convert" },
	{ "quantity: voltage.dc", "quantity: volatge.dc", "11:9", "did you mean 'voltage.dc'?" },
	{ "quantity: temperature@2", "quantity: temperature", "31:9", "the ranges of two results overlap" },
	{ "unit: mK", "unit: mV", "26:11", "the sum is a difference, or a value, of what is put in" },
	{ "between: [c0, c1]", "between: [c0, c3]", "30:24", "expected two different coefficients of this result, such as [c0, c2]" },
	{ "gives: correction", "gives: error of indication", "25:18", "expected one of: error, correction" },
	{ "          C: {value: -4.183e-12}\n", "", "31:9", "below 0 degC the function needs C" },
	{ "subrange: 7", "subrange: 4", "55:67", "sub-range 4 has no coefficient 'c'; it has a b" },
	{ "range: {from: 0 degC, to: 400", "range: {from: -40 degC, to: 400", "50:9", "sub-range 7 of the ITS-90 goes from 0.0000 degC to 660.3230 degC" },
};

static void test_bad(void **state)
{
	(void)state;
	assert_good(good, read_standard);
	assert_spoiled(good, bad, COUNT(bad), read_standard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_in_force),
		cmocka_unit_test(test_covered),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_influence_unknown),
		cmocka_unit_test(test_polynomial),
		cmocka_unit_test(test_value_line),
		cmocka_unit_test(test_thermometer),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
