/* SPDX-License-Identifier: GPL-3.0-or-later
 * show.c - etalon show: the results of a run and where everything is. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "etalon/budget.h"
#include "records.h"
#include "summary.h"

static struct {
	const char *what;
	bool json, budget;
} opt;

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0,
	  "one JSON object: run, start, results, alarms, stop, source, archive", 0 },
	{ "budget", 'b', NULL, 0, "the uncertainty budget of each result at each point instead", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key != 'j' && key != 'b')
		return one_argument(&opt.what, key, arg, s, RECORDS_WANTED);
	*(key == 'j' ? &opt.json : &opt.budget) = true;
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "RUN|JOURNAL|ARCHIVE", .children = children,
	.doc = "The results of a run, and where its journal and archive are.  Needs no daemon."
	       "\vExit status 1 if the run has not ended as `complete`.",
};

/* Where a run's archive would be: STATE/runs/YYYY/RUN.h5, YYYY from LAB-YYYYMMDD-NNNN.  NULL if it
 * is not there; the caller frees it. */
static char *archive_of(const char *run)
{
	const char *number = strrchr(run, '-');
	char *path;

	if (!number || number - run < 8)
		return NULL;
	path = mem_format("%s/runs/%.4s/%s.h5", where_state(), number - 8, run);
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static void print(const struct summary *p, const struct records *s)
{
	char *archive = archive_of(p->run);
	struct buf json = { 0 };

	if (opt.budget && !opt.json) {
		budget_print(p, stdout);
	} else if (!opt.json) {
		summary_print(p, stdout);
		printf("records: %s\n", records_where(s));
		if (archive)
			printf("archive: %s\n", archive);
	} else {
		summary_json(p, &json);
		json.len--;             /* the closing brace: two members follow */
		json_put_text(&json, "source", records_where(s));
		json_put_text(&json, "archive", archive);
		buf_putc(&json, '}');
		puts(json.data);
	}
	buf_release(&json);
	free(archive);
}

static bool complete(const struct summary *p)
{
	struct span status;

	return p->stop &&
	       json_member((struct span){ p->stop, strlen(p->stop) }, "status", &status) == 1 &&
	       json_equals(status, "complete");
}

int cmd_show(int argc, char **argv)
{
	struct summary p = { 0 };
	struct records *s;
	struct record r;
	struct err e;
	int more, status;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (records_open(&s, opt.what, &e) < 0)
		return cannot(&e);
	while ((more = records_next(s, &r, &e)) > 0)
		if (summary_add(&p, &r, &e) < 0) {
			more = -1;
			break;
		}
	if (more == 0)
		print(&p, s);
	status = more < 0 ? cannot(&e) : complete(&p) ? DONE : NOT_SO;
	summary_release(&p);
	records_close(&s);
	return status;
}
