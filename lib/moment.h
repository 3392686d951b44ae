/* SPDX-License-Identifier: GPL-3.0-or-later
 * moment.h - a date and a time of day as an instrument says it, by its own clock.
 *
 * Six numbers: year (four digits), month, day, hour, minute, second, the last perhaps with a fraction, which is
 * dropped.  What stands between them does not matter: "+2026,+11,+24;14,05,33.000", "2026-11-24T14:05:33".  A clock says
 * nothing of its zone: only two moments of the same clock can be compared. */
#ifndef MOMENT_H
#define MOMENT_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Seconds since 1970 of that clock.  ERR_PROTOCOL: it is none, or there is no such day. */
int moment_parse(const char *text, size_t n, int64_t *seconds, struct err *e);

#endif
