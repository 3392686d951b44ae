/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "model_unit.h"
#include "nearest.h"

#define ROLE_MOST 32                 /* characters of a role; with a quantity it is a channel */

/* What schema_context's user is while a bench file is read. */
struct loading {
	struct bench *bench;
	const char *kept;                   /* folder of what a run kept; NULL: as the file says */
	const struct quantities *quantities;
	struct { char *name; struct model *model; int unit; } *loaded;     /* model NULL: it has problems */
	size_t n;
};

static const char *const access_words[] = { "exclusive", "shared", NULL };

/* A board's name gives way to where it is. */
static void place_board(struct schema_context *c, const struct yaml *node, struct bench_role *r)
{
	const struct loading *l = c->user;
	struct err e;
	char *placed = gpib_boards_place(&l->bench->gpib, r->address, &e);

	if (!placed) {
		schema_problem_key(c, node, "address", "address %s", e.text);
		placed = mem_string("");
	}
	free(r->address);
	r->address = placed;
}

static void check_address(struct schema_context *c, const struct yaml *node, struct bench_role *r)
{
	struct address a;
	struct err e;

	place_board(c, node, r);
	if (!r->address[0])
		return;
	if (address_parse(&a, r->address, NULL, &e) < 0)
		schema_problem_key(c, node, "address", "address %s", e.text);
	else if (r->model && a.manual != (r->model->manner == MANNER_MANUAL))
		schema_problem_key(c, node, "address", a.manual ?
				   "'%s' is read by a person, and model %s is not: it is reached over a wire" :
				   "'%s' is a wire, and model %s is read by a person: its address is manual:PLACE",
				   r->address, r->model_name);
	else if (r->model && (a.modbus != MODBUS_NOT) != (r->model->manner == MANNER_MODBUS))
		schema_problem_key(c, node, "address", "'%s' is %s, and model %s %s", r->address,
				   a.modbus ? "a Modbus address" : "an address for text", r->model_name,
				   a.modbus ? "does not speak Modbus" : "speaks Modbus");
}

static void check_simulated(struct schema_context *c, const struct yaml *node,
			    const struct bench_role *r)
{
	const struct point *p = r->model->points.items;

	for (size_t i = 0; i < r->model->points.n; i++)
		if (!p[i].simulated)
			schema_problem_key(c, node, "simulated",
					   "model %s does not say how %s is simulated",
					   r->model_name, p[i].quantity);
}

/* folder: as the bench file says, seen from there; kept: what it is called among what a run kept. */
static char *file_path(const struct loading *l, const char *folder, const char *kept, const char *name)
{
	const char *bench = l->bench->source.path, *slash = strrchr(bench, '/');
	int beside = slash && *folder != '/' ? (int)(slash - bench) + 1 : 0;

	if (l->kept)
		return mem_format("%s/%s/%s.yaml", l->kept, kept, name);
	return mem_format("%.*s%s/%s.yaml", beside, bench, folder, name);
}

/* Is the file there that the key names?  If not: the place where it is named, and what was meant, perhaps. */
static bool is_there(struct schema_context *c, const struct yaml *node, const char *key, const char *name, const char *path)
{
	char *folder, *near;

	if (access(path, F_OK) == 0 || errno != ENOENT)
		return true;
	folder = mem_format("%.*s", (int)(strrchr(path, '/') - path), path);
	near = nearest_file(folder, name);
	schema_problem_key(c, node, key, "there is no %s '%s' in %s%s%s%s", key, name, folder,
			   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	free(near);
	free(folder);
	return false;
}

/* Of an instrument that may share its line with others. */
static int unit_of(const char *address)
{
	struct address a;
	struct err e;

	return address_parse(&a, address, NULL, &e) < 0 ? MODEL_UNIT_USUAL : a.unit;
}

static bool says_unit(const struct model *m)
{
	return m && model_unit_named(&m->source);
}

/* A model that two roles use is loaded once, or once for each unit where it says which it speaks to. */
static struct model *find_model(struct schema_context *c, const struct yaml *node, const char *name, int unit)
{
	struct loading *l = c->user;
	struct model *m = NULL;
	char *path;

	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->loaded[i].name, name) && (!says_unit(l->loaded[i].model) || l->loaded[i].unit == unit))
			return l->loaded[i].model;
	path = file_path(l, l->bench->models, "models", name);
	if (is_there(c, node, "model", name, path))
		model_load_unit(&m, path, unit, l->quantities, c->problems);
	free(path);
	l->loaded = mem_grow(l->loaded, l->n, sizeof *l->loaded);
	l->loaded[l->n].name = mem_string(name);
	l->loaded[l->n].unit = unit;
	l->loaded[l->n++].model = m;
	return m;
}

static void find_standard(struct schema_context *c, const struct yaml *node, struct bench_role *r)
{
	const struct loading *l = c->user;
	char *folder = l->bench->standards ? mem_string(l->bench->standards) : mem_format("%s/../standards", l->bench->models);
	char *path = file_path(l, folder, "standards", r->standard_name);

	if (is_there(c, node, "standard", r->standard_name, path))
		standard_load(&r->standard, path, l->quantities, c->problems);
	free(path);
	free(folder);
}

/* A certificate speaks of one instrument: the one in the role must prove to be it. */
static void check_standard(struct schema_context *c, const struct yaml *node, struct bench_role *r)
{
	const struct standard *s;

	find_standard(c, node, r);
	s = r->standard;
	if (s && !r->serial_number)
		r->serial_number = mem_string(s->serial_number);
	else if (s && strcmp(s->serial_number, r->serial_number))
		schema_problem_key(c, node, "serial_number", "standard %s has the serial number %s (%s), and here is %s: name the "
				   "standard that stands here", s->name, s->serial_number, s->source.path, r->serial_number);
}

static void check_role(struct schema_context *c, const struct yaml *node, void *role)
{
	struct bench_role *r = role;

	if (strchr(r->name, '.') || strlen(r->name) > ROLE_MOST)
		schema_problem_at(c, r->place,
				  "role '%s': a role's name has no '.' and at most %d characters",
				  r->name, ROLE_MOST);
	r->model = find_model(c, node, r->model_name, unit_of(r->address));
	check_address(c, node, r);
	if (r->model && r->model->manner == MANNER_MANUAL && r->access == ACCESS_SHARED)
		schema_problem_key(c, node, "access", "what a person reads is read for one run at a time: "
				   "its access is exclusive");
	if (r->model && r->simulated)
		check_simulated(c, node, r);
	if (r->standard_name)
		check_standard(c, node, r);
}

#define AT(field) .offset = offsetof(struct bench_role, field)
static const struct schema_row role_rows[] = {
	{ .key = "model", .type = S_NAME, AT(model_name), .required = true,
	  .help = "the model file that stands in this role" },
	{ .key = "address", .type = S_STRING, AT(address), .required = true,
	  .help = "how it is reached: tcp://HOST:PORT, serial:DEVICE, pty:PATH, prologix://HOST/22, modbus+tcp://HOST:PORT/UNIT, "
		  "modbus+rtu:DEVICE?unit=N, a VISA resource string, or manual:PLACE for what a person reads" },
	{ .key = "serial_number", .type = S_STRING, AT(serial_number),
	  .help = "what it must say its serial number is; without it any will do" },
	{ .key = "standard", .type = S_NAME, AT(standard_name),
	  .help = "the standard that it is, with its certificates: a run is refused past its due day or outside its range" },
	{ .key = "access", .type = S_ENUM, AT(access), .words = access_words, .fallback = "exclusive",
	  .help = "shared: only measured, for all runs that ask" },
	{ .key = "simulated", .type = S_BOOL, AT(simulated), .fallback = "no",
	  .help = "played by etalon-sim; every run on it is marked" },
	{ 0 }
};
#undef AT

static const struct schema role_schema = {
	.what = "a role", .size = sizeof(struct bench_role), .rows = role_rows,
	.place = offsetof(struct bench_role, place), .check = check_role,
};

#define AT(field) .offset = offsetof(struct bench, field)
static const struct schema_row simulate_rows[] = {
	{ .key = "seed", .type = S_INT, AT(simulate.seed), .low = 0, .high = 9007199254740992.0,
	  .fallback = "1", .help = "what all its chances are made from" },
	{ .key = "temperature", .type = S_NUMBER, AT(simulate.temperature), .low = -50, .high = 100,
	  .fallback = "23", .help = "of the room, in degC" },
	{ .key = "humidity", .type = S_NUMBER, AT(simulate.humidity), .low = 0, .high = 100,
	  .fallback = "45", .help = "of the room, in %" },
	{ .key = "wander", .type = S_NUMBER, AT(simulate.wander), .low = 0, .high = 100,
	  .fallback = "0.1", .help = "how far the room's temperature walks in an hour, in degC" },
	{ 0 }
};

static const struct schema simulate_schema = { .what = "the simulated world", .rows = simulate_rows };

/* Text instruments on one line: what is said must tell them apart. */
static bool share_line(const struct bench_role *one, const struct bench_role *other)
{
	struct address a, b;
	struct err e;

	return address_parse(&a, one->address, NULL, &e) == 0 && address_parse(&b, other->address, NULL, &e) == 0 &&
		!a.modbus && !a.manual && a.unit != b.unit && gpib_same(&a.gpib, &b.gpib) &&
		!strcmp(a.scheme, b.scheme) && !strcmp(a.place, b.place);
}

static void check_line(struct schema_context *c, const struct bench_role *one, const struct bench_role *other)
{
	if (!one->model || !other->model || !share_line(one, other))
		return;
	if (!says_unit(one->model) || !says_unit(other->model))
		schema_problem_at(c, other->place, "roles '%s' and '%s' share a line, and model %s does not say {unit}: both "
				  "would answer", one->name, other->name,
				  says_unit(one->model) ? other->model_name : one->model_name);
}

static void check_bench(struct schema_context *c, const struct yaml *node, void *bench)
{
	const struct bench *b = bench;
	const struct bench_role *r = b->roles.items;

	if (!b->roles.n)
		schema_problem_key(c, node, "roles", "a bench has at least one role");
	for (size_t i = 0; i < b->roles.n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (address_same(r[i].address, r[k].address))
				schema_problem_at(c, r[i].place,
						  "roles '%s' and '%s' have the same address",
						  r[k].name, r[i].name);
			check_line(c, &r[k], &r[i]);
		}
	}
}

static const struct schema_row bench_rows[] = {
	{ .key = "bench", .type = S_NAME, AT(name), .required = true, .help = "its name" },
	{ .key = "title", .type = S_TEXTS, AT(title), .required = true,
	  .help = "what it is, for people" },
	{ .key = "models", .type = S_STRING, AT(models), .fallback = "../instruments",
	  .help = "the folder of model files, seen from this file" },
	{ .key = "standards", .type = S_STRING, AT(standards),
	  .help = "the folder of standards, seen from this file; without it `standards` beside that of the models" },
	{ .key = "simulate", .type = S_MAP, .sub = &simulate_schema,
	  .help = "the world of etalon-sim" },
	{ .key = "gpib", .type = S_CUSTOM, AT(gpib), .custom = gpib_boards_read, .release = gpib_boards_release,
	  .form = gpib_boards_form, .help = "which controller each GPIB board of an address is" },
	/* Last: reading a role loads its model and its standard from the folders above. */
	{ .key = "roles", .type = S_DICT, AT(roles), .sub = &role_schema, .required = true,
	  .help = "which instrument stands in which role" },
	{ 0 }
};
#undef AT

const struct schema bench_schema = {
	.what = "a bench", .size = sizeof(struct bench), .rows = bench_rows, .check = check_bench,
};

static void release_loading(struct loading *l, bool models)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->loaded[i].name);
		if (models)
			model_free(&l->loaded[i].model);
	}
	free(l->loaded);
}

/* Frees all but the models, which roles may share. */
static void free_shell(struct bench **b)
{
	struct bench_role *r = (*b)->roles.items;

	for (size_t i = 0; i < (*b)->roles.n; i++)
		standard_free(&r[i].standard);
	schema_release(&bench_schema, *b);
	source_release(&(*b)->source);
	free(*b);
	*b = NULL;
}

/* The bench takes the source over. */
static int parse_source(struct bench **b, struct source *s, const char *kept,
			const struct quantities *q, struct problems *ps)
{
	struct bench *fresh = mem_new(sizeof *fresh);
	struct loading loading = { .bench = fresh, .kept = kept, .quantities = q };
	struct schema_context c = { .source = &fresh->source, .problems = ps, .user = &loading };
	int bad;

	fresh->source = *s;
	bad = schema_read_source(&bench_schema, &c, fresh);
	release_loading(&loading, bad);
	if (bad)
		free_shell(&fresh);
	*b = fresh;
	return bad;
}

int bench_load(struct bench **b, const char *path, const struct quantities *q, struct problems *ps)
{
	return bench_load_from(b, path, NULL, q, ps);
}

int bench_load_from(struct bench **b, const char *path, const char *kept, const struct quantities *q,
		    struct problems *ps)
{
	struct source s;

	*b = NULL;
	return source_read(&s, path, ps) ? -1 : parse_source(b, &s, kept, q, ps);
}

int bench_parse(struct bench **b, const char *path, const void *text, size_t n,
		const struct quantities *q, struct problems *ps)
{
	struct source s;

	*b = NULL;
	if (source_given(&s, path, text, n, ps))
		return -1;
	return parse_source(b, &s, NULL, q, ps);
}

const struct bench_role *bench_role(const struct bench *b, const char *name)
{
	const struct bench_role *r = b->roles.items;

	for (size_t i = 0; i < b->roles.n; i++)
		if (!strcmp(r[i].name, name))
			return &r[i];
	return NULL;
}

void bench_free(struct bench **b)
{
	struct bench_role *r;

	if (!*b)
		return;
	r = (*b)->roles.items;
	for (size_t i = 0; i < (*b)->roles.n; i++) {
		struct model *m = r[i].model;

		for (size_t k = i; k < (*b)->roles.n; k++)      /* of all roles that share it */
			if (r[k].model == m)
				r[k].model = NULL;
		model_free(&m);
	}
	free_shell(b);
}
