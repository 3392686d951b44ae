/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_test.c - etalon model test: a line for each transcript and one for the simulation. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "etalon.h"
#include "model_commands.h"
#include "model_files.h"
#include "model_play.h"
#include "rehearse.h"
#include "vocabulary.h"

static struct {
	const char *quantities, *model;
	bool no_transcripts, no_simulator;
} opt;

enum { OPT_NO_TRANSCRIPTS = 256, OPT_NO_SIMULATOR };

static const struct argp_option options[] = {
	{ "quantities", 'q', "FILE", 0, "vocabulary (default: the nearest quantities.yaml)", 0 },
	{ "model", 'm', "FILE", 0, "replay the transcripts against this model file", 0 },
	{ "no-transcripts", OPT_NO_TRANSCRIPTS, NULL, 0, "of a model only play the simulator", 0 },
	{ "no-simulator", OPT_NO_SIMULATOR, NULL, 0, "of a model only replay the transcripts", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'q')
		opt.quantities = arg;
	else if (key == 'm')
		opt.model = arg;
	else if (key == OPT_NO_TRANSCRIPTS)
		opt.no_transcripts = true;
	else if (key == OPT_NO_SIMULATOR)
		opt.no_simulator = true;
	else if (key == ARGP_KEY_NO_ARGS)
		argp_error(s, "name at least one model or transcript");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "MODEL|TRANSCRIPT...",
	.doc = "Replay transcripts against a model file: every byte that is sent, every reading that comes of it.  Of a "
	       "model (its file or its name) all its transcripts are replayed; then etalon-sim plays it, and what it "
	       "measures and sets, its safe state and all faults are tried."
	       "\vExit status 1 if anything differs; the first difference of each is printed with its line.",
};

static int tell(struct problems *ps)
{
	struct buf text = { 0 };

	problems_text(ps, &text);
	fputs(text.data, stdout);
	buf_release(&text);
	problems_release(ps);
	return NOT_SO;
}

/* What a reader must know of where it comes from. */
static void print_origin(const struct transcript *t)
{
	if (t->instrument)
		printf("recorded from %s, serial %s, firmware %s", t->instrument, t->serial, t->firmware);
	else if (t->manual)
		printf("written from the manual, not yet seen on an instrument");
	else
		printf("recorded from %s", t->simulated);
}

static int replay(const char *path, const struct transcript *t, const char *model)
{
	struct problems ps = { 0 };
	struct loaded_model l;
	struct difference d;

	if (loaded_model_open(&l, model, opt.quantities, &ps) < 0)
		return tell(&ps);
	d = rehearse(l.m, t);
	loaded_model_close(&l);
	if (d.line) {
		printf("%s:%d: error: %s\n", path, d.line, d.text);
		return NOT_SO;
	}
	printf("%s: ok, %zu turns (", path, t->n_turns);
	print_origin(t);
	printf(")\n");
	return DONE;
}

static int test_transcript(const char *path)
{
	struct problems ps = { 0 };
	struct transcript *t;
	char *model;
	int status;

	if (transcript_load(&t, path, &ps) < 0)
		return tell(&ps);
	model = opt.model ? mem_string(opt.model) : model_path_of(path, t->model);
	if (model)
		status = replay(path, t, model);
	else
		status = cannot_say("%s: there is no model file %s.yaml; --model names one", path, t->model);
	free(model);
	transcript_free(&t);
	return status;
}

static int test_transcripts(const char *path, const char *name)
{
	struct strings paths;
	int status = DONE;

	model_transcripts(path, name, &paths);
	for (size_t i = 0; i < paths.n; i++)
		if (test_transcript(paths.list[i]) != DONE)
			status = NOT_SO;
	if (!paths.n) {
		printf("%s: error: it has no transcript: %s.txt beside it, or in ../../tests/instruments\n", path, name);
		status = NOT_SO;
	}
	paths_release(&paths);
	return status;
}

static int test_played(struct model *m, const char *path)
{
	char *quantities = vocabulary_path(path, opt.quantities);
	struct played p;

	model_play(m, path, quantities, &p);
	free(quantities);
	if (p.trouble[0])
		printf("%s: error: played by etalon-sim: %s\n", path, p.trouble);
	else
		printf("%s: ok, played by etalon-sim: %u measured, %u set, %u faults\n", path, p.measured, p.set, p.faults);
	return p.trouble[0] ? NOT_SO : DONE;
}

/* A person reads it: there is no conversation.  Their pictures are there. */
static int test_by_hand(const struct model *m, const char *path)
{
	const struct point *p = m->points.items;
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash - path) + 1 : 0;

	for (size_t i = 0; i < m->points.n; i++) {
		const char *picture = p[i].manual.picture;
		char *file = mem_format("%.*s%s", folder, path, picture ? picture : ".");
		bool there = access(file, R_OK) == 0;

		free(file);
		if (there)
			continue;
		printf("%s: error: %s: there is no picture %s beside it\n", path, p[i].quantity, picture);
		return NOT_SO;
	}
	printf("%s: ok, read by a person: there is no conversation to replay\n", path);
	return DONE;
}

static int test_model(const char *path)
{
	struct problems ps = { 0 };
	struct loaded_model l;
	int status = DONE;

	if (loaded_model_open(&l, path, opt.quantities, &ps) < 0)
		return tell(&ps);
	if (l.m->manner == MANNER_MANUAL)
		status = test_by_hand(l.m, path);
	else if (!opt.no_transcripts)
		status = test_transcripts(path, l.m->name);
	if (l.m->manner != MANNER_MANUAL && !opt.no_simulator && test_played(l.m, path) != DONE)
		status = NOT_SO;
	loaded_model_close(&l);
	return status;
}

static bool is_transcript(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && !strcmp(name + n - 4, ".txt");
}

static int test(const char *name)
{
	char *path;
	int status;

	if (is_transcript(name))
		return test_transcript(name);
	path = model_path(name);
	if (!path)
		return cannot_say("%s: there is no such model file", name);
	status = test_model(path);
	free(path);
	return status;
}

int model_test(int argc, char **argv)
{
	int status = DONE, first;

	argp_parse(&argp, argc, argv, 0, &first, NULL);
	for (int i = first; i < argc; i++) {
		int one = test(argv[i]);

		fflush(stdout);
		if (one > status)
			status = one;
	}
	return status;
}
