/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slip_caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

int slip_caller_open(struct slip_caller *s)
{
	return link_open(&s->l, s->p.address, NULL, s->cancel, instant_after_ms(GUARD_MS), &s->e);
}

void slip_caller_prepare(struct slip_caller *s, const struct slip_row *script)
{
	*s = (struct slip_caller){ .cancel = eventfd(0, EFD_CLOEXEC) };
	slip_prepare(&s->p, script);
}

void slip_caller_begin(struct slip_caller *s, const struct slip_row *script)
{
	slip_caller_prepare(s, script);
	slip_start(&s->p);
	if (slip_caller_open(s) < 0)
		fail_msg("%s", s->e.text);
}

void slip_caller_finish(struct slip_caller *s)
{
	link_close(&s->l);
	slip_stop(&s->p);
	close(s->cancel);
}

void slip_caller_ask(struct slip_caller *s)
{
	dialogue_ask(s->l, &s->e);
}

void slip_caller_expect(struct slip_caller *s, struct until end, const char *reply, size_t n)
{
	dialogue_expect(s->l, end, reply, n, &s->e);
	assert_int_equal(link_excess(s->l), 0);
}

void slip_caller_expect_failure(struct slip_caller *s, struct until end, int ms, enum err_code code)
{
	dialogue_expect_failure(s->l, end, ms, code, &s->e);
}

void slip_caller_clear(struct slip_caller *s)
{
	if (link_clear(s->l, NS_PER_MS, instant_after_ms(GUARD_MS), &s->e) < 0)
		fail_msg("%s", s->e.text);
	assert_true(link_in_step(s->l));
}

void slip_caller_wait_for(struct slip_caller *s, const atomic_int *seen, int n)
{
	instant by = instant_after_ms(GUARD_MS);

	(void)s;
	while (*seen < n && !instant_passed(by))
		instant_sleep_until(instant_after_ms(1));
	assert_int_equal(*seen, n);
}
