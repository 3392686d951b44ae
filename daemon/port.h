/* SPDX-License-Identifier: GPL-3.0-or-later
 * port.h - a port thread: the only speaker on one bus that can block.
 *
 * A socket, a serial line, a Modbus line with its units, is one port.  Instruments at it are
 * its stations.  It serves jobs - attach, set, measure, watch - in the order they fall due,
 * one exchange at a time, so that several instruments and runs take fair turns; a request for
 * the safe state goes before everything and cancels the exchange in hand.  Where an instrument has
 * to be waited for, poll by poll, its neighbours have their turns between the polls (errand.h).
 *
 * A failed exchange detaches the station (rule 4).  It is attached again at once, then at
 * growing intervals, for ever; a job of a step gives up when its `loss` has passed.  Connections of
 * which nothing is asked are looked at, so that one that was closed is on record within a second, and a run knows
 * when what it set may be set no longer.  Readings go to the journals of the runs that asked, as long as there is
 * credit.
 *
 * An instrument that a person reads is a port of its own (person.h).  Its jobs wait for answers
 * as they wait for their time: the thread itself never does. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "keyed.h"

#define PORT_POINTS 16           /* channels of one instrument in one request */

enum port_what {
	PORT_BIND,               /* a station serves a run from now on */
	PORT_RELEASE,            /* no longer; its last user closes the link; marked: nothing of it follows */
	PORT_FORGET,             /* the run has no station here any more, and has seen the marks */
	PORT_ATTACH,             /* connect, prove identity and state, unless it is connected and proven; marked */
	PORT_SET,                /* marked */
	PORT_CONFIRM,            /* it is in its state still, and reads back all that was set; marked, OUTCOME_REFUSED if not */
	PORT_MEASURE,            /* count readings at an interval, or until PORT_CANCEL; marked */
	PORT_CANCEL,             /* ends the job of that request; marked OUTCOME_CANCELLED */
	PORT_WATCH,              /* readings every interval until PORT_RELEASE */
	PORT_SAFE,               /* jobs of the run end unmarked; safe state; ACK_SAFE */
	PORT_ANSWER,             /* a person has answered a question, or confirms an answer (struct port_answer) */
	PORT_SINCE,              /* a person says since when an instrument has been on (struct port_since) */
	PORT_CREDIT,             /* bytes of the run's records have become durable */
	PORT_QUIT,
};

struct setup;

struct port_request {
	enum port_what what;
	uint32_t run, station;
	uint64_t request;
	instant start;           /* measure: instant of reading 0 */
	int64_t interval_ns;     /* 0: back to back */
	int64_t count;           /* measure; 0: until cancelled */
	int64_t bound_ns;        /* how long a lost link may cost; safe: its bound */
	int64_t credit;
	double value;            /* set: in the quantity's unit */
	int32_t point, attempt, step;
	char point_name[64];     /* for people */
	uint64_t asked;          /* bind: questions that were asked in the run's former lives */
	bool settle;
	uint32_t n;
	uint16_t points[PORT_POINTS];    /* indices in the model file */
	uint32_t tags[PORT_POINTS];      /* the run's numbers of the channels */
	double nominals[PORT_POINTS];    /* what the point sets of that quantity, in its unit; NAN: nothing */
	struct setup *setup;     /* bind: a share of it, handed over */
	uint32_t role;           /* bind: index in the bench file */
	bool shared;
};

/* What a person says to a question of a station; the main thread sends it, and hears what became
 * of it under its ticket (scribe_tell). */
enum answer_what { ANSWER_GIVE, ANSWER_CONFIRM, ANSWER_REJECT, ANSWER_FILE };

#define QUESTION_ID 48

struct port_answer {
	struct port_request request;     /* PORT_ANSWER, station */
	enum answer_what what;
	uint64_t ticket;
	char question[QUESTION_ID];
	struct keyed keyed;              /* of a confirmation: by and reason; of a file: raw is its name */
	uint32_t more;                   /* of a file: bytes that follow */
};

/* What a person says of an instrument: it has been on since. */
struct port_since {
	struct port_request request;     /* PORT_SINCE, run, station */
	uint64_t ticket;                 /* as of an answer */
	int64_t since_ns;                /* UTC */
	char by[KEYED_NAME];
	char reason[KEYED_REASON];
};

struct port;

void port_start(struct port **p, uint32_t number, const char *name);
int  port_cancel(const struct port *p);          /* the descriptor for port_line_open */
void port_stop(struct port **p);

/* A thread's way to a port; each thread has its own. */
struct port_line { void *outlet; int cancel; };

void port_line_open(struct port_line *l, uint32_t port, int cancel);
void port_line_close(struct port_line *l);
void port_send(struct port_line *l, const struct port_request *r);
void port_send_answer(struct port_line *l, const struct port_answer *a, const char *more);
void port_send_since(struct port_line *l, const struct port_since *s);
void port_interrupt(struct port_line *l, const struct port_request *r);  /* and breaks the wait in hand */

#endif
