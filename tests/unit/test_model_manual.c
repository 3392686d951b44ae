/* SPDX-License-Identifier: GPL-3.0-or-later
 * Model files of what a person reads and sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model.h"
#include "model_aid.h"
#include "spoil.h"

static const char pump[] =
	"model: pump\n"
	"title: Pump\n"
	"manufacturer: any\n"
	"number: P1\n"
	"driver: manual\n"
	"seen: manual\n"
	"manual: {safe: {en: Open the vent}, remind: 1 min}\n"
	"points:\n"
	"  pressure.gauge:\n"
	"    unit: bar\n"
	"    low: 0 bar\n"
	"    high: 10 bar\n"
	"    resolution: 0.05\n"
	"    tolerance: 50 mbar\n"
	"    manual:\n"
	"      read: {en: Read it, ru: Прочтите}\n"
	"      set: {en: 'Pump to {}', ru: 'Накачайте до {}'}\n"
	"      picture: dial.png\n"
	"      plausible: 50 kPa\n"
	"      confirm: second_person\n";

static void test_good(void **state)
{
	struct problems ps = { 0 };
	const struct point *p;
	struct model *m;

	(void)state;
	assert_int_equal(model_parse(&m, "pump.yaml", pump, sizeof pump - 1, &quantities, &ps), 0);
	assert_int_equal(m->manner, MANNER_MANUAL);
	assert_string_equal(texts_pick(&m->manual.safe, "en"), "Open the vent");
	assert_int_equal(m->manual.remind_ns, INT64_C(60000000000));
	assert_int_equal(m->manual.safe_within_ns, INT64_C(120000000000));
	p = model_point(m, "pressure.gauge");
	assert_true(point_measures(p) && point_sets(p));
	assert_true(p->manual.leap == 0.5 && p->set_tolerance == 0.05);
	assert_int_equal(p->manual.confirm, CONFIRM_SECOND_PERSON);
	model_free(&m);
}

static const struct spoiling bad[] = {
	{ "'Pump to {}'", "Pump", "17:7", "holds {} once" },
	{ "'Накачайте до {}'", "'{} {}'", "17:7", "holds {} once" },
	{ "plausible: 50 kPa", "plausible: 50 mA", "19:7", "does not convert" },
	{ "plausible: 50 kPa", "plausible: 0 bar", "19:7", "is above 0" },
	{ "      read: {en: Read it, ru: Прочтите}\n", "", "18:7", "'plausible' means nothing without 'read'" },
	{ "picture: dial.png", "picture: ../dial.png", "18:7", "a picture lies beside the model file" },
	{ "confirm: second_person", "confirm: second", "20:16", "none, second_person" },
	{ "remind: 1 min", "remind: 0 s", "7:45", "from 0.1 s" },
	{ "safe: {en: Open the vent}, ", "", "9:3", "pressure.gauge can be set, so it needs a 'safe' value" },
	{ "    manual:\n", "    ask: 'P?'\n    manual:\n", "15:5", "driver manual has no 'ask'" },
	{ "    manual:\n", "    timeout: 1 s\n    manual:\n", "15:5", "driver manual has no 'timeout'" },
	{ "seen: manual\n", "seen: manual\ntimeout: 1 s\n", "7:1", "the file of a model with driver manual has no 'timeout'" },
	{ "seen: manual\n", "seen: manual\nidentity: {ask: X, expect: Y}\n", "7:12", "driver manual has no 'ask'" },
	{ "driver: manual", "driver: text", "15:5", "driver text has no 'manual'" },
};

static void test_bad(void **state)
{
	(void)state;
	assert_good(pump, model_aid_read);
	assert_spoiled(pump, bad, COUNT(bad), model_aid_read);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_bad) };

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
