/* SPDX-License-Identifier: GPL-3.0-or-later
 * recollection.h - what is known of an instrument beyond runs and restarts: when its power-on was noticed, since when a
 * person says it is on, whether what it undid is still owed, when and at what temperature it calibrated itself.
 *
 * One small file for each instrument, STATE/instruments/MODEL-SERIAL, replaced whole and durable when
 * the call returns.  Without it a restart within a warm-up would believe a cold instrument. */
#ifndef RECOLLECTION_H
#define RECOLLECTION_H

#include "instrument.h"

/* *p is left as it is where nothing is known of the instrument.  ERR_CORRUPT: the file is not one. */
int recollection_load(const char *state, const struct instrument *in, struct past *p, struct err *e);
int recollection_save(const char *state, const struct instrument *in, const struct past *p, struct err *e);

#endif
