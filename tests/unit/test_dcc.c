/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dcc.h"
#include "folder.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void test_units(void **state)
{
	static const struct { const char *dsi, *ours; } cases[] = {
		{ "\\volt", "V" }, { "\\milli\\volt", "mV" }, { "\\micro\\volt\\per\\volt", "uV/V" }, { "\\degreecelsius", "degC" },
		{ "\\metre\\second\\tothe{-2}", "m s-2" }, { "\\kilogram\\metre\\tothe{-3}", "kg m-3" }, { "\\one", "1" },
		{ "\\kilo\\ohm", "kOhm" }, { "\\percent", "%" }, { "\\metre\\tothe{2}", "m2" },
		{ "", NULL }, { "volt", NULL }, { "\\furlong", NULL }, { "\\milli", NULL }, { "\\volt\\tothe{0.5}", NULL },
		{ "\\volt\\tothe{2", NULL }, { "\\volt ", NULL }, { "\\volt\\per", NULL }, { "\\metre\\tothe{1234}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *unit = dsi_unit(cases[i].dsi);

		if (!unit != !cases[i].ours || (unit && strcmp(unit, cases[i].ours)))
			fail_msg("%s: %s", cases[i].dsi, unit ? unit : "none");
		free(unit);
	}
}

static struct dcc *load(const char *name)
{
	char *path = mem_format("tests/fuzz/corpus/dcc/%s", name), *text;
	struct dcc *d;
	struct err e;
	size_t n;

	text = file_read(path, &n);
	if (dcc_parse(&d, text, n, &e) < 0)
		fail_msg("%s: %s", path, e.text);
	free(text);
	free(path);
	return d;
}

/* Uncertainty elements up to schema 3.2, another prefix of the name spaces, the unit of a hybrid, a due day. */
static void test_old(void **state)
{
	struct dcc *d = load("thermometer.xml");
	const struct dcc_table *t = d->tables;

	(void)state;
	assert_string_equal(d->number, "T-26-001");
	assert_string_equal(d->item, "Probe");
	assert_string_equal(d->serial_number, "SN 77");
	assert_string_equal(d->calibrated, "2026-01-07");
	assert_string_equal(d->issued, "");
	assert_string_equal(d->due, "2027-01-31");
	assert_int_equal(d->n, 1);
	assert_int_equal(t->n, 3);
	assert_string_equal(t->columns[0].unit, "degC");
	assert_string_equal(t->columns[0].values.list[1], "99.971");
	assert_string_equal(t->columns[2].ref_type, "basic_measurementError");
	assert_int_equal(t->columns[2].expanded.n, 1);
	assert_string_equal(t->columns[2].expanded.list[0], "0.061");
	assert_string_equal(t->columns[2].probability.list[0], "0.95");
	dcc_free(&d);
}

/* Those from 3.3 on, one for each value. */
static void test_new(void **state)
{
	struct dcc *d = load("resistor.xml");
	const struct dcc_column *c = &d->tables[0].columns[1];

	(void)state;
	assert_string_equal(d->serial_number, "SN 1");
	assert_int_equal(d->n, 2);
	assert_int_equal(c->expanded.n, 2);
	assert_string_equal(c->expanded.list[1], "0.21");
	assert_string_equal(c->coverage_factor.list[0], "2");
	assert_null(d->tables[1].columns[0].unit);
	assert_string_equal(d->tables[1].columns[0].dsi, "\\furlong");
	dcc_free(&d);
}

static void test_refused(void **state)
{
	static const struct { const char *text, *says; } cases[] = {
		{ "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "it has a DOCTYPE" },
		{ "<a>&b;</a>", "line 1: Entity 'b' not defined" },
		{ "<a>", "line 1: " }, { "no XML", "line 1: " },
		{ "<a/>", "it is XML, but no digital calibration certificate" },
		{ "<digitalCalibrationCertificate schemaVersion='3.3.0'/>", "no digital calibration certificate" },
		{ "<digitalCalibrationCertificate xmlns='https://ptb.de/dcc' schemaVersion='4.0.0'/>", "it follows version '4.0.0'" },
		{ "<digitalCalibrationCertificate xmlns='https://ptb.de/dcc'/>", "it follows version ''" },
	};
	static const char utf16[] = "\xFF\xFE<\0a\0/\0>";
	struct dcc *d;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(dcc_parse(&d, cases[i].text, strlen(cases[i].text), &e), -1);
		assert_null(d);
		if (!strstr(e.text, cases[i].says))
			fail_msg("%s: %s", cases[i].text, e.text);
	}
	assert_int_equal(dcc_parse(&d, utf16, sizeof utf16 - 1, &e), -1);
	assert_string_equal(e.text, "it is not UTF-8");
}

/* Whatever is missing is empty. */
static void test_bare(void **state)
{
	static const char text[] = "<digitalCalibrationCertificate xmlns='https://ptb.de/dcc' schemaVersion='2.4.0'/>";
	struct dcc *d;
	struct err e;

	(void)state;
	assert_int_equal(dcc_parse(&d, text, strlen(text), &e), 0);
	assert_string_equal(d->number, "");
	assert_string_equal(d->due, "");
	assert_int_equal(d->n, 0);
	dcc_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units), cmocka_unit_test(test_old), cmocka_unit_test(test_new),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_bare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
