/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_block.c - what no single key shows of a point whose answer is an array (block.h). */
#include "model_parts.h"

/* What finds a number in a text, or makes one of it, has nothing to do with an array. */
static void check_keys(struct schema_context *c, const struct yaml *node)
{
	static const char *const numbers[] = { "reply", "field", "unstable", "suffix", "columns", "unit_columns",
					       "units", "status_marks", "set" };

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (yaml_find(node, numbers[i]))
			schema_problem_key(c, node, numbers[i], "'%s' means nothing where the answer is a block",
					   numbers[i]);
}

static void check_count(struct schema_context *c, const struct yaml *node, const struct point *p)
{
	const struct block_form *f = &p->block;

	if (f->count && f->count_ask)
		schema_problem_key(c, node, "block", "how many numbers it is stands in the file ('count') or is asked "
				   "('count_ask'), not both");
	if (f->count && p->simulated && p->simulate.samples != f->count)
		schema_problem_key(c, node, "simulate", "etalon-sim would give %lld numbers, 'count' says %lld: state "
				   "'samples'", (long long)p->simulate.samples, (long long)f->count);
}

void model_check_block(struct schema_context *c, const struct yaml *node, const struct point *p)
{
	const struct model_loading *l = c->user;

	if (!p->block.given)
		return;
	check_keys(c, node);
	check_count(c, node, p);
	if (point_listed(p))
		schema_problem_key(c, node, "ask", "a block cannot be asked for of several {inputs}");
	if (p->block.scale == 0)
		schema_problem_key(c, node, "block", "a scale of 0 makes every sample the same");
	if (l->model->frame.given || l->model->acknowledge.given)
		schema_problem_key(c, node, "block", "a block has no 'frame' around it and no 'acknowledge'");
}
