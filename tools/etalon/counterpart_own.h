/* SPDX-License-Identifier: GPL-3.0-or-later
 * counterpart_own.h - the inside of a counterpart: counterpart.c (the instrument's part, in its thread) and
 * counterpart_link.c (the transport that the driver has, in the driver's). */
#ifndef COUNTERPART_OWN_H
#define COUNTERPART_OWN_H

#include <pthread.h>

#include "counterpart.h"

struct counterpart {
	bool modbus;
	int listening, fd;               /* -1: none */
	int driver_end;                  /* lines: until a link has it */
	int wanted;                      /* eventfd: the driver waits for bytes, and none are there */
	int over;                        /* eventfd: the driver has come back */
	bool grace_used;
	char address[64];
	uint8_t transaction[2];
	struct buf frame;                /* Modbus: what is no whole request yet */
	struct buf heard;                /* not yet compared */
	const struct turn *turn;
	pthread_t thread;
	struct difference difference;

	bool knows_beside;               /* the transport has a status byte, service requests and a trigger */
	int asked, told;                 /* eventfds: the driver wants one of them; it has got it */

	pthread_mutex_t lock;            /* over what the transport looks at */
	enum saying_kind wants;          /* SAYING_BYTES: none */
	uint8_t status;                  /* of the answer */
	bool hung_up;
	uint64_t written, *ends;         /* counted from the beginning; where messages end */
	size_t n_ends;
	uint64_t taken;                  /* the driver's */
};

/* counterpart_link.c */
extern const struct transport counterpart_plain, counterpart_bus;   /* without and with what is beside messages */
/* What the driver waits for; SAYING_BYTES: nothing of that sort. */
enum saying_kind counterpart_wanted(struct counterpart *c);
/* Gives it to the driver; or lets it go because the counterpart has hung up. */
void counterpart_tell(struct counterpart *c, uint8_t status);
void counterpart_hang_up(struct counterpart *c);
void counterpart_forget(int eventfd);            /* what has been written to it so far */

#endif
