/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quantities.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "expression.h"
#include "mem.h"

size_t put_input(struct input_table *t, const char *name, const char *unit, double estimate, double u, double dof)
{
	struct input in = {
		.id = (char *)name, .unit = (char *)unit, .source = (char *)"", .type = TYPE_B,
		.knowledge = { DISTRIBUTION_NORMAL, estimate, u, 0 }, .uncertainty = u, .degrees_of_freedom = dof,
	};
	struct err e;
	long place = input_add(t, &in, &e);

	if (place < 0)
		fail_msg("%s", e.text);
	return (size_t)place;
}

struct equation *bound(const char *model, const char *unit, const struct input_table *t)
{
	struct err e;
	struct expression *x = expression_parse(model, &e);
	struct equation_input *inputs;
	const char *const *names;
	struct equation *q;
	size_t n = 0;

	if (!x)
		fail_msg("%s", e.text);
	inputs = mem_array(expression_names(x, &names) + 1, sizeof *inputs);
	for (size_t i = 0; i < expression_names(x, &names); i++)
		if (input_find(t, names[i]) >= 0)
			inputs[n++] = (struct equation_input){ names[i], (size_t)input_find(t, names[i]) };
	q = equation_new(model, unit, t, inputs, n, &e);
	if (!q)
		fail_msg("%s", e.text);
	free(inputs);
	expression_free(&x);
	return q;
}
