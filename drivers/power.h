/* SPDX-License-Identifier: GPL-3.0-or-later
 * power.h - what a power-on of an instrument means, however it is noticed: it is put on record and remembered, and
 * the instrument is not believed before it has warmed up (rule 4).  For drivers.
 *
 * When a power-on is noticed it may be long ago: nobody had asked.  Without a better word it counts as
 * just now; a person who knows better may say since when it has been on. */
#ifndef POWER_H
#define POWER_H

#include "instrument.h"

int power_recall(struct instrument *in, struct err *e);          /* its past, once */
int power_remember(struct instrument *in, struct err *e);
int power_noticed(struct instrument *in, struct err *e);         /* now */
int power_unnoticed(struct instrument *in, struct err *e);       /* it was asked, and none has been since */
/* ERR_WARM_UP until its time is over; sets when that is. */
int power_warm(struct instrument *in, struct err *e);
/* A person says since when it is on: as instrument_since. */
int power_stated(struct instrument *in, int64_t since, const char *by, struct err *e);
int64_t power_since(const struct past *p);       /* UTC, since when it is on, as far as is known; 0: not at all */

#endif
