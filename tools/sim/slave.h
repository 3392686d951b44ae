/* SPDX-License-Identifier: GPL-3.0-or-later
 * slave.h - serves instruments that speak Modbus: the units of one RTU line or TCP address.
 *
 * libmodbus receives and answers.  It is handed the registers of the unit, filled from the world
 * for each request (image.h).  A line's master is not a socket, so libmodbus sits behind a pair of
 * them and a relay: that lets us look at the unit of a request before it is received, and
 * several units share a line.  Only a frame that a fault has spoiled is sent by us. */
#ifndef SLAVE_H
#define SLAVE_H

#include "device.h"
#include "outlet.h"

struct slaves;

/* The outlet stays the caller's and must outlive the process's threads. */
struct slaves *slaves_new(struct outlet *o);
/* ERR_CONFIG: another instrument of this line has the unit, or registers cannot be played. */
int  slaves_add(struct slaves *s, struct device *d, int unit, struct err *e);
int  slaves_start(struct slaves *s, struct err *e);

#endif
