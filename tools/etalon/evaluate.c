/* SPDX-License-Identifier: GPL-3.0-or-later
 * evaluate.c - etalon evaluate: the results of a run, as drafts for the daemon to journal. */
#include <inttypes.h>
#include <string.h>

#include "etalon.h"
#include "journal.h"
#include "measurement_record.h"
#include "number.h"
#include "tally.h"

static struct {
	const char *journal;
	int64_t records;                /* -1: all that are acknowledged */
} opt = { .records = -1 };

static const struct argp_option options[] = {
	{ "records", 'n', "N", 0,
	  "read only the first N records: those acknowledged of a run in hand", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	struct err e;

	if (key == 'n') {
		if (number_parse_int(arg, strlen(arg), &opt.records, &e) < 0 || opt.records < 0)
			argp_error(s, "--records: '%s' is not a number of records", arg);
	} else if (key == ARGP_KEY_ARG && !opt.journal) {
		opt.journal = arg;
	} else if (key == ARGP_KEY_NO_ARGS || key == ARGP_KEY_ARG) {
		argp_error(s, "name one journal folder");
	} else {
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "JOURNAL",
	.doc = "Compute the results of the run in this journal folder."
	       "\vPrints one JSON object per line: {\"channel\": ..., \"keys\": {...}}, the members of a "
	       "result record (docs/stream.md).  etalond calls this before it writes `stop`.",
};

static void print(const struct result *r)
{
	struct buf line = { 0 };

	buf_putc(&line, '{');
	json_put_text(&line, "channel", r->channel);
	json_key(&line, "keys");
	buf_putc(&line, '{');
	result_put(&line, r);
	buf_puts(&line, "}}");
	puts(line.data);
	buf_release(&line);
}

static int read_all(struct tally *t, struct journal_reader *j, struct err *e)
{
	struct record r;
	int more = 0;

	if (opt.records >= 0)
		journal_read_limit(j, (uint64_t)opt.records);
	for (int64_t n = 0; opt.records < 0 || n < opt.records; n++) {
		more = journal_read_next(j, &r, e);
		if (more == 0 && opt.records >= 0)
			return err_set(e, ERR_CORRUPT,
				       "%s holds %" PRId64 " records, not the %" PRId64
				       " asked for",
				       opt.journal, n, opt.records);
		if (more <= 0 || tally_add(t, &r, e) < 0)
			return more == 0 ? 0 : -1;
	}
	return 0;
}

static int print_measurements(struct tally *t, struct err *e)
{
	struct evaluation *ev;

	if (evaluation_new(&ev, t, e) < 0)
		return -1;
	for (size_t i = 0; i < ev->n; i++) {
		struct measurement_texts texts = { 0 };
		struct result r;

		measurement_result(ev, i, &r, &texts);
		print(&r);
		measurement_texts_release(&texts);
	}
	evaluation_free(&ev);
	return 0;
}

int cmd_evaluate(int argc, char **argv)
{
	struct tally *t = tally_new();
	struct journal_reader *j = NULL;
	const struct result *list;
	struct err e;
	size_t n;
	int bad;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	bad = journal_read_open(&j, opt.journal, &e);
	if (!bad)
		bad = read_all(t, j, &e);
	if (!bad)
		bad = tally_results(t, &list, &n, &e);
	for (size_t i = 0; !bad && i < n; i++)
		print(&list[i]);
	if (!bad)
		bad = print_measurements(t, &e);
	journal_read_close(&j);
	tally_free(&t);
	return bad ? cannot(&e) : DONE;
}
