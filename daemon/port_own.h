/* SPDX-License-Identifier: GPL-3.0-or-later
 * port_own.h - a port's inside, shared by the files of its thread only: port.c (the inbox and who
 * is served), port_jobs.c (what is to be done, in turn). */
#ifndef PORT_OWN_H
#define PORT_OWN_H

#include <pthread.h>

#include "person.h"
#include "port.h"
#include "station.h"

/* What a run asked for and has not got yet. */
struct job {
	struct port_request r;
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
	struct reading readings[PORT_POINTS];
	instant looked;          /* into the inbox, and found it empty; 0: it is to be looked into now */
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
struct job *jobs_earliest(struct port *p);       /* whose turn it is; NULL: nothing can be done */
void job_work(struct port *p, struct job *j);    /* one exchange of it */
/* Of what a person reads: the safe state is a question too, which nobody waits for here; and what
 * came of a question lets its job go on. */
void job_safe(struct port *p, const struct port_request *r);
void job_answer(struct port *p, struct station *s, const struct port_answer *a);

#endif
