/* SPDX-License-Identifier: GPL-3.0-or-later
 * power.h - what a power-on of an instrument means, however it is noticed: it is put on record and remembered, and
 * the instrument is not believed before it has warmed up (rule 4).  For drivers. */
#ifndef POWER_H
#define POWER_H

#include "instrument.h"

int power_recall(struct instrument *in, struct err *e);          /* its past, once */
int power_remember(struct instrument *in, struct err *e);
int power_noticed(struct instrument *in, struct err *e);         /* now */
/* ERR_WARM_UP until its time is over; sets when that is. */
int power_warm(struct instrument *in, struct err *e);

#endif
