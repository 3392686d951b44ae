/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "control_own.h"
#include "post.h"

#define REQUEST_MAX    (256 * 1024)
#define OVERRIDE_MOST  500               /* bytes of a name, or a reason */
#define AT_ONCE        64                /* requests served before the loop looks elsewhere */

struct arg { const char *name; json_type type; bool required; };

struct command {
	const char *name;
	struct arg args[8];              /* ended by name NULL */
	int (*run)(struct house *h, const json_t *args, struct reply *r, struct err *e);
};

const char *string_arg(const json_t *args, const char *name, const char *otherwise)
{
	const char *s = json_string_value(json_object_get(args, name));

	return s ? s : otherwise;
}

int64_t int_arg(const json_t *args, const char *name, int64_t otherwise)
{
	const json_t *v = json_object_get(args, name);

	return v ? json_integer_value(v) : otherwise;
}

int copy_arg(char *to, size_t size, const json_t *args, const char *name, struct err *e)
{
	const char *text = string_arg(args, name, "");

	if (strlen(text) >= size)
		return err_set(e, ERR_CONFIG, "%s: at most %zu bytes", name, size - 1);
	memcpy(to, text, strlen(text) + 1);
	return 0;
}

static void put(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static json_t *text_or_null(const char *s)
{
	return s && s[0] ? json_string(s) : json_null();
}

/* What it knows of runs. */

static json_t *live_view(const struct house *h, const struct active *a, const struct roll_run *known)
{
	const struct run_view *v = &a->view;
	json_t *o = json_object();

	put(o, "run", json_string(a->name));
	put(o, "state", json_string(run_state_name(v->state)));
	put(o, "status", text_or_null(v->status));
	put(o, "procedure", json_string(a->procedure));
	put(o, "bench", json_string(a->bench));
	put(o, "operator", json_string(a->operator));
	put(o, "simulated", json_boolean(a->simulated));
	put(o, "point", json_integer(v->point));
	put(o, "points", json_integer(v->points));
	put(o, "points_done", json_integer(v->done_points));
	put(o, "point_name", json_string(v->point_name));
	put(o, "attempt", json_integer(v->attempt));
	put(o, "step", json_integer(v->step));
	put(o, "steps", json_integer(v->steps));
	put(o, "step_kind", json_string(v->step_kind));
	put(o, "records", json_integer((json_int_t)a->records));
	put(o, "readings", json_integer((json_int_t)a->readings));
	put(o, "started_ns", json_integer(v->started_ns));
	put(o, "left_ns", v->left_ns < 0 ? json_null() : json_integer(v->left_ns));
	put(o, "reason", json_string(v->reason));
	put(o, "questions", json_integer((json_int_t)desk_count(&h->desk, a->name)));
	put(o, "archive", text_or_null(known ? known->archive : NULL));
	put(o, "digest", text_or_null(known ? known->digest : NULL));
	return o;
}

int no_run(const char *name, struct err *e)
{
	return err_set(e, ERR_STATE, "there is no run %s; `etalon list` shows those there are", name);
}

static int run_status(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	const char *name = string_arg(args, "run", "");
	const struct active *a = runs_find(h, name);
	const struct roll_run *known = lab_find(h->lab, name);

	if (!a && !known)
		return no_run(name, e);
	r->result = a ? live_view(h, a, known) : roll_view(known);
	return 0;
}

static int run_list(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	json_t *list = json_array();

	(void)args;
	(void)e;
	for (size_t i = 0; i < lab_count(h->lab); i++) {
		const struct roll_run *known = lab_run(h->lab, i);
		const struct active *a = runs_find(h, known->name);
		json_t *o = roll_view(known);

		if (a && a->run) {
			put(o, "state", json_string(run_state_name(a->view.state)));
			put(o, "records", json_integer((json_int_t)a->records));
		}
		put(o, "sealed", json_boolean(known->archive != NULL));
		json_array_append_new(list, o);
	}
	r->result = json_pack("{s:o}", "runs", list);
	return 0;
}

static int status(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	json_t *runs = json_array(), *ports = json_array(), *streams = json_array();
	struct statvfs fs = { 0 };

	(void)args;
	(void)e;
	statvfs(h->state, &fs);
	for (size_t i = 0; i < h->n_runs; i++)
		if (h->runs[i].run)
			json_array_append_new(runs, live_view(h, &h->runs[i], NULL));
	for (size_t i = 0; i < ports_count(h->ports); i++) {
		const struct port_view *v = ports_view(h->ports, i);

		json_array_append_new(ports, json_pack("{s:s,s:i,s:b,s:s}", "address", v->name,
				"stations", v->stations, "connected", v->stations && !v->trouble,
				"trouble", v->text));
	}
	for (size_t i = 0; i < h->streams.n; i++)
		json_array_append_new(streams, json_string(h->streams.list[i]));
	r->result = json_pack("{s:s,s:s,s:i,s:I,s:s,s:o,s:s,s:I,s:b,s:o,s:o}", "version", VERSION,
		"laboratory", h->config->laboratory, "pid", (int)getpid(),
		"uptime_ns", (json_int_t)(instant_now() - h->started), "state", h->state,
		"stream", streams, "storage", h->trouble[0] ? h->trouble : "ok",
		"free_bytes", (json_int_t)(fs.f_bavail * fs.f_frsize), "recorder", h->keeper.pid > 0,
		"runs", runs, "ports", ports);
	return 0;
}

/* What it is told of runs. */

/* It goes into the start record, which has room for that and no more. */
static int check_override(const struct wish *w, struct err *e)
{
	if (!w->override_by && !w->override_why)
		return 0;
	if (!w->override_by || !w->override_why || !w->override_by[0] || !w->override_why[0])
		return err_set(e, ERR_CONFIG, "an override says by whom, override_by, and why, override_why");
	if (strlen(w->override_by) > OVERRIDE_MOST || strlen(w->override_why) > OVERRIDE_MOST)
		return err_set(e, ERR_CONFIG, "override_by, override_why: at most %d bytes", OVERRIDE_MOST);
	return 0;
}

static int run_begin(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	const struct wish w = {
		.procedure = string_arg(args, "procedure", ""), .bench = string_arg(args, "bench", ""),
		.operator = string_arg(args, "operator", ""),
		.override_by = string_arg(args, "override_by", NULL), .override_why = string_arg(args, "override_why", NULL),
	};
	char name[RUN_NAME];

	if (check_override(&w, e) < 0 || runs_begin(h, &w, name, &r->text, e) < 0)
		return -1;
	r->result = json_pack("{s:s}", "run", name);
	return 0;
}

static int order(struct house *h, const json_t *args, enum order what, struct reply *r, struct err *e)
{
	const char *name = string_arg(args, "run", "");
	const struct active *a = runs_find(h, name);

	if (!a && !lab_find(h->lab, name))
		return no_run(name, e);
	if (!a || !a->run)
		return err_set(e, ERR_STATE, "%s has ended", name);
	run_order(a->run, what, string_arg(args, "operator", ""), string_arg(args, "reason", ""));
	r->result = json_pack("{s:s}", "run", name);
	return 0;
}

static int run_pause_(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	return order(h, args, ORDER_PAUSE, r, e);
}

static int run_resume(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	const struct active *a = runs_find(h, string_arg(args, "run", ""));

	if (a && a->run && a->view.state != RUN_PAUSED && a->view.state != RUN_HOLDING)
		return err_set(e, ERR_STATE, "%s is %s: there is nothing to resume", a->name,
			       run_state_name(a->view.state));
	return order(h, args, ORDER_RESUME, r, e);
}

static int run_stop(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	return order(h, args, ORDER_STOP, r, e);
}

static int run_abort(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	return order(h, args, ORDER_ABORT, r, e);
}

static int run_sealed(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	const char *name = string_arg(args, "run", "");
	const struct roll_run *known = lab_find(h->lab, name);
	const char *digest = string_arg(args, "digest", "");

	if (!known)
		return no_run(name, e);
	r->result = json_pack("{s:s}", "run", name);
	if (known->digest && !strcmp(known->digest, digest))
		return 0;                /* told again: sealing may be repeated */
	return lab_sealed(h->lab, name, string_arg(args, "path", ""), digest,
			  string_arg(args, "head", ""), e);
}

/* Replay. */

static int replay(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	const char *name = string_arg(args, "run", "");
	const struct active *a = runs_find(h, name);
	const struct roll_run *known = lab_find(h->lab, name);
	int64_t from = int_arg(args, "from", 0), bytes = int_arg(args, "bytes", REPLAY_BYTES);
	uint64_t limit = a ? a->records : known ? known->records : 0;
	uint64_t to = (uint64_t)int_arg(args, "to", INT64_MAX);
	char *folder;
	int failed = 0;

	if (!known)
		return no_run(name, e);
	if (from < 0 || bytes < 1 || bytes > REPLAY_BYTES || (int64_t)to < from)
		return err_set(e, ERR_CONFIG, "expected 0 <= from <= to, and bytes from 1 to %d", REPLAY_BYTES);
	if (to > limit)
		to = limit;
	r->replay.next = (uint64_t)from;
	folder = mem_format("%s/%s", h->journals, name);
	if ((uint64_t)from < to)
		failed = replays_read(h->replays, folder, (uint64_t)from, to, (size_t)bytes, limit, &r->replay, e);
	free(folder);
	r->result = json_pack("{s:s,s:I,s:I,s:o,s:I}", "run", name, "from", (json_int_t)from,
		"records", (json_int_t)r->replay.n / 2,
		"next", r->replay.next < to ? json_integer((json_int_t)r->replay.next) : json_null(),
		"acknowledged", (json_int_t)limit);
	return failed;
}

/* The table. */

#define ABOUT { { "run", JSON_STRING, true }, { "operator", JSON_STRING, false }, { "reason", JSON_STRING, false } }

#define SECOND { { "run", JSON_STRING, true }, { "question", JSON_STRING, true }, { "by", JSON_STRING, true }, \
		 { "reason", JSON_STRING, false } }

static const struct command commands[] = {
	{ "status", { { 0 } }, status },
	{ "run.start", { { "procedure", JSON_STRING, true }, { "bench", JSON_STRING, true },
			 { "operator", JSON_STRING, true }, { "override_by", JSON_STRING, false },
			 { "override_why", JSON_STRING, false } }, run_begin },
	{ "run.status", { { "run", JSON_STRING, true } }, run_status },
	{ "run.list", { { 0 } }, run_list },
	{ "run.pause", ABOUT, run_pause_ },
	{ "run.resume", ABOUT, run_resume },
	{ "run.stop", ABOUT, run_stop },
	{ "run.abort", ABOUT, run_abort },
	{ "run.sealed", { { "run", JSON_STRING, true }, { "path", JSON_STRING, true },
			  { "digest", JSON_STRING, true }, { "head", JSON_STRING, true } }, run_sealed },
	{ "question.list", { { "run", JSON_STRING, false } }, question_list },
	{ "question.answer", { { "run", JSON_STRING, true }, { "question", JSON_STRING, true },
			       { "value", JSON_STRING, true }, { "by", JSON_STRING, true },
			       { "reason", JSON_STRING, false }, { "read_ns", JSON_INTEGER, false } },
	  question_answer },
	{ "question.confirm", SECOND, question_confirm },
	{ "question.reject", SECOND, question_reject },
	{ "question.file", { { "run", JSON_STRING, true }, { "question", JSON_STRING, true },
			     { "name", JSON_STRING, true }, { "text", JSON_STRING, true },
			     { "by", JSON_STRING, true } }, question_file },
	{ "instrument.since", { { "role", JSON_STRING, true }, { "since_ns", JSON_INTEGER, true },
				{ "by", JSON_STRING, true }, { "run", JSON_STRING, false },
				{ "reason", JSON_STRING, false } }, instrument_since_ },
	{ "model.validate", { { "model", JSON_STRING, true }, { "sha256", JSON_STRING, true },
			      { "serial_number", JSON_STRING, true }, { "by", JSON_STRING, true },
			      { "note", JSON_STRING, true }, { "evidence", JSON_STRING, false },
			      { "evidence_sha256", JSON_STRING, false } }, model_validate },
	{ "model.withdraw", { { "model", JSON_STRING, true }, { "by", JSON_STRING, true },
			      { "note", JSON_STRING, true } }, model_withdraw },
	{ "model.validations", { { 0 } }, model_validations },
	{ "replay", { { "run", JSON_STRING, true }, { "from", JSON_INTEGER, false },
		      { "to", JSON_INTEGER, false }, { "bytes", JSON_INTEGER, false } }, replay },
};

static const struct command *command(const char *name)
{
	for (size_t i = 0; name && i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static const struct arg *argument(const struct command *c, const char *name)
{
	for (size_t i = 0; i < sizeof c->args / sizeof *c->args && c->args[i].name; i++)
		if (!strcmp(c->args[i].name, name))
			return &c->args[i];
	return NULL;
}

static int check_args(const struct command *c, json_t *args, struct err *e)
{
	const char *key;
	json_t *value;

	json_object_foreach(args, key, value) {
		const struct arg *a = argument(c, key);

		if (!a)
			return err_set(e, ERR_CONFIG, "%s: unknown argument '%.40s'", c->name, key);
		if (json_typeof(value) != a->type)
			return err_set(e, ERR_CONFIG, "%s: argument '%s' is not %s", c->name, key,
				       a->type == JSON_STRING ? "a text" : "a whole number");
	}
	for (size_t i = 0; i < sizeof c->args / sizeof *c->args && c->args[i].name; i++)
		if (c->args[i].required && !json_object_get(args, c->args[i].name))
			return err_set(e, ERR_CONFIG, "%s: argument '%s' is missing", c->name, c->args[i].name);
	return 0;
}

static int carry_out(struct house *h, const json_t *request, struct reply *r, struct err *e)
{
	static const char *const members[] = { "id", "cmd", "args", "expires" };
	const char *name = json_string_value(json_object_get(request, "cmd")), *key;
	const json_t *expires = json_object_get(request, "expires");
	const struct command *c = command(name);
	json_t *args = json_object_get(request, "args"), *none = json_object(), *value;
	int failed;

	json_object_foreach((json_t *)request, key, value) {
		bool known = false;

		for (size_t i = 0; i < sizeof members / sizeof *members; i++)
			known |= !strcmp(key, members[i]);
		if (!known)
			c = NULL, name = key;
	}
	if (!c)
		failed = err_set(e, ERR_CONFIG, "unknown command or member '%.40s'", name ? name : "");
	else if (args && !json_is_object(args))
		failed = err_set(e, ERR_CONFIG, "%s: args is not an object", c->name);
	else if (expires && (!json_is_integer(expires) || json_integer_value(expires) < utc_now()))
		failed = err_set(e, ERR_TIMEOUT, "%s: it came after it expired", c->name);
	else
		failed = check_args(c, args ? args : none, e) < 0 || c->run(h, args ? args : none, r, e) < 0;
	json_decref(none);
	return failed ? -1 : 0;
}

/* NULL: the answer comes later, under r->ticket; *id is then the caller's. */
static char *answer(struct house *h, const char *text, size_t n, struct reply *r, json_t **id)
{
	json_error_t bad;
	json_t *request = json_loadb(text, n, JSON_REJECT_DUPLICATES, &bad);
	struct err e = { 0 };
	char *dump = NULL;
	int failed;

	if (!json_is_object(request))
		failed = err_set(&e, ERR_CONFIG, "a request is one JSON object: %s", bad.text);
	else
		failed = carry_out(h, request, r, &e);
	*id = request ? json_incref(json_object_get(request, "id")) : NULL;
	if (failed || !r->ticket) {
		dump = later_text(*id, r->result, failed ? &e : NULL, r->text.len ? r->text.data : NULL);
		json_decref(*id);
	}
	if (failed)
		replay_release(&r->replay);
	json_decref(r->result);
	json_decref(request);
	buf_release(&r->text);
	return dump;
}

/* The socket. */

static void serve_one(struct house *h, struct envelope *in)
{
	struct reply r = { 0 };
	struct span request;
	json_t *id;
	char *text;

	if (!envelope_request(in, &request) || request.n > REQUEST_MAX) {
		envelope_close(in);
		return;
	}
	text = answer(h, request.p, request.n, &r, &id);
	if (!text) {
		later_keep(&h->later, in, id, r.ticket, r.run);
		return;
	}
	envelope_answer(h->control, in, text, &r.replay);
	free(text);
	replay_release(&r.replay);
	envelope_close(in);
}

void control_serve(struct house *h)
{
	struct envelope in;

	for (int i = 0; i < AT_ONCE && envelope_receive(h->control, &in); i++)
		serve_one(h, &in);
}

int control_start(struct house *h, struct err *e)
{
	int64_t max = REQUEST_MAX;
	int linger = 1000;

	h->control = zmq_socket(post_context(), ZMQ_ROUTER);
	zmq_setsockopt(h->control, ZMQ_MAXMSGSIZE, &max, sizeof max);
	zmq_setsockopt(h->control, ZMQ_LINGER, &linger, sizeof linger);
	if (zmq_bind(h->control, h->control_endpoint))
		return err_set(e, ERR_CONFIG, "control endpoint %s: %s", h->control_endpoint,
			       zmq_strerror(zmq_errno()));
	replays_start(&h->replays);
	return 0;
}

void control_stop(struct house *h)
{
	struct err e;

	err_set(&e, ERR_CANCELLED, "the daemon ends");
	later_give_up(&h->later, h->control, 0, &e);
	post_close(&h->control);
	replays_stop(&h->replays);
}
