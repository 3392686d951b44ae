/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_manual.c - the keys of what a person reads and sets: driver manual. */
#include <string.h>

#include "model_parts.h"

static const char *const confirm_words[] = { "none", "second_person", NULL };

#define AT(field) .offset = offsetof(struct point_manual, field)
static const struct schema_row point_rows[] = {
	{ .key = "read", .type = S_TEXTS, AT(read),
	  .help = "how it is read, for the person who does; without it, it cannot be measured" },
	{ .key = "set", .type = S_TEXTS, AT(set),
	  .help = "how it is set; {} stands for the value with its unit. With a `tolerance` the value "
		  "is read back and keyed, without one the person answers: done" },
	{ .key = "picture", .type = S_STRING, AT(picture),
	  .help = "a picture that shows how, a file beside the model file; kept with the record" },
	{ .key = "plausible", .type = S_VALUE, AT(plausible),
	  .help = "a reading further than this from the last one at the same point is keyed twice, or "
		  "with a reason" },
	{ .key = "confirm", .type = S_ENUM, AT(confirm), .words = confirm_words, .fallback = "none",
	  .help = "second_person: an answer counts once somebody else has confirmed it" },
	{ 0 }
};
#undef AT

const struct schema point_manual_schema = {
	.what = "what a person does", .size = sizeof(struct point_manual), .rows = point_rows,
};

#define AT(field) .offset = offsetof(struct model_manual, field)
static const struct schema_row model_rows[] = {
	{ .key = "safe", .type = S_TEXTS, AT(safe),
	  .help = "what a person does to make it safe; asked once everything else is" },
	{ .key = "safe_within", .type = S_DURATION, AT(safe_within_ns), .low = 1, .high = 86400,
	  .fallback = "2 min", .help = "how long they may take; then it is an alarm" },
	{ .key = "remind", .type = S_DURATION, AT(remind_ns), .low = 0.1, .high = 86400,
	  .fallback = "5 min", .help = "until the first reminder; each later one takes twice as long" },
	{ 0 }
};
#undef AT

const struct schema model_manual_schema = {
	.what = "manual", .size = sizeof(struct model_manual), .rows = model_rows,
};

static bool names_value_once(const char *text)
{
	const char *first = strstr(text, "{}");

	return first && !strstr(first + 2, "{}");
}

static void check_set(struct schema_context *c, const struct yaml *manual, const struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (!names_value_once(t->list[i].text))
			schema_problem_key(c, manual, "set", "what is said when it is set holds {} once, where "
					   "the value goes; '%.60s' does not", t->list[i].text);
}

void model_check_manual(struct schema_context *c, const struct yaml *node, struct point *p)
{
	const struct yaml *manual = yaml_find(node, "manual");
	struct point_manual *m = &p->manual;
	struct err e;

	if (!manual)
		return;
	check_set(c, manual, &m->set);
	if (m->plausible.unit && difference_in(&m->plausible, p->unit, &m->leap, &e))
		schema_problem_key(c, manual, "plausible", "plausible: %s", e.text);
	else if (m->plausible.unit && !(m->leap > 0))
		schema_problem_key(c, manual, "plausible", "a change that is plausible is above 0");
	if (m->plausible.unit && !m->read.n)
		schema_problem_key(c, manual, "plausible", "'plausible' means nothing without 'read'");
	if (m->picture && strchr(m->picture, '/'))
		schema_problem_key(c, manual, "picture", "a picture lies beside the model file: '%s' is a path",
				   m->picture);
}
