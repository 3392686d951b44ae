/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

static const char *const words[ERR_CODES] = {
	[ERR_NONE] = "none",           [ERR_TIMEOUT] = "timeout",     [ERR_CANCELLED] = "cancelled",
	[ERR_CLOSED] = "closed",       [ERR_PROTOCOL] = "protocol",   [ERR_INSTRUMENT] = "instrument",
	[ERR_IDENTITY] = "identity",   [ERR_CONFIG] = "config",       [ERR_STATE] = "state",
	[ERR_FULL] = "full",           [ERR_CORRUPT] = "corrupt",     [ERR_IO] = "io",
	[ERR_AWAITED] = "awaited",
	[ERR_WARM_UP] = "warm_up",
};

/* How many bytes the character at p has; 0: it is none of UTF-8. */
static size_t character(const char *p)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

	return strnlen(p, n) == n && json_is_utf8(p, n) ? n : 0;
}

/* A sentence may quote a command, whose bytes are any: those that are no text are written \xNN. */
static void spell_bytes(char text[static ERR_TEXT])
{
	char copy[ERR_TEXT];
	size_t at = 0, n;

	if (json_is_utf8(text, strlen(text)))
		return;
	memcpy(copy, text, sizeof copy);
	for (const char *p = copy; *p && at + 5 < sizeof copy; p += n ? n : 1) {
		n = character(p);
		if (n)
			memcpy(text + at, p, n);
		else
			snprintf(text + at, 5, "\\x%02X", (unsigned char)*p);
		at += n ? n : 4;
	}
	text[at] = '\0';
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	spell_bytes(e->text);
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
	spell_bytes(e->text);
	return -1;
}

const char *err_word(enum err_code code)
{
	return (unsigned)code < ERR_CODES ? words[code] : "unknown";
}
