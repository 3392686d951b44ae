/* SPDX-License-Identifier: GPL-3.0-or-later
 * status.c - etalon status and etalon list: what the daemon says of itself and of its runs; without
 * one, what runs the state folder has. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "client.h"
#include "etalon.h"
#include "grid.h"
#include "roll.h"

static bool as_json;

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "the daemon's answer as it is", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	(void)arg;
	(void)s;
	if (key != 'j')
		return ARGP_ERR_UNKNOWN;
	as_json = true;
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp status_argp = {
	.options = options, .parser = parse, .children = children,
	.doc = "How the daemon, its ports and its runs are."
	       "\vExit status 1 if its storage has failed, 3 if no daemon answers.",
};
static const struct argp list_argp = {
	.options = options, .parser = parse, .children = children,
	.doc = "Every run of the laboratory; without its daemon as the state folder has it.",
};

/* A member as text: "-" where it is missing or null. */
static const char *text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s && *s ? s : "-";
}

/* The same where nothing is worth no sign. */
static const char *remark(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

static int64_t whole(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static json_t *list_of(const json_t *object, const char *key)
{
	return json_object_get(object, key);
}

static void print_daemon(const json_t *s)
{
	char up[DURATION_TEXT];
	const json_t *endpoint;
	size_t i;

	printf("etalond %s of laboratory %s, process %" PRId64 ", up %s\n", text(s, "version"),
	       text(s, "laboratory"), whole(s, "pid"), duration_format(whole(s, "uptime_ns"), up));
	printf("state    %s, %.1f GB free, storage: %s\n", text(s, "state"),
	       (double)whole(s, "free_bytes") / 1e9, text(s, "storage"));
	json_array_foreach(list_of(s, "stream"), i, endpoint)
		printf("stream   %s\n", json_string_value(endpoint));
}

static void print_ports(const json_t *s)
{
	struct grid *t = grid_new("llll");
	const json_t *port, *role;
	size_t i, k;

	json_array_foreach(list_of(s, "ports"), i, port) {
		struct buf roles = { 0 };

		json_array_foreach(list_of(port, "roles"), k, role)
			buf_printf(&roles, "%s%s", k ? ", " : "", json_string_value(role));
		grid_cell(t, "%s", text(port, "address"));
		grid_cell(t, "%s", roles.len ? roles.data : text(port, "roles"));
		grid_cell(t, "%sconnected", json_is_true(json_object_get(port, "connected")) ? "" : "not ");
		grid_cell(t, "%s", remark(port, "trouble"));
		buf_release(&roles);
	}
	puts(json_array_size(list_of(s, "ports")) ? "ports" : "ports    none");
	grid_print(t, "  ", stdout);
	grid_free(&t);
}

static void print_runs(const json_t *s)
{
	struct grid *t = grid_new("lllrl");
	const json_t *run;
	size_t i;

	json_array_foreach(list_of(s, "runs"), i, run) {
		char left[DURATION_TEXT] = "-";

		if (json_is_integer(json_object_get(run, "left_ns")))
			duration_format(whole(run, "left_ns"), left);
		grid_cell(t, "%s", text(run, "run"));
		grid_cell(t, "%s", text(run, "state"));
		if (json_string_length(json_object_get(run, "point_name")))
			grid_cell(t, "point %" PRId64 " of %" PRId64 " (%s)", whole(run, "point") + 1,
				  whole(run, "points"), text(run, "point_name"));
		else
			grid_cell(t, "%" PRId64 " points", whole(run, "points"));
		grid_cell(t, "left %s", left);
		if (whole(run, "questions"))
			grid_cell(t, "%" PRId64 " open: etalon answer %s", whole(run, "questions"), text(run, "run"));
		else
			grid_cell(t, "%s", remark(run, "reason"));
	}
	puts(json_array_size(list_of(s, "runs")) ? "runs" : "runs     none active");
	grid_print(t, "  ", stdout);
	grid_free(&t);
}

static int print_status(const json_t *s)
{
	const char *storage = json_string_value(json_object_get(s, "storage"));

	if (!as_json) {
		print_daemon(s);
		print_ports(s);
		print_runs(s);
	}
	return !storage || strcmp(storage, "ok") ? NOT_SO : DONE;
}

static int print_list(const json_t *answer)
{
	const json_t *run;
	struct grid *t;
	size_t i;

	if (as_json)
		return DONE;
	t = grid_new("lllrl");
	grid_cell(t, "run");
	grid_cell(t, "state");
	grid_cell(t, "status");
	grid_cell(t, "records");
	grid_cell(t, "sealed");
	json_array_foreach(list_of(answer, "runs"), i, run) {
		const json_t *sealed = json_object_get(run, "sealed");

		grid_cell(t, "%s", text(run, "run"));
		grid_cell(t, "%s", text(run, "state"));
		grid_cell(t, "%s", text(run, "status"));
		grid_cell(t, "%" PRId64, whole(run, "records"));
		grid_cell(t, "%s", json_is_string(sealed) ? json_string_value(sealed)
			   : json_is_true(sealed) ? "yes" : "no");
	}
	grid_print(t, "", stdout);
	grid_free(&t);
	return DONE;
}

static int show(json_t *answer, int (*print)(const json_t *))
{
	int status = print(answer);

	if (as_json) {
		json_dumpf(answer, stdout, JSON_INDENT(1));
		putchar('\n');
	}
	json_decref(answer);
	return status;
}

static int ask(struct client *c, const char *cmd, int (*print)(const json_t *))
{
	struct err e;
	json_t *answer = client_ask(c, cmd, NULL, CLIENT_PATIENCE_MS, &e);
	int status = answer ? show(answer, print) : client_failed(c, &e);

	client_close(&c);
	return status;
}

/* As the daemon answers run.list. */
static json_t *runs_of(const struct roll *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++) {
		json_t *o = roll_view(&l->runs[i]);

		json_object_set_new(o, "sealed", json_boolean(l->runs[i].archive != NULL));
		json_array_append_new(list, o);
	}
	return json_pack("{s:o}", "runs", list);
}

/* An archivist's copy of a state folder has no daemon. */
static int list_folder(const struct err *nobody)
{
	char *folder = mem_format("%s/lab.journal", where_state());
	struct roll roll = { 0 };
	struct err e;
	int status;

	if (access(folder, R_OK)) {
		status = client_failed(NULL, nobody);
	} else if (roll_read(&roll, folder, ROLL_ALL, &e) < 0) {
		status = cannot(&e);
	} else {
		fprintf(stderr, "etalon list: no etalond answers; read from %s\n", folder);
		status = show(runs_of(&roll), print_list);
	}
	roll_release(&roll);
	free(folder);
	return status;
}

int cmd_status(int argc, char **argv)
{
	struct client *c;
	struct err e;

	argp_parse(&status_argp, argc, argv, 0, NULL, NULL);
	if (client_open(&c, where_control(), &e) < 0)
		return client_failed(NULL, &e);
	return ask(c, "status", print_status);
}

int cmd_list(int argc, char **argv)
{
	struct client *c;
	struct err e;

	argp_parse(&list_argp, argc, argv, 0, NULL, NULL);
	if (client_open(&c, where_control(), &e) < 0)
		return list_folder(&e);
	return ask(c, "run.list", print_list);
}
