/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup.h"

#include <stdlib.h>
#include <string.h>

#include "measurement.h"

static void setup_free(struct setup *s)
{
	for (size_t i = 0; i < s->n_pictures; i++)
		source_release(&s->pictures[i].source);
	free(s->pictures);
	procedure_free(&s->procedure);
	bench_free(&s->bench);
	quantities_release(&s->quantities);
	source_release(&s->quantities_source);
	free(s->state);
	free(s);
}

static const char *media_type(const char *name)
{
	static const struct { const char *ending, *type; } types[] = {
		{ ".png", "image/png" }, { ".jpg", "image/jpeg" }, { ".jpeg", "image/jpeg" }, { ".svg", "image/svg+xml" },
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
		if (!strcmp(dot, types[i].ending))
			return types[i].type;
	return "application/octet-stream";
}

static bool has_picture(const struct setup *s, const char *path)
{
	for (size_t i = 0; i < s->n_pictures; i++)
		if (!strcmp(s->pictures[i].source.path, path))
			return true;
	return false;
}

static void load_picture(struct setup *s, const struct model *m, const struct point *p, struct problems *ps)
{
	const char *slash = strrchr(m->source.path, '/');
	char *path = mem_format("%.*s%s", slash ? (int)(slash - m->source.path) + 1 : 0, m->source.path,
				p->manual.picture);
	struct source source;
	struct err e;

	if (!has_picture(s, path)) {
		if (source_load(&source, path, &e) < 0) {
			problem_add(ps, m->source.path, p->place.line, p->place.column, "picture: %s", e.text);
		} else {
			s->pictures = mem_grow(s->pictures, s->n_pictures, sizeof *s->pictures);
			s->pictures[s->n_pictures++] = (struct picture){ p->manual.picture, media_type(path), source };
		}
	}
	free(path);
}

static void load_pictures(struct setup *s, struct problems *ps)
{
	const struct bench_role *roles = s->bench->roles.items;

	for (size_t i = 0; i < s->bench->roles.n; i++) {
		const struct model *m = roles[i].model;
		const struct point *p = m->points.items;

		for (size_t k = 0; k < m->points.n; k++)
			if (p[k].manual.picture)
				load_picture(s, m, &p[k], ps);
	}
}

int setup_load(struct setup **out, const char *quantities, const char *bench, const char *kept,
	       const char *procedure, struct problems *ps)
{
	struct setup *s = mem_new(sizeof *s);
	struct err e;

	s->users = 1;
	if (source_load(&s->quantities_source, quantities, &e) < 0)
		problem_add(ps, quantities, 0, 0, "%s", e.text);
	else if (quantities_load(&s->quantities, quantities, ps) == 0)
		bench_load_from(&s->bench, bench, kept, &s->quantities, ps);
	procedure_load(&s->procedure, procedure, ps);
	if (ps->total == 0 && procedure_bind(s->procedure, s->bench, ps) == 0)
		measurement_check(s->procedure, ps);
	if (ps->total == 0 && !kept)
		load_pictures(s, ps);
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
