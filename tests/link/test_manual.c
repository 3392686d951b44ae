/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_manual.c - an instrument that a person reads, without a daemon: the hooks ask, nothing waits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "manual.h"

static const char pump[] =
	"model: pump\ntitle: Pump\nmanufacturer: any\nnumber: P1\ndriver: manual\nseen: manual\n"
	"manual: {safe: Open the vent}\n"
	"points:\n"
	"  pressure.gauge:\n"
	"    {unit: bar, low: 0 bar, high: 10 bar, resolution: 0.05, tolerance: 0.1 bar,\n"
	"     manual: {read: Read it, set: 'Pump to {}', plausible: 0.5 bar}}\n"
	"  temperature: {manual: {read: Read it, confirm: second_person}}\n";

static struct quantities quantities;
static struct model *model;
static struct instrument *in;
static unsigned asked;                   /* questions so far */

static void count(void *who)
{
	(void)who;
	asked++;
}

static int answer(const char *raw, const char *reason, struct err *e)
{
	struct keyed k = { .by = "Ada", .utc_ns = utc_now() };

	snprintf(k.raw, sizeof k.raw, "%s", raw);
	snprintf(k.reason, sizeof k.reason, "%s", reason);
	return manual_answer(in, &k, e);
}

static void says(const char *raw)
{
	struct err e;

	if (answer(raw, "", &e) < 0)
		fail_msg("'%s': %s", raw, e.text);
}

static void refuses(const char *raw, enum err_code code)
{
	struct err e;

	assert_int_equal(answer(raw, "", &e), -1);
	assert_int_equal(e.code, code);
}

static void awaits(int result, const struct err *e)
{
	assert_int_equal(result, -1);
	assert_int_equal(e->code, ERR_AWAITED);
}

static int attach(struct err *e)
{
	return instrument_attach(in, INSTANT_NEVER, e);
}

static int start(void **state)
{
	struct problems ps = { 0 };
	struct err e;

	(void)state;
	asked = 0;
	quantities_load(&quantities, "config/quantities.yaml", &ps);
	if (model_parse(&model, "pump.yaml", pump, sizeof pump - 1, &quantities, &ps) < 0 ||
	    instrument_new(&in, model, "pump", "manual:bench", "77", NULL, -1, &e) < 0)
		return -1;
	in->manual->asked = count;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	instrument_free(&in);
	model_free(&model);
	quantities_release(&quantities);
	unit_forget();
	return 0;
}

static void come_in(void)
{
	struct err e;

	awaits(attach(&e), &e);
	says("77");
	assert_int_equal(attach(&e), 0);
}

static void test_attach(void **state)
{
	struct err e;

	(void)state;
	awaits(attach(&e), &e);
	awaits(attach(&e), &e);                  /* the same question */
	assert_int_equal(asked, 1);
	refuses("78", ERR_IDENTITY);
	assert_false(in->attached);
	says("77");
	refuses("77", ERR_STATE);                /* nothing is asked any more */
	assert_int_equal(attach(&e), 0);
	assert_true(in->attached);
	assert_string_equal(in->serial, "77");
	assert_int_equal(attach(&e), 0);         /* not asked again */
	assert_int_equal(asked, 1);
}

static void test_another_instrument(void **state)
{
	struct err e;

	(void)state;
	awaits(attach(&e), &e);
	refuses("78", ERR_IDENTITY);
	refuses("79", ERR_IDENTITY);             /* not the same again */
	refuses("78", ERR_IDENTITY);
	says("78");
	assert_int_equal(attach(&e), -1);
	assert_int_equal(e.code, ERR_IDENTITY);
}

/* Two quantities in one request: asked one after the other, given together. */
static void test_measure(void **state)
{
	const struct point *p[] = { model_point(model, "pressure.gauge"), model_point(model, "temperature") };
	struct reading r[2];
	struct err e;

	(void)state;
	come_in();
	awaits((int)instrument_measure(in, p, 2, r, INSTANT_NEVER, &e), &e);
	assert_true(in->attached);
	says(" 2.05 bar");
	awaits((int)instrument_measure(in, p, 2, r, INSTANT_NEVER, &e), &e);
	says("21.5");
	assert_true(in->manual->held);
	awaits((int)instrument_measure(in, p, 2, r, INSTANT_NEVER, &e), &e);
	assert_int_equal(manual_confirm(in, "ADA", &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_int_equal(manual_confirm(in, "Bela", &e), 0);
	assert_int_equal(instrument_measure(in, p, 2, r, INSTANT_NEVER, &e), 2);
	assert_int_equal(asked, 3);
	assert_true(fabs(r[0].value - 205000) < 1e-9 && r[1].value == 21.5);
	assert_memory_equal(r[0].raw.p, " 2.05 bar", 9);
	assert_int_equal(r[0].raw.n, 9);
	assert_memory_equal(r[1].raw.p, "21.5", 4);
	assert_true(manual_last(in, p[0])->own == 2.05);
}

/* A change that is not plausible at one point may be the next point's value. */
static void test_plausible(void **state)
{
	const struct point *p = model_point(model, "pressure.gauge");
	struct reading r;
	struct err e;

	(void)state;
	come_in();
	in->manual->at = 0;
	awaits((int)instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), &e);
	says("2.00");
	assert_int_equal(instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), 1);
	awaits((int)instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), &e);
	refuses("4.00", ERR_CONFIG);
	says("4.00");
	assert_int_equal(instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), 1);
	in->manual->at = 1;
	awaits((int)instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), &e);
	says("9.00");
	assert_int_equal(instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), 1);
}

static void test_reject_and_withdraw(void **state)
{
	const struct point *p = model_point(model, "temperature");
	struct reading r;
	struct err e;

	(void)state;
	come_in();
	awaits((int)instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), &e);
	says("21.5");
	assert_int_equal(manual_reject(in, &e), 0);
	awaits((int)instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), &e);
	assert_int_equal(asked, 3);              /* anew */
	manual_withdraw(in);
	refuses("21.5", ERR_STATE);
	awaits((int)instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), &e);
	says("21.6");
	assert_int_equal(manual_confirm(in, "Bela", &e), 0);
	assert_int_equal(instrument_measure(in, &p, 1, &r, INSTANT_NEVER, &e), 1);
	assert_true(r.value == 21.6);
}

static void test_set_and_safe(void **state)
{
	const struct point *p = model_point(model, "pressure.gauge");
	struct err e;

	(void)state;
	come_in();
	assert_int_equal(instrument_set(in, p, 2e6, INSTANT_NEVER, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);    /* beyond its range: not even asked */
	awaits(instrument_set(in, p, 2e5, INSTANT_NEVER, &e), &e);
	assert_true(in->manual->question.wanted == 2);
	refuses("2.15", ERR_CONFIG);
	refuses("done", ERR_CONFIG);
	says("2.10");
	assert_int_equal(instrument_set(in, p, 2e5, INSTANT_NEVER, &e), 0);
	awaits(instrument_set(in, p, 4e5, INSTANT_NEVER, &e), &e);
	assert_int_equal(answer("cannot", "it leaks", &e), 0);
	assert_int_equal(instrument_set(in, p, 4e5, INSTANT_NEVER, &e), -1);
	assert_int_equal(e.code, ERR_INSTRUMENT);
	assert_true(in->attached);
	awaits(instrument_safe(in, INSTANT_NEVER, &e), &e);
	assert_false(in->attached);
	refuses("yes", ERR_CONFIG);
	says("Done");
	assert_int_equal(instrument_safe(in, INSTANT_NEVER, &e), 0);
	awaits(attach(&e), &e);                  /* who it is has to be asked again */
	assert_int_equal(in->manual->question.about, ABOUT_SERIAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_attach, start, stop),
		cmocka_unit_test_setup_teardown(test_another_instrument, start, stop),
		cmocka_unit_test_setup_teardown(test_measure, start, stop),
		cmocka_unit_test_setup_teardown(test_plausible, start, stop),
		cmocka_unit_test_setup_teardown(test_reject_and_withdraw, start, stop),
		cmocka_unit_test_setup_teardown(test_set_and_safe, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
