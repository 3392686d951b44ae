/* SPDX-License-Identifier: GPL-3.0-or-later
 * etalon-record - the stream into HDF5: live files while runs go on, sealed archives after.
 *
 * etalond keeps one running; it may also be started by hand.  See etalon-record(1). */
#include <argp.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "number.h"
#include "recorder.h"
#include "signals.h"

#define LIVE_MS   500
#define PARENT_MS 1000                 /* how often it is looked whether etalond is still there */

static struct {
	const char *control, *stream, *state;
	int64_t live_ms, daemon;        /* daemon: 0: not told */
	bool seal;
	const char *journal, *archive;
} opt = { .live_ms = LIVE_MS };

enum { KEY_CONTROL = 256, KEY_STREAM, KEY_STATE, KEY_LIVE, KEY_DAEMON, KEY_SEAL };

static const struct argp_option options[] = {
	{ "control", KEY_CONTROL, "ENDPOINT", 0,
	 "etalond's control socket (default ipc://FOLDER/control)", 0 },
	{ "stream", KEY_STREAM, "ENDPOINT", 0, "its stream (default ipc://FOLDER/stream)", 0 },
	{ "state", KEY_STATE, "FOLDER", 0, "its state folder", 0 },
	{ "live-ms", KEY_LIVE, "N", 0,
	 "make the live files current every N milliseconds (default 500)", 0 },
	{ "daemon", KEY_DAEMON, "PID", 0, "end when this process, whose child it is, has gone (default: who started it)", 0 },
	{ "seal", KEY_SEAL, NULL, OPTION_HIDDEN, NULL, 0 },
	{ 0 },
};

static void parse_live(const char *arg, struct argp_state *s)
{
	struct err e;

	if (number_parse_int(arg, strlen(arg), &opt.live_ms, &e) < 0 || opt.live_ms < 1 ||
	    opt.live_ms > 60000)
		argp_error(s, "--live-ms: expected a number from 1 to 60000");
}

static void parse_daemon(const char *arg, struct argp_state *s)
{
	struct err e;

	if (number_parse_int(arg, strlen(arg), &opt.daemon, &e) < 0 || opt.daemon < 1)
		argp_error(s, "--daemon: expected a process number");
}

static error_t parse(int key, char *arg, struct argp_state *s)
{
	switch (key) {
	case KEY_CONTROL: opt.control = arg; break;
	case KEY_STREAM:  opt.stream = arg; break;
	case KEY_STATE:   opt.state = arg; break;
	case KEY_LIVE:    parse_live(arg, s); break;
	case KEY_DAEMON:  parse_daemon(arg, s); break;
	case KEY_SEAL:    opt.seal = true; break;
	case ARGP_KEY_ARG:
		if (!opt.seal || opt.archive)
			argp_error(s, "unexpected argument '%s'", arg);
		*(opt.journal ? &opt.archive : &opt.journal) = arg;
		break;
	case ARGP_KEY_END:
		if (opt.seal ? !opt.archive : !opt.state)
			argp_error(s, opt.seal ? "name a journal and an archive" : "--state is needed");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "--state FOLDER",
	.doc = "Record etalond's stream in HDF5: live files while runs go on, sealed archives after.",
};

/* Until told to end; false if etalond, whose child this is, has gone.  It may have gone before this program had
 * begun: who the parent is is therefore told, not asked. */
static bool serve(struct recorder *r, int signals)
{
	pid_t parent = opt.daemon ? (pid_t)opt.daemon : getppid();
	bool busy = false;

	while (getppid() == parent) {
		zmq_pollitem_t items[] = {
			{ .socket = r->stream, .events = ZMQ_POLLIN },
			{ .fd = signals, .events = ZMQ_POLLIN },
			{ .fd = r->sealing.out, .events = ZMQ_POLLIN },
		};
		int left = instant_ms_left(recorder_next(r));

		zmq_poll(items, r->sealing.pid ? 3 : 2, busy ? 0 : left < PARENT_MS ? left : PARENT_MS);
		if (items[1].revents)
			return true;
		if (r->sealing.pid && items[2].revents)
			recorder_sealing_said(r);
		recorder_hear(r);
		busy = recorder_turn(r);
	}
	log_line(LOG_WARNING, "etalond is gone");
	return false;
}

static int record(void)
{
	char state[PATH_MAX], *control, *stream;
	struct recorder r = { .live_ns = opt.live_ms * NS_PER_MS };
	struct err e;
	int signals = signals_open((const int[]){ SIGTERM, SIGINT, 0 }), failed;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);      /* a file that may not grow is a full disk */
	if (!realpath(opt.state, state)) {
		log_line(LOG_ERROR, "there is no state folder %s", opt.state);
		return 1;
	}
	control = opt.control ? mem_string(opt.control) : mem_format("ipc://%s/control", state);
	stream = opt.stream ? mem_string(opt.stream) : mem_format("ipc://%s/stream", state);
	failed = recorder_open(&r, control, stream, state, &e);
	if (failed)
		log_line(LOG_ERROR, "%s", e.text);
	else if (serve(&r, signals))
		recorder_finish(&r);
	recorder_close(&r);
	close(signals);
	free(control);
	free(stream);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	argp_program_version = "etalon-record " VERSION;
	log_set("etalon-record", LOG_INFO);
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	return opt.seal ? sealing_main(opt.journal, opt.archive) : record();
}
