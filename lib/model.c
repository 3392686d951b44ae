/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "model_bytes.h"
#include "model_parts.h"
#include "model_unit.h"

/* A draft (`etalon model new`) marks with a comment of its own line what only a person can know.  It is no
 * model until that is filled in and the mark taken away. */
static int find_marks(const struct source *s, struct problems *ps)
{
	static const char mark[] = "# TODO";
	size_t before = ps->total;
	int line = 1;

	for (const char *p = s->text; *p; line++) {
		const char *end = strchrnul(p, '\n'), *text = p + strspn(p, " ");

		if (!strncmp(text, mark, sizeof mark - 1))
			problem_add(ps, s->path, line, (int)(text - p) + 1, "still to do:%.*s; take this line away when "
				    "it is done", (int)(end - text - (ptrdiff_t)sizeof mark + 1), text + sizeof mark - 1);
		p = *end ? end + 1 : end;
	}
	return ps->total == before ? 0 : -1;
}

/* The model takes the source over. */
static int parse_source(struct model **m, struct source *s, int unit, const struct quantities *q, bool file,
			struct problems *ps)
{
	struct model *fresh = mem_new(sizeof *fresh);
	struct model_loading loading = { .model = fresh, .quantities = q, .file = file };
	struct schema_context c = { .source = &fresh->source, .problems = ps, .user = &loading };
	size_t before;
	struct yaml *root;
	int marked;

	fresh->source = *s;
	marked = find_marks(&fresh->source, ps);
	before = ps->total;
	root = yaml_parse(&fresh->source, ps);
	if (root) {
		model_bytes_fill(root, &fresh->source, ps);
		model_unit_fill(root, unit, &fresh->source, ps);
	}
	if (!root || ps->total != before || schema_read(&model_schema, &c, root, fresh) || marked)
		model_free(&fresh);
	yaml_drop(&root);
	*m = fresh;
	return fresh ? 0 : -1;
}

/* NAME of FOLDER/NAME.yaml is the model's. */
static int check_name(struct model **m, const char *path, struct problems *ps)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t n = strlen((*m)->name);

	if (!strncmp(base, (*m)->name, n) && !strcmp(base + n, ".yaml"))
		return 0;
	problem_add(ps, path, 1, 1, "the model is named '%s', so its file is %s.yaml", (*m)->name, (*m)->name);
	model_free(m);
	return -1;
}

int model_load(struct model **m, const char *path, const struct quantities *q, struct problems *ps)
{
	return model_load_unit(m, path, MODEL_UNIT_USUAL, q, ps);
}

int model_load_unit(struct model **m, const char *path, int unit, const struct quantities *q, struct problems *ps)
{
	struct source s;

	*m = NULL;
	if (source_read(&s, path, ps))
		return -1;
	return parse_source(m, &s, unit, q, true, ps) ? -1 : check_name(m, path, ps);
}

int model_parse(struct model **m, const char *path, const void *text, size_t n,
		const struct quantities *q, struct problems *ps)
{
	return model_parse_unit(m, path, text, n, MODEL_UNIT_USUAL, q, ps);
}

int model_parse_unit(struct model **m, const char *path, const void *text, size_t n, int unit,
		     const struct quantities *q, struct problems *ps)
{
	struct source s;

	*m = NULL;
	if (source_given(&s, path, text, n, ps))
		return -1;
	return parse_source(m, &s, unit, q, false, ps);
}

bool model_seen(const struct model *m)
{
	return strcmp(m->seen, "manual") != 0 && strcmp(m->seen, "simulated") != 0;
}

int64_t model_command_patience(const struct model *m, const struct model_command *k)
{
	return (int64_t)(k->send.n + 2) * (k->timeout_ns ? k->timeout_ns : m->timeout_ns) + k->done.within_ns;
}

static int64_t patience_of(const struct model *m, const char *name)
{
	const struct model_command *k = name ? model_command_find(&m->commands, name) : NULL;

	return k ? model_command_patience(m, k) : 0;
}

int64_t model_check_patience(const struct model *m)
{
	int64_t questions = (int64_t)(m->state.n + m->requires.n + m->modbus.state.n + 1);

	return questions * (m->timeout_ns + m->pause_ns) + 3 * model_talks_every(m);
}

int64_t model_attach_patience(const struct model *m)
{
	const struct strings *s = &m->after_power_on.commands;
	int64_t sum = (int64_t)m->init.n * m->timeout_ns + patience_of(m, m->self_calibration.command);

	for (size_t i = 0; i < s->n; i++)
		sum += patience_of(m, s->list[i]);
	return sum;
}

bool point_measures(const struct point *p)
{
	return p->ask || p->heard.match.text || p->has_registers || p->manual.read.n;
}

bool point_sets(const struct point *p)
{
	return p->set || p->has_target || p->manual.set.n;
}

bool point_ends(const struct point *p, const struct point *other)
{
	return p != other && p->output && other->output && !strcmp(p->output, other->output);
}

/* Each of these is an exchange or several, and then a rest. */
int64_t point_patience(const struct model *m, const struct point *p, bool set)
{
	int64_t once = (p->timeout_ns ? p->timeout_ns : m->timeout_ns) + m->pause_ns;
	const struct modbus_point *r = &p->modbus;

	if (set)
		return 4 * once + (r->has_done ? r->done.within_ns + once : 0) + p->done.within_ns;
	return (1 + (int64_t)r->status.n + (int64_t)m->modbus.state.n + r->has_trigger) * once +
	       (r->has_ready ? r->ready.within_ns + once : 0) +
	       (int64_t)(p->arm.n + (p->trigger != NULL)) * m->timeout_ns + p->ready.within_ns +
	       2 * p->heard.every_ns;    /* the first message may have begun too early */
}

#define ARM_NS (50 * NS_PER_MS)         /* a command over a slow line */

int64_t point_arming(const struct model *m, const struct point *p)
{
	return p->trigger ? (int64_t)(p->arm.n + 1) * (ARM_NS + m->pause_ns) : 0;
}

int64_t model_talks_every(const struct model *m)
{
	const struct point *p = m->points.items;
	int64_t longest = 0;

	for (size_t i = 0; i < m->points.n; i++)
		if (p[i].heard.match.text && p[i].heard.every_ns > longest)
			longest = p[i].heard.every_ns;
	return longest;
}

/* The answer to *OPC? is owed all the while, and on a line comes by itself. */
static bool polls(const struct model_wait *w, bool gpib)
{
	return model_wait_given(w) && (gpib || !w->once);
}

bool model_waits(const struct model *m, bool gpib)
{
	const struct point *p = m->points.items;
	const struct model_command *k = m->commands.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (p[i].modbus.has_done || p[i].modbus.has_ready || polls(&p[i].done, gpib) || polls(&p[i].ready, gpib))
			return true;
	for (size_t i = 0; i < m->commands.n; i++)
		if (polls(&k[i].done, gpib))
			return true;
	return false;
}

bool point_listed(const struct point *p)
{
	return p->ask && strstr(p->ask, "{inputs}");
}

const struct range *point_range(const struct point *p, double value)
{
	const struct range *r = p->ranges.items;

	for (size_t i = 0; i < p->ranges.n; i++)
		if (value >= r[i].from && value <= r[i].to)
			return &r[i];
	return NULL;
}

const struct point *model_point(const struct model *m, const char *quantity)
{
	const struct point *p = m->points.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (!strcmp(p[i].quantity, quantity))
			return &p[i];
	return NULL;
}

void model_free(struct model **m)
{
	if (!*m)
		return;
	schema_release(&model_schema, *m);
	free((*m)->frame.mark);
	source_release(&(*m)->source);
	free(*m);
	*m = NULL;
}
