/* SPDX-License-Identifier: GPL-3.0-or-later
 * gpib.h - addresses on a GPIB (IEEE 488.1), and the controllers behind which they are.
 *
 *     22       primary address 22
 *     22,3     its secondary address 3, counted from 0 as VISA does: 99 on the bus
 *
 * A resource string such as GPIB0::22::INSTR names a board and not where that is.  A bench file says
 * which controller a board is; then the address becomes a plain one behind that controller. */
#ifndef GPIB_H
#define GPIB_H

#include <stdbool.h>

#include "err.h"

#define GPIB_SECONDARY_BASE 96           /* what the bus adds to a secondary address */

struct gpib { int primary, secondary; };  /* primary -1: not on a GPIB; secondary -1: none */

/* ERR_CONFIG. */
int   gpib_parse(struct gpib *g, const char *text, struct err *e);
bool  gpib_same(const struct gpib *a, const struct gpib *b);

/* The number of the board of "gpib:0/22" or "gpib:0/22/3"; -1 for any other text. */
int   gpib_board(const char *plain);
/* That address behind its controller: "prologix://192.0.2.5/22" for "prologix://192.0.2.5", and
 * "vxi11://192.0.2.6/gpib0,22" for "vxi11://192.0.2.6/gpib0".  NULL: it is no such controller (ERR_CONFIG).  The
 * caller frees it. */
char *gpib_behind(const char *controller, const char *plain, struct err *e);

#endif
