/* SPDX-License-Identifier: GPL-3.0-or-later
 * instant.h - moments.  A deadline is an instant on the monotonic clock, never a duration, so
 * one deadline can be handed down through any number of calls.  Records carry UTC as
 * nanoseconds since 1970 (POSIX time, leap seconds not counted) beside the instant.
 *
 * Tests replace the clock with instant_set_clock; nothing else reads one. */
#ifndef INSTANT_H
#define INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

typedef int64_t instant;              /* nanoseconds of CLOCK_MONOTONIC */

#define INSTANT_NEVER INT64_MAX
#define NS_PER_MS     INT64_C(1000000)
#define NS_PER_S      INT64_C(1000000000)
#define UTC_TEXT      32              /* "2026-11-24T03:39:22.123456789Z" and its NUL */

instant instant_now(void);
instant instant_after(int64_t ns);    /* saturates at INSTANT_NEVER */
instant instant_after_ms(int64_t ms);
int     instant_ms_left(instant by);  /* for poll: rounded up, 0 once passed, -1 for never */
bool    instant_passed(instant by);
void    instant_sleep_until(instant when);

int64_t utc_now(void);                /* nanoseconds of CLOCK_REALTIME */
char   *utc_format(int64_t ns, char text[UTC_TEXT]);
int     utc_parse(const char *text, int64_t *ns, struct err *e);

/* Identifies this boot of the machine: instants of two boots cannot be compared.  36 characters. */
const char *instant_boot(void);

struct clock {
	int64_t (*monotonic)(void);
	int64_t (*realtime)(void);
};
void instant_set_clock(const struct clock *c);   /* NULL restores the system's */

#endif
