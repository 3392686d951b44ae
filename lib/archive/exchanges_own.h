/* SPDX-License-Identifier: GPL-3.0-or-later
 * exchanges_own.h - what the files of exchanges.h share, and nobody else. */
#ifndef EXCHANGES_OWN_H
#define EXCHANGES_OWN_H

#include "exchanges.h"

struct kept {                          /* an exchange on record */
	char *id;                      /* NULL: none yet */
	struct buf sent, received;     /* received: its beginning, where it is long */
	int64_t length;                /* of all that was received */
	bool counts;                   /* how many numbers an array has; otherwise it measures */
};

/* A reading, its channel and its exchange. */
struct claim {
	const struct exchanges *x;
	const struct model *model;
	const struct point *p;
	const struct record *r;
	const struct kept *k;
	int64_t field;                 /* 0: not stated */
};

void claim_say(const struct claim *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Were its registers read there, and is this what they held? */
void claim_check_registers(const struct claim *c, struct span raw);

#endif
