/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const words[ERR_CODES] = {
	[ERR_NONE] = "none",           [ERR_TIMEOUT] = "timeout",     [ERR_CANCELLED] = "cancelled",
	[ERR_CLOSED] = "closed",       [ERR_PROTOCOL] = "protocol",   [ERR_INSTRUMENT] = "instrument",
	[ERR_IDENTITY] = "identity",   [ERR_CONFIG] = "config",       [ERR_STATE] = "state",
	[ERR_FULL] = "full",           [ERR_CORRUPT] = "corrupt",     [ERR_IO] = "io",
	[ERR_AWAITED] = "awaited",
	[ERR_WARM_UP] = "warm_up",
};

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char cause[sizeof e->text];
	va_list ap;
	size_t n;

	memcpy(cause, e->text, sizeof cause);
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof e->text - n, ": %s", cause);
	return -1;
}

const char *err_word(enum err_code code)
{
	return (unsigned)code < ERR_CODES ? words[code] : "unknown";
}
