/* SPDX-License-Identifier: GPL-3.0-or-later
 * prologix_parts.h - a GPIB controller that is told what to do in lines that begin with "++", as Prologix's
 * GPIB-ETHERNET (manual of 2013-05-14) and GPIB-USB (manual 6.107) and their copies such as AR488 are.
 * For prologix*.c and their tests alone; prologix.c says how instruments are reached through it.
 *
 * It carries out one line after the other, so that its answer to a question of our own proves that
 * everything before is done with, and whatever comes before that answer belongs to what was before.
 * The question has a number that is new each time, which no instrument will say by chance. */
#ifndef PROLOGIX_PARTS_H
#define PROLOGIX_PARTS_H

#include "mem.h"
#include "transport.h"

#define PROLOGIX_EOT 4                   /* put by the controller behind the last byte of a message, where EOI was */
#define PROLOGIX_LINE 256                /* of its own answers */

struct prologix {
	const struct transport *t;       /* how it is reached itself */
	void *state;
	struct gpib at;                  /* the instrument that is spoken to */
	uint32_t used;                   /* primary addresses that were */
	bool keeps_settings;             /* ++savecfg 0 keeps it from wearing its memory out */

	bool torn;                       /* a line was sent in part */
	bool asked;                      /* ++read is under way */
	instant over;                    /* and has ended by then */
	bool unfinished;                 /* a message has begun, and its end has not come */
	bool held;                       /* what came last is the mark of the end, or a byte that looks like it */
	bool unasked;                    /* something has come though nobody was let talk: it is handed on as it is */
	int patience_ms;                 /* its read_tmo_ms; 0: not known */
	unsigned flushes;
	struct buf address, out, in;     /* address: the line that addresses it */
};

/* Lines to be sent together: begin, put, send. */
void prologix_turn_to(struct prologix *p, const struct gpib *at);         /* the instrument that is spoken to */
void prologix_begin(struct prologix *p);
void prologix_address(struct prologix *p);                               /* of the instrument in hand */
void prologix_data(struct prologix *p, const char *data, size_t n);      /* escaped; for that instrument */
int  prologix_send(struct prologix *p, int cancel, instant by, struct err *e);
/* Sends, and reads so many lines of answer, without '\r'. */
int  prologix_ask(struct prologix *p, unsigned lines, char answer[PROLOGIX_LINE], int cancel, instant by,
		  struct err *e);

/* Which controller it is, and its settings as we need them. */
int  prologix_greet(struct prologix *p, int cancel, instant by, struct err *e);
/* Throws away what it still says of before; how many bytes.  ERR_CLOSED: it does not answer. */
ssize_t prologix_flush(struct prologix *p, int cancel, instant by, struct err *e);
/* It may have been switched off and on, and its settings be those it had kept. */
int  prologix_check(struct prologix *p, int cancel, instant by, struct err *e);

/* Over a transport that is open already; for tests. */
struct prologix *prologix_over(const struct transport *t, void *state);

#endif
