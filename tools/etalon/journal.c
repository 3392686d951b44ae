/* SPDX-License-Identifier: GPL-3.0-or-later
 * journal.c - etalon journal show, etalon journal verify. */
#include <inttypes.h>
#include <string.h>

#include "etalon.h"
#include "journal.h"
#include "lines.h"

static struct {
	const char *folder;
	enum record_kind kind;          /* RECORD_KINDS: all */
	bool json;
} opt = { .kind = RECORD_KINDS };

static const struct argp_option show_options[] = {
	{ "kind", 'k', "KIND", 0,
	  "only file, start, channel, reading, exchange, event, result or stop records", 0 },
	{ "json", 'j', NULL, 0, "the header of each record, one per line", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'k') {
		if (record_kind_parse((struct span){ arg, strlen(arg) }, &opt.kind) < 0)
			argp_error(s, "--kind: there is no kind of record '%s'", arg);
	} else if (key == 'j') {
		opt.json = true;
	} else {
		return one_argument(&opt.folder, key, arg, s, "journal folder");
	}
	return 0;
}

static const struct argp show_argp = {
	.options = show_options, .parser = parse, .args_doc = "FOLDER",
	.doc = "Print the records of a journal in order, checking every frame and the chain.",
};

static int show(int argc, char **argv)
{
	struct journal_reader *j;
	struct record r;
	struct err e;
	int more;

	argp_parse(&show_argp, argc, argv, 0, NULL, NULL);
	if (journal_read_open(&j, opt.folder, &e) < 0)
		return cannot(&e);
	while ((more = journal_read_next(j, &r, &e)) > 0)
		if (opt.kind == RECORD_KINDS || r.kind == opt.kind)
			(opt.json ? lines_json : lines_text)(&r, stdout);
	journal_read_close(&j);
	return more < 0 ? cannot(&e) : DONE;
}

static const struct argp_option verify_options[] = {
	{ "json", 'j', NULL, 0, "one JSON object", 0 },
	{ 0 },
};

static const struct argp verify_argp = {
	.options = verify_options, .parser = parse, .args_doc = "FOLDER",
	.doc = "Walk a whole journal: frames, chain, numbers, segments, and the counts of its stop record."
	       "\vExit status 1 at the first fault, named with segment and offset.",
};

static void verified_json(const struct journal_summary *s)
{
	char head[HASH_TEXT];
	struct buf b = { 0 };

	buf_putc(&b, '{');
	json_key(&b, "run");
	json_text(&b, s->run);
	json_key(&b, "records");
	json_int(&b, (int64_t)s->records);
	json_key(&b, "bytes");
	json_int(&b, (int64_t)s->bytes);
	json_key(&b, "segments");
	json_int(&b, s->segments);
	json_key(&b, "stopped");
	json_bool(&b, s->stopped);
	json_key(&b, "head");
	json_text(&b, hash_text(s->head, head));
	json_key(&b, "counts");
	record_counts_put(&b, &s->counts);
	buf_putc(&b, '}');
	puts(b.data);
	buf_release(&b);
}

static void verified_text(const struct journal_summary *s)
{
	char head[HASH_TEXT];

	printf("%s: ok: run %s, %" PRIu64 " records, %" PRIu64
	       " bytes in %u segment%s, %s\nhead %s\n",
	       opt.folder, s->run, s->records, s->bytes, s->segments, s->segments == 1 ? "" : "s",
	       s->stopped ? "stopped" : "no stop record yet", hash_text(s->head, head));
}

static int verify(int argc, char **argv)
{
	struct journal_summary s = { 0 };
	struct err e;
	int status = DONE;

	argp_parse(&verify_argp, argc, argv, 0, NULL, NULL);
	if (journal_verify(opt.folder, &s, &e) < 0) {
		cannot(&e);
		status = e.code == ERR_CORRUPT ? NOT_SO : CANNOT;
	} else {
		(opt.json ? verified_json : verified_text)(&s);
	}
	journal_summary_release(&s);
	return status;
}

static const struct command subcommands[] = {
	{ "show", show, "print the records" },
	{ "verify", verify, "walk everything and check it" },
	{ NULL, NULL, NULL },
};

int cmd_journal(int argc, char **argv)
{
	return dispatch(subcommands, argc, argv);
}
