/* SPDX-License-Identifier: GPL-3.0-or-later
 * control.h - commands to the daemon (docs/control.md): one table, JSON in, JSON out. */
#ifndef CONTROL_H
#define CONTROL_H

#include "house.h"

int  control_start(struct house *h, struct err *e);
void control_serve(struct house *h);             /* answers what has arrived */
void control_stop(struct house *h);

#endif
