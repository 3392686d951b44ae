/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_gpib.c - instruments that share one GPIB controller: each has its own answers, whatever becomes of the
 * others. */
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller.h"
#include "scene.h"

static const char meter_yaml[] =
	"model: meter\n"
	"title: meter\n"
	"manufacturer: ETALON\n"
	"number: M1\n"
	"driver: scpi\n"
	"seen: manual\n"
	"identity: {ask: \"*IDN?\", expect: \"^ETALON,M1,([^,]+),(.+)$\", serial: 1, firmware: 2}\n"
	"timeout: 250 ms\n"
	"latency: 40 ms\n"
	"points:\n"
	"  voltage.dc: {ask: \"READ?\"}\n";

struct bench {
	struct controller c;
	struct scene a, b;
};

static void begin_bench(struct bench *x, const char *way)
{
	char *address;

	controller_prepare(&x->c);
	controller_start(&x->c, way);
	address = controller_at(&x->c, "22");
	scene_begin(&x->a, meter_yaml, address, "A", NULL);
	free(address);
	address = controller_at(&x->c, "9");
	scene_begin(&x->b, meter_yaml, address, "B", x->a.in);
	free(address);
	scene_attach(&x->a);
	scene_attach(&x->b);
}

static void finish_bench(struct bench *x)
{
	scene_finish(&x->a);
	scene_finish(&x->b);
	controller_stop(&x->c);
}

static void expect_reading(struct bench *x, int device)
{
	struct bus_device *d = &x->c.devices[device];
	struct scene *s = device ? &x->b : &x->a;
	struct reading r;

	if (scene_measure(s, "voltage.dc", &r) < 0)
		fail_msg("%s", s->e.text);
	assert_true(r.value == 1000 * d->primary + d->reads);
}

static void two_share_a_connection(void **state)
{
	struct bench x;

	(void)state;
	EACH_WAY(way) {
		begin_bench(&x, way);
		for (int i = 0; i < 20; i++)
			expect_reading(&x, i % 3 == 0);
		assert_true(!strcmp(way, "pty") || x.c.connects == 1);
		assert_int_equal(x.c.devices[0].overtaken + x.c.devices[1].overtaken, 0);
		finish_bench(&x);
	}
}

/* Whatever becomes of one, the other's next reading is its own, and it need not be attached again. */
static void failure_of_one_is_not_the_others(void **state)
{
	static const enum bus_fault faults[] = { BUS_LATE, BUS_CUT, BUS_SILENT, BUS_NO_EOI, BUS_TWICE };
	struct reading r;
	struct bench x;

	(void)state;
	EACH_WAY(way) {
		begin_bench(&x, way);
		for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
			x.c.devices[0].late_ms = 300;
			x.c.devices[0].fault = (int)faults[i];
			if (scene_measure(&x.a, "voltage.dc", &r) >= 0) {
				assert_true(faults[i] == BUS_NO_EOI || faults[i] == BUS_TWICE);
				assert_true(r.value == 22000 + x.c.devices[0].reads);
			}
			if (faults[i] == BUS_NO_EOI) {          /* whoever comes next meets what is not over */
				assert_int_equal(scene_measure(&x.b, "voltage.dc", &r), -1);
				scene_attach(&x.b);
			}
			expect_reading(&x, 1);
			assert_true(x.b.in->attached);
			expect_reading(&x, 1);
			scene_attach(&x.a);
			expect_reading(&x, 0);
			expect_reading(&x, 1);
		}
		finish_bench(&x);
	}
}

static void others_are_not_cleared(void **state)
{
	struct reading r;
	struct bench x;
	int clears;

	(void)state;
	begin_bench(&x, "tcp");
	clears = x.c.devices[1].clears;
	x.c.devices[0].fault = BUS_SILENT;
	assert_int_equal(scene_measure(&x.a, "voltage.dc", &r), -1);
	expect_reading(&x, 1);
	scene_attach(&x.a);
	expect_reading(&x, 1);
	assert_int_equal(x.c.devices[1].clears, clears);
	assert_int_equal(x.c.clears_of_bus, 1);
	finish_bench(&x);
}

/* Another address answers: of the two questions for its identity one at least is right, or it is refused. */
static void another_in_its_place(void **state)
{
	struct reading r;
	struct bench x;

	(void)state;
	EACH_WAY(way) {
		begin_bench(&x, way);
		x.c.devices[1].identity = "ETALON,M1,X,1\n";
		instrument_lost(x.b.in);
		assert_int_equal(instrument_attach(x.b.in, instant_after_ms(GUARD_MS), &x.b.e), -1);
		assert_int_equal(x.b.e.code, ERR_IDENTITY);
		assert_int_equal(scene_measure(&x.b, "voltage.dc", &r), -1);
		finish_bench(&x);
	}
}

static void all_are_attached_again_after_a_loss(void **state)
{
	struct reading r;
	struct bench x;

	(void)state;
	EACH_WAY(way) {
		begin_bench(&x, way);
		controller_power(&x.c, true);
		assert_int_equal(scene_measure(&x.a, "voltage.dc", &r), -1);
		scene_attach(&x.a);
		expect_reading(&x, 0);
		/* B was attached on a connection that is no more: it must prove itself, and A is not disturbed. */
		assert_int_equal(scene_measure(&x.b, "voltage.dc", &r), -1);
		assert_non_null(strstr(x.b.e.text, "the connection was made anew since it was attached"));
		scene_attach(&x.b);
		expect_reading(&x, 1);
		expect_reading(&x, 0);
		assert_true(!strcmp(way, "pty") || x.c.connects == 2);
		finish_bench(&x);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_share_a_connection),
		cmocka_unit_test(failure_of_one_is_not_the_others),
		cmocka_unit_test(others_are_not_cleared),
		cmocka_unit_test(another_in_its_place),
		cmocka_unit_test(all_are_attached_again_after_a_loss),
	};

	alarm(300);
	return cmocka_run_group_tests_name("gpib", tests, scene_load, scene_unload);
}
