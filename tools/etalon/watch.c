/* SPDX-License-Identifier: GPL-3.0-or-later
 * watch.c - etalon watch: records as they are acknowledged, with every gap filled by replay.
 *
 * The stream drops what a slow observer cannot take.  seq shows it, and the control socket
 * gives the missing records; what is printed has no gap and no record twice. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "client.h"
#include "etalon.h"
#include "lines.h"

static struct {
	const char *run, *channel;
	bool json, all;
} opt;

static const struct argp_option options[] = {
	{ "channel", 'c', "PREFIX", 0, "only readings of channels that begin with this", 0 },
	{ "all", 'a', NULL, 0, "from the first record of RUN on", 0 },
	{ "json", 'j', NULL, 0, "the header of each record, one per line", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'c')
		opt.channel = arg;
	else if (key == 'a')
		opt.all = true;
	else if (key == 'j')
		opt.json = true;
	else if (key == ARGP_KEY_ARG && !opt.run)
		opt.run = arg;
	else if (key == ARGP_KEY_ARG)
		argp_error(s, "name one run, or none for all");
	else if (key == ARGP_KEY_END && opt.all && !opt.run)
		argp_error(s, "--all needs a RUN");
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "[RUN]", .children = children,
	.doc = "Print records as they are acknowledged: of one run until it ends, or of all."
	       "\vGaps of the stream are filled by replay: what is printed is complete and in order.",
};

struct place {                          /* how far a run has been printed */
	char run[RUN_NAME];
	uint64_t next;
};

struct watch {
	struct client *client;
	struct place *places;
	size_t n;
	bool ended;                     /* RUN has come to its stop record */
};

static void print(const struct record *r)
{
	if (opt.channel &&
	    (r->kind != RECORD_READING || strncmp(r->channel, opt.channel, strlen(opt.channel))))
		return;
	(opt.json ? lines_json : lines_text)(r, stdout);
}

/* The place of a run; one not met before begins with the record in hand. */
static struct place *place_of(struct watch *w, const char *run, uint64_t seq)
{
	struct place *p;

	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->places[i].run, run))
			return &w->places[i];
	w->places = mem_grow(w->places, w->n, sizeof *w->places);
	p = &w->places[w->n++];
	snprintf(p->run, sizeof p->run, "%s", run);
	p->next = seq;
	return p;
}

static int replayed(void *who, const struct record *r, struct err *e)
{
	struct watch *w = who;

	(void)e;
	print(r);
	if (r->kind == RECORD_STOP && opt.run)
		w->ended = true;
	return 0;
}

static int heard(struct watch *w, const struct record *r, struct err *e)
{
	struct place *p = place_of(w, r->run, r->seq);

	if (r->seq < p->next)
		return 0;
	if (r->seq > p->next) {
		/* The record in hand comes again as the last of the replay: client_replay uses its memory. */
		uint64_t to = r->seq + 1;
		char run[RUN_NAME];

		snprintf(run, sizeof run, "%s", r->run);
		return client_replay(w->client, run, p->next, to, &p->next, replayed, w, e);
	}
	p->next++;
	print(r);
	if (r->kind == RECORD_STOP && opt.run)
		w->ended = true;
	return 0;
}

/* A run that has ended says nothing more: without --all there would be nothing to wait for. */
static int begin(struct watch *w, struct err *e)
{
	json_t *status = client_ask(w->client, "run.status", json_pack("{s:s}", "run", opt.run),
				    CLIENT_PATIENCE_MS, e);
	const char *state = json_string_value(json_object_get(status, "state"));
	int bad = status ? 0 : -1;

	if (status && !opt.all && state && !strcmp(state, "ended"))
		bad = err_set(e, ERR_STATE,
			      "%s has ended; `etalon watch --all %s` prints its records, "
			      "`etalon show %s` its results",
			      opt.run, opt.run, opt.run);
	json_decref(status);
	if (bad || !opt.all)
		return bad;
	return client_replay(w->client, opt.run, 0, UINT64_MAX, &place_of(w, opt.run, 0)->next,
			     replayed, w, e);
}

/* Silence may mean that the last records, `stop` among them, were dropped. */
static int catch_up(struct watch *w, struct err *e)
{
	struct place *p = place_of(w, opt.run, UINT64_MAX);
	json_t *status = client_ask(w->client, "run.status", json_pack("{s:s}", "run", opt.run),
				    CLIENT_PATIENCE_MS, e);
	uint64_t records = (uint64_t)json_integer_value(json_object_get(status, "records"));

	if (!status)
		return -1;
	json_decref(status);
	if (p->next == UINT64_MAX)      /* nothing heard yet: it begins with what comes next */
		p->next = records;
	if (records <= p->next)
		return 0;
	return client_replay(w->client, opt.run, p->next, records, &p->next, replayed, w, e);
}

static int follow(struct watch *w, void *stream, struct err *e)
{
	zmq_pollitem_t item = { .socket = stream, .events = ZMQ_POLLIN };
	struct record r;
	int got, ready;

	while (!w->ended && !ferror(stdout)) {
		got = client_heard(w->client, &r, e);
		if (got < 0 || (got > 0 && heard(w, &r, e) < 0))
			return -1;
		if (got)
			continue;
		fflush(stdout);
		ready = zmq_poll(&item, 1, opt.run ? 1000 : -1);
		if (ready < 0 && errno != EINTR)
			return err_set(e, ERR_IO, "the stream: %s", zmq_strerror(errno));
		if (ready == 0 && catch_up(w, e) < 0)
			return -1;
	}
	return 0;
}

int cmd_watch(int argc, char **argv)
{
	struct watch w = { 0 };
	char *prefix;
	void *stream;
	struct err e;
	int bad = -1, status;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (client_open(&w.client, where_control(), &e) < 0)
		return client_failed(NULL, &e);
	prefix = opt.run ? mem_format("%s/", opt.run) : mem_string("");
	stream = client_subscribe(w.client, prefix, &e);
	if (stream)
		bad = opt.run ? begin(&w, &e) : 0;
	if (stream && !bad)
		bad = follow(&w, stream, &e);
	status = bad ? client_failed(w.client, &e) : DONE;
	free(prefix);
	free(w.places);
	client_close(&w.client);
	return status;
}
