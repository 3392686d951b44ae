/* SPDX-License-Identifier: GPL-3.0-or-later
 * hislip.h - serves an instrument that speaks in lines over HiSLIP (IVI-6.1, protocol version 1.0, synchronous
 * mode): any number of clients, one of which may hold the lock.  Shared locks are not offered. */
#ifndef HISLIP_H
#define HISLIP_H

#include "outlet.h"
#include "talk.h"

/* device: the name clients must give it, "hislip0".  Takes the talk; the outlet stays the caller's and
 * must outlive the process's threads. */
int hislip_start(struct talk *t, struct outlet *o, const char *device, struct err *e);

#endif
