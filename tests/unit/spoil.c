/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spoil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

void assert_problem(const struct problems *ps, size_t i, const char *place, const char *says)
{
	char at[32];

	if (i >= ps->n)
		fail_msg("no complaint; expected at %s: %s", place, says);
	snprintf(at, sizeof at, "%d:%d", ps->list[i].line, ps->list[i].column);
	if (strcmp(at, place) || !strstr(ps->list[i].text, says))
		fail_msg("expected at %s: %s\n     got at %s: %s", place, says, at, ps->list[i].text);
}

void assert_good(const char *text, reading *read)
{
	struct problems ps = { 0 };

	read("good.yaml", text, strlen(text), &ps);
	if (ps.total)
		fail_msg("%d:%d: %s", ps.list[0].line, ps.list[0].column, ps.list[0].text);
	problems_release(&ps);
}

static char *spoil(const char *good, const struct spoiling *s)
{
	const char *at = strstr(good, s->find);

	if (!at || strstr(at + 1, s->find))
		fail_msg("'%s' stands not once in the good text", s->find);
	return mem_format("%.*s%s%s", (int)(at - good), good, s->with, at + strlen(s->find));
}

void assert_spoiled(const char *good, const struct spoiling *list, size_t n, reading *read)
{
	for (size_t i = 0; i < n; i++) {
		struct problems ps = { 0 };
		char *text = spoil(good, &list[i]);

		read("bad.yaml", text, strlen(text), &ps);
		if (!ps.total)
			fail_msg("taken without complaint: '%s' for '%s'", list[i].with, list[i].find);
		assert_problem(&ps, 0, list[i].place, list[i].says);
		problems_release(&ps);
		free(text);
	}
}
