/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup.h"

#include <stdlib.h>

static void setup_free(struct setup *s)
{
	procedure_free(&s->procedure);
	bench_free(&s->bench);
	quantities_release(&s->quantities);
	source_release(&s->quantities_source);
	free(s);
}

int setup_load(struct setup **out, const char *quantities, const char *bench, const char *models,
	       const char *procedure, struct problems *ps)
{
	struct setup *s = mem_new(sizeof *s);
	struct err e;

	s->users = 1;
	if (source_load(&s->quantities_source, quantities, &e) < 0)
		problem_add(ps, quantities, 0, 0, "%s", e.text);
	else if (quantities_load(&s->quantities, quantities, ps) == 0)
		bench_load_from(&s->bench, bench, models, &s->quantities, ps);
	procedure_load(&s->procedure, procedure, ps);
	if (ps->total == 0)
		procedure_bind(s->procedure, s->bench, ps);
	if (ps->total) {
		setup_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

struct setup *setup_share(struct setup *s)
{
	__atomic_add_fetch(&s->users, 1, __ATOMIC_RELAXED);
	return s;
}

void setup_leave(struct setup **s)
{
	if (*s && __atomic_sub_fetch(&(*s)->users, 1, __ATOMIC_ACQ_REL) == 0)
		setup_free(*s);
	*s = NULL;
}

bool setup_simulated(const struct setup *s)
{
	for (size_t i = 0; i < s->procedure->roles.n; i++) {
		const struct bench_role *role = bench_role(s->bench, s->procedure->roles.list[i]);

		if (role->simulated)
			return true;
	}
	return false;
}
