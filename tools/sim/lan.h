/* SPDX-License-Identifier: GPL-3.0-or-later
 * lan.h - serves an instrument that speaks in lines over VXI-11 (revision 1.0): any number of clients,
 * each with links of its own, one of which may hold the lock.
 *
 * One port serves the portmapper, the core channel and the abort channel, so that it can be any port.
 * Interrupts go to the client's own host alone. */
#ifndef LAN_H
#define LAN_H

#include "outlet.h"
#include "talk.h"

/* device: the name clients must give it, "inst0".  Takes the talk; the outlet stays the caller's and
 * must outlive the process's threads. */
int lan_start(struct talk *t, struct outlet *o, const char *device, struct err *e);

#endif
