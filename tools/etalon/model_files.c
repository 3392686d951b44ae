/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_files.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "etalon.h"
#include "vocabulary.h"

static int folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash - path) + 1 : 0;
}

/* Takes the path over: NULL if nothing can be read there. */
static char *if_there(char *path)
{
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

char *model_path(const char *name)
{
	size_t n = strlen(name);
	char *path, *share;

	if (strchr(name, '/') || (n > 5 && !strcmp(name + n - 5, ".yaml")))
		return if_there(mem_string(name));
	path = if_there(mem_format("config/instruments/%s.yaml", name));
	if (path)
		return path;
	share = program_beside("../share/etalon/instruments");
	path = if_there(mem_format("%s/%s.yaml", share, name));
	free(share);
	return path;
}

/* Beside two folders of a tree: seen from config/instruments/ the folder tests/instruments/.  Two names at the
 * end are cut off rather than gone up from, so that a path is as a person would write it. */
static char *two_up(const char *path, const char *folder)
{
	int n = folder_length(path), at = n;

	for (int names = 0; names < 2; names++) {
		int from = at > 0 ? at - 1 : 0;

		while (from > 0 && path[from - 1] != '/')
			from--;
		if (from == at || path[from] == '.')
			return mem_format("%.*s../../%s", n, path, folder);
		at = from;
	}
	return mem_format("%.*s%s", at, path, folder);
}

char *model_path_of(const char *transcript, const char *name)
{
	char *folder = two_up(transcript, "config/instruments/");
	char *path = if_there(mem_format("%.*s%s.yaml", folder_length(transcript), transcript, name));

	if (!path)
		path = if_there(mem_format("%s%s.yaml", folder, name));
	free(folder);
	return path ? path : model_path(name);
}

static void add_matches(struct strings *paths, char *pattern)
{
	glob_t g;

	if (glob(pattern, 0, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc; i++) {
			paths->list = mem_grow(paths->list, paths->n, sizeof *paths->list);
			paths->list[paths->n++] = mem_string(g.gl_pathv[i]);
		}
		globfree(&g);
	}
	free(pattern);
}

/* "m-volts.txt" is found for model m and for model m-volts: its header decides. */
static bool belongs(const char *path, const char *name)
{
	struct problems ps = { 0 };
	struct transcript *t;
	bool ours = true;                /* a broken one is told of where it is tested */

	if (transcript_load(&t, path, &ps) == 0)
		ours = !strcmp(t->model, name);
	transcript_free(&t);
	problems_release(&ps);
	return ours;
}

static void keep_own(struct strings *paths, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < paths->n; i++) {
		if (belongs(paths->list[i], name))
			paths->list[kept++] = paths->list[i];
		else
			free(paths->list[i]);
	}
	paths->n = kept;
}

void model_transcripts(const char *path, const char *name, struct strings *paths)
{
	char *beside = mem_stringn(path, (size_t)folder_length(path)), *tests = two_up(path, "tests/instruments/");

	*paths = (struct strings){ 0 };
	for (size_t i = 0; i < 2; i++) {
		add_matches(paths, mem_format("%s%s.txt", i ? tests : beside, name));
		add_matches(paths, mem_format("%s%s-*.txt", i ? tests : beside, name));
	}
	free(beside);
	free(tests);
	keep_own(paths, name);
}

void model_paths(const char *folder, struct strings *paths)
{
	*paths = (struct strings){ 0 };
	add_matches(paths, mem_format("%s/*.yaml", folder));
}

void paths_release(struct strings *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->list[i]);
	free(paths->list);
	*paths = (struct strings){ 0 };
}

int loaded_model_open(struct loaded_model *l, const char *path, const char *quantities, struct problems *ps)
{
	char *vocabulary = vocabulary_path(path, quantities);
	int bad;

	*l = (struct loaded_model){ 0 };
	bad = quantities_load(&l->q, vocabulary, ps) || model_load(&l->m, path, &l->q, ps) ? -1 : 0;
	free(vocabulary);
	if (bad)
		loaded_model_close(l);
	return bad;
}

void loaded_model_close(struct loaded_model *l)
{
	model_free(&l->m);
	quantities_release(&l->q);
}
