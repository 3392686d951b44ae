/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "escape.h"

#include <string.h>

static const char letters[] = "nrt\\", bytes_of_letters[] = "\n\r\t\\";

/* -1: not a hexadecimal digit. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Two digits at p, of n characters left; -1 if they are none. */
static int pair(const char *p, size_t n)
{
	if (n < 2 || digit(p[0]) < 0 || digit(p[1]) < 0)
		return -1;
	return 16 * digit(p[0]) + digit(p[1]);
}

/* One escape, whose backslash is at p.  Returns how long it is. */
static int take_escape(struct buf *out, const char *p, size_t n, struct err *e)
{
	const char *letter = n > 1 && p[1] ? strchr(letters, p[1]) : NULL;
	int value;

	if (letter) {
		buf_putc(out, bytes_of_letters[letter - letters]);
		return 2;
	}
	value = n > 1 && p[1] == 'x' ? pair(p + 2, n - 2) : -1;
	if (value < 0)
		return err_set(e, ERR_CONFIG, "'%.*s' is none of \\n \\r \\t \\\\ \\xNN", n < 4 ? (int)n : 4, p);
	buf_putc(out, (char)value);
	return 4;
}

int escape_parse(struct buf *out, const char *text, size_t n, struct err *e)
{
	for (size_t i = 0; i < n;) {
		unsigned char c = (unsigned char)text[i];
		int took = 1;

		if (c < ' ' || c > '~')
			return err_set(e, ERR_CONFIG, "a byte 0x%02X stands there; write it as \\x%02X", c, c);
		if (c == '\\')
			took = take_escape(out, text + i, n - i, e);
		else
			buf_putc(out, (char)c);
		if (took < 0)
			return -1;
		i += (size_t)took;
	}
	return 0;
}

int escape_parse_hex(struct buf *out, const char *text, size_t n, struct err *e)
{
	for (size_t i = 0; i < n;) {
		int value = text[i] == ' ' ? -1 : pair(text + i, n - i);

		if (text[i] == ' ') {
			i++;
			continue;
		}
		if (value < 0)
			return err_set(e, ERR_CONFIG, "'%.*s' is no pair of hexadecimal digits",
				       n - i < 2 ? (int)(n - i) : 2, text + i);
		buf_putc(out, (char)value);
		i += 2;
	}
	return 0;
}

static void write_byte(struct buf *out, unsigned char c, bool last)
{
	const char *p = c ? strchr(bytes_of_letters, c) : NULL;

	if (p)
		buf_printf(out, "\\%c", letters[p - bytes_of_letters]);
	else if (c < ' ' || c > '~' || (c == ' ' && last))
		buf_printf(out, "\\x%02X", c);
	else
		buf_putc(out, (char)c);
}

void escape_write(struct buf *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		write_byte(out, p[i], i + 1 == n);
}

void escape_write_hex(struct buf *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		buf_printf(out, i ? " %02X" : "%02X", p[i]);
}

bool escape_is_text(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	size_t strange = 0;

	for (size_t i = 0; i < n; i++)
		strange += (p[i] < ' ' && !(p[i] && strchr(bytes_of_letters, p[i]))) || p[i] > '~';
	return 4 * strange <= n;
}
