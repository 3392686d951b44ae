/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_file.c - what is wrong with the file of a model that is about to be used.
 *
 * Copies of it in the journals of old runs are read without these checks: what was measured with them was measured,
 * and must be provable for as long as it is kept. */
#include <ctype.h>
#include <string.h>

#include "model_parts.h"

#define DAY "0000-00-00"

static bool begins_with_a_day(const char *text)
{
	for (const char *form = DAY; *form; form++, text++)
		if (*form == '0' ? !isdigit((unsigned char)*text) : *text != *form)
			return false;
	return true;
}

/* A certificate may rest on what was seen: "Manual" or "perhaps" must not count as that. */
static void check_seen(struct schema_context *c, const struct yaml *node, const struct model *m)
{
	if (!model_seen(m) || (begins_with_a_day(m->seen) && strstr(m->seen, " by ")))
		return;
	schema_problem_key(c, node, "seen", "seen: expected manual, if it was written from the manual and not seen on an "
			   "instrument, or when and by whom it was seen, such as '2026-11-24 by Anna: serial number "
			   "0815'; found '%s'", m->seen);
}

/* Outside quotes: DISP:TEXT 'Ready?' asks nothing. */
static bool asks(const char *command)
{
	char quote = '\0';

	for (; *command; command++) {
		if (quote ? *command == quote : *command == '"' || *command == '\'')
			quote = quote ? '\0' : *command;
		else if (*command == '?' && !quote)
			return true;
	}
	return false;
}

/* Nobody would read the answer: it would come instead of the next one's. */
static void check_commands(struct schema_context *c, const struct yaml *node, const struct model *m, const char *key,
			   const struct strings *commands)
{
	bool unanswered = m->manner == MANNER_SCPI && !m->answered.text && !m->acknowledge.given;

	for (size_t i = 0; i < commands->n; i++)
		if (unanswered && asks(commands->list[i]))
			schema_problem_key(c, node, key, "%s: '%s' asks, and nobody reads the answer to a command; what it must "
					   "answer is for 'state'", key, commands->list[i]);
}

/* It would time out each time. */
static void check_aperture(struct schema_context *c, const struct model *m, const struct point *p)
{
	int64_t timeout_ns = p->timeout_ns ? p->timeout_ns : m->timeout_ns;

	if (point_measures(p) && !p->trigger && p->aperture_ns >= timeout_ns)
		schema_problem_at(c, p->place, "%s: it integrates for %.12g s (aperture) and is waited for no longer than %.12g s "
				  "(timeout)", p->quantity, (double)p->aperture_ns / NS_PER_S, (double)timeout_ns / NS_PER_S);
}

static void check_point(struct schema_context *c, const struct model *m, const struct point *p)
{
	struct { const char *key; const char *text; } texts[] = {
		{ "ask", p->ask }, { "set", p->set }, { "readback", p->readback }, { "trigger", p->trigger },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		size_t n = texts[i].text ? strlen(texts[i].text) : 0, end = m->command_end ? strlen(m->command_end) : 0;

		if (end && n >= end && !strcmp(texts[i].text + n - end, m->command_end))
			schema_problem_at(c, p->place, "%s: %s ends as each command does (command_end), so the end would be "
					  "sent twice: take it away", p->quantity, texts[i].key);
	}
}

/* One answer for two settings: does it show both, or the one made last? */
static bool read_back_alike(const struct point *a, const struct point *b)
{
	return a->readback && b->readback && !strcmp(a->readback, b->readback) && a->readback_field == b->readback_field;
}

static void check_outputs(struct schema_context *c, const struct model *m)
{
	const struct point *p = m->points.items;

	for (size_t i = 0; i < m->points.n; i++) {
		if (p[i].output && !point_sets(&p[i]))
			schema_problem_at(c, p[i].place, "'output' means nothing for a point that cannot be set");
		for (size_t k = 0; k < i; k++)
			if (read_back_alike(&p[i], &p[k]) && (!p[i].output || !p[k].output))
				schema_problem_at(c, p[i].place, "%s and %s read back by the same '%s': say by 'output' what each "
						  "drives, one name where only the one set last stands, two where both do",
						  p[k].quantity, p[i].quantity, p[i].readback);
	}
}

void model_check_file(struct schema_context *c, const struct yaml *node, const struct model *m)
{
	const struct point *p = m->points.items;

	check_seen(c, node, m);
	check_commands(c, node, m, "init", &m->init);
	check_commands(c, node, m, "safe", &m->safe);
	for (size_t i = 0; i < m->points.n; i++) {
		check_aperture(c, m, &p[i]);
		check_point(c, m, &p[i]);
	}
	check_outputs(c, m);
}
