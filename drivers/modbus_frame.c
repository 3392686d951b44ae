/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_frame.c - TCP and RTU; ASCII is in modbus_ascii.c. */
#include "modbus_frame.h"

#include <string.h>

enum { MBAP = 7, CRC = 2, EXCEPTION = 0x80 };

const struct modbus_frame *modbus_frame_of(enum modbus how)
{
	static const struct modbus_frame *const all[] = {
		[MODBUS_TCP] = &modbus_frame_tcp, [MODBUS_RTU] = &modbus_frame_rtu, [MODBUS_ASCII] = &modbus_frame_ascii,
	};

	return all[how];
}

static unsigned word(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static size_t tcp_wrap(uint8_t *out, unsigned transaction, int unit, const uint8_t *pdu, size_t n)
{
	memcpy(out, (uint8_t[]){ (uint8_t)(transaction >> 8), (uint8_t)transaction, 0, 0, (uint8_t)((n + 1) >> 8),
				 (uint8_t)(n + 1), (uint8_t)unit }, MBAP);
	memcpy(out + MBAP, pdu, n);
	return MBAP + n;
}

static ssize_t tcp_measure(const uint8_t *p, size_t n, struct err *e)
{
	size_t length;

	if (n < MBAP)
		return 0;
	length = word(p + 4);
	if (word(p + 2) || length < 3 || length > 1 + PDU_MAX)
		return err_set(e, ERR_PROTOCOL, "the header of the reply is wrong");
	return n < MBAP - 1 + length ? 0 : (ssize_t)(MBAP - 1 + length);
}

static ssize_t tcp_unwrap(const uint8_t *p, size_t n, unsigned transaction, int *unit, uint8_t *pdu, struct err *e)
{
	if (word(p) != (uint16_t)transaction)
		return err_set(e, ERR_PROTOCOL, "it answers transaction %u, not %u", word(p), (uint16_t)transaction);
	*unit = p[MBAP - 1];
	memcpy(pdu, p + MBAP, n - MBAP);
	return (ssize_t)(n - MBAP);
}

/* 6.2.2: polynomial 0xA001, all ones to begin with. */
uint16_t modbus_frame_crc(const uint8_t *bytes, size_t n)
{
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1);
	}
	return crc;
}

static size_t rtu_wrap(uint8_t *out, unsigned transaction, int unit, const uint8_t *pdu, size_t n)
{
	uint16_t crc;

	(void)transaction;
	out[0] = (uint8_t)unit;
	memcpy(out + 1, pdu, n);
	crc = modbus_frame_crc(out, 1 + n);
	out[1 + n] = (uint8_t)crc;
	out[2 + n] = (uint8_t)(crc >> 8);
	return 1 + n + CRC;
}

static ssize_t rtu_measure(const uint8_t *p, size_t n, struct err *e)
{
	size_t length = 3;               /* until the function, or the count of bytes, is there */

	if (n >= 2) {
		if (p[1] & EXCEPTION)
			length = 3 + CRC;
		else if (p[1] >= 1 && p[1] <= 4)
			length = n > 2 ? 3 + (size_t)p[2] + CRC : 3;
		else if (p[1] == 5 || p[1] == 6 || p[1] == 15 || p[1] == 16)
			length = 6 + CRC;
		else if (p[1] == 22)
			length = 8 + CRC;
		else
			return err_set(e, ERR_PROTOCOL, "the reply is malformed: function %d was never asked for", p[1]);
	}
	if (length > 1 + PDU_MAX + CRC)
		return err_set(e, ERR_PROTOCOL, "the reply is malformed: %zu bytes in one frame", length);
	return n < length || n < 3 ? 0 : (ssize_t)length;
}

static ssize_t rtu_unwrap(const uint8_t *p, size_t n, unsigned transaction, int *unit, uint8_t *pdu, struct err *e)
{
	uint16_t crc = modbus_frame_crc(p, n - CRC);

	(void)transaction;
	if (p[n - 2] != (uint8_t)crc || p[n - 1] != crc >> 8)
		return err_set(e, ERR_PROTOCOL, "the checksum of the reply is wrong");
	*unit = p[0];
	memcpy(pdu, p + 1, n - 1 - CRC);
	return (ssize_t)(n - 1 - CRC);
}

const struct modbus_frame modbus_frame_tcp = {
	.name = "TCP", .wrap = tcp_wrap, .measure = tcp_measure, .unwrap = tcp_unwrap,
};
const struct modbus_frame modbus_frame_rtu = {
	.name = "RTU", .anonymous = true, .gap = 3.5, .wrap = rtu_wrap, .measure = rtu_measure, .unwrap = rtu_unwrap,
};
