/* SPDX-License-Identifier: GPL-3.0-or-later
 * etalond: drives a laboratory's benches (etalond(8)).
 *
 * main is the map: what is started in order is stopped in the opposite order. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "control.h"
#include "log.h"
#include "post.h"
#include "signals.h"

#define TURN_MS      500                 /* the loop looks after its child at least so often */
#define PATIENCE_NS  (5 * NS_PER_S)      /* for a step in hand, once told to end; then abort */
#define SEALING_NS   (60 * NS_PER_S)     /* for the archives of what has ended */

const char *argp_program_version = "etalond " VERSION;

struct arguments { const char *config, *state; bool check, quiet; };

static error_t parse(int key, char *arg, struct argp_state *s)
{
	struct arguments *a = s->input;

	switch (key) {
	case 'c':
		a->config = arg;
		break;
	case 's':
		a->state = arg;
		break;
	case 'k':
		a->check = true;
		break;
	case 'q':
		a->quiet = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option options[] = {
	{ "config", 'c', "FILE", 0, "The daemon's file (default /etc/etalon/etalond.yaml)", 0 },
	{ "state", 's', "FOLDER", 0, "Where journals and archives are kept, instead of what the file says", 0 },
	{ "check", 'k', 0, 0, "Check the files named by the daemon's file and end; no instrument is touched", 0 },
	{ "quiet", 'q', 0, 0, "Log warnings and errors only", 0 },
	{ 0 }
};

static const struct argp usage = {
	options, parse, NULL,
	"Drives the laboratory's benches: runs calibrations, records every reading, streams them.", NULL, NULL, NULL
};

/* A thread per port and a descriptor or three each: take what the system grants. */
static void raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

static int start(struct house *h, const struct arguments *a, struct err *e)
{
	post_start();
	if (house_open(h, a->config, a->state, e) < 0)
		return -1;
	h->inbox = post_inbox("main");
	if (lab_open(&h->lab, h->labs_journal, h->config->laboratory, e) < 0)
		return err_wrap(e, "the laboratory's journal");
	if (stream_start(&h->stream, (const char *const *)h->streams.list, h->streams.n, e) < 0)
		return -1;
	ports_start(&h->ports);
	if (control_start(h, e) < 0)
		return -1;
	runs_recover(h);
	if (h->config->record.start)
		keeper_tend(&h->keeper);
	return 0;
}

static void stop(struct house *h)
{
	keeper_stop(&h->keeper, instant_after(10 * NS_PER_S));
	control_stop(h);
	ports_stop(&h->ports);
	stream_stop(&h->stream);
	lab_close(&h->lab);
	post_close(&h->inbox);
	house_close(h);
	post_stop();
}

static void read_notices(struct house *h)
{
	zmq_msg_t m;

	while (post_receive(h->inbox, &m)) {
		runs_notice(h, zmq_msg_data(&m));
		zmq_msg_close(&m);
	}
}

/* The first asks for an orderly end, the second for a quick one. */
static void read_signal(struct house *h, int fd, instant *told)
{
	struct signalfd_siginfo s;

	while (read(fd, &s, sizeof s) == sizeof s) {
		if (s.ssi_signo == SIGHUP)
			continue;
		runs_order_all(h, h->leaving ? ORDER_ABORT : ORDER_STOP, "the daemon was told to end");
		if (!h->leaving)
			*told = instant_now();
		h->leaving = true;
		sd_notify(0, "STOPPING=1");
	}
}

/* Over once every run has ended and is sealed, or sealing takes too long.  The second abort ends the
 * waiting for people. */
static bool over(struct house *h, instant told, unsigned *aborts)
{
	if (!h->leaving)
		return false;
	if (runs_alive(h)) {
		if (*aborts < 2 && instant_now() - told > (*aborts + 1) * PATIENCE_NS) {
			runs_order_all(h, ORDER_ABORT, "the daemon was told to end");
			(*aborts)++;
		}
		return false;
	}
	return !h->config->record.start || h->trouble[0] || runs_sealed(h) ||
		instant_now() - told > SEALING_NS;
}

static void serve(struct house *h, int signals)
{
	zmq_pollitem_t items[] = {
		{ .socket = h->control, .events = ZMQ_POLLIN },
		{ .socket = h->inbox, .events = ZMQ_POLLIN },
		{ .fd = signals, .events = ZMQ_POLLIN },
	};
	instant told = 0;
	unsigned aborts = 0;

	sd_notify(0, "READY=1");
	while (!over(h, told, &aborts)) {
		zmq_poll(items, 3, h->leaving ? 50 : TURN_MS);
		read_signal(h, signals, &told);
		read_notices(h);
		control_serve(h);
		if (h->config->record.start)
			keeper_tend(&h->keeper);
		sd_notify(0, "WATCHDOG=1");
	}
}

static int check(const struct arguments *a)
{
	struct problems ps = { 0 };
	struct buf text = { 0 };
	enum file_kind kind;
	int failed = file_check(a->config, NULL, &ps, &kind);

	problems_text(&ps, &text);
	if (text.len)
		fputs(text.data, stderr);
	else
		printf("%s: ok\n", a->config);
	buf_release(&text);
	problems_release(&ps);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct arguments a = { .config = "/etc/etalon/etalond.yaml" };
	struct house h = { 0 };
	int signals, status = 0;
	struct err e;

	argp_parse(&usage, argc, argv, 0, NULL, &a);
	log_set("etalond", a.quiet ? LOG_WARNING : LOG_INFO);
	if (a.check)
		return check(&a);
	signal(SIGPIPE, SIG_IGN);
	signals = signals_open((const int[]){ SIGTERM, SIGINT, SIGHUP, 0 });
	raise_limits();
	if (start(&h, &a, &e) < 0) {
		log_line(LOG_ERROR, "%s", e.text);
		status = 1;
	} else {
		log_line(LOG_NOTICE, "laboratory %s, state in %s, control at %s", h.config->laboratory,
			 h.state, h.control_endpoint);
		serve(&h, signals);
	}
	stop(&h);
	return status;
}
