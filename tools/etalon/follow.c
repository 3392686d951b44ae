/* SPDX-License-Identifier: GPL-3.0-or-later
 * How far the run is comes from run.status, again and again; the stream only adds the events
 * a person should see at once, so nothing depends on hearing every message. */
#include "follow.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

#include "control.h"
#include "dialogue.h"
#include "instant.h"
#include "progress.h"
#include "records.h"
#include "signals.h"
#include "summary.h"

#define TICK_MS      200
#define ABSENCE_NS   (60 * NS_PER_S)    /* a daemon that is started again picks the run up */
#define SEALING_NS   (600 * NS_PER_S)

struct follow {
	struct client *client;
	const char *run;
	struct progress progress;
	void *stream;
	int interrupts;                 /* Ctrl-C so far */
	bool converses;                 /* questions are shown and answered here */
	struct dialogue dialogue;
	bool absent;                    /* the daemon does not answer at the moment */
	instant give_up;                /* when absence or sealing has lasted too long */
	json_t *status;                 /* the last one heard */
};

static int signals = -1;

void follow_prepare(void)
{
	signals = signals_open((const int[]){ SIGINT, 0 });
}

static const char *status_text(const struct follow *f, const char *key)
{
	const char *text = json_string_value(json_object_get(f->status, key));

	return text ? text : "";
}

static bool ended(const struct follow *f)
{
	return f->status && !strcmp(status_text(f, "state"), "ended");
}

static bool sealed(const struct follow *f)
{
	return ended(f) && *status_text(f, "archive");
}

static void request(struct follow *f, const char *cmd, const char *said)
{
	struct err e;
	json_t *answer = control_ask(f->client, cmd, f->run, login_name(), "Ctrl-C", &e);

	if (answer)
		progress_say(&f->progress, "%s", said);
	else
		progress_say(&f->progress, "%s", e.text);
	json_decref(answer);
}

/* Returns true when the person has had enough of following. */
static bool interrupted(struct follow *f)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof info) != sizeof info)
		return false;
	if (ended(f))                   /* there is nothing left to stop */
		return true;
	if (++f->interrupts == 1)
		request(f, "run.stop", "stop requested: the step in hand is finished first; "
			"Ctrl-C again aborts at once");
	else if (f->interrupts == 2)
		request(f, "run.abort", "abort requested; Ctrl-C again leaves the run to the daemon");
	return f->interrupts > 2;
}

static bool worth_saying(const char *event)
{
	static const char *const events[] = {
		"link.lost", "link.found", "pause", "resume", "stop.requested", "abort.requested", "hold",
		"release", "alarm", "clock.step", "recovered", "settings.reapplied", "prompt", "prompt.reminder",
		"prompt.withdrawn",
	};

	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
		if (!strcmp(event, events[i]))
			return true;
	return false;
}

static void hear(struct follow *f)
{
	char event[32], text[512], utc[UTC_TEXT];
	struct record r;
	struct err e;

	while (f->stream && client_heard(f->client, &r, &e) > 0) {
		if (!record_get_string(&r, "event", event, sizeof event) || !worth_saying(event) ||
		    (f->converses && !strncmp(event, "prompt", 6)))
			continue;
		if (!record_get_string(&r, "text", text, sizeof text))
			text[0] = '\0';
		progress_say(&f->progress, "%.19sZ %s%s%s", utc_format(r.utc_ns, utc), event,
			     *text ? ": " : "", text);
	}
}

/* Whole lines of what was keyed; the end of the input leaves the questions to others. */
static void read_answer(struct follow *f)
{
	char line[512];
	ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);

	if (n <= 0) {
		f->converses = false;
		dialogue_end(&f->dialogue);
		return;
	}
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	dialogue_take(&f->dialogue, line);
}

/* What is asked takes the place of the bar. */
static void converse(struct follow *f)
{
	struct err e;

	if (!f->converses || (!f->dialogue.question && !json_integer_value(json_object_get(f->status, "questions"))))
		return;
	if (!f->dialogue.question)
		progress_end(&f->progress);
	dialogue_look(&f->dialogue, &e);
}

static void wait_a_tick(struct follow *f)
{
	zmq_pollitem_t items[] = {
		{ .fd = signals, .events = ZMQ_POLLIN },
		{ .fd = f->converses ? STDIN_FILENO : -1, .events = ZMQ_POLLIN },
		{ .socket = f->stream, .events = ZMQ_POLLIN },
	};

	zmq_poll(items, f->stream ? 3 : 2, TICK_MS);
	if (items[1].revents)
		read_answer(f);
}

static void ask_status(struct follow *f)
{
	struct err e;
	json_t *status =
		client_ask(f->client, "run.status", json_pack("{s:s}", "run", f->run), 2000, &e);

	if (!status) {
		if (!f->absent)
			progress_say(&f->progress, "%s", e.text);
		if (!f->absent)
			f->give_up = instant_after(ABSENCE_NS);
		f->absent = true;
		return;
	}
	if (f->absent)
		progress_say(&f->progress, "etalond answers again");
	f->absent = false;
	json_decref(f->status);
	f->status = status;
	if (!f->dialogue.question)
		progress_show(&f->progress, status);
}

/* What ends the waiting before it is done: an exit status, or DONE to go on. */
static int trouble(struct follow *f, instant by)
{
	if (f->absent && instant_passed(f->give_up)) {
		cannot_say("etalond has been away for a minute; what it acknowledged of %s is in "
			   "its journal: start etalond again, then `etalon show %s`", f->run, f->run);
		return NO_DAEMON;
	}
	if (instant_passed(by)) {
		cannot_say("%s is not sealed after ten minutes; `etalon status` may say why, and "
			   "`etalon rebuild` makes its archive", f->run);
		return NOT_SO;
	}
	if (interrupted(f)) {
		cannot_say("%s goes on without this terminal; `etalon show %s` has its results "
			   "later", f->run, f->run);
		return NOT_SO;
	}
	return DONE;
}

static int wait_until(struct follow *f, bool (*done)(const struct follow *f), instant by)
{
	for (;;) {
		int status;

		ask_status(f);
		hear(f);
		converse(f);
		if (!f->absent && done(f))
			return DONE;
		wait_a_tick(f);
		status = trouble(f, by);
		if (status != DONE)
			return status;
	}
}

/* Results. */

static int add(void *who, const struct record *r, struct err *e)
{
	return summary_add(who, r, e);
}

static int read_journal(struct summary *p, const char *run, struct err *e)
{
	char *folder = where_journal(run);
	struct records *s;
	struct record r;
	int more = records_open(&s, folder, e);

	free(folder);
	if (more < 0)
		return -1;
	while ((more = records_next(s, &r, e)) > 0)
		if (summary_add(p, &r, e) < 0) {
			more = -1;
			break;
		}
	records_close(&s);
	return more;
}

/* The journal is read where it lies, or else asked for record by record. */
static int collect(struct follow *f, struct summary *p, struct err *e)
{
	uint64_t next;

	if (read_journal(p, f->run, e) == 0)
		return 0;
	summary_release(p);
	return client_replay(f->client, f->run, 0, UINT64_MAX, &next, add, p, e);
}

static void print_json(const struct follow *f, const struct summary *p)
{
	struct buf json = { 0 };

	summary_json(p, &json);
	json.len--;                     /* the closing brace: more members follow */
	json_key(&json, "status");
	json_text(&json, status_text(f, "status"));
	json_key(&json, "digest");
	json_text(&json, *status_text(f, "digest") ? status_text(f, "digest") : NULL);
	json_key(&json, "archive");
	json_text(&json, sealed(f) ? status_text(f, "archive") : NULL);
	buf_putc(&json, '}');
	puts(json.data);
	buf_release(&json);
}

static int print_results(struct follow *f)
{
	struct summary p = { 0 };
	struct err e;
	int bad = collect(f, &p, &e);

	if (bad)
		cannot(&e);
	else if (f->progress.quiet)
		print_json(f, &p);
	else
		summary_print(&p, stdout);
	summary_release(&p);
	return bad ? CANNOT : DONE;
}

int follow(struct client *c, const char *run, const char *by, bool json)
{
	struct follow f = { .client = c, .run = run };
	char *events = mem_format("%s/event/", run);
	struct err e;
	int status, shown;

	f.converses = !json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (f.converses)
		dialogue_begin(&f.dialogue, c, run, by);
	progress_begin(&f.progress, json);
	progress_say(&f.progress, "run %s", run);
	f.stream = client_subscribe(c, events, &e);
	status = wait_until(&f, ended, INSTANT_NEVER);
	if (status == DONE) {
		if (!sealed(&f))
			progress_say(&f.progress, "%s has ended, its archive is being sealed", run);
		status = wait_until(&f, sealed, instant_after(SEALING_NS));
	}
	progress_end(&f.progress);
	dialogue_end(&f.dialogue);
	if (ended(&f)) {
		shown = print_results(&f);
		if (shown != DONE)
			status = shown;
	}
	if (status == DONE && strcmp(status_text(&f, "status"), "complete"))
		status = NOT_SO;
	if (sealed(&f) && !json)
		printf("archive: %s\n", status_text(&f, "archive"));
	json_decref(f.status);
	free(events);
	return status;
}
