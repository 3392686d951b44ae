/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_reply.c - how far an answer reaches: to a mark, over several lines, or until nothing more comes. */
#include <stdlib.h>
#include <string.h>

#include "model_parts.h"

static void check_lines_of_point(struct schema_context *c, const struct model *m, const struct point *p)
{
	if (p->reply_lines && p->block.given)
		schema_problem_at(c, p->place, "reply_lines: an array is no line: 'block' says how far it reaches");
	if (p->reply_lines && m->reply_pause_ns)
		schema_problem_at(c, p->place, "reply_lines: its answers end after 'reply_pause', however many lines they have");
	if (p->reply_lines > 1 && framing_on_replies(&m->frame))
		schema_problem_at(c, p->place, "reply_lines: a frame holds one line; the answer ends where the frame does");
	if (p->reply_lines && p->reply_line > p->reply_lines)
		schema_problem_at(c, p->place, "reply_line: line %lld of an answer of %lld", (long long)p->reply_line,
				  (long long)p->reply_lines);
}

/* Points that ask the same share one answer, which has as many lines for each. */
static void check_shared_answer(struct schema_context *c, const struct point *first, const struct point *p)
{
	if (first->ask && p->ask && !strcmp(first->ask, p->ask) && first->reply_lines != p->reply_lines)
		schema_problem_at(c, p->place, "reply_lines: %s asks the same, %s, and states another number of lines",
				  first->quantity, p->ask);
}

/* The line, or its adapter, may pause within an answer.  What has come by then must not pass for the whole. */
static bool shows_a_cut(const struct point *p)
{
	return p->reply.text || p->suffix || p->columns.of;
}

static void check_pause_of_point(struct schema_context *c, const struct point *p)
{
	if (p->block.given)
		schema_problem_at(c, p->place, "block: an array has its length; it does not end after 'reply_pause'");
	else if (p->ask && !shows_a_cut(p))
		schema_problem_at(c, p->place, "an answer that only a pause ends may be cut by a longer one, and a cut number "
				  "is a number too: state its whole form with 'reply', its 'suffix', or 'columns' with 'of'");
}

static void check_pause(struct schema_context *c, const struct yaml *node, const struct model *m)
{
	const struct point *p = m->points.items;

	if (yaml_find(node, "reply_end"))
		schema_problem_key(c, node, "reply_pause", "an answer ends with 'reply_end' or after 'reply_pause', not both");
	if (framing_on_replies(&m->frame))
		schema_problem_key(c, node, "reply_pause", "an answer in a frame ends where the frame does");
	if (model_talks_every(m))
		schema_problem_key(c, node, "reply_pause", "messages that are heard need a mark at their end: of two that wait "
				   "to be read nobody sees the pause between");
	if (m->reply_pause_ns >= m->timeout_ns)
		schema_problem_key(c, node, "reply_pause", "it must be shorter than 'timeout', in which the whole answer comes");
	for (size_t i = 0; i < m->points.n; i++)
		check_pause_of_point(c, &p[i]);
}

void model_check_replies(struct schema_context *c, const struct yaml *node, struct model *m)
{
	const struct point *p = m->points.items;

	for (size_t i = 0; i < m->points.n; i++) {
		check_lines_of_point(c, m, &p[i]);
		for (size_t k = 0; k < i; k++)
			check_shared_answer(c, &p[k], &p[i]);
	}
	if (!m->reply_pause_ns)
		return;
	check_pause(c, node, m);
	free(m->reply_end);
	m->reply_end = mem_string("");
}
