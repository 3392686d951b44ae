/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_model_unit.c - one model file as the instruments that share a line have it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model.h"
#include "model_aid.h"
#include "model_unit.h"
#include "reply.h"
#include "spoil.h"

static const char good[] =
	"model: gauge\n"
	"title: Gauge\n"
	"manufacturer: Acme\n"
	"number: G\n"
	"driver: text\n"
	"seen: manual\n"
	"identity: {ask: '#{unit:02}I', expect: '^{unit:02X},G,([0-9]{1,3})$', serial: 1}\n"
	"frame: {start: '<', address: '{unit:X}:', end: '>'}\n"
	"points:\n"
	"  temperature: {ask: 'T{unit}?', reply: '^T{unit:03}=([0-9.]+)$'}\n";

static struct model *load(int unit)
{
	struct problems ps = { 0 };
	struct model *m;

	assert_int_equal(model_parse_unit(&m, "gauge.yaml", good, sizeof good - 1, unit, &quantities, &ps), 0);
	return m;
}

static void every_text_has_the_unit(void **state)
{
	struct model *m = load(26);
	const struct point *p = m->points.items;

	(void)state;
	assert_true(model_unit_named(&m->source));
	assert_string_equal(m->identity.ask, "#26I");
	assert_string_equal(m->identity.expect.text, "^1A,G,([0-9]{1,3})$");
	assert_string_equal(m->frame.address, "1A:");
	assert_string_equal(p->ask, "T26?");
	assert_string_equal(p->reply.text, "^T026=([0-9.]+)$");
	assert_memory_equal(m->source.text, good, sizeof good - 1);    /* as it was written, for the record */
	model_free(&m);
}

static void the_reply_of_another_unit_is_refused(void **state)
{
	struct model *m = load(3);
	const struct point *p = m->points.items;
	enum reading_status status;
	struct err e;
	double v;

	(void)state;
	assert_int_equal(reply_parse(m, p, "<3:T003=21.5>", 13, &v, &status, &e), 0);
	assert_true(v == 21.5);
	assert_int_equal(reply_parse(m, p, "<4:T003=21.5>", 13, &v, &status, &e), -1);
	assert_string_equal(e.text, "the message is not from address 3:");
	assert_int_equal(reply_parse(m, p, "<3:T004=21.5>", 13, &v, &status, &e), -1);
	assert_int_equal(e.code, ERR_PROTOCOL);
	model_free(&m);
}

static const struct spoiling bad[] = {
	{ "'T{unit}?'", "\"T\\0?\"", "10:22", "a text cannot hold the character NUL" },
	{ "'T{unit}?'", "'T\u20AC?'", "10:22", "there is one beyond U+00FF" },
	{ "'T{unit}?'", "'T{unit:2}?'", "10:22", "the unit is {unit}, {unit:02}, {unit:X} or {unit:02X}, not {unit:2}" },
	{ "'T{unit}?'", "'T{unit:}?'", "10:22", "not {unit:}" },
	{ "'T{unit}?'", "'T{unit:x}?'", "10:22", "not {unit:x}" },
	{ "'T{unit}?'", "'T{units}?'", "10:22", "not {units}" },
	{ "'T{unit}?'", "'T{unit'", "10:22", "not {unit" },
};

static void another_form_is_refused(void **state)
{
	(void)state;
	assert_good(good, model_aid_read);
	assert_spoiled(good, bad, COUNT(bad), model_aid_read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_has_the_unit),
		cmocka_unit_test(the_reply_of_another_unit_is_refused),
		cmocka_unit_test(another_form_is_refused),
	};

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
