/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_new.c - etalon model new: a model file drafted from a session that `etalon talk --save` kept. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sketch.h"
#include "etalon.h"
#include "model_commands.h"

static struct {
	const char *transcript, *name, *folder;
} opt;

static const struct argp_option options[] = {
	{ "name", 'n', "NAME", 0, "name of the model (default: that in the transcript)", 0 },
	{ "folder", 'f', "DIR", 0, "where to put NAME.yaml (default: here); it must not exist", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'n')
		opt.name = arg;
	else if (key == 'f')
		opt.folder = arg;
	else
		return one_argument(&opt.transcript, key, arg, s, "transcript");
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "TRANSCRIPT",
	.doc = "Draft a model file from a session that `etalon talk --save` kept: identity, ends, questions and the form of "
	       "their answers, times.  What only a person can know is marked with TODO, and `etalon check` stops at each.",
};

static int write_new(const char *path, const struct buf *text, struct err *e)
{
	FILE *f = fopen(path, "wxe");
	bool bad = !f || fwrite(text->data, 1, text->len, f) != text->len;

	if (f && fclose(f))
		bad = true;
	return bad ? err_set(e, ERR_IO, "%s: %s", path, strerror(errno)) : 0;
}

static int draft(const struct transcript *t)
{
	const char *name = opt.name ? opt.name : t->model;
	char *path = mem_format("%s%s%s.yaml", opt.folder ? opt.folder : "", opt.folder ? "/" : "", name);
	struct buf text = { 0 };
	struct err e;
	int status = DONE;

	sketch_model(t, name, &text);
	if (strchr(name, '/'))
		status = cannot_say("'%s' is no name of a model", name);
	else if (write_new(path, &text, &e) < 0)
		status = cannot(&e);
	else
		printf("%s: drafted; `etalon check %s` says what is still to be done\n", path, path);
	buf_release(&text);
	free(path);
	return status;
}

int model_new(int argc, char **argv)
{
	struct problems ps = { 0 };
	struct transcript *t;
	struct buf text = { 0 };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (transcript_load(&t, opt.transcript, &ps) == 0) {
		status = draft(t);
		transcript_free(&t);
	} else {
		problems_text(&ps, &text);
		fputs(text.data, stderr);
		status = CANNOT;
	}
	buf_release(&text);
	problems_release(&ps);
	return status;
}
