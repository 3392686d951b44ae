/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_ascii.c - Modbus ASCII: each byte as two hexadecimal digits between ':' and CR LF.
 *
 * MODBUS over Serial Line V1.02, 2.5.2.  Digits are sent in capitals, as it says, and taken in either case, as devices
 * send them.  It lets a ':' in the middle begin the frame anew; here it means that two speak at once, and no part of
 * either is believed. */
#include <string.h>

#include "modbus_frame.h"

#define PAUSE_NS NS_PER_S                /* between two characters, 2.5.2.1 */

enum { SHORTEST = 1 + 2 * 3 + 2 };       /* unit, function, LRC */

/* 6.2.1: the sum of all bytes and the LRC is 0. */
uint8_t modbus_frame_lrc(const uint8_t *bytes, size_t n)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return (uint8_t)-sum;
}

static uint8_t *put_hex(uint8_t *to, uint8_t byte)
{
	static const char digits[] = "0123456789ABCDEF";

	*to++ = (uint8_t)digits[byte >> 4];
	*to++ = (uint8_t)digits[byte & 15];
	return to;
}

/* -1: no hexadecimal digit. */
static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t ascii_wrap(uint8_t *out, unsigned transaction, int unit, const uint8_t *pdu, size_t n)
{
	uint8_t *to = out, lrc = modbus_frame_lrc(pdu, n);

	(void)transaction;
	*to++ = ':';
	to = put_hex(to, (uint8_t)unit);
	for (size_t i = 0; i < n; i++)
		to = put_hex(to, pdu[i]);
	to = put_hex(to, (uint8_t)(lrc - unit));
	*to++ = '\r';
	*to++ = '\n';
	return (size_t)(to - out);
}

static ssize_t malformed(const uint8_t *p, size_t i, struct err *e)
{
	return err_set(e, ERR_PROTOCOL, "the reply is malformed: byte %zu is 0x%02X", i + 1, p[i]);
}

static ssize_t ascii_measure(const uint8_t *p, size_t n, struct err *e)
{
	size_t i = 1;

	if (n > 0 && p[0] != ':')
		return malformed(p, 0, e);
	while (i < n && digit(p[i]) >= 0)
		i++;
	if (i > FRAME_MAX - 2)
		return err_set(e, ERR_PROTOCOL, "the reply is malformed: longer than %d characters", FRAME_MAX);
	if (i >= n)
		return 0;
	if (p[i] != '\r' || i + 2 < SHORTEST || i % 2 == 0)
		return malformed(p, i, e);
	if (i + 1 >= n)
		return 0;
	return p[i + 1] == '\n' ? (ssize_t)i + 2 : malformed(p, i + 1, e);
}

static ssize_t ascii_unwrap(const uint8_t *p, size_t n, unsigned transaction, int *unit, uint8_t *pdu, struct err *e)
{
	uint8_t bytes[1 + PDU_MAX + 1];
	size_t count = (n - 3) / 2;      /* without ':', CR and LF */

	(void)transaction;
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(digit(p[1 + 2 * i]) << 4 | digit(p[2 + 2 * i]));
	if (modbus_frame_lrc(bytes, count))
		return err_set(e, ERR_PROTOCOL, "the checksum of the reply is wrong");
	*unit = bytes[0];
	memcpy(pdu, bytes + 1, count - 2);
	return (ssize_t)count - 2;
}

const struct modbus_frame modbus_frame_ascii = {
	.name = "ASCII", .anonymous = true, .pause_ns = PAUSE_NS,
	.wrap = ascii_wrap, .measure = ascii_measure, .unwrap = ascii_unwrap,
};
