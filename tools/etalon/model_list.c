/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_list.c - etalon model list: the models there are, which were seen, and which the laboratory has validated. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "etalon.h"
#include "grid.h"
#include "json.h"
#include "model_commands.h"
#include "model_files.h"
#include "model_standing.h"
#include "vocabulary.h"

#define USUAL "config/instruments"

static struct {
	const char *quantities;
	bool json;
} opt;

static const struct argp_option options[] = {
	{ "quantities", 'q', "FILE", 0, "vocabulary (default: the nearest quantities.yaml)", 0 },
	{ "json", 'j', NULL, 0, "one JSON object per line", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	(void)s;
	if (key == 'q')
		opt.quantities = arg;
	else if (key == 'j')
		opt.json = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "[FOLDER|MODEL...]", .children = children,
	.doc = "The model files of a folder (default: " USUAL ", else those installed): who has seen such an instrument, "
	       "and whether the laboratory has validated this very file.",
};

static void print_json(const struct validations *v, const struct model *m)
{
	const struct validation *x = validation_of(v, m->name, m->source.sha256);
	struct buf b = { 0 }, standing = { 0 };

	standing_text(v, m, &standing);
	buf_putc(&b, '{');
	json_key(&b, "model");
	json_text(&b, m->name);
	json_key(&b, "sha256");
	json_text(&b, m->source.sha256);
	json_key(&b, "seen");
	json_text(&b, m->seen);
	json_key(&b, "validated");
	json_bool(&b, x != NULL);
	json_key(&b, "standing");
	json_text(&b, standing.data);
	json_key(&b, "serves_a_certificate");
	json_bool(&b, standing_serves(v, m));
	buf_putc(&b, '}');
	puts(b.data);
	buf_release(&b);
	buf_release(&standing);
}

static void add_row(struct grid *t, const struct validations *v, const struct model *m)
{
	struct buf standing = { 0 };

	standing_text(v, m, &standing);
	grid_cell(t, "%s", m->name);
	grid_cell(t, "%s %s", m->manufacturer, m->number);
	grid_cell(t, "%s", model_seen(m) ? m->seen : "never");
	grid_cell(t, "%s", standing.data);
	buf_release(&standing);
}

/* Models that cannot be read are told of on stderr, the others listed. */
static int list(const struct strings *paths, const struct validations *v)
{
	struct grid *t = grid_new("llll");
	int status = DONE;

	grid_cell(t, "model");
	grid_cell(t, "instrument");
	grid_cell(t, "seen");
	grid_cell(t, "validated");
	for (size_t i = 0; i < paths->n; i++) {
		struct problems ps = { 0 };
		struct loaded_model l;
		struct err e;

		loaded_model_open(&l, paths->list[i], opt.quantities, &ps);
		if (problems_err(&ps, &e))
			status = cannot(&e);
		else if (opt.json)
			print_json(v, l.m);
		else
			add_row(t, v, l.m);
		loaded_model_close(&l);
		problems_release(&ps);
	}
	if (!opt.json)
		grid_print(t, "", stdout);
	grid_free(&t);
	return status;
}

static void add(struct strings *paths, char *path)
{
	paths->list = mem_grow(paths->list, paths->n, sizeof *paths->list);
	paths->list[paths->n++] = path;
}

static int collect(struct strings *paths, char **names, int n)
{
	for (int i = 0; i < n; i++) {
		char *path = model_path(names[i]);

		if (!path)
			return cannot_say("%s: there is no such model file", names[i]);
		add(paths, path);
	}
	return DONE;
}

static bool is_folder(const char *name)
{
	size_t n = strlen(name);

	return access(name, X_OK) == 0 && !(n > 5 && !strcmp(name + n - 5, ".yaml"));
}

int model_list(int argc, char **argv)
{
	struct strings paths = { 0 };
	struct validations v = { 0 };
	struct err e;
	int first, status = DONE;
	char *share = program_beside("../share/etalon/instruments");

	argp_parse(&argp, argc, argv, 0, &first, NULL);
	if (first == argc)
		model_paths(access(USUAL, X_OK) ? share : USUAL, &paths);
	else if (argc == first + 1 && is_folder(argv[first]))
		model_paths(argv[first], &paths);
	else
		status = collect(&paths, argv + first, argc - first);
	if (status == DONE)
		status = standing_read(&v, &e) < 0 ? cannot(&e) : list(&paths, &v);
	validations_release(&v);
	paths_release(&paths);
	free(share);
	return status;
}
