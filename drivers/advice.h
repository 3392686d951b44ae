/* SPDX-License-Identifier: GPL-3.0-or-later
 * advice.h - what a person may look at where nobody has ever answered.
 *
 * "Connection refused" and "timed out" are what a computer saw.  Behind an address that was just written into a bench
 * file there are few causes, other ones for each way to an instrument; they are put behind the error as a question.  Once
 * an instrument has served, its address is right, and a failure stands alone. */
#ifndef ADVICE_H
#define ADVICE_H

#include <stdbool.h>

#include "err.h"

/* address: with its host as a number, or as it is written.  reached: there is a connection, but what was asked was not
 * answered.  Only where it may help (ERR_TIMEOUT, ERR_CLOSED, ERR_PROTOCOL, ERR_IO), and where it fits whole. */
void advice_add(const char *address, bool reached, struct err *e);

#endif
