/* SPDX-License-Identifier: GPL-3.0-or-later
 * controller.h - plays a GPIB controller that talks as Prologix's do, with instruments on its bus, on TCP or on
 * a terminal (the manual of GPIB-ETHERNET, 2013-05-14).
 *
 * It carries out one line after the other.  An instrument's answer waits in the instrument until the
 * controller lets it talk; a late one is not ready before its time. */
#ifndef SIM_CONTROLLER_H
#define SIM_CONTROLLER_H

#include "gpib.h"
#include "outlet.h"
#include "talk.h"

struct controller;

/* The outlet stays the caller's and must outlive the process's threads. */
struct controller *controller_new(struct outlet *o);
/* Takes the talk.  ERR_CONFIG: another instrument has the address. */
int  controller_add(struct controller *c, struct talk *t, const struct gpib *at, struct err *e);
int  controller_start(struct controller *c, struct err *e);

#endif
