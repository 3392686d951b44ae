/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_prologix.c - instruments behind a GPIB controller, over TCP and on a line, with everything that can go
 * wrong on the way.  An answer is right only if it is the addressed instrument's, and to the question
 * it has heard last. */
#include <setjmp.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "controller.h"
#include "dialogue.h"

struct talk {
	struct controller c;
	struct link *l;
	int cancel;
	struct err e;
};

static void open_link(struct talk *t, const char *where)
{
	char *address = controller_at(&t->c, where);

	t->cancel = eventfd(0, EFD_CLOEXEC);
	if (link_open(&t->l, address, NULL, t->cancel, instant_after_ms(GUARD_MS), &t->e) < 0)
		fail_msg("%s", t->e.text);
	link_select(t->l, &(struct gpib){ 22, -1 });
	free(address);
}

static void begin(struct talk *t, const char *way)
{
	controller_prepare(&t->c);
	controller_start(&t->c, way);
	open_link(t, "22");
}

static void finish(struct talk *t)
{
	link_close(&t->l);
	controller_stop(&t->c);
	close(t->cancel);
}

static void ask(struct talk *t, const char *question)
{
	if (link_write(t->l, question, strlen(question), instant_after_ms(GUARD_MS), &t->e) < 0)
		fail_msg("%s", t->e.text);
}

static void expect(struct talk *t, const char *reply)
{
	dialogue_expect(t->l, LINE, reply, strlen(reply), &t->e);
}

static void clear(struct talk *t)
{
	if (link_clear(t->l, 5 * NS_PER_MS, instant_after_ms(GUARD_MS), &t->e) < 0)
		fail_msg("%s", t->e.text);
}

static void every_byte_that_is_sent(void **state)
{
	static const char ethernet[] =
		"\n\n++ver\n"
		"++read_tmo_ms 1000\n++read_tmo_ms\n"
		"++savecfg 0\n++mode 1\n++auto 0\n++eoi 1\n++eos 3\n++eot_char 4\n++eot_enable 1\n++ifc\n"
		"++read_tmo_ms 1001\n++read_tmo_ms\n"
		"++mode\n++auto\n++eoi\n++eos\n++eot_char\n++eot_enable\n"
		"++addr 22\nREAD?\x1b\n\n"
		"++read_tmo_ms 1000\n++addr 22\n++read eoi\n"
		"++addr 9 99\n*IDN?\x1b\n\n"
		"++read_tmo_ms 600\n++addr 9 99\n++read eoi\n"
		"++addr 22\n++loc\n";
	struct talk t;
	const char *reply;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		ask(&t, "READ?\n");
		expect(&t, "22001");
		link_select(t.l, &(struct gpib){ 9, 3 });
		ask(&t, "*IDN?\n");
		assert_int_equal(link_read(t.l, &reply, LINE, instant_after_ms(590), &t.e), 13);
		assert_string_equal(reply, "ETALON,M1,C,1");
		link_close(&t.l);
		for (int i = 0; i < 100 && !t.c.devices[0].locals; i++)
			instant_sleep_until(instant_after_ms(10));
		assert_int_equal(t.c.devices[0].locals, 1);
		assert_int_equal(t.c.log_n, sizeof ethernet - 1);
		assert_memory_equal(t.c.log, ethernet, sizeof ethernet - 1);
		assert_int_equal(t.c.eeprom_writes, 1);         /* before it was told to keep nothing */
		finish(&t);
	}
}

static void ar488_is_never_told_to_save(void **state)
{
	struct talk t;

	(void)state;
	controller_prepare(&t.c);
	t.c.ar488 = true;
	t.c.version = "AR488 GPIB controller, ver. 0.51.18, 27/02/2023";
	controller_start(&t.c, "pty");
	open_link(&t, "22");
	clear(&t);
	ask(&t, "READ?\n");
	expect(&t, "22001");
	assert_null(strstr(t.c.log, "++savecfg"));
	finish(&t);
}

/* CR, LF, ESC and '+' are data, also where a line begins with them. */
static void binary_data_reach_the_instrument(void **state)
{
	char data[1024];
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		for (size_t i = 0; i < sizeof data; i++)
			data[i] = (char)i;
		memcpy(data, "++addr 1\r\n+\x1b", 12);
		assert_int_equal(link_write(t.l, data, sizeof data, instant_after_ms(GUARD_MS), &t.e), 0);
		ask(&t, "READ?\n");
		expect(&t, "22001");
		link_write(t.l, data, sizeof data, instant_after_ms(GUARD_MS), &t.e);
		clear(&t);
		assert_int_equal(t.c.devices[0].heard_n, sizeof data);
		assert_memory_equal(t.c.devices[0].heard, data, sizeof data);
		finish(&t);
	}
}

/* The mark of the end is a byte of the block as well, and once in a while the last that has come. */
static void block_holds_the_mark(void **state)
{
	struct until block = { .mark = "\n", .block = true };
	const char *reply;
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		controller_prepare(&t.c);
		t.c.piece_behind = 4;
		controller_start(&t.c, way);
		open_link(&t, "22");
		for (int round = 0; round < 2; round++) {
			ask(&t, "BLOCK?\n");
			if (link_read(t.l, &reply, block, instant_after_ms(GUARD_MS), &t.e) < 0)
				fail_msg("%s", t.e.text);
			for (int i = 0; i < 65536; i++)
				assert_int_equal((unsigned char)reply[7 + i], i * 7 % 256);
			ask(&t, "READ?\n");
			dialogue_expect(t.l, LINE, round ? "22002" : "22001", 5, &t.e);
		}
		assert_int_equal(t.c.devices[0].overtaken, 0);
		finish(&t);
	}
}

static void end_without_a_terminator(void **state)
{
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		ask(&t, "BARE?\n");
		dialogue_expect(t.l, LINE, "no terminator", 13, &t.e);
		ask(&t, "BARE?\n");
		dialogue_expect(t.l, (struct until){ 0 }, "no terminator", 13, &t.e);
		finish(&t);
	}
}

/* Longer than the controller itself ever waits: it is asked again, and the instrument only once. */
static void slow_answer(void **state)
{
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		t.c.devices[0].late_ms = 2200;
		t.c.devices[0].fault = BUS_LATE;
		ask(&t, "READ?\n");
		expect(&t, "22001");
		ask(&t, "READ?\n");
		expect(&t, "22002");
		finish(&t);
	}
}

static void answers_that_are_none(void **state)
{
	static const struct { enum bus_fault fault; enum err_code code; } rows[] = {
		{ BUS_CUT, ERR_TIMEOUT }, { BUS_SILENT, ERR_TIMEOUT },
	};
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		for (size_t i = 0; i < 2; i++) {
			t.c.devices[0].fault = (int)rows[i].fault;
			ask(&t, "READ?\n");
			dialogue_expect_failure(t.l, LINE, 150, rows[i].code, &t.e);
			clear(&t);
			ask(&t, "READ?\n");
			expect(&t, i ? "22004" : "22002");
		}
		assert_int_equal(t.c.devices[1].clears, 0);
		finish(&t);
	}
}

/* The answer was whole by its mark, but what belongs to it may still come: nothing is asked before. */
static void end_that_never_comes(void **state)
{
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		t.c.devices[0].fault = BUS_NO_EOI;
		ask(&t, "READ?\n");
		expect(&t, "22001");
		assert_int_equal(link_write(t.l, "READ?\n", 6, instant_after_ms(150), &t.e), -1);
		assert_int_equal(t.e.code, ERR_TIMEOUT);
		assert_false(link_in_step(t.l));
		clear(&t);
		ask(&t, "READ?\n");
		expect(&t, "22002");
		finish(&t);
	}
}

static void cancelled_while_it_waits(void **state)
{
	struct talk t;
	pthread_t thread;
	const char *reply;
	instant began;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		t.c.devices[0].fault = BUS_SILENT;
		ask(&t, "READ?\n");
		began = instant_now();
		assert_int_equal(pthread_create(&thread, NULL, dialogue_cancel_soon, &t.cancel), 0);
		assert_int_equal(link_read(t.l, &reply, LINE, instant_after_ms(60000), &t.e), -1);
		assert_int_equal(t.e.code, ERR_CANCELLED);
		pthread_join(thread, NULL);
		/* What is urgent reaches the instrument once the controller's own wait is over. */
		link_urgent(t.l, true);
		ask(&t, "OUTP OFF\n");
		assert_int_equal(link_clear(t.l, NS_PER_MS, instant_after_ms(GUARD_MS), &t.e) < 0, 0);
		assert_true(instant_now() - began < 5 * NS_PER_S);
		assert_memory_equal(t.c.devices[0].heard, "OUTP OFF\n", 9);
		finish(&t);
	}
}

static void status_service_request_trigger(void **state)
{
	uint8_t status;
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		t.c.devices[0].status = 0x51;
		t.c.devices[1].status = 0x40;
		assert_int_equal(link_status(t.l, &status, instant_after_ms(GUARD_MS), &t.e), 0);
		assert_int_equal(status, 0x51);
		/* The line is asserted, but by another. */
		assert_int_equal(link_wait_srq(t.l, &status, instant_after_ms(60), &t.e), -1);
		assert_int_equal(t.e.code, ERR_TIMEOUT);
		assert_int_equal(t.c.devices[1].status, 0x40);
		clear(&t);
		t.c.devices[0].status = 0x60;
		assert_int_equal(link_wait_srq(t.l, &status, instant_after_ms(GUARD_MS), &t.e), 0);
		assert_int_equal(status, 0x60);
		assert_int_equal(link_trigger(t.l, instant_after_ms(GUARD_MS), &t.e), 0);
		ask(&t, "READ?\n");
		expect(&t, "22001");
		assert_int_equal(t.c.devices[0].triggers, 1);
		assert_int_equal(t.c.devices[1].triggers, 0);
		finish(&t);
	}
}

/* The line is read, the mark behind it has not come yet: it is no part of the status byte. */
static void status_behind_an_answer(void **state)
{
	uint8_t status;
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		t.c.piece_behind = '\n';
		t.c.devices[0].status = 0x11;
		for (int i = 1; i <= 3; i++) {
			char expected[16];

			ask(&t, "READ?\n");
			snprintf(expected, sizeof expected, "%d", 22000 + i);
			expect(&t, expected);
			if (link_status(t.l, &status, instant_after_ms(GUARD_MS), &t.e) < 0)
				fail_msg("%s", t.e.text);
			assert_int_equal(status, 0x11);
		}
		finish(&t);
	}
}

/* ---- the controller itself ---- */

static void noise_before_the_first_answer(void **state)
{
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		controller_prepare(&t.c);
		t.c.banner = "\x80\xff boot\r\n1000\r\nready 1001\r\n++ver\r\n";
		controller_start(&t.c, way);
		open_link(&t, "22");
		clear(&t);
		ask(&t, "READ?\n");
		expect(&t, "22001");
		finish(&t);
	}
}

static void no_controller_or_another_kind(void **state)
{
	static const struct { const char *version, *unknown; bool deaf; enum err_code code; const char *why; } rows[] = {
		{ NULL, NULL, true, ERR_CLOSED, "no GPIB controller answers ++ver there" },
		{ "SSH-2.0", NULL, false, ERR_CLOSED, "no GPIB controller answers ++ver there" },
		{ NULL, "eot_enable", false, ERR_PROTOCOL, "answers '1 0 1 3 4 Unrecognized command' for its mode, auto," },
	};
	struct talk t;
	char *address;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		controller_prepare(&t.c);
		t.c.version = rows[i].version;
		t.c.unknown = rows[i].unknown;
		t.c.deaf = rows[i].deaf;
		controller_start(&t.c, "tcp");
		address = controller_at(&t.c, "22");
		assert_int_equal(link_open(&t.l, address, NULL, -1, instant_after_ms(1600), &t.e), -1);
		assert_int_equal(t.e.code, rows[i].code);
		if (!strstr(t.e.text, rows[i].why))
			fail_msg("%s", t.e.text);
		free(address);
		controller_stop(&t.c);
	}
}

static void one_that_falls_silent_is_lost(void **state)
{
	struct talk t;

	(void)state;
	begin(&t, "tcp");
	t.c.deaf = 1;
	ask(&t, "READ?\n");
	dialogue_expect_failure(t.l, LINE, 100, ERR_TIMEOUT, &t.e);
	assert_int_equal(link_clear(t.l, NS_PER_MS, instant_after_ms(GUARD_MS), &t.e), -1);
	assert_int_equal(t.e.code, ERR_CLOSED);
	assert_non_null(strstr(t.e.text, "the GPIB controller does not answer"));
	finish(&t);
}

/* A line does not show that the controller was switched off and on; its settings do. */
static void settings_lost_are_made_again(void **state)
{
	struct talk t;

	(void)state;
	EACH_WAY(way) {
		begin(&t, way);
		controller_power(&t.c, false);
		clear(&t);
		assert_int_equal(t.c.automatic, 0);
		assert_int_equal(t.c.eos, 3);
		assert_int_equal(t.c.savecfg, 0);
		assert_int_equal(t.c.eot_enable, 1);
		ask(&t, "READ?\n");
		expect(&t, "22001");
		/* And without a clear no answer is another's: it may only fail. */
		controller_power(&t.c, false);
		ask(&t, "READ?\n");
		dialogue_expect(t.l, LINE, "22002", 5, &t.e);
		assert_int_equal(link_write(t.l, "READ?\n", 6, instant_after_ms(150), &t.e), -1);
		finish(&t);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_that_is_sent),
		cmocka_unit_test(ar488_is_never_told_to_save),
		cmocka_unit_test(binary_data_reach_the_instrument),
		cmocka_unit_test(block_holds_the_mark),
		cmocka_unit_test(end_without_a_terminator),
		cmocka_unit_test(slow_answer),
		cmocka_unit_test(answers_that_are_none),
		cmocka_unit_test(end_that_never_comes),
		cmocka_unit_test(cancelled_while_it_waits),
		cmocka_unit_test(status_service_request_trigger),
		cmocka_unit_test(status_behind_an_answer),
		cmocka_unit_test(noise_before_the_first_answer),
		cmocka_unit_test(no_controller_or_another_kind),
		cmocka_unit_test(one_that_falls_silent_is_lost),
		cmocka_unit_test(settings_lost_are_made_again),
	};

	alarm(300);
	return cmocka_run_group_tests_name("prologix", tests, NULL, NULL);
}
