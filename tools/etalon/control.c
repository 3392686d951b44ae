/* SPDX-License-Identifier: GPL-3.0-or-later
 * control.c - etalon pause, resume, stop, abort: one command to one run each. */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "control.h"
#include "etalon.h"

static struct {
	const char *run, *reason, *operator;
} opt;

static const struct argp_option options[] = {
	{ "reason", 'r', "TEXT", 0, "why: recorded in the run", 0 },
	{ "operator", 'o', "NAME", 0, "who asks (default: the login name)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'r')
		opt.reason = arg;
	else if (key == 'o')
		opt.operator = arg;
	else
		return one_argument(&opt.run, key, arg, s, "run; `etalon status` lists the active ones");
	return 0;
}

json_t *control_ask(struct client *c, const char *cmd, const char *run, const char *operator,
		    const char *reason, struct err *e)
{
	return client_ask(c, cmd, json_pack("{s:s, s:s, s:s}", "run", run, "operator", operator,
					    "reason", reason), CLIENT_PATIENCE_MS, e);
}

static int control(int argc, char **argv, const char *cmd, const char *doc, const char *done)
{
	static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
	const struct argp argp = { .options = options, .parser = parse, .args_doc = "RUN", .doc = doc,
				   .children = children };
	struct client *c;
	json_t *result;
	struct err e;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (client_open(&c, where_control(), &e) < 0)
		return client_failed(NULL, &e);
	result = control_ask(c, cmd, opt.run, opt.operator ? opt.operator : login_name(),
			     opt.reason ? opt.reason : "", &e);
	status = result ? DONE : client_failed(c, &e);
	if (result)
		printf("%s: %s\n", opt.run, done);
	json_decref(result);
	client_close(&c);
	return status;
}

int cmd_pause(int argc, char **argv)
{
	return control(argc, argv, "run.pause",
		       "Hold a run after the step in hand; its instruments stay as they are.",
		       "pauses after the step in hand; `etalon resume` lets it go on");
}

int cmd_resume(int argc, char **argv)
{
	return control(argc, argv, "run.resume", "Let a paused or holding run go on.", "goes on");
}

int cmd_stop(int argc, char **argv)
{
	return control(argc, argv, "run.stop",
		       "End a run in order: after the step in hand, with its instruments safe and "
		       "the results of the points that are done.", "stops after the step in hand");
}

int cmd_abort(int argc, char **argv)
{
	return control(argc, argv, "run.abort",
		       "End a run at once: whatever it waits for is cancelled and its instruments "
		       "are made safe.", "aborts");
}
