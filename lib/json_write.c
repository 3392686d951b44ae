/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json.h"

#include <math.h>

#include "json_scan.h"
#include "number.h"

static const char hex_digit[] = "0123456789abcdef";

void json_key(struct buf *b, const char *key)
{
	size_t n = strlen(key);
	char *p;

	buf_reserve(b, n + 4);
	p = b->data + b->len;
	if (b->len == 0 || p[-1] != '{')
		*p++ = ',';
	*p++ = '"';
	memcpy(p, key, n);
	memcpy(p + n, "\":", 3);
	b->len = (size_t)(p + n + 2 - b->data);
}

static void put_escape(struct buf *b, unsigned char c)
{
	static const char name[] = "btn?fr";      /* 0x08 to 0x0d */
	char text[6] = { '\\', 'u', '0', '0', hex_digit[c >> 4], hex_digit[c & 15] };

	if (c == '"' || c == '\\')
		text[1] = (char)c;
	else if (c >= 0x08 && c <= 0x0d && c != 0x0b)
		text[1] = name[c - 0x08];
	buf_add(b, text, text[1] == 'u' ? 6 : 2);
}

/* A string whose bytes from 0x80 on are put by `high`, which returns how many it has taken. */
static void put_string(struct buf *b, const char *s, size_t n,
		       size_t (*high)(struct buf *b, const char *s, size_t n))
{
	buf_reserve(b, n + 2);
	buf_putc(b, '"');
	for (size_t i = 0; i < n;) {
		size_t run = plain_length(s + i, n - i);

		buf_add(b, s + i, run);
		i += run;
		if (i == n)
			break;
		if ((unsigned char)s[i] < 0x80)
			put_escape(b, (unsigned char)s[i++]);
		else
			i += high(b, s + i, n - i);
	}
	buf_putc(b, '"');
}

static size_t put_utf8(struct buf *b, const char *s, size_t n)
{
	size_t length = utf8_length((const unsigned char *)s, n);

	if (length)
		buf_add(b, s, length);
	else
		buf_puts(b, "\xef\xbf\xbd");      /* U+FFFD: what is written stays readable */
	return length ? length : 1;
}

/* Byte c as character U+00c. */
static size_t put_byte(struct buf *b, const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	(void)n;
	buf_add(b, (char[]){ (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)) }, 2);
	return 1;
}

void json_textn(struct buf *b, const char *s, size_t n)
{
	put_string(b, s, n, put_utf8);
}

void json_text(struct buf *b, const char *s)
{
	if (s)
		json_textn(b, s, strlen(s));
	else
		buf_puts(b, "null");
}

void json_bytes(struct buf *b, const void *raw, size_t n)
{
	put_string(b, raw, n, put_byte);
}

size_t json_int_text(int64_t v, char text[JSON_INT_TEXT])
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324252627282930313233343536373839"
		"40414243444546474849505152535455565758596061626364656667686970717273747576777879"
		"8081828384858687888990919293949596979899";
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char digits[JSON_INT_TEXT], *p = digits + sizeof digits;
	size_t n;

	for (; rest >= 100; rest /= 100)
		memcpy(p -= 2, pairs + 2 * (rest % 100), 2);
	if (rest >= 10)
		memcpy(p -= 2, pairs + 2 * rest, 2);
	else
		*--p = (char)('0' + rest);
	if (v < 0)
		*--p = '-';
	n = (size_t)(digits + sizeof digits - p);
	memcpy(text, p, n);
	return n;
}

void json_int(struct buf *b, int64_t v)
{
	char text[JSON_INT_TEXT];

	buf_add(b, text, json_int_text(v, text));
}

void json_number(struct buf *b, double v)
{
	char text[NUMBER_TEXT];

	if (isfinite(v))
		buf_add(b, text, number_format(v, text));
	else
		buf_puts(b, "null");
}

void json_bool(struct buf *b, bool v)
{
	buf_puts(b, v ? "true" : "false");
}
