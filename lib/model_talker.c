/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_talker.c - what no single key shows of instruments that speak without being asked. */
#include "model_parts.h"

void model_check_heard(struct schema_context *c, const struct yaml *node, const struct point *p)
{
	const struct point_heard *h = &p->heard;

	if (!h->match.text)
		return;
	if (p->ask)
		schema_problem_key(c, node, "heard", "a reading is asked for ('ask') or heard ('heard'), not both");
	if (p->reply.text)
		schema_problem_key(c, node, "reply", "'heard' says what the message looks like");
	if (!h->every_ns)
		schema_problem_key(c, node, "heard", "a talker needs 'every': how often it speaks at least, so that its "
				   "silence is noticed");
	if (h->match.compiled.re_nsub < 1 && !p->columns.from && !p->field)
		schema_problem_key(c, node, "heard", "the number is the first group of 'heard', unless 'columns' or 'field' "
				   "says where it is: it has no ( )");
}

void model_check_talker(struct schema_context *c, const struct yaml *node, const struct model *m)
{
	bool talks = model_talks_every(m) > 0;

	if (!talks && yaml_find(node, "talk_on"))
		schema_problem_key(c, node, "talk_on", "'talk_on' is for a model of which some point is heard ('heard')");
	if (!talks && yaml_find(node, "talk_off"))
		schema_problem_key(c, node, "talk_off", "'talk_off' is for a model of which some point is heard ('heard')");
	if (m->identity.heard && (m->identity.ask || !m->identity.expect.text))
		schema_problem_key(c, node, "identity", "what is heard of an identity is not asked, and needs 'expect'");
	if (m->identity.heard && !talks)
		schema_problem_key(c, node, "identity", "nothing is heard of a model that speaks only when asked");
}
