/* SPDX-License-Identifier: GPL-3.0-or-later
 * run.c - etalon run: starts a run and, unless asked not to, follows it to its archive. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "etalon.h"
#include "follow.h"
#include "plan.h"

static struct {
	const char *procedure, *bench, *operator, *quantities;
	char *override_by, *override_why;
	bool detach, dry, json;
} opt;

#define OPT_OVERRIDE 1

static const struct argp_option options[] = {
	{ "operator", 'o', "NAME", 0, "who is responsible (default: the login name)", 0 },
	{ "detach", 'd', NULL, 0, "print the run's name and leave it to the daemon", 0 },
	{ "dry", 'n', NULL, 0, "print the plan and every command it would send; needs no daemon",
	  0 },
	{ "quantities", 'q', "FILE", 0,
	  "with --dry: vocabulary (default: the nearest quantities.yaml)", 0 },
	{ "override", OPT_OVERRIDE, "WHO: WHY", 0,
	  "run although a standard is past due or a point outside its certificate; who answers for it, and why, is on record", 0 },
	{ "json", 'j', NULL, 0, "no progress; at the end one JSON object with everything", 0 },
	{ 0 },
};

static void parse_override(const char *text, struct argp_state *s)
{
	const char *colon = strchr(text, ':'), *why = colon ? colon + 1 + strspn(colon + 1, " ") : "";

	if (!colon || colon == text || !*why)
		argp_error(s, "--override says who answers for it and why: --override 'WHO: WHY'");
	opt.override_by = mem_stringn(text, colon ? (size_t)(colon - text) : 0);
	opt.override_why = mem_string(why);
}

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'o')
		opt.operator = arg;
	else if (key == 'd')
		opt.detach = true;
	else if (key == 'n')
		opt.dry = true;
	else if (key == 'q')
		opt.quantities = arg;
	else if (key == 'j')
		opt.json = true;
	else if (key == OPT_OVERRIDE)
		parse_override(arg, s);
	else if (key == ARGP_KEY_ARG && s->arg_num == 0)
		opt.procedure = arg;
	else if (key == ARGP_KEY_ARG && s->arg_num == 1)
		opt.bench = arg;
	else if (key == ARGP_KEY_END && !opt.bench)
		argp_error(s, "name a procedure file and a bench file");
	else if (key == ARGP_KEY_ARG)
		argp_error(s, "'%s' is one name too many: a procedure file and a bench file", arg);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "PROCEDURE BENCH",
	.children = children,
	.doc = "Run a procedure at a bench and follow it until its archive is sealed."
	       "\vCtrl-C asks for an orderly stop, a second Ctrl-C aborts, a third leaves the run "
	       "to the daemon.  Closing the terminal does not touch the run.  Exit status 0 if the "
	       "run is complete and sealed, 1 if it ended otherwise.",
};

/* The daemon has its own working folder: it is given absolute paths. */
static char *absolute(const char *path)
{
	char *real = realpath(path, NULL);

	if (!real)
		cannot_say("%s: %s", path, strerror(errno));
	return real;
}

static json_t *start(struct client *c, const char *procedure, const char *bench, struct err *e)
{
	json_t *args = json_pack("{s:s, s:s, s:s}", "procedure", procedure, "bench", bench, "operator",
				 opt.operator ? opt.operator : login_name());

	if (opt.override_by)
		json_object_update_new(args, json_pack("{s:s, s:s}", "override_by", opt.override_by, "override_why",
						       opt.override_why));
	return client_ask(c, "run.start", args, 3 * CLIENT_PATIENCE_MS, e);
}

static int started(struct client *c, const char *run)
{
	if (!opt.detach)
		return follow(c, run, opt.operator ? opt.operator : login_name(), opt.json);
	if (opt.json)
		printf("{\"run\":\"%s\"}\n", run);
	else
		puts(run);
	return DONE;
}

static int start_and_follow(const char *procedure, const char *bench)
{
	const char *run;
	struct client *c;
	json_t *answer;
	struct err e;
	int status;

	follow_prepare();
	if (client_open(&c, where_control(), &e) < 0)
		return client_failed(NULL, &e);
	answer = start(c, procedure, bench, &e);
	run = json_string_value(json_object_get(answer, "run"));
	if (answer && !run)
		err_set(&e, ERR_PROTOCOL, "etalond started a run without a name");
	status = run ? started(c, run) : client_failed(c, &e);
	json_decref(answer);
	client_close(&c);
	return status;
}

int cmd_run(int argc, char **argv)
{
	char *procedure, *bench;
	int status = CANNOT;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (opt.dry)
		return plan(opt.procedure, opt.bench, opt.quantities, opt.override_by != NULL);
	procedure = absolute(opt.procedure);
	bench = absolute(opt.bench);
	if (procedure && bench)
		status = start_and_follow(procedure, bench);
	free(procedure);
	free(bench);
	return status;
}
