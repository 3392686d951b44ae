/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model_aid.h"
#include "standard_inputs.h"
#include "student.h"

static const char text[] =
	"standard: r17\ntitle: x\nserial_number: '1'\ncertificates:\n"
	"  - certificate: A/26-0042\n    laboratory: l\n    calibrated: 2026-01-15\n    due: 2027-01-31\n    results:\n"
	"      - quantity: voltage.dc\n        range: {from: -10 V, to: 10 V}\n        interpolation: linear\n"
	"        row_correlation: 0.5\n"
	"        table:\n"
	"          - {indication: -10 V, error: -4 uV, U: 9 uV, k: 2}\n"
	"          - {indication: 0 V, error: 0.2 uV, U: 0.41 uV, k: 2.05}\n"
	"          - {indication: 10 V, error: 4 uV, u: 4.5 uV, degrees_of_freedom: 12}\n"
	"        drift: {half_width_per_year: 3 uV}\n";

static struct standard *load(void)
{
	struct problems ps = { 0 };
	struct standard *s;

	if (standard_parse(&s, "r17.yaml", text, strlen(text), &quantities, &ps))
		fail_msg("%d: %s", ps.list[0].line, ps.list[0].text);
	return s;
}

static void add(struct input_table *table, const struct standard *s, double value, struct standard_correction *c,
		size_t places[STANDARD_TERMS])
{
	const struct certificate *f = s->certificates.items;
	const struct standard_statement *t = certificate_statement(f, "voltage.dc", value);
	struct standard_use use = { .day = f->calibrated + 365 };
	struct err e;

	if (standard_correct(t, value, &use, c, &e) < 0 || standard_inputs_add(table, t, c, places, &e) < 0)
		fail_msg("%s", e.text);
}

/* Two points share the middle row and the drift, and all three rows correlate. */
static void test_identity(void **state)
{
	struct input_table table = { 0 };
	struct standard *s = load();
	struct standard_correction c;
	size_t a[STANDARD_TERMS], b[STANDARD_TERMS];

	(void)state;
	add(&table, s, 5, &c, a);
	assert_int_equal(c.n, 3);
	add(&table, s, -5, &c, b);
	assert_int_equal(c.n, 3);
	assert_int_equal(table.n, 4);
	assert_int_equal(a[0], b[1]);
	assert_int_equal(a[2], b[2]);
	assert_true(input_correlation(&table, a[0], a[1]) == 0.5);
	assert_true(input_correlation(&table, b[0], a[1]) == 0.5);
	assert_true(input_correlation(&table, a[0], a[2]) == 0);
	input_release(&table);
	standard_free(&s);
}

static void test_knowledge(void **state)
{
	struct input_table table = { 0 };
	struct standard *s = load();
	struct standard_correction c;
	size_t at[STANDARD_TERMS];
	const struct input *in;

	(void)state;
	add(&table, s, 5, &c, at);
	in = &table.list[at[0]];                         /* k = 2.05, and no degrees of freedom */
	assert_int_equal(in->knowledge.kind, DISTRIBUTION_T);
	assert_true(fabs(student_factor(0.9545, in->degrees_of_freedom) - 2.05) < 1e-9);
	assert_true(fabs(in->uncertainty - 0.2e-6) < 1e-18);
	assert_non_null(strstr(in->source, "certificate A/26-0042/voltage.dc, 0 V: "));
	assert_non_null(strstr(in->source, "degrees of freedom, through t from k = 2.05"));
	in = &table.list[at[1]];                         /* stated */
	assert_true(in->degrees_of_freedom == 12);
	assert_string_equal(in->source, "certificate A/26-0042/voltage.dc, 10 V");
	in = &table.list[at[2]];
	assert_int_equal(in->knowledge.kind, DISTRIBUTION_RECTANGULAR);
	assert_true(fabs(in->knowledge.scale - 3e-6) < 1e-18);
	add(&table, s, -10, &c, at);                     /* k = 2 */
	assert_int_equal(table.list[at[0]].knowledge.kind, DISTRIBUTION_NORMAL);
	assert_true(isinf(table.list[at[0]].degrees_of_freedom));
	input_release(&table);
	standard_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_identity), cmocka_unit_test(test_knowledge) };

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
