/* SPDX-License-Identifier: GPL-3.0-or-later
 * exchanges.h - is a reading what was asked for?
 *
 * A reading that shares its reply with others, or whose question named the inputs, names its exchange.  That one is on
 * record before it, had this very reply, and asked the question of the reading's channel; where the question listed
 * inputs, the field that the reading was cut from is that of the channel's input.  So a reading of input 2 on record as
 * one of input 1 is found.  Of registers it read those of the channel, and they held what the reading rests on
 * (exchanges_modbus.c).  An array whose model file asks how many numbers it must have names the exchange that said so.
 * Only exchanges that measure or count are kept, and of those the newest: a reading follows its own at
 * once. */
#ifndef EXCHANGES_H
#define EXCHANGES_H

#include "members.h"
#include "model.h"
#include "report.h"

struct exchanges;

struct exchanges *exchanges_new(struct archive_report *report);
void exchanges_add(struct exchanges *x, struct members *m);      /* the members of an exchange's record */
/* raw: what the record says the instrument said. */
void exchanges_check(const struct exchanges *x, const struct model *model, const struct point *p,
		     const struct record *r, struct members *m);
/* Has the array as many numbers as the instrument said?  Of a journal from before arrays named that exchange: did it say so? */
void exchanges_check_count(const struct exchanges *x, const struct model *model, const struct point *p,
			   const struct record *r, struct members *m);
void exchanges_free(struct exchanges **x);

#endif
