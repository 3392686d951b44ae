/* SPDX-License-Identifier: GPL-3.0-or-later
 * due.c - etalon due: which standards, and items, are to be calibrated again when. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "etalon.h"
#include "grid.h"
#include "instant.h"
#include "item.h"
#include "json.h"
#include "model_files.h"
#include "number.h"
#include "standard.h"
#include "vocabulary.h"

#define WITHIN_ALL INT64_MAX

static struct {
	const char *quantities;
	int64_t within;                  /* days */
	bool json;
} opt = { .within = WITHIN_ALL };

static const struct argp_option options[] = {
	{ "within", 'w', "DAYS", 0, "only what is due within so many days, and what is past due", 0 },
	{ "quantities", 'q', "FILE", 0, "vocabulary (default: the nearest quantities.yaml)", 0 },
	{ "json", 'j', NULL, 0, "one JSON object per line", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	struct err e;

	if (key == 'w' && (number_parse_int(arg, strlen(arg), &opt.within, &e) < 0 || opt.within < 0))
		argp_error(s, "--within %s: expected a number of days", arg);
	else if (key == 'q')
		opt.quantities = arg;
	else if (key == 'j')
		opt.json = true;
	else if (key != 'w')
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "[FOLDER|FILE...]",
	.doc = "When standards and items are to be calibrated again, the first one first (default: config/standards and config/items, "
	       "else those installed)."
	       "\vOf a standard the certificate in force counts.  An item without a day of calibration, or without an interval, is "
	       "left out.  Exit status 1 if anything is past due.",
};

struct expiry {
	int64_t day;
	const char *kind;
	char *name, *identification, *text;     /* text: by what */
};

struct expiries { struct expiry *list; size_t n; };

static void add(struct expiries *all, int64_t day, const char *kind, const char *name, const char *identification, char *text)
{
	all->list = mem_grow(all->list, all->n, sizeof *all->list);
	all->list[all->n++] = (struct expiry){ day, kind, mem_string(name), mem_string(identification ? identification : ""), text };
}

/* Before its first calibration it is as good as past due. */
static void add_standard(struct expiries *all, const struct standard *s, int64_t today)
{
	const struct certificate *first = s->certificates.items, *c = standard_certificate(s, today);

	if (c)
		add(all, c->due, "standard", s->name, s->identification, mem_format("%s, %s", c->number, c->laboratory));
	else
		add(all, first->calibrated - 1, "standard", s->name, s->identification, mem_string("no certificate is in force yet"));
}

static void add_item(struct expiries *all, const struct item *i)
{
	if (item_due(i))
		add(all, item_due(i), "item", i->name, i->identification, mem_string(i->owner ? i->owner : ""));
}

static void read_file(struct expiries *all, const char *path, int64_t today, struct problems *ps)
{
	char *vocabulary = vocabulary_path(path, opt.quantities);
	enum file_kind kind = file_kind(path, ps);
	struct quantities q = { 0 };
	struct standard *s = NULL;
	struct item *i = NULL;

	if (kind != FILE_STANDARD && kind != FILE_ITEM && kind != FILE_UNKNOWN)
		problem_add(ps, path, 0, 0, "neither a standard nor an item");
	else if (kind != FILE_UNKNOWN && !quantities_load(&q, vocabulary, ps)) {
		if (kind == FILE_STANDARD && standard_load(&s, path, &q, ps) == 0)
			add_standard(all, s, today);
		if (kind == FILE_ITEM && item_load(&i, path, &q, ps) == 0)
			add_item(all, i);
	}
	standard_free(&s);
	item_free(&i);
	quantities_release(&q);
	free(vocabulary);
}

static void read_place(struct expiries *all, const char *place, int64_t today, struct problems *ps)
{
	struct strings paths;
	struct stat st;

	if (stat(place, &st) < 0 || !S_ISDIR(st.st_mode)) {
		read_file(all, place, today, ps);
		return;
	}
	model_paths(place, &paths);
	for (size_t i = 0; i < paths.n; i++)
		read_file(all, paths.list[i], today, ps);
	paths_release(&paths);
}

static void read_usual(struct expiries *all, int64_t today, struct problems *ps)
{
	static const char *const folders[] = { "standards", "items" };

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char *here = mem_format("config/%s", folders[i]), *below = mem_format("../share/etalon/%s", folders[i]);
		char *share = program_beside(below);

		if (access(here, X_OK) == 0)
			read_place(all, here, today, ps);
		else if (access(share, X_OK) == 0)
			read_place(all, share, today, ps);
		free(here);
		free(below);
		free(share);
	}
}

static int by_day(const void *a, const void *b)
{
	const struct expiry *x = a, *y = b;

	return x->day != y->day ? (x->day < y->day ? -1 : 1) : strcmp(x->name, y->name);
}

static void print_json(const struct expiry *x, int64_t today)
{
	struct buf b = { 0 };
	char day[DAY_TEXT];

	buf_putc(&b, '{');
	json_put_text(&b, "due", day_format(x->day, day));
	json_put_int(&b, "days", x->day - today);
	json_put_text(&b, "kind", x->kind);
	json_put_text(&b, "name", x->name);
	json_put_text(&b, "identification", x->identification);
	json_put_text(&b, "by", x->text);
	buf_putc(&b, '}');
	puts(b.data);
	buf_release(&b);
}

static void add_row(struct grid *t, const struct expiry *x, int64_t today)
{
	char day[DAY_TEXT];

	grid_cell(t, "%s", day_format(x->day, day));
	if (x->day < today)
		grid_cell(t, "PAST DUE");
	else
		grid_cell(t, "%lld", (long long)(x->day - today));
	grid_cell(t, "%s", x->kind);
	grid_cell(t, "%s", x->name);
	grid_cell(t, "%s", x->identification);
	grid_cell(t, "%s", x->text);
}

static struct grid *new_table(void)
{
	static const char *const heads[] = { "due", "days", "what", "name", "number", "by", NULL };
	struct grid *t = grid_new("lrllll");

	grid_heading(t, heads);
	return t;
}

/* NOT_SO if anything is past due, shown or not. */
static int print(const struct expiries *all, int64_t today)
{
	struct grid *t = new_table();
	int status = DONE;

	for (size_t i = 0; i < all->n; i++) {
		const struct expiry *x = &all->list[i];

		if (x->day < today)
			status = NOT_SO;
		if (opt.within != WITHIN_ALL && x->day - today > opt.within)
			continue;
		if (opt.json)
			print_json(x, today);
		else
			add_row(t, x, today);
	}
	if (!opt.json)
		grid_print(t, "", stdout);
	grid_free(&t);
	return status;
}

static void release(struct expiries *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->list[i].name);
		free(all->list[i].identification);
		free(all->list[i].text);
	}
	free(all->list);
}

int cmd_due(int argc, char **argv)
{
	int64_t today = day_of(utc_now());
	struct expiries all = { 0 };
	struct problems ps = { 0 };
	struct buf text = { 0 };
	int first, status;

	argp_parse(&argp, argc, argv, 0, &first, NULL);
	if (first == argc)
		read_usual(&all, today, &ps);
	for (int i = first; i < argc; i++)
		read_place(&all, argv[i], today, &ps);
	if (all.n)
		qsort(all.list, all.n, sizeof *all.list, by_day);
	status = print(&all, today);
	problems_text(&ps, &text);
	if (ps.total) {
		fputs(text.data, stderr);
		status = CANNOT;
	}
	buf_release(&text);
	problems_release(&ps);
	release(&all);
	return status;
}
