/* SPDX-License-Identifier: GPL-3.0-or-later
 * instrument.c - etalon instrument: what a person says of an instrument that a run waits for. */
#include "client.h"
#include "etalon.h"
#include "instant.h"

static struct {
	const char *role, *time, *run, *by, *reason;
} opt;

enum { OPT_RUN = 256, OPT_BY, OPT_REASON };

static const struct argp_option options[] = {
	{ "by", OPT_BY, "NAME", 0, "who says so (default: the login name)", 0 },
	{ "reason", OPT_REASON, "TEXT", 0, "how that is known: recorded with it", 0 },
	{ "run", OPT_RUN, "RUN", 0, "of which run the role is, where several have one of that name", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == OPT_BY)
		opt.by = arg;
	else if (key == OPT_REASON)
		opt.reason = arg;
	else if (key == OPT_RUN)
		opt.run = arg;
	else if (key == ARGP_KEY_ARG && !opt.role)
		opt.role = arg;
	else if (key == ARGP_KEY_ARG && !opt.time)
		opt.time = arg;
	else if (key == ARGP_KEY_ARG || (key == ARGP_KEY_END && !opt.time))
		argp_error(s, "name a role and since when its instrument is on: 2026-11-24T06:30:00Z");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp since_argp = {
	.options = options, .parser = parse, .args_doc = "ROLE TIME", .children = children,
	.doc = "State since when an instrument has been switched on, so that only the rest of its warm-up is waited for.  "
	       "That is recorded in the run, and holds until a later power-on is noticed.",
};

static json_t *said(int64_t since_ns)
{
	return json_pack("{s:s,s:I,s:s,s:s,s:s}", "role", opt.role, "since_ns", (json_int_t)since_ns, "by",
			 opt.by ? opt.by : login_name(), "run", opt.run ? opt.run : "",
			 "reason", opt.reason ? opt.reason : "");
}

static int since(int argc, char **argv)
{
	struct client *c;
	json_t *answer;
	int64_t ns;
	struct err e;
	int status = DONE;

	argp_parse(&since_argp, argc, argv, 0, NULL, NULL);
	if (utc_parse(opt.time, &ns, &e) < 0)
		return cannot(&e);
	if (client_open(&c, where_control(), &e) < 0)
		return client_failed(NULL, &e);
	answer = client_ask(c, "instrument.since", said(ns), CLIENT_PATIENCE_MS, &e);
	if (answer)
		printf("%s: on record in %s; if it holds for that, `etalon resume` lets it go on\n", opt.role,
		       json_string_value(json_object_get(answer, "run")));
	else
		status = client_failed(c, &e);
	json_decref(answer);
	client_close(&c);
	return status;
}

static const struct command subcommands[] = {
	{ "since", since, "state since when one has been switched on" },
	{ NULL, NULL, NULL },
};

int cmd_instrument(int argc, char **argv)
{
	return dispatch(subcommands, argc, argv);
}
