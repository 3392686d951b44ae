/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dialogue.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/eventfd.h>

#include <cmocka.h>

void dialogue_ask(struct link *l, struct err *e)
{
	if (link_write(l, "READ?\n", 6, instant_after_ms(GUARD_MS), e) < 0)
		fail_msg("%s", e->text);
}

void dialogue_expect(struct link *l, struct until end, const char *reply, size_t n, struct err *e)
{
	const char *got;
	ssize_t len = link_read(l, &got, end, instant_after_ms(GUARD_MS), e);

	if (len < 0)
		fail_msg("%s", e->text);
	assert_int_equal(len, n);
	assert_memory_equal(got, reply, n);
}

void dialogue_expect_failure(struct link *l, struct until end, int ms, enum err_code code, struct err *e)
{
	const char *got;

	assert_int_equal(link_read(l, &got, end, instant_after_ms(ms), e), -1);
	if (e->code != code)
		fail_msg("%s instead of %s: %s", err_word(e->code), err_word(code), e->text);
	assert_false(link_in_step(l));
	assert_int_equal(link_write(l, "READ?\n", 6, instant_after_ms(100), e), -1);
}

void dialogue_expect_failure_saying(struct link *l, enum err_code code, const char *words, struct err *e)
{
	const char *got;

	assert_int_equal(link_read(l, &got, LINE, instant_after_ms(GUARD_MS), e), -1);
	if (e->code != code || !strstr(e->text, words))
		fail_msg("%s, %s, instead of %s, %s", err_word(e->code), e->text, err_word(code), words);
	assert_false(link_in_step(l));
}

void *dialogue_cancel_soon(void *cancel)
{
	poll(NULL, 0, 50);
	assert_int_equal(eventfd_write(*(int *)cancel, 1), 0);
	return NULL;
}
