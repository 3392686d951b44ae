/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "registers.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The greatest doubles that 64-bit integers hold. */
#define INT64_TOP  0x1.FFFFFFFFFFFFFp62
#define UINT64_TOP 0x1.FFFFFFFFFFFFFp63

static const struct kind { size_t words; double low, high; bool whole, is_signed; } kinds[] = {
	[TYPE_INT16] = { 1, INT16_MIN, INT16_MAX, true, true },
	[TYPE_UINT16] = { 1, 0, UINT16_MAX, true, false },
	[TYPE_INT32] = { 2, INT32_MIN, INT32_MAX, true, true },
	[TYPE_UINT32] = { 2, 0, UINT32_MAX, true, false },
	[TYPE_INT64] = { 4, -0x1p63, INT64_TOP, true, true },
	[TYPE_UINT64] = { 4, 0, UINT64_TOP, true, false },
	[TYPE_FLOAT32] = { 2, -FLT_MAX, FLT_MAX, false, true },
	[TYPE_FLOAT64] = { 4, -DBL_MAX, DBL_MAX, false, true },
	[TYPE_BCD16] = { 1, 0, 9999, true, false },
	[TYPE_BCD32] = { 2, 0, 99999999, true, false },
	[TYPE_BIT] = { 1, 0, 1, true, false },
};

bool table_of_bits(int table)
{
	return table == TABLE_COIL || table == TABLE_DISCRETE;
}

const char *table_name(int table)
{
	static const char *const names[] = { "holding registers", "input registers", "coils", "discrete inputs" };

	return names[table];
}

uint8_t table_read_function(int table)
{
	static const uint8_t functions[] = { [TABLE_COIL] = 1, [TABLE_DISCRETE] = 2, [TABLE_HOLDING] = 3, [TABLE_INPUT] = 4 };

	return functions[table];
}

size_t registers_words(const struct registers *r)
{
	return r->type == TYPE_TEXT ? (size_t)r->count : kinds[r->type].words;
}

size_t registers_bytes(const struct registers *r)
{
	return r->type == TYPE_BIT ? 1 : 2 * registers_words(r);
}

bool registers_same(const struct registers *a, const struct registers *b)
{
	return a->table == b->table && a->address == b->address && a->type == b->type && a->order == b->order &&
		a->bits.from == b->bits.from && a->bits.count == b->bits.count;
}

static bool is_bcd(const struct registers *r)
{
	return r->type == TYPE_BCD16 || r->type == TYPE_BCD32;
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

static uint64_t take_bits(const struct registers *r, const uint8_t *bytes)
{
	uint8_t b[REGISTERS_NUMBER];
	uint64_t bits = 0;

	reorder(r, bytes, b);
	for (size_t i = 0; i < registers_bytes(r); i++)
		bits = bits << 8 | b[i];
	return bits;
}

static void put_bits(const struct registers *r, uint64_t bits, uint8_t *bytes)
{
	size_t n = registers_bytes(r);
	uint8_t b[REGISTERS_NUMBER];

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(bits >> 8 * (n - 1 - i));
	reorder(r, b, bytes);
}

/* Where an integer stands among its bits, and how wide it is. */
static unsigned field(const struct registers *r, uint64_t *mask)
{
	unsigned width = r->bits.count ? (unsigned)r->bits.count : 16 * (unsigned)registers_words(r);

	*mask = UINT64_MAX >> (64 - width);
	return r->bits.count ? (unsigned)r->bits.from : 0;
}

static double whole_number(const struct registers *r, uint64_t bits)
{
	uint64_t mask;
	unsigned from = field(r, &mask);
	uint64_t number = bits >> from & mask;

	if (kinds[r->type].is_signed && number > mask >> 1)
		return (double)(int64_t)(number | ~mask);
	return (double)number;
}

static double decimal(uint64_t bits, size_t words)
{
	double number = 0;

	for (size_t shift = 16 * words; shift > 0; shift -= 4) {
		unsigned digit = bits >> (shift - 4) & 0xF;

		if (digit > 9)
			return NAN;
		number = 10 * number + digit;
	}
	return number;
}

static uint64_t to_decimal(double number)
{
	uint64_t left = (uint64_t)number, bits = 0;

	for (unsigned shift = 0; left > 0; left /= 10, shift += 4)
		bits |= left % 10 << shift;
	return bits;
}

void registers_cut(const struct registers *r, int64_t from, const uint8_t *answer, uint8_t *bytes)
{
	size_t at = (size_t)(r->address - from);

	if (table_of_bits(r->table))
		bytes[0] = answer[at / 8] >> at % 8 & 1;
	else
		memcpy(bytes, answer + 2 * at, registers_bytes(r));
}

double registers_number(const struct registers *r, const uint8_t *bytes)
{
	uint64_t bits;
	uint32_t half;
	float single;
	double number;

	if (r->type == TYPE_BIT)
		return bytes[0];
	bits = take_bits(r, bytes);
	if (is_bcd(r))
		return decimal(bits, registers_words(r));
	switch (r->type) {
	case TYPE_FLOAT32:
		half = (uint32_t)bits;
		memcpy(&single, &half, sizeof single);
		return single;
	case TYPE_FLOAT64:
		memcpy(&number, &bits, sizeof number);
		return number;
	default:
		return whole_number(r, bits);
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

static uint64_t number_bits(const struct registers *r, double number)
{
	float single = (float)number;
	uint64_t bits;
	uint32_t half;

	if (is_bcd(r))
		return to_decimal(number);
	if (r->type == TYPE_FLOAT32) {
		memcpy(&half, &single, sizeof half);
		return half;
	}
	if (r->type == TYPE_FLOAT64) {
		memcpy(&bits, &number, sizeof bits);
		return bits;
	}
	return number < 0 ? (uint64_t)(int64_t)number : (uint64_t)number;
}

static bool fits(const struct registers *r, double number)
{
	const struct kind *k = &kinds[r->type];
	double low = k->low, high = k->high;

	if (r->bits.count) {
		high = ldexp(1, (int)r->bits.count - k->is_signed) - 1;
		low = k->is_signed ? -high - 1 : 0;
	}
	return number >= low && number <= high;
}

int registers_encode(const struct registers *r, double value, uint8_t *bytes, struct err *e)
{
	double number = registers_undo(r, value);
	uint64_t bits, mask;
	unsigned from;

	if (kinds[r->type].whole)
		number = nearbyint(number);
	if (!fits(r, number))
		return err_set(e, ERR_CONFIG, "%.12g does not fit the register at %lld", value,
			       (long long)r->address);
	bits = number_bits(r, number);
	if (r->type == TYPE_BIT) {
		bytes[0] = (uint8_t)bits;
		return 0;
	}
	if (r->bits.count) {
		from = field(r, &mask);
		bits = (take_bits(r, bytes) & ~(mask << from)) | (bits & mask) << from;
	}
	put_bits(r, bits, bytes);
	return 0;
}

void registers_mask(const struct registers *r, uint8_t *bytes)
{
	uint64_t mask;
	unsigned from = field(r, &mask);

	put_bits(r, mask << from, bytes);
}

static size_t swapped(const struct registers *r, size_t at)
{
	return r->order == ORDER_BADC ? at ^ 1 : at;
}

int registers_text(const struct registers *r, const uint8_t *bytes, char out[REGISTERS_TEXT], struct err *e)
{
	size_t n = registers_bytes(r);

	if (n >= REGISTERS_TEXT)
		n = REGISTERS_TEXT - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)bytes[swapped(r, i)];
	while (n > 0 && (out[n - 1] == '\0' || out[n - 1] == ' '))
		n--;
	out[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (out[i] < ' ' || out[i] > '~')
			return err_set(e, ERR_PROTOCOL, "the %s from %lld hold no text: byte %zu is 0x%02X",
				       table_name(r->table), (long long)r->address, i + 1, (uint8_t)out[i]);
	return 0;
}

void registers_put_text(const struct registers *r, const char *text, uint8_t *bytes)
{
	size_t n = registers_bytes(r), len = strlen(text);

	for (size_t i = 0; i < n; i++)
		bytes[swapped(r, i)] = i < len ? (uint8_t)text[i] : 0;
}
