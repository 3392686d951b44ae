/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_modbus.c - any bytes as the reply of a Modbus device, framed as TCP, RTU or ASCII: a frame is whole or not, and
 * how its bytes were cut makes no difference; what is taken for good is, framed again, the very same frame.
 *
 * Input: one byte for the framing, then what the device says. */
#include <stdlib.h>
#include <string.h>

#include "modbus_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

/* Hexadecimal digits are taken in either case and written in capitals. */
static bool same(const uint8_t *got, const uint8_t *again, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (got[i] != again[i] && !(got[i] >= 'a' && got[i] <= 'f' && again[i] == got[i] - 0x20))
			return false;
	return true;
}

/* The first length at which the answer is more than "not yet"; more bytes do not change it. */
static ssize_t measure_growing(const struct modbus_frame *f, const uint8_t *p, size_t n)
{
	struct err e;

	for (size_t k = 1; k <= n; k++) {
		ssize_t whole = f->measure(p, k, &e);

		if (whole == 0)
			continue;
		require(whole < 0 ? e.code == ERR_PROTOCOL : (size_t)whole <= k && whole <= FRAME_MAX);
		require(whole < 0 || f->measure(p, n, &e) == whole);
		return whole;
	}
	require(n <= FRAME_MAX);                /* whatever it is, it is told before the buffer is full */
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum modbus all[] = { MODBUS_TCP, MODBUS_RTU, MODBUS_ASCII };
	uint8_t pdu[PDU_MAX], again[FRAME_MAX];
	const struct modbus_frame *f;
	unsigned transaction;
	ssize_t whole, n;
	struct err e = { 0 };
	int unit;

	if (size < 2)
		return 0;
	f = modbus_frame_of(all[data[0] % 3]);
	data++;
	size--;
	whole = measure_growing(f, data, size);
	if (whole <= 0)
		return 0;
	transaction = (unsigned)data[0] << 8 | data[1];
	n = f->unwrap(data, (size_t)whole, transaction, &unit, pdu, &e);
	if (n < 0) {
		require(e.code == ERR_PROTOCOL && f->anonymous);
		return 0;
	}
	require(n >= 1 && n <= PDU_MAX && unit >= 0 && unit <= 255);
	require(f->wrap(again, transaction, unit, pdu, (size_t)n) == (size_t)whole && same(data, again, (size_t)whole));
	return 0;
}
