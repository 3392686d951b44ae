/* SPDX-License-Identifier: GPL-3.0-or-later
 * port_own.h - a port's inside, shared by the files of its thread only: port.c (the inbox and who
 * is served), port_jobs.c (what is to be done, in turn), port_work.c (what an instrument does for it). */
#ifndef PORT_OWN_H
#define PORT_OWN_H

#include <pthread.h>

#include "person.h"
#include "port.h"
#include "station.h"

struct errand;

/* What an instrument does for a job, and how that went. */
struct work {
	struct station *station;
	struct port_request r;
	instant at;              /* of a triggered measurement, for all ports of a step; 0: when it can */
	bool fresh;              /* instrument_fresh */
	int64_t neighbours;
	struct errand *errand;   /* NULL: it is done in one go */

	int ready;               /* as of station_ready */
	ssize_t got;             /* readings; -1: it failed */
	struct reading readings[PORT_POINTS];
	struct err why;
};

/* What a run asked for and has not got yet. */
struct job {
	struct port_request r;
	struct work *work;       /* its instrument is being waited for; else NULL */
	struct station *station;
	instant due;
	int32_t k;               /* readings taken */
	instant lost_since;      /* 0: the link is well */
};

struct port {
	uint32_t number;
	char *name;
	int cancel;
	pthread_t thread;

	/* the port thread's own */
	void *inbox;
	struct station **stations;
	size_t n_stations;
	struct client **clients;
	size_t n_clients;
	struct job *jobs;
	size_t n_jobs, cap_jobs;
	struct work work;        /* what is done in one go */
	instant looked;          /* into the inbox, and found it empty; 0: it is to be looked into now */
	instant look;            /* the next one at what nothing is asked of */
	bool quit;
};

struct station *port_station(const struct port *p, uint32_t number);
struct client *port_client(const struct port *p, uint32_t run);

/* port_jobs.c */
void job_new(struct port *p, const struct port_request *r);
void job_end(struct port *p, struct job *j, enum outcome o, const struct err *why);
void jobs_cancel(struct port *p, const struct port_request *r);
/* Ends jobs without a mark: the run that asked no longer waits for them.  s NULL: of every station. */
void jobs_drop(struct port *p, uint32_t run, const struct station *s, bool watches);
void jobs_retry(struct port *p, const struct station *s);      /* those that wait until it may be tried */
/* Nobody waits for this instrument any more: jobs that do begin anew. */
void jobs_halt(struct port *p, const struct station *s);
struct job *jobs_earliest(struct port *p);       /* whose turn it is; NULL: nothing can be done */
void job_work(struct port *p, struct job *j);    /* one exchange of it, or as far as its instrument is to be waited for */
/* Of what a person reads: the safe state is a question too, which nobody waits for here; and what
 * came of a question lets its job go on. */
void job_safe(struct port *p, const struct port_request *r);
void job_answer(struct port *p, struct station *s, const struct port_answer *a);

/* port_work.c.  One at a time of a station. */
struct work *work_begin(struct port *p, const struct job *j, instant at);
bool    work_go_on(struct work *w);              /* false: it is left until work_due */
instant work_due(const struct work *w);
void    work_end(struct work **w);               /* one that is left is cancelled */

#endif
