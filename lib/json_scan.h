/* SPDX-License-Identifier: GPL-3.0-or-later
 * json_scan.h - private to json and record: passing over the characters of a string. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that stand for themselves in a JSON string. */
static inline bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Of eight bytes, the high bit of each that is not plain; a byte above one that is not may be
 * taken for another (the subtractions borrow), so this says none or some, not which. */
static inline uint64_t not_plain(uint64_t x)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t quote = x ^ ones * '"', backslash = x ^ ones * '\\';

	return (x | ((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) |
		((backslash - ones) & ~backslash)) & high;
}

static inline size_t plain_length(const char *s, size_t n)
{
	size_t i = 0;
	uint64_t x;

	for (; i + sizeof x <= n; i += sizeof x) {
		memcpy(&x, s + i, sizeof x);
		if (not_plain(x))
			break;
	}
	while (i < n && is_plain((unsigned char)s[i]))
		i++;
	return i;
}

/* Length of the UTF-8 character at p, 0 if malformed (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF).  Its first byte is 0x80 or more. */
size_t utf8_length(const unsigned char *p, size_t n);

#endif
