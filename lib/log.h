/* SPDX-License-Identifier: GPL-3.0-or-later
 * log.h - one line to stderr, with the service manager's priority prefix when it listens.
 *
 * Only programs log (daemon/, tools/); lib/ and drivers/ return errors.  What a certificate
 * rests on goes to the journal of the run, not here. */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

#include "instant.h"

enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_NOTICE = 5, LOG_INFO = 6, LOG_DEBUG = 7 };

void log_set(const char *program, enum log_level most);
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Complain and release: trouble speaks at once, then at growing intervals, and says when it
 * is over.  One struct complaint per thing that can be in trouble, zeroed at first. */
struct complaint {
	bool trouble;
	unsigned held_back;
	instant next;
	int64_t interval;
};

void log_complain(struct complaint *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_release(struct complaint *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
