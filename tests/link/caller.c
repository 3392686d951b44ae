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
	dialogue_ask(s->l, &s->e);
}

void caller_expect(struct caller *s, struct until end, const char *reply, size_t n)
{
	dialogue_expect(s->l, end, reply, n, &s->e);
	assert_int_equal(link_excess(s->l), 0);
}

void caller_expect_failure(struct caller *s, struct until end, int ms, enum err_code code)
{
	dialogue_expect_failure(s->l, end, ms, code, &s->e);
}

void caller_clear(struct caller *s)
{
	if (link_clear(s->l, NS_PER_MS, instant_after_ms(GUARD_MS), &s->e) < 0)
		fail_msg("%s", s->e.text);
	assert_true(link_in_step(s->l));
}
