/* SPDX-License-Identifier: GPL-3.0-or-later
 * status.h - the status registers of a simulated instrument that speaks SCPI (IEEE 488.2, chapter 11): what
 * has happened, which of it shows in the status byte, and what of that requests service.
 *
 *     *ESE n  *ESE?  *ESR?  *SRE n  *SRE?  *STB?  *OPC
 *
 * *OPC waits for what takes time (status_begin) without keeping anybody waiting. */
#ifndef STATUS_H
#define STATUS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "instant.h"
#include "mem.h"

enum { STATUS_ERRORS = 0x04, STATUS_MESSAGE = 0x10, STATUS_EVENTS = 0x20, STATUS_SERVICE = 0x40 };

struct status {
	pthread_mutex_t lock;
	unsigned events, events_shown;   /* *ESR, *ESE */
	unsigned service;                /* *SRE */
	unsigned cleared;                /* how often events were taken away */
	bool completing;                 /* *OPC was said and is not true yet */
	instant busy;                    /* until then */
};

void status_init(struct status *s);
void status_power_on(struct status *s);
void status_begin(struct status *s, int64_t ns);             /* something that takes so long */
bool status_busy(struct status *s);
instant status_over(struct status *s);                       /* when it is, or was */
void status_finish(struct status *s);                        /* waits until then */
void status_error(struct status *s, const char *text);       /* of an error queue: "-113,..." */
void status_clear(struct status *s);                         /* *CLS */

/* The byte without bit 6.  message: an answer waits to be read; errors: the queue is not empty. */
uint8_t status_byte(struct status *s, bool message, bool errors);
/* Carries a command of the list above out; its answer goes to out.  0: one without an answer, 1: with
 * one, -1: it is none of them. */
int  status_line(struct status *s, const char *line, size_t n, bool errors, struct buf *out);

/* Bit 6 as one client sees it: set when service is first requested, until it asks.  What comes after a clear is a
 * new request, even where nobody looked in between. */
struct service {
	bool summary, requested;
	unsigned cleared;
};
/* true: the request begins now. */
bool    service_begins(struct service *v, struct status *s, uint8_t byte);
uint8_t service_poll(struct service *v, struct status *s, uint8_t byte);

#endif
