/* SPDX-License-Identifier: GPL-3.0-or-later
 * registers.c - Modbus registers to numbers and back.  Our own, because libmodbus 3.1.6 has float
 * setters that are not the inverse of its getters. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "reply.h"

static const struct { size_t words; double low, high; } types[] = {
	[TYPE_INT16] = { 1, INT16_MIN, INT16_MAX },
	[TYPE_UINT16] = { 1, 0, UINT16_MAX },
	[TYPE_INT32] = { 2, INT32_MIN, INT32_MAX },
	[TYPE_UINT32] = { 2, 0, UINT32_MAX },
	[TYPE_FLOAT32] = { 2, -FLT_MAX, FLT_MAX },
	[TYPE_FLOAT64] = { 4, -DBL_MAX, DBL_MAX },
	[TYPE_BIT] = { 1, 0, 1 },
};

size_t registers_words(const struct registers *r)
{
	return types[r->type].words;
}

size_t registers_bytes(const struct registers *r)
{
	return r->type == TYPE_BIT ? 1 : 2 * registers_words(r);
}

/* Line order to most significant byte first, or back: it is its own inverse. */
static void reorder(const struct registers *r, const uint8_t *from, uint8_t *to)
{
	size_t words = registers_words(r);
	bool swap_words = r->order == ORDER_CDAB || r->order == ORDER_DCBA;
	size_t swap_bytes = r->order == ORDER_BADC || r->order == ORDER_DCBA;

	for (size_t w = 0; w < words; w++) {
		const uint8_t *word = from + 2 * (swap_words ? words - 1 - w : w);

		to[2 * w] = word[swap_bytes];
		to[2 * w + 1] = word[!swap_bytes];
	}
}

double registers_number(const struct registers *r, const uint8_t *bytes)
{
	uint8_t b[8];
	uint64_t bits = 0;
	uint32_t half;
	float single;
	double number;

	if (r->type == TYPE_BIT)
		return bytes[0];
	reorder(r, bytes, b);
	for (size_t i = 0; i < registers_bytes(r); i++)
		bits = bits << 8 | b[i];
	switch (r->type) {
	case TYPE_INT16:
		return (int16_t)bits;
	case TYPE_INT32:
		return (int32_t)bits;
	case TYPE_FLOAT32:
		half = (uint32_t)bits;
		memcpy(&single, &half, sizeof single);
		return single;
	case TYPE_FLOAT64:
		memcpy(&number, &bits, sizeof number);
		return number;
	default:
		return (double)bits;
	}
}

/* The whole number whose inverse the scale is, 0 if there is none. */
static double whole_inverse(double scale)
{
	double whole = nearbyint(1 / scale);

	return 1 / whole == scale ? whole : 0;
}

double registers_apply(const struct registers *r, double number)
{
	double inverse = whole_inverse(r->scale);

	return (inverse != 0 ? number / inverse : number * r->scale) + r->offset;
}

double registers_undo(const struct registers *r, double value)
{
	double inverse = whole_inverse(r->scale);

	return inverse != 0 ? (value - r->offset) * inverse : (value - r->offset) / r->scale;
}

double registers_decode(const struct registers *r, const uint8_t *bytes)
{
	return registers_apply(r, registers_number(r, bytes));
}

static uint64_t number_bits(int type, double number)
{
	float single = (float)number;
	uint64_t bits;
	uint32_t half;

	if (type == TYPE_FLOAT32) {
		memcpy(&half, &single, sizeof half);
		return half;
	}
	if (type == TYPE_FLOAT64) {
		memcpy(&bits, &number, sizeof bits);
		return bits;
	}
	return (uint64_t)(int64_t)number;
}

int registers_encode(const struct registers *r, double value, uint8_t *bytes, struct err *e)
{
	double number = registers_undo(r, value);
	size_t n = registers_bytes(r);
	uint8_t b[8];
	uint64_t bits;

	if (r->type != TYPE_FLOAT32 && r->type != TYPE_FLOAT64)
		number = nearbyint(number);
	if (!(number >= types[r->type].low && number <= types[r->type].high))
		return err_set(e, ERR_CONFIG, "%.12g does not fit the register at %lld", value,
			       (long long)r->address);
	bits = number_bits(r->type, number);
	if (r->type == TYPE_BIT) {
		bytes[0] = (uint8_t)bits;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(bits >> 8 * (n - 1 - i));
	reorder(r, b, bytes);
	return 0;
}
