/* SPDX-License-Identifier: GPL-3.0-or-later
 * rebuild.c - etalon rebuild: the archive of a run, made again from its journal. */
#include <inttypes.h>

#include "archive.h"
#include "etalon.h"

static struct {
	const char *journal, *output;
} opt;

static const struct argp_option options[] = {
	{ "output", 'o', "ARCHIVE", 0, "the file to make; its folder must exist", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'o')
		opt.output = arg;
	else if (key == ARGP_KEY_ARG && !opt.journal)
		opt.journal = arg;
	else if (key == ARGP_KEY_END && (!opt.journal || !opt.output))
		argp_error(s, "name one journal folder and, with -o, the archive to make");
	else if (key == ARGP_KEY_ARG)
		argp_error(s, "name one journal folder");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "JOURNAL -o ARCHIVE",
	.doc = "Make the archive of a run again from its journal."
	       "\vThe same journal gives the same content digest, on any machine, any day.",
};

int cmd_rebuild(int argc, char **argv)
{
	char digest[HASH_TEXT];
	struct archive_result r;
	struct err e;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (archive_build(opt.journal, opt.output, &r, &e) < 0)
		return cannot(&e);
	printf("run %s, %" PRIu64 " records, digest %s\narchive: %s\n", r.run, r.records,
	       hash_text(r.digest, digest), opt.output);
	return DONE;
}
