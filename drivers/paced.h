/* SPDX-License-Identifier: GPL-3.0-or-later
 * paced.h - manners of a line that hold over any way to it: a serial port, a pseudo-terminal, a serial
 * server reached by TCP.
 *
 * Old instruments lose characters that come too fast; half-duplex lines need a moment to turn round;
 * two-wire adapters and some instruments repeat whatever is sent; some instruments wake only from a
 * break.  An echo is read back at once and compared byte for byte: one that differs means that
 * somebody else spoke at the same time or that the line is bad, and the exchange has failed. */
#ifndef PACED_H
#define PACED_H

#include "transport.h"

/* Where the line asks for any of this, puts it above *t and *state, which it takes over. */
void paced_over(const struct transport **t, void **state, const struct line *line);

#endif
