/* SPDX-License-Identifier: GPL-3.0-or-later
 * slave.h - serves instruments that speak Modbus: the units of one line (RTU, ASCII), of such a line behind a
 * terminal server, or of a Modbus TCP address.
 *
 * A terminal is not a socket, so its session (session.h) sits behind a pair of them and a relay: that lets us look
 * at the unit of a request before libmodbus receives it, and several units share a line. */
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
