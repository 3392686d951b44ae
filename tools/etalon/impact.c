/* SPDX-License-Identifier: GPL-3.0-or-later
 * impact.c - etalon impact: which runs of the laboratory rest on a standard.  Asked for when its certificate turns out
 * to be wrong, or its drift larger than anybody thought (ISO/IEC 17025, 7.10). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "contribution.h"
#include "day.h"
#include "grid.h"
#include "instant.h"
#include "records.h"
#include "result.h"
#include "roll.h"

static struct {
	const char *standard, *certificate;
	int64_t since;                  /* day */
	bool json;
} opt = { .since = INT64_MIN };

static const struct argp_option options[] = {
	{ "since", 's', "DAY", 0, "only runs that began on this day or later: 2026-03-14", 0 },
	{ "certificate", 'c', "NUMBER", 0, "only those for which this certificate was in force", 0 },
	{ "json", 'j', NULL, 0, "one JSON object per line", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	struct err e;

	if (key == 's' && day_parse(arg, &opt.since, &e) < 0)
		argp_error(s, "--since: %s", e.text);
	else if (key == 'c')
		opt.certificate = arg;
	else if (key == 'j')
		opt.json = true;
	else if (key == ARGP_KEY_ARG && !opt.standard)
		opt.standard = arg;
	else if (key == ARGP_KEY_ARG || key == ARGP_KEY_NO_ARGS)
		argp_error(s, "name one standard");
	else if (key != 's')
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "STANDARD", .children = children,
	.doc = "Which runs of this laboratory had the standard in one of their roles, and how many of their results have a line of "
	       "its certificate in their budget.  Needs no daemon."
	       "\vA run whose journal and archive are both gone is named, and the exit status is 1.",
};

struct impact {
	char *role, *certificate;       /* NULL: the run had it not */
	int64_t results, resting;       /* measurements, and those that rest on it */
};

static void release(struct impact *i)
{
	free(i->role);
	free(i->certificate);
	*i = (struct impact){ 0 };
}

static void look_at_roles(struct impact *i, const struct record *r)
{
	struct span roles, key, role, standard;
	struct buf name = { 0 };
	size_t at = 0;

	if (record_get(r, "roles", &roles) != 1)
		return;
	while (!i->role && json_next(roles, &at, &key, &role) == 1)
		if (json_member(role, "standard", &standard) == 1 && json_equals(standard, opt.standard)) {
			json_get_string(key, &name);
			i->role = name.data;
			i->certificate = json_member_text(role, "certificate");
		}
}

static bool rests(const struct record *r, const char *prefix)
{
	struct span budget;
	struct contribution c;
	struct err e;
	size_t at = 0;
	bool found = false;

	if (!result_get_budget(r, &budget))
		return false;
	while (contribution_next(budget, &at, &c, &e) == 1) {
		found |= !strncmp(c.identity, prefix, strlen(prefix));
		contribution_release(&c);
	}
	return found;
}

static int look_at_records(struct impact *i, struct records *s, struct err *e)
{
	char *prefix = mem_format("standard/%s/", opt.standard);
	struct record r;
	struct span word;
	int more;

	while ((more = records_next(s, &r, e)) > 0) {
		if (r.kind == RECORD_START)
			look_at_roles(i, &r);
		if (r.kind != RECORD_RESULT || record_get(&r, "result", &word) != 1 || !json_equals(word, "measurement"))
			continue;
		i->results++;
		i->resting += rests(&r, prefix);
	}
	free(prefix);
	return more;
}

/* From its journal; from its archive where the journal is gone. */
static int look_at_run(struct impact *i, const struct roll_run *run, struct err *e)
{
	struct records *s;
	int bad;

	if (records_open(&s, run->name, e) < 0 && (!run->archive || records_open(&s, run->archive, e) < 0))
		return -1;
	bad = look_at_records(i, s, e);
	records_close(&s);
	return bad;
}

static void print_json(const struct roll_run *run, const struct impact *i)
{
	struct buf b = { 0 };
	char utc[UTC_TEXT];

	buf_putc(&b, '{');
	json_put_text(&b, "run", run->name);
	json_put_text(&b, "started", utc_format(run->started_ns, utc));
	json_put_text(&b, "procedure", run->procedure);
	json_put_text(&b, "role", i->role);
	json_put_text(&b, "certificate", i->certificate);
	json_put_int(&b, "measurements", i->results);
	json_put_int(&b, "resting", i->resting);
	json_put_text(&b, "archive", run->archive);
	buf_putc(&b, '}');
	puts(b.data);
	buf_release(&b);
}

static void add_row(struct grid *g, const struct roll_run *run, const struct impact *i)
{
	char utc[UTC_TEXT];

	grid_cell(g, "%s", run->name);
	grid_cell(g, "%.10s", utc_format(run->started_ns, utc));
	grid_cell(g, "%s", run->procedure);
	grid_cell(g, "%s", i->role);
	grid_cell(g, "%s", i->certificate ? i->certificate : "-");
	grid_cell(g, "%" PRId64 " of %" PRId64, i->resting, i->results);
	grid_cell(g, "%s", run->archive ? run->archive : "not sealed");
}

static struct grid *new_table(void)
{
	static const char *const heads[] = { "run", "began", "procedure", "role", "certificate", "results", "archive",
					     NULL };
	struct grid *g = grid_new("lllllrl");

	grid_heading(g, heads);
	return g;
}

static bool concerned(const struct impact *i)
{
	return i->role && (!opt.certificate || (i->certificate && !strcmp(i->certificate, opt.certificate)));
}

static int look_at_all(const struct roll *l)
{
	struct grid *g = new_table();
	struct err e;
	size_t found = 0;
	int status = DONE;

	for (size_t n = 0; n < l->n; n++) {
		const struct roll_run *run = &l->runs[n];
		struct impact i = { 0 };

		if (day_of(run->started_ns) < opt.since)
			continue;
		if (look_at_run(&i, run, &e) < 0) {
			fprintf(stderr, "etalon impact: %s: %s\n", run->name, e.text);
			status = NOT_SO;
		} else if (concerned(&i)) {
			found++;
			if (opt.json)
				print_json(run, &i);
			else
				add_row(g, run, &i);
		}
		release(&i);
	}
	if (!opt.json && found)
		grid_print(g, "", stdout);
	else if (!opt.json)
		printf("no run rests on %s\n", opt.standard);
	grid_free(&g);
	return status;
}

int cmd_impact(int argc, char **argv)
{
	struct roll l = { 0 };
	struct err e;
	char *folder;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	folder = mem_format("%s/lab.journal", where_state());
	status = roll_read(&l, folder, ROLL_ALL, &e) < 0 ? cannot(&e) : look_at_all(&l);
	roll_release(&l);
	free(folder);
	return status;
}
