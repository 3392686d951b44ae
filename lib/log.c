/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_INTERVAL (10 * NS_PER_S)
#define LAST_INTERVAL  (3600 * NS_PER_S)

static const char *name = "etalon";
static enum log_level limit = LOG_INFO;

void log_set(const char *program, enum log_level most)
{
	name = program;
	limit = most;
}

__attribute__((format(printf, 2, 0)))
static void vline(enum log_level level, const char *fmt, va_list ap, const char *tail)
{
	char text[1024];
	size_t n = 0;

	if (level > limit)
		return;
	if (getenv("JOURNAL_STREAM"))
		n += (size_t)snprintf(text, sizeof text, "<%d>", level);
	n += (size_t)snprintf(text + n, sizeof text - n, "%s: ", name);
	vsnprintf(text + n, sizeof text - n, fmt, ap);
	dprintf(STDERR_FILENO, "%s%s\n", text, tail);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vline(level, fmt, ap, "");
	va_end(ap);
}

void log_complain(struct complaint *c, const char *fmt, ...)
{
	char tail[64] = "";
	va_list ap;

	if (c->trouble && !instant_passed(c->next)) {
		c->held_back++;
		return;
	}
	c->interval = !c->trouble ? FIRST_INTERVAL
		: 2 * c->interval > LAST_INTERVAL ? LAST_INTERVAL : 2 * c->interval;
	c->trouble = true;
	c->next = instant_after(c->interval);
	if (c->held_back)
		snprintf(tail, sizeof tail, " (%u more like this)", c->held_back);
	c->held_back = 0;
	va_start(ap, fmt);
	vline(LOG_WARNING, fmt, ap, tail);
	va_end(ap);
}

void log_release(struct complaint *c, const char *fmt, ...)
{
	va_list ap;

	if (!c->trouble)
		return;
	*c = (struct complaint){ 0 };
	va_start(ap, fmt);
	vline(LOG_NOTICE, fmt, ap, "");
	va_end(ap);
}
