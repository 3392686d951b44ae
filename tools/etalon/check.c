/* SPDX-License-Identifier: GPL-3.0-or-later
 * check.c - etalon check: everything that is wrong with files and addresses, before an instrument is touched. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "bench.h"
#include "config.h"
#include "etalon.h"
#include "json.h"
#include "model_standing.h"
#include "visa.h"
#include "vocabulary.h"

static struct {
	const char *quantities;
	bool json;
} opt;

static const struct argp_option options[] = {
	{ "quantities", 'q', "FILE", 0,
	  "vocabulary to check against (default: the nearest quantities.yaml)", 0 },
	{ "json", 'j', NULL, 0, "one JSON object per line: file, line, column, text", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'q')
		opt.quantities = arg;
	else if (key == 'j')
		opt.json = true;
	else if (key == ARGP_KEY_NO_ARGS)
		argp_error(s, "name at least one file or address");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "FILE|ADDRESS...", .children = children,
	.doc = "Find what is wrong with model, bench, procedure, standard, item, scope, quantities and daemon files, or with an address."
	       "\vProblems are printed as FILE:LINE:COLUMN: error: TEXT.  Exit status 1 if there is any.",
};

static const char *const kind_names[] = { "unknown", "model", "bench", "procedure", "daemon", "quantities", "standard", "scope",
					 "item" };

static void print_json(const struct problems *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		const struct problem *p = &ps->list[i];
		struct buf b = { 0 };

		buf_putc(&b, '{');
		json_key(&b, "file");
		json_text(&b, p->file);
		json_key(&b, "line");
		json_int(&b, p->line);
		json_key(&b, "column");
		json_int(&b, p->column);
		json_key(&b, "text");
		json_text(&b, p->text);
		buf_putc(&b, '}');
		puts(b.data);
		buf_release(&b);
	}
}

/* A bench that is good may still have instruments that serve no certificate. */
static void print_note(const char *path, const char *quantities)
{
	struct quantities q = { 0 };
	struct problems ps = { 0 };
	struct bench *b = NULL;
	struct buf note = { 0 };

	if (!quantities_load(&q, quantities, &ps) && !bench_load(&b, path, &q, &ps))
		standing_note(b, &note);
	if (note.len)
		printf("%s: %s\n", path, note.data);
	bench_free(&b);
	quantities_release(&q);
	problems_release(&ps);
	buf_release(&note);
}

static void print(const char *path, enum file_kind kind, const struct problems *ps)
{
	struct buf text = { 0 };

	if (opt.json) {
		print_json(ps);
	} else if (ps->total) {
		problems_text(ps, &text);
		fputs(text.data, stdout);
	} else {
		printf("%s: ok (%s)\n", path, kind_names[kind]);
	}
	buf_release(&text);
}

/* What no file has the name of, and what looks like an address. */
static bool is_address(const char *text)
{
	return access(text, F_OK) < 0 && (strchr(text, ':') || visa_is(text));
}

static int check_address(const char *text)
{
	struct problems ps = { 0 };
	char *plain = address_plain(text);
	struct err e;
	int status;

	if (address_check(text, &e) < 0) {
		problem_add(&ps, "address", 0, 0, "%s", e.text);
		print(text, FILE_UNKNOWN, &ps);
	} else if (!opt.json) {
		printf("%s: ok (address%s%s)\n", text, strcmp(plain, text) ? ", " : "", strcmp(plain, text) ? plain : "");
	}
	status = ps.total ? NOT_SO : DONE;
	free(plain);
	problems_release(&ps);
	return status;
}

static int check(const char *path)
{
	enum file_kind kind = FILE_UNKNOWN;
	struct problems ps = { 0 };
	char *quantities = vocabulary_path(path, opt.quantities);
	int status;

	file_check(path, quantities, &ps, &kind);
	print(path, kind, &ps);
	status = ps.total ? NOT_SO : DONE;
	if (!ps.total && kind == FILE_BENCH && !opt.json)
		print_note(path, quantities);
	free(quantities);
	problems_release(&ps);
	return status;
}

int cmd_check(int argc, char **argv)
{
	int status = DONE, first;

	argp_parse(&argp, argc, argv, 0, &first, NULL);
	for (int i = first; i < argc; i++)
		if ((is_address(argv[i]) ? check_address(argv[i]) : check(argv[i])) != DONE)
			status = NOT_SO;
	return status;
}
