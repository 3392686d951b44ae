/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

int caller_open(struct caller *s)
{
	return link_open(&s->l, s->p.address, NULL, s->cancel, instant_after_ms(GUARD_MS), &s->e);
}

void caller_prepare(struct caller *s, const struct part *script)
{
	*s = (struct caller){ .p = { .script = script, .most = 4096, .registered = UINT32_MAX },
			     .cancel = eventfd(0, EFD_CLOEXEC) };
}

void caller_begin(struct caller *s, const struct part *script)
{
	caller_prepare(s, script);
	peer_start(&s->p);
	if (caller_open(s) < 0)
		fail_msg("%s", s->e.text);
}

void caller_finish(struct caller *s)
{
	link_close(&s->l);
	peer_stop(&s->p);
	close(s->cancel);
}

void caller_ask(struct caller *s)
{
	if (link_write(s->l, "READ?\n", 6, instant_after_ms(GUARD_MS), &s->e) < 0)
		fail_msg("%s", s->e.text);
}

void caller_expect(struct caller *s, struct until end, const char *reply, size_t n)
{
	const char *got;
	ssize_t len = link_read(s->l, &got, end, instant_after_ms(GUARD_MS), &s->e);

	if (len < 0)
		fail_msg("%s", s->e.text);
	assert_int_equal(len, n);
	assert_memory_equal(got, reply, n);
	assert_int_equal(link_excess(s->l), 0);
}

void caller_expect_failure(struct caller *s, struct until end, int ms, enum err_code code)
{
	const char *got;

	assert_int_equal(link_read(s->l, &got, end, instant_after_ms(ms), &s->e), -1);
	if (s->e.code != code)
		fail_msg("%s instead of %s: %s", err_word(s->e.code), err_word(code), s->e.text);
	assert_false(link_in_step(s->l));
	assert_int_equal(link_write(s->l, "READ?\n", 6, instant_after_ms(100), &s->e), -1);
}

void caller_clear(struct caller *s)
{
	if (link_clear(s->l, NS_PER_MS, instant_after_ms(GUARD_MS), &s->e) < 0)
		fail_msg("%s", s->e.text);
	assert_true(link_in_step(s->l));
}
