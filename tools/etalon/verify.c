/* SPDX-License-Identifier: GPL-3.0-or-later
 * verify.c - etalon verify: are archives what their runs recorded? */
#include <inttypes.h>

#include "archive_verify.h"
#include "etalon.h"

static struct {
	const char *journal;
	bool json;
} opt;

static const struct argp_option options[] = {
	{ "journal", 'J', "FOLDER", 0, "compare with this journal too, record by record", 0 },
	{ "json", 'j', NULL, 0, "one JSON object per archive", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'J')
		opt.journal = arg;
	else if (key == 'j')
		opt.json = true;
	else if (key == ARGP_KEY_NO_ARGS)
		argp_error(s, "name at least one archive");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "ARCHIVE...",
	.doc = "Prove that archives are what their runs recorded: content digest, chain, "
	       "completeness, and every value against what its instrument said."
	       "\vEach archive is read in a child process with limits.  Exit status 1 if anything "
	       "is wrong.",
};

static void print_text(const char *path, const struct archive_report *r)
{
	char digest[HASH_TEXT];

	for (size_t i = 0; i < r->n; i++)
		printf("%s: %s\n", path, r->findings[i]);
	if (r->total > r->n)
		printf("%s: and %" PRIu64 " more findings\n", path, r->total - r->n);
	if (r->total)
		printf("%s: NOT PROVEN, findings: %" PRIu64 "\n", path, r->total);
	else
		printf("%s: proven: run %s, %s%s, %" PRIu64 " records, %" PRIu64
		       " readings of which %" PRIu64 " parsed again, digest %s\n",
		       path, r->seal.run, r->status, r->simulated ? ", simulated" : "",
		       r->seal.records, r->readings, r->parsed, hash_text(r->seal.digest, digest));
}

static void print_json(const char *path, const struct archive_report *r)
{
	char text[HASH_TEXT];
	struct buf b = { 0 };

	buf_putc(&b, '{');
	json_key(&b, "archive");
	json_text(&b, path);
	json_key(&b, "proven");
	json_bool(&b, !r->total);
	json_key(&b, "run");
	json_text(&b, r->seal.run);
	json_key(&b, "status");
	json_text(&b, r->status);
	json_key(&b, "simulated");
	json_bool(&b, r->simulated);
	json_key(&b, "records");
	json_int(&b, (int64_t)r->seal.records);
	json_key(&b, "readings");
	json_int(&b, (int64_t)r->readings);
	json_key(&b, "parsed");
	json_int(&b, (int64_t)r->parsed);
	json_key(&b, "digest");
	json_text(&b, hash_text(r->seal.digest, text));
	json_key(&b, "head");
	json_text(&b, hash_text(r->seal.head, text));
	json_key(&b, "total");
	json_int(&b, (int64_t)r->total);
	json_key(&b, "findings");
	buf_putc(&b, '[');
	for (size_t i = 0; i < r->n; i++) {
		buf_puts(&b, i ? "," : "");
		json_text(&b, r->findings[i]);
	}
	buf_puts(&b, "]}");
	puts(b.data);
	buf_release(&b);
}

static int verify(const char *path)
{
	struct archive_report r = { 0 };
	struct err e;
	int status = CANNOT;

	if (archive_verify_child(path, opt.journal, &r, &e) < 0) {
		cannot(&e);
	} else {
		status = r.total ? NOT_SO : DONE;
		(opt.json ? print_json : print_text)(path, &r);
	}
	archive_report_release(&r);
	return status;
}

int cmd_verify(int argc, char **argv)
{
	int status = DONE, first;

	argp_parse(&argp, argc, argv, 0, &first, NULL);
	for (int i = first; i < argc; i++) {
		int one = verify(argv[i]);

		if (one > status)
			status = one;
	}
	return status;
}
