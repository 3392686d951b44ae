/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_keys.c - etalon model keys: every key a model file may have, from the tables that read it. */
#include <stdlib.h>
#include <string.h>

#include "etalon.h"
#include "model.h"
#include "model_commands.h"

static struct { bool scdoc; } opt;

static const struct argp_option options[] = {
	{ "scdoc", 's', NULL, 0, "as a table of a manual page", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	(void)arg, (void)s;
	if (key != 's')
		return ARGP_ERR_UNKNOWN;
	opt.scdoc = true;
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "[WORD...]",
	.doc = "Every key a model file may have: what it may be, its default, what it means."
	       "\vWith words only the keys in whose name or meaning all of them stand.  NAME stands for a name of "
	       "the file's own, [] for each of a list.",
};

struct words { char **list; int n; };

static bool wanted(const struct words *w, const struct schema_key *key)
{
	for (int i = 0; i < w->n; i++)
		if (!strcasestr(key->name, w->list[i]) && !strcasestr(key->help, w->list[i]))
			return false;
	return true;
}

static void print(void *who, const struct schema_key *key)
{
	if (!wanted(who, key))
		return;
	printf("%s\n    %s", key->name, key->form);
	if (!strcmp(key->fallback, "required"))
		fputs("; required", stdout);
	else if (!strcmp(key->fallback, "\n"))
		fputs("; default \"\\n\"", stdout);
	else if (strcmp(key->fallback, "-") != 0)
		printf("; default %s", key->fallback);
	printf("\n    %s\n", key->help);
}

int model_keys(int argc, char **argv)
{
	struct words words;
	struct buf out = { 0 };
	int first;

	argp_parse(&argp, argc, argv, 0, &first, NULL);
	words = (struct words){ argv + first, argc - first };
	if (opt.scdoc) {
		schema_help(&model_schema, &out);
		fputs(out.data, stdout);
	} else {
		schema_walk(&model_schema, print, &words);
	}
	buf_release(&out);
	return DONE;
}
