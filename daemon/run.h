/* SPDX-License-Identifier: GPL-3.0-or-later
 * run.h - one execution of a procedure at a bench, in a thread of its own.
 *
 * The thread opens the record (files, start, channels), attaches the instruments, walks the
 * points, and closes the record (results, stop).  It knows a reading only once it is durable
 * (rule 2), and it never waits for anything without also listening for orders: pause, resume,
 * stop, abort.  Where it cannot go on - a link away too long, a set refused, no space - it
 * holds: safe state first, then it says why and waits to be released (rule 6). */
#ifndef RUN_H
#define RUN_H

#include "journal.h"
#include "ports.h"
#include "setup.h"

enum order { ORDER_PAUSE, ORDER_RESUME, ORDER_STOP, ORDER_ABORT };

/* Whether the laboratory has validated the very model file of a role. */
struct validated {
	bool yes;
	char by[64];
	int64_t utc_ns;
};

/* Somebody had it started although a standard is past due or a point outside its certificate. */
struct run_override {
	char *by, *why;                  /* NULL: nobody had to */
	struct problems refused;         /* what was overridden */
};

/* What a run starts with.  setup and journal are handed over. */
struct run_order {
	uint32_t number;                 /* in this life of the daemon */
	char name[RUN_NAME];
	char operator[64];
	char laboratory[32], laboratory_name[128];
	struct setup *setup;
	struct source *config;           /* the daemon's file, for the record; may be NULL */
	struct journal *journal;
	struct seat *seats;              /* one per role of the procedure; handed over */
	struct validated *validated;     /* likewise */
	struct run_override override;    /* likewise */
	char folder[512];                /* of the journal, for `etalon evaluate` */
	char evaluate[512];              /* the program */

	/* of a run that a crash cut short */
	bool recovered;
	uint64_t cut_bytes;
	bool go_on;                      /* else it only ends, as `interrupted` */
	bool held;                       /* it holds again before it goes on */
	int32_t next_point, last_attempt;
	uint64_t asked;                  /* questions to people so far */
};

struct run;

void run_start(struct run **r, struct run_order *o);
void run_order(struct run *r, enum order what, const char *who, const char *why);  /* main thread */
void run_join(struct run **r);
void run_override_release(struct run_override *o);

#endif
