/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_bus.h - a Modbus line (RTU, ASCII), the same behind a terminal server, or a connection (TCP), shared by the
 * units on it.
 *
 * Frames are modbus_frame.h's; this owns connecting, deadlines that dribbled bytes do not stretch, cancelling, and
 * staying in step.  On a line an old answer fits every later question of the same form.  So after a failed exchange the
 * bus is silent before the next request goes out: for the latency of the unit that was asked, as it alone may still
 * answer; for the slowest unit's where bytes came that nobody can be held to.  Bytes that are there before a request
 * or behind its reply are such a failure.
 *
 * What a line cannot show: a second copy of a reply that arrives after the next request has left.  Requests of RTU leave
 * no sooner than 3.5 characters after the last byte (MODBUS over Serial Line V1.02, 2.5.1.1), also behind a terminal
 * server, whose line has the address's or the model file's baud rate.  A bus belongs to one thread. */
#ifndef MODBUS_BUS_H
#define MODBUS_BUS_H

#include <stddef.h>
#include <stdint.h>

#include "modbus_frame.h"
#include "transport.h"

struct unit {                            /* who is asked, and how it wants to be */
	int number;
	int64_t latency_ns;              /* longest it may ever take to answer */
	int64_t turnaround_ns;           /* silence it needs before a request */
};

/* Safe state: cancel is ignored, and at first no silence is waited for either. */
enum urgency { BUS_ORDINARY, BUS_UNCANCELLED, BUS_AT_ONCE };

struct bus;

struct bus *bus_new(const char *resolved, const struct line *line, int cancel);    /* of one user */
struct bus *bus_share(struct bus *b);                                               /* one more */
void     bus_free(struct bus **b);                                                  /* one less */
void     bus_latency(struct bus *b, int64_t ns);        /* of one of its units: the slowest counts */
int64_t  bus_patience(const struct bus *b, const struct unit *u);                   /* most that bus_ready may take */
int      bus_connect(struct bus *b, instant by, struct err *e);                     /* if need be */
void     bus_disconnect(struct bus *b);
unsigned bus_generation(const struct bus *b);           /* another number after every connect */
int      bus_look(const struct bus *b, struct err *e);  /* is it still connected?  ERR_CLOSED; asks nothing */
void     bus_distrust(struct bus *b);                   /* silence before the next request */
void     bus_urgent(struct bus *b, enum urgency u);
bool     bus_busy(const struct bus *b);                 /* the last exception means: not yet */
size_t   bus_stray(struct bus *b);                      /* bytes thrown away since last asked, that came late */
size_t   bus_unasked(struct bus *b);                    /* and that came while no answer was owed */
/* Waits for the silence that a failure before made necessary, and between frames.  bus_transact
 * does so too; beforehand, it is no part of an exchange's time. */
int      bus_ready(struct bus *b, const struct unit *u, instant by, struct err *e);

/* One request (function code and data) and its reply, of at most PDU_MAX bytes; returns how
 * many.  ERR_INSTRUMENT: an exception, with its name; ERR_TIMEOUT also where a gateway says that
 * its unit does not answer. */
ssize_t  bus_transact(struct bus *b, const struct unit *u, const uint8_t *request, size_t n, uint8_t reply[PDU_MAX],
		      instant by, struct err *e);

#endif
