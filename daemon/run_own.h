/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_own.h - a run's inside, shared by the files of its thread only: run.c (orders, waiting), run_ports.c (its ports),
 * points.c (point after point), run_safe.c (the safe state), steps.c (what a step asks of ports), ledger.c (what opens
 * and closes the record). */
#ifndef RUN_OWN_H
#define RUN_OWN_H

#include <pthread.h>

#include "entry.h"
#include "logbook.h"
#include "notice.h"
#include "run.h"

/* What the run thread does next. */
enum verdict {
	GO_ON,
	HOLD,            /* cannot go on; run->why says why */
	AGAIN,           /* what is measured is in doubt, as run->doubt says: the point begins anew */
	STOP,            /* somebody wants it to end in order */
	ABORT,           /* somebody wants it to end now */
	FAIL,            /* nothing can be recorded any more */
};

struct run_channel {
	const struct channel_ref *ref;
	size_t seat;             /* index in seats */
	uint16_t point;          /* index in the model file */
	bool environment;
	int64_t every_ns;
};

struct run_seat {
	struct seat at;
	const struct bench_role *role;
	struct port_line line;
	bool bound, attached;
	bool sources;                /* something has been set there */
};

/* A request to a port whose mark has not come back yet. */
struct pending { uint64_t request; struct run_seat *seat; };

struct run {
	struct run_order order;
	const struct procedure *procedure;
	void *inbox, *to_main;
	void *orders;                /* the main thread's way to the inbox */
	struct scribe scribe;
	struct logbook *logbook;
	pthread_t thread;

	struct run_seat *seats;
	size_t n_seats;
	struct run_channel *channels;
	size_t n_channels;

	struct run_view view;
	struct pending *pending;
	size_t n_pending;
	uint64_t requests;           /* last number given */
	uint64_t records;            /* durable when the last mark came */
	unsigned unsafe;             /* stations whose safe state is awaited, */
	uint64_t safe_round;         /* under this request */

	/* settling: readings of this request go here */
	uint64_t watched;
	void (*watch)(struct run *r, const struct ack *a);
	void *watching;

	bool pause, resume, stop, abort, full, dead, ended;
	bool based;                  /* the baseline has been walked since all was last made safe */
	bool closing;                /* orders and holds are over: safe, results, stop */
	struct err why;              /* of a hold */
	struct err doubt;            /* whether an instrument has held its setting all the time */
	char who[64], reason[200];   /* of the last order */
	int64_t clock_offset;        /* realtime - monotonic, when last looked at */
	int64_t points_ns;           /* spent on the points that are done */
};

#define SAFE_GRACE_NS NS_PER_S   /* beyond the bound, for the answer to arrive */

/* run.c */
enum verdict run_listen(struct run *r, instant by);      /* one turn: messages, or `by` */
enum verdict run_await(struct run *r);                   /* until nothing is pending */
enum verdict run_flush(struct run *r);                   /* until what was written is durable */
uint64_t run_request(struct run *r, struct run_seat *seat);      /* a number, entered as pending */
enum verdict run_pause(struct run *r);                   /* waits while somebody wants a pause */
enum verdict run_hold(struct run *r);                    /* in the safe state, until somebody releases it */
void run_show(struct run *r);                            /* the view, to main */
void run_keys(struct run *r, int32_t step);              /* point, attempt and step of an event */

/* run_ports.c */
void run_bind(struct run *r);                            /* run_await */
enum verdict run_attach(struct run *r);                  /* all, once they are warm */
void run_ask(struct run *r, struct run_seat *seat, enum port_what what);  /* to attach or confirm; run_await */
void run_release(struct run *r);

/* points.c */
enum verdict points_walk(struct run *r);                 /* from order.next_point to the last one */

/* run_safe.c */
void run_safe(struct run *r);                            /* all at once, each within its bound */
void run_ask_safe(struct run *r, bool wait);             /* then what people have to do */

/* steps.c */
enum verdict steps_walk(struct run *r, const struct list *steps);
void steps_watch_environment(struct run *r);
int64_t steps_duration(const struct list *steps);        /* planned, ns */

/* ledger.c */
void ledger_open(struct run *r);                         /* file, start, channel records */
void ledger_results(struct run *r);
void ledger_stop(struct run *r, const char *status, const char *reason);

#endif
