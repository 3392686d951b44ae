/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_usbtmc.c - links over USBTMC, with an instrument that does what the specification says and worse.  Each
 * answer is the number of the message that it answers. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "dialogue.h"
#include "usb_device.h"

#define PLACE "usb:0x2A8D/0x0101/MY123"

struct scene {
	struct usb_device *d;
	struct link *l;
	int cancel;
	struct err e;
};

static struct usb_device *new_device(void)
{
	struct usb_device *d = mem_new(sizeof *d);

	d->caps = 0xff;
	return d;
}

static void free_device(struct usb_device *d)
{
	usb_stop(d);
	free(d);
}

static void open_link(struct scene *s, const char *address)
{
	s->cancel = eventfd(0, EFD_CLOEXEC);
	if (link_open(&s->l, address, NULL, s->cancel, instant_after_ms(GUARD_MS), &s->e) < 0)
		fail_msg("%s", s->e.text);
}

static void begin(struct scene *s)
{
	*s = (struct scene){ .d = new_device() };
	usb_start(s->d, 0, 0x2a8d, 0x0101, "MY123");
	open_link(s, PLACE);
}

static void finish(struct scene *s)
{
	link_close(&s->l);
	assert_int_equal(s->d->bad, 0);
	free_device(s->d);
	close(s->cancel);
}

static void ask(struct scene *s)
{
	dialogue_ask(s->l, &s->e);
}

static void expect(struct scene *s, const char *reply)
{
	dialogue_expect(s->l, LINE, reply, strlen(reply), &s->e);
}

static void clear(struct scene *s)
{
	if (link_clear(s->l, 5 * NS_PER_MS, instant_after_ms(GUARD_MS), &s->e) < 0)
		fail_msg("%s", s->e.text);
}

static void questions_and_answers(void **state)
{
	struct scene s;
	char text[16];

	(void)state;
	begin(&s);
	for (int i = 1; i <= 600; i++) {                /* the tag comes round */
		ask(&s);
		snprintf(text, sizeof text, "%d", i);
		expect(&s, text);
	}
	assert_int_equal(s.d->requests, 600);
	assert_memory_equal(s.d->heard, "READ?\nREAD?\n", 12);
	finish(&s);
}

/* In transfers of all sizes, on either side of what the kernel takes at once. */
static void long_answers(void **state)
{
	static const size_t sizes[] = { 1, 2036, 2048, 2049, 4084, 4096, 8191, 65536, 1000000 };
	static const unsigned most[] = { 0, 1, 511, 4084, 40000 };
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char *text = mem_new(sizes[i] + 1);

		for (size_t k = 0; k < sizes[i]; k++)
			text[k] = (char)('a' + k % 23);
		for (size_t k = 0; k < sizeof most / sizeof *most; k++) {
			if (most[k] && sizes[i] / most[k] > 5000)
				continue;
			begin(&s);
			s.d->reply = text;
			s.d->reply_n = sizes[i];
			s.d->most = most[k];
			ask(&s);
			dialogue_expect(s.l, (struct until){ 0 }, text, sizes[i], &s.e);
			ask(&s);
			dialogue_expect(s.l, (struct until){ .mark = "\n" }, text, sizes[i], &s.e);
			finish(&s);
		}
		free(text);
	}
}

static void long_commands(void **state)
{
	size_t n = 200001;
	char *text = mem_new(n);
	struct scene s;

	(void)state;
	for (size_t i = 0; i < n; i++)
		text[i] = (char)(i * 7);
	begin(&s);
	assert_int_equal(link_write(s.l, text, n, instant_after_ms(GUARD_MS), &s.e), 0);
	expect(&s, "1");
	assert_int_equal(s.d->heard_n, n);
	assert_memory_equal(s.d->heard, text, n);
	assert_int_equal(s.d->ends, 1);
	finish(&s);
	free(text);
}

static void answers_that_are_none(void **state)
{
	static const struct { enum usb_fault fault; enum err_code code; const char *why; } rows[] = {
		{ USB_SILENT, ERR_TIMEOUT, "" }, { USB_TAG, ERR_PROTOCOL, "not 2 with tag" },
		{ USB_ID, ERR_PROTOCOL, "it answers message 3" }, { USB_SHORT, ERR_PROTOCOL, "has no header" },
		{ USB_LIES, ERR_PROTOCOL, "are announced" }, { USB_EMPTY, ERR_PROTOCOL, "without a byte" },
		{ USB_STALL, ERR_PROTOCOL, "read: Broken pipe" }, { USB_STALE, ERR_PROTOCOL, "with tag" },
	};
	const char *reply;
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin(&s);
		ask(&s);
		expect(&s, "1");
		s.d->fault = (int)rows[i].fault;
		ask(&s);
		assert_int_equal(link_read(s.l, &reply, LINE, instant_after_ms(rows[i].code == ERR_TIMEOUT ? 60 : GUARD_MS), &s.e), -1);
		if (s.e.code != rows[i].code || !strstr(s.e.text, rows[i].why))
			fail_msg("%s: %s", err_word(s.e.code), s.e.text);
		assert_false(link_in_step(s.l));
		clear(&s);
		assert_int_equal(s.d->clears, 2);
		ask(&s);
		expect(&s, "3");
		finish(&s);
	}
}

static void cancelled_and_urgent(void **state)
{
	struct scene s;
	pthread_t thread;
	const char *reply;

	(void)state;
	begin(&s);
	s.d->fault = USB_SILENT;
	ask(&s);
	assert_int_equal(pthread_create(&thread, NULL, dialogue_cancel_soon, &s.cancel), 0);
	assert_int_equal(link_read(s.l, &reply, LINE, instant_after_ms(60000), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CANCELLED);
	pthread_join(thread, NULL);
	/* The answer that is still owed is cleared away before what is urgent is said. */
	link_urgent(s.l, true);
	ask(&s);
	expect(&s, "2");
	assert_int_equal(s.d->clears, 1);
	finish(&s);
}

static void rest_of_an_answer_is_read_before_a_question(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	s.d->reply = "one\ntwo\n";
	s.d->reply_n = 8;
	s.d->most = 4;
	ask(&s);
	expect(&s, "one");
	assert_int_equal(link_write(s.l, "READ?\n", 6, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_non_null(strstr(s.e.text, "4 bytes had come before the question"));
	assert_int_equal(link_unasked(s.l), 4);
	finish(&s);
}

static void status_trigger_service_request(void **state)
{
	uint8_t status;
	struct scene s;

	(void)state;
	begin(&s);
	s.d->status = 0x11;
	assert_int_equal(link_status(s.l, &status, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_int_equal(status, 0x11);
	assert_int_equal(link_wait_srq(s.l, &status, instant_after_ms(60), &s.e), -1);
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	clear(&s);
	s.d->status = 0x51;
	assert_int_equal(link_wait_srq(s.l, &status, instant_after_ms(GUARD_MS), &s.e), 0);
	assert_int_equal(status, 0x51);
	assert_int_equal(link_trigger(s.l, instant_after_ms(GUARD_MS), &s.e), 0);
	ask(&s);
	expect(&s, "1");
	assert_int_equal(s.d->triggers, 1);
	finish(&s);
}

static void without_usb488(void **state)
{
	struct scene s = { .d = new_device() };
	uint8_t status;

	(void)state;
	s.d->caps = 0;
	usb_start(s.d, 0, 0x2a8d, 0x0101, "MY123");
	open_link(&s, PLACE);
	assert_int_equal(link_status(s.l, &status, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_STATE);
	assert_int_equal(link_trigger(s.l, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_STATE);
	ask(&s);
	expect(&s, "1");
	assert_int_equal(s.d->locals, 0);
	finish(&s);
}

/* The number is the kernel's; an instrument is known by its serial number. */
static void unplugged_and_back_under_another_number(void **state)
{
	struct usb_device *other = new_device();
	struct scene s;
	const char *reply;

	(void)state;
	begin(&s);
	ask(&s);
	s.d->fault = USB_GONE;
	assert_int_equal(link_read(s.l, &reply, LINE, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	finish(&s);
	assert_int_equal(link_open(&s.l, PLACE, NULL, -1, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CLOSED);
	assert_non_null(strstr(s.e.text, "no USB instrument 0x2a8d/0x0101 with serial number MY123 is connected"));
	usb_start(other, 0, 0x2a8d, 0x0101, "MY124");
	s.d = new_device();
	usb_start(s.d, 7, 0x2a8d, 0x0101, "MY123");
	open_link(&s, "USB0::0x2A8D::0x0101::my123::INSTR");
	ask(&s);
	expect(&s, "1");
	assert_int_equal(s.d->messages, 1);
	assert_int_equal(other->messages, 0);
	finish(&s);
	free_device(other);
}

static void one_alone_needs_no_serial_number(void **state)
{
	struct usb_device *other = new_device();
	struct scene s = { .d = new_device() };

	(void)state;
	usb_start(other, 3, 0x2a8d, 0x0102, "MY123");
	usb_start(s.d, 4, 0x2a8d, 0x0101, NULL);
	open_link(&s, "usb:0x2a8d/0x0101");
	ask(&s);
	expect(&s, "1");
	finish(&s);
	free_device(other);
	other = new_device();
	s.d = new_device();
	usb_start(other, 3, 0x2a8d, 0x0101, "A");
	usb_start(s.d, 4, 0x2a8d, 0x0101, "B");
	assert_int_equal(link_open(&s.l, "usb:0x2a8d/0x0101", NULL, -1, instant_after_ms(GUARD_MS), &s.e), -1);
	assert_int_equal(s.e.code, ERR_CONFIG);
	assert_non_null(strstr(s.e.text, "2 instruments are 0x2a8d/0x0101: add the serial number, "));
	assert_non_null(strstr(s.e.text, ", A"));
	assert_non_null(strstr(s.e.text, ", B"));
	free_device(other);
	free_device(s.d);
}

static int end(void **state)
{
	(void)state;
	usb_shim_end();
	return 0;
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_and_answers),
		cmocka_unit_test(long_answers),
		cmocka_unit_test(long_commands),
		cmocka_unit_test(answers_that_are_none),
		cmocka_unit_test(cancelled_and_urgent),
		cmocka_unit_test(rest_of_an_answer_is_read_before_a_question),
		cmocka_unit_test(status_trigger_service_request),
		cmocka_unit_test(without_usb488),
		cmocka_unit_test(unplugged_and_back_under_another_number),
		cmocka_unit_test(one_alone_needs_no_serial_number),
	};

	(void)argc;
	usb_shim(argv);
	return cmocka_run_group_tests_name("usbtmc", tests, NULL, end);
}
