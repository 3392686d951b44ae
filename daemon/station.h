/* SPDX-License-Identifier: GPL-3.0-or-later
 * station.h - an instrument at its port: whom it serves, whether it is believed, what of it
 * goes on record.  Belongs to the port's thread. */
#ifndef STATION_H
#define STATION_H

#include "complaint.h"
#include "entry.h"
#include "instrument.h"
#include "port.h"
#include "setup.h"

/* A run that somebody at this port serves: the way to its journal. */
struct client {
	uint32_t run;
	unsigned stations;
	struct scribe scribe;
	void *to_run;
};

/* A station's service to one run, under the name it has there. */
struct service {
	struct client *client;
	char *role;
};

struct person;
struct errand;

struct station {
	uint32_t number, port;
	bool shared;
	struct setup *setup;
	struct instrument *instrument;
	struct service *services;
	size_t n;
	const struct service *asking;    /* whose exchange is in hand; NULL: everybody's */
	struct errand *errand;           /* that it is on; NULL: it is not to be left */
	struct person *person;           /* who reads it (person.h); NULL: it is on a wire */

	bool lost;                       /* said to the runs */
	bool doubted;                    /* likewise, that what it sources may not have been there; since it was last found */
	struct err why;                  /* its last failure */
	instant next_try;                /* not to be attached before */
	int64_t interval;
	int64_t warm_since;              /* UTC of the power-on whose warm-up has been said; 0: none */
	struct complaint unasked, late;  /* bytes that came when they should not */
	void *to_main;
};

struct station *station_new(uint32_t port, const struct port_request *bind, struct instrument *sibling,
			    int cancel, struct err *e);
void station_serve(struct station *s, struct client *c, const char *role);
void station_leave(struct station *s, uint32_t run);
const struct service *station_service(const struct station *s, uint32_t run);
void station_free(struct station **s);

const struct point *station_point(const struct station *s, unsigned index);
int64_t station_arming(const struct station *s, const struct port_request *r);   /* point_arming of the longest */

/* Attaches if need be and if it may be tried by now; 1 attached, 0 not yet, -1 failed.  grace_ns: on top of what
 * that may take. */
int station_ready(struct station *s, int64_t grace_ns, struct err *e);
/* After a failed exchange: says so once, sets the time of the next try; where the connection is gone, a run for which
 * it holds a setting is told that what it measures may be in doubt (ACK_DOUBT). */
void station_failed(struct station *s, const struct err *why);
/* Where nothing is asked of it just now: is it still connected?  If not, as station_failed. */
void station_look(struct station *s);
/* Puts bytes that nobody asked for, and those that came too late, on record. */
void station_note_stray(struct station *s);
/* A person says since when it has been on; on record in the runs it serves.  It may be tried at once then. */
int station_since(struct station *s, const struct port_since *p, struct err *e);
/* Safe state, confirmed or an alarm; on record in the runs it serves, and told to the run. */
void station_safe(struct station *s, const struct port_request *r);
/* The same in two steps: tries; says what came of it.  tell: the run too. */
int  station_make_safe(struct station *s, const struct port_request *r, struct err *e);
void station_say_safe(struct station *s, const struct port_request *r, const struct err *why, bool tell);

#define EXCHANGE_ID 48
/* The identity of an exchange in the records of a run. */
void station_exchange_id(char id[EXCHANGE_ID], const struct service *to, unsigned number);

/* station_record.c: writes a reading to the run of a service; r gives point, attempt, step, tag.  An array goes
 * in as many records as it needs. */
void station_record(const struct service *to, const struct port_request *r, unsigned i, int32_t k,
		    const struct reading *reading);

#endif
